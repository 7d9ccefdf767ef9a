"""A real city's election, from its file to its awards, once, in its own currency."""

from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.flows import overview, position
from ledger.journal import Wanted, follow, journal
from ledger.pabulib import BadElectionFile, PabulibFile, read
from ledger.people import Role
from ledger.records import Actor, Kind
from ledger.rounds.importing import import_election, officer_at, published_rule, slug_of
from ledger.rounds.process import close_round, ratify
from ledger.rounds.proposals import proposals_of
from ledger.rounds.reading import round_view
from ledger.verify import verify
from ledger.words import sentence
from tests.ledger.conftest import World

DATA = Path(__file__).parents[1] / "data" / "pabulib"
ASSEN = "Netherlands_Assen_2024.pb"


def imported(world: World, name: str, place: str) -> tuple[PabulibFile, str]:
    file = read(DATA / name)
    with world.unit() as unit:
        report = import_election(unit, file, partnership=place)
        unit.commit()
    assert report.fresh
    return file, report.round


def lived_to_its_awards(world: World, ref: str, place: str) -> None:
    for step in ("close", "ratify"):
        with world.unit() as unit:
            role = Role.REGISTRAR if step == "close" else Role.FINANCE_OFFICER
            actor = Actor(officer_at(unit.session, partnership=place, role=role, on=unit.today()), role)
            if step == "close":
                close_round(unit, round_ref=ref, actor=actor, idempotency_key=step)
            else:
                ratify(unit, round_ref=ref, power="As published", reasons="As counted", actor=actor, idempotency_key=step)
            unit.commit()


@pytest.mark.parametrize("name", [ASSEN, "Poland_Krakow_2023_Grzegorzki.pb", "Poland_Gdynia_2020.pb"])
def test_the_citys_own_result_stands_in_the_ledger_to_the_penny(world: World, name: str) -> None:
    file, ref = imported(world, name, "city")
    lived_to_its_awards(world, ref, "city")
    currency = file.meta["currency"]
    published = {project.id: project.cost for project in file.projects if project.selected == 1}
    with world.database.reading() as session:
        view = round_view(session, ref, today=world.today)
        assert {line.proposal.code for line in view.lines if line.chosen} == set(published)
        total = sum(published.values()) * 100
        stands = position(session, place="city", resource=currency)
        assert (stands.awarded, stands.available) == (total, stands.devolved - total)
        assert sum(world.balance(f"award/{line.proposal.ref}", currency) for line in view.lines) == total
        assert overview(session, authority="city-city", resource=currency).awarded == total
        assert view.turnout == len(file.ballots) == verify(session).ballots


def test_the_same_file_again_finds_its_round_there(world: World) -> None:
    file, ref = imported(world, ASSEN, "assen")
    size = world.size()
    with world.unit() as unit:
        again = import_election(unit, file, partnership="assen")
        unit.commit()
    assert (again.round, again.fresh) == (ref, False)
    assert world.size() == size


def test_a_second_election_of_the_same_city_joins_its_books(world: World) -> None:
    imported(world, "Poland_Warszawa_2017_Praga-Polnoc.pb", "warszawa")
    imported(world, "Poland_Warszawa_2019_Sielce.pb", "warszawa")
    with world.database.reading() as session:
        entries = journal(session, Wanted(place="warszawa", kind=Kind.TERMS)).entries
    assert [getattr(entry.payload, "version", None) for entry in entries] == [2, 1]


def test_a_citys_money_is_never_mixed_with_pounds(world: World) -> None:
    size = world.size()
    with world.unit() as unit, pytest.raises(LedgerError, match=r"keeps its books in GBP, and this file is in EUR"):
        import_election(unit, read(DATA / ASSEN), partnership="glodbrook")
    assert world.size() == size


def test_an_import_that_breaks_half_way_leaves_nothing_and_can_be_run_again(world: World) -> None:
    size = world.size()

    def fail(done: int, _of: int) -> None:
        raise KeyboardInterrupt(done)

    with pytest.raises(KeyboardInterrupt), world.unit() as unit:
        import_election(unit, read(DATA / ASSEN), partnership="assen", progress=fail)
    assert world.size() == size
    imported(world, ASSEN, "assen")


def test_a_currency_that_nobody_lists_is_refused(world: World, tmp_path: Path) -> None:
    path = tmp_path / "odd.pb"
    path.write_text((DATA / ASSEN).read_text().replace("currency;EUR", "currency;EURO"))
    with world.unit() as unit, pytest.raises(BadElectionFile, match="EURO"):
        import_election(unit, read(path), partnership="assen")


def test_a_cost_finer_than_the_currency_is_refused_with_its_line(world: World, tmp_path: Path) -> None:
    path = tmp_path / "fine.pb"
    path.write_text((DATA / ASSEN).read_text().replace("budget;100000", "budget;100000.005"))
    with world.unit() as unit, pytest.raises(BadElectionFile, match="more decimals than EUR has"):
        import_election(unit, read(path), partnership="assen")


def test_every_entry_of_an_election_reads_as_a_sentence_and_climbs_to_its_devolution(world: World) -> None:
    _, ref = imported(world, ASSEN, "assen")
    lived_to_its_awards(world, ref, "assen")
    with world.database.reading() as session:
        for index in range(world.size()):
            found = follow(session, index)
            assert sentence(found.entry, found.names).endswith(".")
            if found.entry.kind is Kind.ALLOCATION:
                assert [above.kind for above in found.mandates] == [
                    Kind.DEVOLUTION, Kind.TERMS, Kind.ROUND, Kind.RESULT, Kind.RATIFICATION,
                ]  # fmt: skip
        assert len(proposals_of(session, ref)) == 14


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        (ASSEN, ("equal-shares", "cost", "add1", False, 0)),
        ("Poland_Gdynia_2020.pb", ("greedy", "cost", "none", True, 1000)),
        ("Poland_Katowice_2024_Podlesie.pb", ("greedy", "points", "none", False, 50)),
    ],
)
def test_the_rule_is_the_one_that_the_file_names(name: str, rule: tuple[object, ...]) -> None:
    found = published_rule(read(DATA / name))
    assert (found.name, found.satisfaction, found.completion, found.stop_at_first_miss, found.minimum_votes) == rule


def test_a_name_becomes_an_address() -> None:
    assert [slug_of(name) for name in ("Łódź", "Praga-Północ", "!!!")] == ["lodz", "praga-polnoc", "election"]
