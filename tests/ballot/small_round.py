"""A small secret round as published: Glodbrook's residents on benches, a warm room and a tool library. No database."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.ballot.codes import credential, roll_mark
from ledger.ballot.files import Files, Item, Logged, Opened, Openings, Outcome, Roll, Sealed, Terms, Told, Used, file_bytes
from ledger.ballot.marking import longest, padded
from ledger.ballot.receipts import commitment
from ledger.ballot.recount import counted, read_all, recount
from ledger.tally import Rule

ROUND = "glodbrook-residents"
CODES = tuple(f"{number:024d}" for number in range(40))
CHOICES = ({1: 1, 2: 1}, {2: 1}, {2: 1, 3: 1}, {1: 1}, {1: 1, 3: 1})
VOTED = 25
RESULT_ENTRY = 90
TERMS = Terms(
    round=ROUND,
    title="Glodbrook: the residents' round",
    form="approval",
    most_choices=2,
    length=longest("approval", 2, (1, 2, 3)),
    currency="GBP",
    unit=100,
    budget=1_500_000,
    minutes_budget=None,
    rule=Rule(minimum_votes=1),
    proposals=(Item(1, "B", 400_000, 0), Item(2, "W", 900_000, 0), Item(3, "T", 300_000, 0)),
    keyholders=("1" * 64, "2" * 64, "3" * 64),
    promises="4" * 64,
)


@dataclass
class Paper:
    """The round's files before anybody writes them: a test changes one record, and writes them."""

    roll: list[str]
    used: list[str]
    batches: list[Logged]
    openings: list[Opened]

    def files(self, digests: dict[str, str] | None = None) -> dict[str, bytes]:
        """Everything as bytes, with the result that these openings give; its entry names `digests`, or these very files."""
        parts = (Roll(ROUND, tuple(self.roll)), Openings(ROUND, tuple(self.openings)), Used(ROUND, tuple(self.used)))
        sealed = Sealed(ROUND, tuple(self.batches))
        bound = dict(
            zip(("round.json", "roll.json", "openings.json", "used.json"), map(file_bytes, (TERMS, *parts)), strict=True)
        )
        digests = digests or {name: hashlib.sha256(content).hexdigest() for name, content in bound.items()}
        empty = Outcome(ROUND, Logged(0, ""), 0, (), 0, {})
        ours = counted(Files(TERMS, parts[0], sealed, parts[1], parts[2], empty, {}))
        numbers = {item.code: item.number for item in TERMS.proposals}
        winners = [f"{ROUND}-{numbers[code]}" for code in ours.winners]
        payload = {"round": ROUND, "votes": len(self.openings), "winners": winners, "cost": ours.cost, "files": digests}
        entry = Logged(RESULT_ENTRY, entry_of("result", RESULT_ENTRY, payload))
        outcome = Outcome(
            ROUND, entry, ours.votes, ours.winners, ours.cost, {code: Told.of(why) for code, why in ours.why.items()}
        )
        return bound | {"sealed.json": file_bytes(sealed), "result.json": file_bytes(outcome)}


def entry_of(kind: str, index: int, payload: dict[str, object]) -> str:
    """As much of an entry's bytes as a recount reads."""
    return json.dumps({"index": index, "kind": kind, "payload": payload}, sort_keys=True, separators=(",", ":"))


def batch(number: int, commitments: Iterable[str], index: int) -> Logged:
    """An entry of sealed ballots."""
    payload: dict[str, object] = {"round": ROUND, "batch": number, "commitments": list(commitments)}
    return Logged(index, entry_of("ballots_sealed", index, payload))


def an_opening(number: int) -> Opened:
    """The ballot of voter `number`."""
    choices, nonce, digits = CHOICES[number % len(CHOICES)], f"{number:032x}", f"{number:06d}"
    tracker = commitment(ROUND, nonce=nonce, digits=digits, choices=padded(choices, TERMS.length))
    return Opened(tracker, tuple(sorted(choices.items())), nonce, digits)


def small_round() -> Paper:
    """Forty on the roll, twenty-five voted, logged in two batches."""
    spent = [credential(ROUND, code) for code in CODES]
    openings = [an_opening(number) for number in range(VOTED)]
    first, second = (sorted(opened.tracker for opened in part) for part in (openings[:12], openings[12:]))
    return Paper(
        roll=sorted(roll_mark(ROUND, used) for used in spent),
        used=sorted(spent[:VOTED]),
        batches=[batch(0, first, 70), batch(1, second, 74)],
        openings=sorted(openings, key=lambda opened: opened.tracker),
    )


def findings_of(written: dict[str, bytes]) -> list[str]:
    """What a recount of these files says."""
    return list(recount(read_all(written)).findings)
