"""The recount names every record that was dropped, altered, doubled or moved, whatever else was made to agree with it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ledger.ballot.codes import credential, roll_mark
from ledger.ballot.files import FileBroken, Item, Opened
from ledger.ballot.recount import counted, read_all, recount
from ledger.errors import LedgerError
from ledger.tally.profile import lot_of
from tests.ballot.plain import plain_h
from tests.ballot.small_round import (
    CODES,
    RESULT_ENTRY,
    ROUND,
    TERMS,
    VOTED,
    Paper,
    an_opening,
    batch,
    entry_of,
    findings_of,
    small_round,
)

ABSENT = "f" * 63
WHOLE = small_round().files()


def test_a_round_that_was_published_whole_counts_to_the_same_result() -> None:
    found = recount(read_all(small_round().files()))
    assert found.findings == ()
    assert (found.result.votes, found.result.winners, found.result.cost) == (VOTED, ("B", "W"), 1_300_000)


def test_the_slow_twin_counts_the_same_by_hand() -> None:
    """Hashes in plain hashlib, votes by adding up, winners by taking the most voted that fits."""
    paper = small_round()
    votes = dict.fromkeys((1, 2, 3), 0)
    for opened in paper.openings:
        text = "[" + ",".join(f"[{number},{points}]" for number, points in opened.choices) + "]"
        assert plain_h("ballot", ROUND, opened.nonce, opened.digits, text.ljust(TERMS.length)) == opened.tracker
        for number, _ in opened.choices:
            votes[number] += 1
    assert all(plain_h("roll", ROUND, used) in paper.roll for used in paper.used)
    result = recount(read_all(paper.files())).result
    assert {item.code: votes[item.number] for item in TERMS.proposals} == {ref: why.votes for ref, why in result.why.items()}
    left, chosen = TERMS.budget, []
    for item in sorted(TERMS.proposals, key=lambda each: -votes[each.number]):
        if item.cost <= left:
            left -= item.cost
            chosen.append(item.code)
    assert tuple(chosen) == result.winners


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_each_record_that_is_dropped_is_named(data: st.DataObject) -> None:
    paper = small_round()
    digests = honest_digests(paper)
    records: list[str] = data.draw(st.sampled_from([paper.used, paper.roll]))
    place = data.draw(st.integers(0, len(records) - 1))
    gone = records.pop(place)
    said = " ".join(findings_of(paper.files(digests)))
    spent = [used for used in small_round().used if gone in {used, roll_mark(ROUND, used)}]
    if records is paper.used:
        assert "25 openings and 24 used credentials" in said
        assert "used.json is not the file" in said
    elif spent:
        assert f"used.json: {spent[0]} is of no code on the roll" in said
    assert records is paper.used or "roll.json is not the file" in said


@pytest.mark.parametrize("place", range(VOTED))
def test_each_opening_that_is_dropped_altered_or_doubled_is_named(place: int) -> None:
    whole = small_round().openings
    gone = whole[place]
    for change, words in (
        (whole[:place] + whole[place + 1 :], f"the opening of {gone.tracker} was dropped"),
        ([*whole[:place], replace(gone, choices=((3, 1),)), *whole[place + 1 :]], f"{gone.tracker} was altered"),
        ([*whole[:place], replace(gone, digits="999999"), *whole[place + 1 :]], f"{gone.tracker} was altered"),
        ([*whole[:place], gone, *whole[place:]], f"{gone.tracker} is there twice"),
    ):
        paper = small_round()
        paper.openings = change
        # The result and its entry are made to agree with the change: the openings give it away all the same.
        assert any(words in said for said in findings_of(paper.files())), words


def test_each_record_that_is_moved_is_named() -> None:
    for name, records in (("roll.json", "roll"), ("used.json", "used")):
        paper = small_round()
        moved: list[str] = getattr(paper, records)
        moved[3], moved[4] = moved[4], moved[3]
        assert f"{name}: {moved[4]}, record 5, is out of order." in findings_of(paper.files())
    paper = small_round()
    paper.openings[0], paper.openings[1] = paper.openings[1], paper.openings[0]
    assert f"openings.json: {paper.openings[1].tracker}, record 2, is out of order." in findings_of(paper.files())


def test_each_record_that_is_doubled_or_altered_in_a_list_is_named() -> None:
    for name, records in (("roll.json", "roll"), ("used.json", "used")):
        paper = small_round()
        doubled: list[str] = getattr(paper, records)
        doubled.insert(7, doubled[7])
        assert f"{name}: {doubled[7]} is there twice, the second time as record 9." in findings_of(paper.files())
    paper = small_round()
    paper.used[-1] = altered = ABSENT + "f"
    assert any(f"used.json: {altered} is of no code on the roll" in said for said in findings_of(paper.files()))


def _drop(paper: Paper) -> None:
    del paper.batches[0]


def _double(paper: Paper) -> None:
    paper.batches.insert(1, paper.batches[0])


def _move(paper: Paper) -> None:
    paper.batches.reverse()


def _alter(paper: Paper) -> None:
    trackers = sorted(an_opening(number).tracker for number in range(12))
    paper.batches[0] = batch(0, sorted([*trackers[1:], "0" * 64]), 70)


def _add(paper: Paper) -> None:
    trackers = sorted(an_opening(number).tracker for number in range(12, VOTED + 1))
    paper.batches[1] = batch(1, trackers, 74)


def _other_entry(paper: Paper) -> None:
    paper.batches[1] = replace(paper.batches[1], entry=75)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_drop, "entry 74 is batch 1 and stands as batch 0"),
        (_double, "is in the log 2 times"),
        (_move, "entry 74 is batch 1 and stands as batch 0"),
        (_alter, f"the opening of {'0' * 64} was dropped"),
        (_add, f"the opening of {an_opening(VOTED).tracker} was dropped"),
        (_other_entry, "entry 75 is no batch of ballots of this round"),
    ],
)
def test_each_change_to_the_batches_is_named(change: Callable[[Paper], None], words: str) -> None:
    paper = small_round()
    change(paper)
    assert any(words in said for said in findings_of(paper.files()))


def test_a_result_that_was_altered_is_named() -> None:
    written = small_round().files()
    written["result.json"] = written["result.json"].replace(b'"cost":1300000,"projects"', b'"cost":1200000,"projects"')
    assert "result.json says of the cost 1200000 and our count gives 1300000." in findings_of(written)
    written = small_round().files()
    written["round.json"] = written["round.json"].replace(b'"most_choices":2', b'"most_choices":0')
    assert "round.json is not the file that the result in entry 90 was counted from." in findings_of(written)


def test_an_invented_voter_shows_even_where_every_list_agrees() -> None:
    """A ballot, its used credential and its place on the roll are added: the log has no such commitment."""
    paper = small_round()
    used = credential(ROUND, CODES[30])
    paper.used = sorted([*paper.used, used])
    added = an_opening(30)
    paper.openings = sorted([*paper.openings, added], key=lambda opened: opened.tracker)
    assert any(f"{added.tracker} is not in the log" in said for said in findings_of(paper.files()))


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:  # noqa: ANN401 - any JSON
    """Where every list with something in it, and every text and number, stands."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places_in(inner, (*path, name))
    elif isinstance(value, list):
        yield from ((*path, place) for place in range(len(value)))
        for place, inner in enumerate(value):
            yield from places_in(inner, (*path, place))
    elif value is not None:
        yield path


def changed(holder: Any, place: Any, how: str) -> bool:  # noqa: ANN401 - any JSON
    """Change one record in its list or object; whether that made a difference."""
    before = json.dumps(holder)
    value = holder[place]
    if isinstance(holder, list) and how == "drop":
        del holder[place]
    elif isinstance(holder, list) and how == "double":
        holder.insert(place, value)
    elif isinstance(holder, list) and how == "move":
        holder.append(holder.pop(place))
    elif isinstance(value, bool):
        holder[place] = not value
    elif isinstance(value, int):
        holder[place] = value + 1
    elif isinstance(value, str):
        holder[place] = value[:-1] + ("0" if value[-1:] != "0" else "1")
    return json.dumps(holder) != before


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_record_of_whatever_file_is_changed_a_recount_does_not_hold(data: st.DataObject) -> None:
    """Any list's record dropped, doubled, moved or altered, any text or number altered: all are known to somebody's check."""
    written = dict(WHOLE)
    name = data.draw(st.sampled_from(sorted(written)))
    document = json.loads(written[name])
    if name == "sealed.json":  # what is in an entry's bytes, as the log has them
        for logged in document["batches"]:
            logged["written"] = json.loads(logged["written"])
    path = data.draw(st.sampled_from(list(places_in(document))))
    holder = document
    for step in path[:-1]:
        holder = holder[step]
    if not changed(holder, path[-1], data.draw(st.sampled_from(["drop", "double", "move", "alter"]))):
        return
    if name == "sealed.json":
        for logged in document["batches"]:
            logged["written"] = json.dumps(logged["written"], sort_keys=True, separators=(",", ":"))
    written[name] = json.dumps(document).encode()
    try:
        findings = findings_of(written)
    except LedgerError:
        return
    assert findings, (name, path)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"round": 3}', b"\xff", b"[" * 5_000])
def test_what_is_no_file_of_the_protocol_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(FileBroken, match=r"used\.json does not read as a file of this protocol"):
        read_all({**small_round().files(), "used.json": content})


def honest_digests(paper: Paper) -> dict[str, str]:
    """What the log holds of the files before anybody changes them."""
    return {
        name: digest for name, digest in read_all(paper.files()).digests.items() if name not in {"sealed.json", "result.json"}
    }


def test_the_dice_in_the_results_entry_break_the_last_tie_of_a_recount() -> None:
    """Two proposals of one price, one vote each, money for one: without dice the first code wins, with dice the lowest lot."""
    files = read_all(small_round().files())
    twins = (Item(1, "B", 400_000, 0), Item(2, "W", 400_000, 0))
    terms = replace(files.terms, proposals=twins, budget=400_000)
    openings = replace(files.openings, openings=tuple(Opened(f"{n}" * 64, ((n, 1),), "", "", "counted") for n in (1, 2)))
    winners = set()
    for dice in ("", "1234561234", "1111111111", "6543216543", "2222222222"):
        entry = entry_of("result", RESULT_ENTRY, {"round": ROUND, "lot": dice or None})
        outcome = replace(files.outcome, result=replace(files.outcome.result, written=entry))
        found = counted(replace(files, terms=terms, openings=openings, outcome=outcome)).winners
        assert found == (min((lot_of(dice, code), code) for code in "BW")[1] if dice else "B",)
        winners |= set(found)
    assert winners == {"B", "W"}
