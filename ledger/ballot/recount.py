"""The recount: from the published files alone to the same result, and a sentence for each record that is not as it should be.

Pure: no database and no network. Nobody's word is taken for anything but what the log's entries say, and with the log's key
not for those either. What is checked:

1. The roll and the used-list are sorted, each record once; every s that was used hashes into the roll.
2. The batches follow each other, and each commitment stands in them once.
3. Every opening hashes to its tracker, keeps to the rules, and its tracker is in the log; every commitment has its opening.
4. There are as many openings as used credentials; an online ballot that paper superseded is not among them.
5. The count of the openings by the frozen rule is the published result, and the log's entry names it and these very files.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from ledger.ballot.codes import roll_mark
from ledger.ballot.files import (
    BOUND,
    FileBroken,
    Files,
    Logged,
    Openings,
    Outcome,
    Roll,
    Sealed,
    Terms,
    Told,
    Used,
    read_file,
)
from ledger.ballot.marking import marked, padded
from ledger.ballot.receipts import commitment
from ledger.errors import LedgerError
from ledger.money import format_money
from ledger.note import VerifierKey
from ledger.proofs import Proof, verify_proof
from ledger.tally import Group, Result, count
from ledger.tree import leaf_hash


@dataclass(frozen=True, slots=True)
class Recount:
    """The result of our own count, and what is wrong with what was published; nothing is wrong when `findings` is empty."""

    result: Result
    findings: tuple[str, ...]


def read_all(written: Mapping[str, bytes]) -> Files:
    """The files, read. Raises FileBroken; KeyError when one is not there."""
    return Files(
        read_file("round.json", written["round.json"], Terms),
        read_file("roll.json", written["roll.json"], Roll),
        read_file("sealed.json", written["sealed.json"], Sealed),
        read_file("openings.json", written["openings.json"], Openings),
        read_file("used.json", written["used.json"], Used),
        read_file("result.json", written["result.json"], Outcome),
        {name: hashlib.sha256(content).hexdigest() for name, content in written.items()},
    )


def recount(files: Files, key: VerifierKey | None = None) -> Recount:
    """Count again and name what does not hold. With the log's `key`, every entry has to prove that it is in the log.

    Raises UnsoundElection and FileBroken when round.json itself cannot be counted.
    """
    try:
        result = counted(files)
    except ValueError as fault:  # no currency, say
        raise FileBroken(name="round.json", problem=str(fault)) from fault
    findings = [
        *_named(files),
        *_lists(files),
        *_batches(files, key),
        *_sorted_once("openings.json", [opened.tracker for opened in files.openings.openings]),
        *unsound(files.terms, files.openings),
        *_papers(files.openings),
        *_result(files, result, key),
    ]
    return Recount(result, tuple(findings))


def counted(files: Files) -> Result:
    """The count of the openings that are marked as counted, by the one function that counts."""
    codes = {item.number: item.code for item in files.terms.proposals}
    ballots = Counter(opened.choices for opened in files.openings.openings if opened.standing == "counted")
    groups = tuple(
        Group(tuple(sorted((codes.get(number, f"?{number}"), points) for number, points in choices)), votes)
        for choices, votes in sorted(ballots.items())
    )
    known = set(codes.values())
    sound = tuple(group for group in groups if {code for code, _ in group.choices} <= known and _once(group))
    show = files.terms.currency
    lot = (_payload(files.outcome.result, "result", files.terms.round) or {}).get("lot") or ""
    election = replace(files.terms.election(), groups=sound, lot=lot if isinstance(lot, str) else "")
    return count(election, files.terms.rule, lambda amount: format_money(round(amount), show))


def _once(group: Group) -> bool:
    return len(dict(group.choices)) == len(group.choices)


def _named(files: Files) -> Iterator[str]:
    round_ref = files.terms.round
    for name, other in (
        ("roll.json", files.roll.round),
        ("sealed.json", files.sealed.round),
        ("openings.json", files.openings.round),
        ("used.json", files.used.round),
        ("result.json", files.outcome.round),
    ):
        if other != round_ref:
            yield f"{name} is of round {other}, and round.json is of {round_ref}."


def _lists(files: Files) -> Iterator[str]:
    yield from _sorted_once("roll.json", files.roll.roll)
    yield from _sorted_once("used.json", files.used.used)
    roll = set(files.roll.roll)
    for used in files.used.used:
        if roll_mark(files.terms.round, used) not in roll:
            yield f"used.json: {used} is of no code on the roll: it was altered, or its record on the roll was dropped."
    added = {change.added for change in files.roll.changes}
    for change in files.roll.changes:
        if change.revoked in roll:
            yield f"roll.json: {change.revoked} was revoked and is on the roll."
        if change.added not in roll and change.added not in {later.revoked for later in files.roll.changes}:
            yield f"roll.json: {change.added} took the place of a lost code and is not on the roll."
        if change.officers[0] == change.officers[1]:
            yield f"roll.json: {change.revoked} was revoked by one officer alone."
    if len(added) != len(files.roll.changes):
        yield "roll.json: one code took the place of two."
    votes, spent = sum(opened.standing != "superseded" for opened in files.openings.openings), len(files.used.used)
    if votes != spent:
        yield f"There are {votes:,} openings and {spent:,} used credentials: a record of one of them was dropped or added."


def _sorted_once(name: str, records: Sequence[str]) -> Iterator[str]:
    for place, (earlier, later) in enumerate(pairwise(records), start=2):
        if earlier == later:
            yield f"{name}: {later} is there twice, the second time as record {place}."
        elif earlier > later:
            yield f"{name}: {later}, record {place}, is out of order."


def _batches(files: Files, key: VerifierKey | None) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for number, logged in enumerate(files.sealed.batches):
        where = f"sealed.json: entry {logged.entry}"
        payload = _payload(logged, "ballots_sealed", files.terms.round)
        if payload is None:
            yield f"{where} is no batch of ballots of this round, or not that entry."
            continue
        if payload.get("batch") != number:
            yield f"{where} is batch {payload.get('batch')} and stands as batch {number}: one was dropped, doubled or moved."
        commitments = payload.get("commitments", [])
        yield from _sorted_once(where, commitments)
        seen.update(commitments)
        yield from _proved(where, logged, key)
    for tracker, times in seen.items():
        if times > 1:
            yield f"sealed.json: {tracker} is in the log {times} times."
    trackers = Counter(opened.tracker for opened in files.openings.openings)
    for tracker in sorted(set(seen) - set(trackers)):
        yield f"openings.json: the opening of {tracker} was dropped; it is in the log."
    for tracker in sorted(set(trackers) - set(seen)):
        yield f"openings.json: {tracker} is not in the log: it was added, or its record in sealed.json was dropped or altered."


def _payload(logged: Logged, kind: str, round_ref: str) -> dict[str, Any] | None:
    try:
        said = json.loads(logged.written)
        payload = said["payload"]
        right = said["kind"] == kind and said["index"] == logged.entry and payload["round"] == round_ref
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return payload if right else None


def _proved(where: str, logged: Logged, key: VerifierKey | None) -> Iterator[str]:
    if key is None:
        return
    if logged.proof is None:
        yield f"{where} has no proof that it is in the log."
        return
    try:
        proof = Proof.parse(logged.proof)
        verify_proof(proof, key, leaf_hash(logged.written.encode()))
    except LedgerError as fault:
        yield f"{where} is not in the log as it is written here: {fault.sentence}"
        return
    if proof.index != logged.entry:
        yield f"{where} has the proof of entry {proof.index}."


def unsound(terms: Terms, openings: Openings) -> Iterator[str]:
    """A sentence for each opening that does not hash to its tracker or does not keep to the rules."""
    numbers = frozenset(item.number for item in terms.proposals)
    for opened in openings.openings:
        choices = dict(opened.choices)
        try:
            allowed = marked(frozenset(choices), form=terms.form, most_choices=terms.most_choices, numbers=numbers)
            text = padded(choices, terms.length)
        except (LedgerError, AssertionError):
            allowed, text = {}, padded(choices, terms.length) if opened.standing == "blank" and not choices else ""
        if allowed != choices or tuple(sorted(choices.items())) != opened.choices:
            yield f"openings.json: {opened.tracker} does not keep to the round's rules."
        if commitment(terms.round, nonce=opened.nonce, digits=opened.digits, choices=text) != opened.tracker:
            yield f"openings.json: {opened.tracker} was altered: what it says does not hash to it."


def _papers(openings: Openings) -> Iterator[str]:
    """The papers are numbered from 1 without a gap, each once; no paper is superseded, and nothing but a paper is blank."""
    numbers = Counter(opened.paper for opened in openings.openings if isinstance(opened.paper, int))
    for number in range(1, max(numbers, default=0) + 1):
        if not numbers[number]:
            yield f"openings.json: paper {number} was dropped; papers after it are there."
        elif numbers[number] > 1:
            yield f"openings.json: paper {number} is there {numbers[number]} times."
    for opened in openings.openings:
        if isinstance(opened.paper, int):
            if opened.digits != f"{opened.paper:06d}":
                yield f"openings.json: {opened.tracker} says that it is paper {opened.paper}, and its digits {opened.digits}."
            if opened.standing == "superseded" or (opened.standing == "blank") != (not opened.choices):
                yield f"openings.json: paper {opened.paper} is said to be {opened.standing}, which it cannot be."
        elif opened.standing == "blank":
            yield f"openings.json: {opened.tracker} is no paper and is said to be blank."


def _result(files: Files, ours: Result, key: VerifierKey | None) -> Iterator[str]:
    theirs = files.outcome
    said = _payload(theirs.result, "result", files.terms.round)
    if said is None:
        yield f"result.json: entry {theirs.result.entry} is not this round's result, or not that entry."
        said = {}
    yield from _proved(f"result.json: entry {theirs.result.entry}", theirs.result, key)
    for what, own, published in (
        ("votes", ours.votes, theirs.votes),
        ("cost", ours.cost, theirs.cost),
        ("winners", ours.winners, theirs.winners),
    ):
        if own != published:
            yield f"result.json says of the {what} {published} and our count gives {own}."
    numbers = {item.code: item.number for item in files.terms.proposals}
    counted_here = {code: Told.of(why) for code, why in ours.why.items()}
    for code in sorted(set(counted_here) | set(theirs.projects)):
        if counted_here.get(code) != theirs.projects.get(code):
            yield f"result.json: what it says of proposal {code} is not what our count gives."
    recorded = (len(files.openings.openings), [f"{files.terms.round}-{numbers[code]}" for code in ours.winners], ours.cost)
    if said and (said.get("votes"), said.get("winners"), said.get("cost")) != recorded:
        yield f"The result in entry {theirs.result.entry} is not the one that our count gives."
    held = said.get("files") or {}
    for name in BOUND:
        if said and held.get(name) != files.digests[name]:
            yield f"{name} is not the file that the result in entry {theirs.result.entry} was counted from."
