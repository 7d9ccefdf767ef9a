"""Papers taken in, entered blind by two people held apart, decided by a third, counted, published and recounted."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

from app.public.sentences import votes_sentence
from ledger.ballot.codes import credential, roll_mark
from ledger.ballot.recount import read_all, recount
from ledger.kinds.deciding import Counted
from ledger.kinds.payload import RoundNotReady
from ledger.people import Role
from ledger.records import Actor
from ledger.rounds.paper import PaperRefused, difference, next_paper, progress_of, stubs_of
from ledger.rounds.process import ratify
from ledger.rounds.revealing import published_files
from ledger.rounds.roll import RollRefused, Stub, replace_code
from tests.ballot.living import REF
from tests.ledger.conftest import CHAIR, FINANCE, REGISTRAR
from tests.paper.hall import ANA, BEN, CAT, Hall


def lived(hall: Hall) -> dict[str, bytes]:
    """Twelve vote online, of whom 0 and 1 vote on paper as well; 20 and 21 on paper alone. Paper 2 is read in two ways."""
    for number in range(12):
        hall.living.cast(number)
    hall.take(range(2))
    hall.take(range(20, 22), number=2, clerk=BEN)
    hall.twice(1, {3})
    hall.key(2, {3}, ANA)
    hall.key(2, {1}, BEN)
    hall.decide(2, {3})
    hall.twice(3, {3})
    hall.twice(4, set())
    hall.living.close()
    hall.living.count()
    with hall.living.world.database.reading() as session:
        return published_files(session, REF)


def test_paper_counts_in_the_place_of_what_was_cast_online_and_anybody_recounts_it(hall: Hall) -> None:
    files = lived(hall)
    openings = json.loads(files["openings.json"])["openings"]
    standing = [each["standing"] for each in openings]
    assert [standing.count(word) for word in ("counted", "superseded", "blank")] == [13, 2, 1]
    papers = {each["paper"]: each["choices"] for each in openings if "paper" in each}
    assert papers == {1: [[3, 1]], 2: [[3, 1]], 3: [[3, 1]], 4: []}
    used = json.loads(files["used.json"])["used"]
    assert len(used) == 14
    assert {credential(REF, hall.living.codes[number]) for number in (*range(12), 20, 21)} == set(used)
    found = recount(read_all(files))
    assert (found.findings, found.result.votes) == ((), 13)
    with hall.living.world.database.reading() as session:
        assert votes_sentence(session, REF, sealed=16) == (
            "13 ballots were counted; 2 cast online gave way to paper; 1 named nothing. "
            "The bars show how many named each proposal."
        )


def changed(files: dict[str, bytes], number: int, **values: object) -> list[str]:
    """What a recount says when paper `number` says something else."""
    content = json.loads(files["openings.json"])
    for opened in content["openings"]:
        if opened.get("paper") == number:
            opened.update(values)
    return list(recount(read_all({**files, "openings.json": json.dumps(content).encode()})).findings)


def test_a_paper_that_was_dropped_altered_or_doubled_is_named(hall: Hall) -> None:
    files = lived(hall)
    content = json.loads(files["openings.json"])
    whole = list(content["openings"])

    def said(openings: list[dict[str, object]]) -> str:
        content["openings"] = openings
        return " ".join(recount(read_all({**files, "openings.json": json.dumps(content).encode()})).findings)

    assert "paper 2 was dropped" in said([each for each in whole if each.get("paper") != 2])
    doubled = [each for each in whole for _ in range(2 if each.get("paper") == 3 else 1)]
    assert "paper 3 is there 2 times" in said(doubled)
    assert any("was altered" in finding for finding in changed(files, 1, choices=[[1, 1]]))
    assert any("paper 1 is said to be superseded" in finding for finding in changed(files, 1, standing="superseded"))
    assert any("says that it is paper 9" in finding for finding in changed(files, 3, paper=9))
    assert any("paper 4 is said to be counted" in finding for finding in changed(files, 4, standing="counted"))


def test_as_many_strips_as_papers_and_each_code_once(hall: Hall) -> None:
    with pytest.raises(PaperRefused, match="3 papers and 2 strips"):
        hall.take(range(2), papers=3)
    first = hall.take(range(2))
    assert hall.take(range(2)) == first, "sent again, it is the same batch"
    with pytest.raises(PaperRefused, match="taken in before"):
        hall.take(range(1, 4), number=2)
    with pytest.raises(PaperRefused, match="next batch is batch 2"):
        hall.take(range(5, 7), number=3)
    second = hall.take(range(5, 7), number=2)
    assert (first, second) == (1, 3)
    with hall.living.world.database.reading() as session:
        assert len(stubs_of(session, REF)) == 4


def test_a_code_that_is_not_on_the_roll_is_named_by_its_line(hall: Hall) -> None:
    codes = (hall.living.codes[0], "0" * 24)
    object.__setattr__(hall.living, "codes", codes)
    with pytest.raises(PaperRefused, match="line 2 is not on the roll"):
        hall.take(range(2))


def test_nobody_enters_a_paper_twice_and_nobody_sees_an_entry_before_both_are_there(hall: Hall) -> None:
    hall.take(range(2))
    assert hall.key(1, {1}, ANA) == 1
    assert hall.key(1, {1}, ANA) == 1, "sent again, nothing more is recorded"
    with pytest.raises(PaperRefused, match="You have entered paper 1 already"):
        hall.key(1, {2}, ANA)
    with hall.living.world.database.reading() as session:
        assert difference(session, REF, 1) is None
        assert (next_paper(session, REF, ANA), next_paper(session, REF, BEN)) == (2, 1)
    assert hall.key(1, {2}, BEN) == 2
    with hall.living.world.database.reading() as session:
        assert difference(session, REF, 1) == (frozenset({1}), frozenset({2}))
        assert progress_of(session, REF).differ == (1,)


def test_only_a_third_person_decides_and_only_where_entries_differ(hall: Hall) -> None:
    hall.take(range(2))
    hall.twice(1, {1})
    hall.key(2, {1}, ANA)
    with pytest.raises(PaperRefused, match="nothing to decide"):
        hall.decide(2, {1})
    hall.key(2, {2}, BEN)
    with pytest.raises(PaperRefused, match="A third person decides"):
        hall.decide(2, {2}, BEN)
    with pytest.raises(PaperRefused, match="nothing to decide"):
        hall.decide(1, {1})
    hall.decide(2, {2})
    hall.decide(2, {2})
    with hall.living.world.database.reading() as session:
        assert progress_of(session, REF).done


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO copy (round, paper, turn, clerk, choices) VALUES (:round, 1, 2, 'p-ana', '[[1,1]]')",
        "INSERT INTO copy (round, paper, turn, clerk, choices) VALUES (:round, 1, 3, 'p-cat', '[[1,1]]')",
        "INSERT INTO ruling (round, paper, clerk, choices) VALUES (:round, 1, 'p-cat', '[[1,1]]')",
        "INSERT INTO ruling (round, paper, clerk, choices) VALUES (:round, 2, 'p-ana', '[[1,1]]')",
        "INSERT INTO ruling (round, paper, clerk, choices) VALUES (:round, 3, 'p-cat', '[[1,1]]')",
        "UPDATE copy SET choices = '[]' WHERE round = :round",
        "DELETE FROM copy WHERE round = :round",
    ],
)
def test_the_database_itself_holds_the_people_apart(hall: Hall, statement: str) -> None:
    """Paper 1 has one entry, paper 2 two that differ, paper 3 two that agree; past every rule of ours."""
    hall.take(range(3))
    hall.key(1, {1}, ANA)
    hall.key(2, {1}, ANA)
    hall.key(2, {2}, BEN)
    hall.twice(3, {1})
    with hall.living.world.database.writer.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text(statement), {"round": REF})


def test_two_who_enter_one_paper_at_once_make_the_first_and_the_second_entry(hall: Hall) -> None:
    hall.take(range(1))
    with ThreadPoolExecutor(2) as both:
        turns = list(both.map(lambda clerk: hall.key(1, {1}, clerk), (ANA, BEN)))
    assert sorted(turns) == [1, 2]


def test_the_round_does_not_close_before_each_paper_is_settled(hall: Hall) -> None:
    hall.take(range(2))
    hall.twice(1, {1})
    with pytest.raises(RoundNotReady, match="1 papers are not settled: 1 are not entered twice"):
        hall.living.close()
    hall.living.world.today -= timedelta(days=22)
    hall.twice(2, {1})
    hall.living.close()
    with pytest.raises(PaperRefused, match="closed"):
        hall.take(range(2, 4), number=2)
    with pytest.raises(PaperRefused, match="closed"):
        hall.key(2, {1}, CAT)


def test_only_a_clerk_or_a_registrar_touches_papers(hall: Hall) -> None:
    with pytest.raises(PaperRefused, match="neither a clerk nor a registrar"):
        hall.take(range(2), clerk=CHAIR)
    hall.take(range(2))
    with pytest.raises(PaperRefused, match="neither a clerk nor a registrar"):
        hall.key(1, {1}, FINANCE)


def test_what_the_form_cannot_say_is_entered_as_no_valid_choice(hall: Hall) -> None:
    hall.take(range(2))
    with pytest.raises(PaperRefused, match="no valid choice"):
        hall.key(1, {1, 2, 3}, ANA)
    with pytest.raises(PaperRefused, match="There is no paper 3"):
        hall.key(3, {1}, ANA)
    assert hall.key(1, set(), ANA) == 1


def test_no_column_joins_a_paper_to_a_code_and_the_strips_go_with_the_decision(hall: Hall) -> None:
    lived(hall)
    for table in SQLModel.metadata.tables.values():
        assert not {"paper", "credential"} <= set(table.columns.keys()), table.name
    with hall.living.world.unit() as unit:
        officer = Actor(FINANCE, Role.FINANCE_OFFICER)
        ratify(unit, round_ref=REF, power="P", reasons="As voted.", actor=officer, idempotency_key="ratify")
        unit.commit()
    with hall.living.world.database.reading() as session:
        assert session.exec(select(Stub)).all() == []
        assert published_files(session, REF)["used.json"].count(b'"') > 14


def test_an_online_ballot_that_paper_superseded_is_not_a_vote_of_the_quorum(hall: Hall) -> None:
    """Three is the quorum: three online, of whom one on paper as well, are three voters with four records in the log."""
    for number in range(3):
        hall.living.cast(number)
    hall.take(range(1))
    hall.twice(1, {1})
    hall.living.close()
    result = hall.living.count()
    assert isinstance(result.payload, Counted)
    assert result.payload.votes == 4


def test_a_code_that_voted_on_paper_is_not_replaced_by_one_that_could_vote_again(hall: Hall) -> None:
    hall.take(range(1))
    old, new = (roll_mark(REF, credential(REF, code)) for code in (hall.living.codes[0], "0" * 24))
    officers = (CHAIR, REGISTRAR)
    with hall.living.world.unit() as unit, pytest.raises(RollRefused, match="has voted"):
        replace_code(unit, round_ref=REF, revoked=old, added=new, officers=officers, reason="lost")
