"""What about people has been kept long enough goes, and nothing goes a day too early."""

from datetime import date, timedelta

import pytest
from click.testing import CliRunner
from sqlmodel import col, select, update

from app.commands import main
from ledger.people import Person, add_person
from ledger.retention import Due, DuePerson, Keep, due, part_from_voters
from ledger.rounds.ballots import Ballot
from ledger.verify import verify
from tests.ledger.conftest import HOLDERS, MONDAY, REGISTRAR, World
from tests.ledger.forgetting import BEA, end_role, erasing, forget

KEEP = Keep(people_years=7, ballot_days=365)
SEVEN_YEARS = timedelta(days=7 * 366)


def due_on(world: World, day: date, keep: Keep = KEEP) -> Due:
    with world.database.reading() as session:
        return due(session, keep, today=day)


def names_due(world: World, day: date) -> list[DuePerson]:
    """Without the operator, who founded the books, holds no role, and so is due from the same day on."""
    return [person for person in due_on(world, day).people if person.ref != "p-operator"]


def voters(world: World) -> set[str]:
    with world.database.reading() as session:
        return set(session.exec(select(Ballot.voter)))


def test_a_name_is_due_when_the_years_since_the_last_entry_are_over_and_not_a_day_before(decided: World) -> None:
    decided.today += timedelta(days=30)
    end_role(decided, BEA)
    over = decided.today + SEVEN_YEARS
    assert names_due(decided, over) == []
    (person,) = names_due(decided, over + timedelta(days=1))
    assert (person.ref, person.name, person.last) == (BEA, "Bea", decided.today)


def test_whoever_holds_a_role_is_kept_however_long_ago_they_acted(decided: World) -> None:
    assert names_due(decided, date(2090, 1, 1)) == []


def test_the_registrar_of_the_founding_is_kept_while_they_are_registrar(world: World) -> None:
    assert REGISTRAR not in {person.ref for person in due_on(world, date(2090, 1, 1)).people}


def test_who_was_erased_is_not_due_again(decided: World) -> None:
    end_role(decided, BEA)
    forget(decided, erasing(BEA))
    assert names_due(decided, date(2090, 1, 1)) == []


def test_a_character_of_the_demonstration_is_never_due(decided: World) -> None:
    end_role(decided, BEA)
    assert [person.ref for person in names_due(decided, date(2090, 1, 1))] == [BEA]
    with decided.unit() as unit:
        unit.session.execute(update(Person).where(col(Person.ref) == BEA).values(invented=True))
        unit.commit()
    assert names_due(decided, date(2090, 1, 1)) == []


def test_of_whom_no_entry_says_anything_no_clock_runs(decided: World) -> None:
    before = due_on(decided, date(2090, 1, 1)).undated
    with decided.unit() as unit:
        add_person(unit.session, name="Was Invited", ref="p-invited")
        unit.commit()
    assert due_on(decided, date(2090, 1, 1)).undated == before + 1
    assert names_due(decided, date(2090, 1, 1)) == []


def test_ballots_belong_to_nobody_when_their_days_are_over_and_count_as_they_did(decided: World) -> None:
    over = MONDAY + timedelta(days=365)
    assert due_on(decided, over).ballots == ()
    (ballots,) = due_on(decided, over + timedelta(days=1)).ballots
    assert (ballots.voters, ballots.counted) == (len(voters(decided)), MONDAY)
    with decided.database.unit_of_work(appends=False) as unit:
        part_from_voters(unit, ballots.round)
        unit.commit()
    assert voters(decided).isdisjoint(HOLDERS)
    assert len(voters(decided)) == ballots.voters
    assert due_on(decided, over + timedelta(days=1)).ballots == ()
    with decided.database.reading() as session:
        assert "The ledger is whole" in verify(session).sentence


@pytest.fixture
def run(decided: World, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """The command line over Marlmoor, which ended Bea's role and counted its round in March 2026; today is later."""
    end_role(decided, BEA)
    monkeypatch.setattr("app.commands.retention.configured_database", lambda: decided.database)
    monkeypatch.setenv("SECRET_KEY", "-" * 40)
    monkeypatch.setenv("KEEP_PEOPLE", "1")
    monkeypatch.setenv("KEEP_BALLOTS", "1")
    return CliRunner()


def name_of(world: World, ref: str) -> str | None:
    with world.database.reading() as session:
        return session.exec(select(Person.name).where(col(Person.ref) == ref)).one()


def test_a_dry_run_says_what_is_due_and_changes_nothing(run: CliRunner, decided: World) -> None:
    before = (decided.size(), voters(decided))
    said = run.invoke(main, ["retention", "--dry-run"])
    assert said.exit_code == 0
    assert "Whose ballot is whose is kept for 1 day after the count:" in said.output
    assert "  1 round due." in said.output
    assert (decided.size(), voters(decided)) == before


def test_what_is_due_goes_when_it_is_confirmed_and_only_once(run: CliRunner, decided: World) -> None:
    refused = run.invoke(main, ["retention"], input="n\n")
    assert (refused.exit_code, voters(decided) <= set(HOLDERS)) == (1, True)
    done = run.invoke(main, ["retention", "--yes"])
    assert (done.exit_code, voters(decided).isdisjoint(HOLDERS)) == (0, True)
    assert "Let go of 0 names and of the ballots of 1 round." in done.output, done.output
    assert "0 rounds due." in run.invoke(main, ["retention", "--yes"]).output


@pytest.mark.parametrize("years", ["0", "-1", "7.5", "nan", "999999", "²"])
def test_a_clock_that_is_set_to_nothing_is_refused_in_one_sentence(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, decided: World, years: str
) -> None:
    monkeypatch.setenv("KEEP_PEOPLE", years)
    said = run.invoke(main, ["retention", "--yes"])
    assert said.exit_code == 2
    assert "KEEP_PEOPLE is" in said.stderr
    assert name_of(decided, BEA) == "Bea"


def test_a_name_that_is_due_is_erased_by_an_entry_that_says_why(
    run: CliRunner, decided: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The world's clock stands in 2026; so that years pass, the command's does not."""
    monkeypatch.setattr("app.commands.retention.today", lambda: decided.today + SEVEN_YEARS)
    size = decided.size()
    said = run.invoke(main, ["retention", "--yes"])
    assert said.exit_code == 0, said.output
    assert f"{BEA}  Bea, last on 2 March 2026" in said.output
    assert f"Recorded as entry {size}" in said.output
    assert (name_of(decided, BEA), name_of(decided, "p-operator"), decided.size()) == (None, None, size + 2)
    assert name_of(decided, REGISTRAR) is not None
