"""The files of a secret round that everybody may take away: their names, their records, and how they are written.

    round.json     the frozen rules: proposals, budget, rule, form, length of the choices, keyholders' public keys
    roll.json      every h that may vote, sorted, and each h that two officers revoked for another
    sealed.json    the log's own entries that hold the commitments, byte for byte, each with its proof once it is signed
    openings.json  every ballot: tracker (its commitment), choices, nonce, digits, how it stands, the number of a paper; sorted
    used.json      every s that was used, online or on paper, sorted, apart from the ballots
    result.json    what the count came to, and the entry that says so

Trackers come out of a hash over a random nonce, so their order is a shuffle that nobody chose, and one that anybody can check.
"""

from typing import Literal, TypeVar

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ledger.errors import CheckFailed
from ledger.tally import Candidate, Election, Limit, Rule, Why

NAMES = ("round.json", "roll.json", "sealed.json", "openings.json", "used.json", "result.json")
BOUND = ("round.json", "roll.json", "openings.json", "used.json")  # the result's entry holds their SHA-256
Standing = Literal["counted", "superseded", "blank"]  # superseded by paper; a paper without a valid choice


class FileBroken(CheckFailed):
    """{name} does not read as a file of this protocol: {problem}. Download it again, whole."""


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """One proposal on the ballot; amounts in the smallest unit."""

    number: int
    code: str
    cost: int
    minutes: int


class Bound(Struct, frozen=True, forbid_unknown_fields=True):
    """The most that these proposals, by their codes, may cost together; as reasons name it."""

    name: str
    most: int
    among: tuple[str, ...]


class Terms(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """round.json. Fields with a default came later, and are written only where they say something."""

    round: str
    title: str
    form: str
    most_choices: int
    length: int
    currency: str
    unit: int
    budget: int
    minutes_budget: int | None
    rule: Rule
    proposals: tuple[Item, ...]
    keyholders: tuple[str, ...]
    promises: str
    limits: tuple[Bound, ...] = ()

    def election(self) -> Election:
        """Its candidates and budget, with no ballots yet."""
        return Election(
            candidates=tuple(Candidate(item.code, item.cost, item.minutes) for item in self.proposals),
            budget=self.budget,
            groups=(),
            unit=self.unit,
            minutes_budget=self.minutes_budget,
            limits=tuple(Limit(bound.name, bound.most, frozenset(bound.among)) for bound in self.limits),
        )


class Change(Struct, frozen=True, forbid_unknown_fields=True):
    """A code that was lost: its h revoked and another added, by two officers."""

    revoked: str
    added: str
    officers: tuple[str, str]
    reason: str
    on: str


class Roll(Struct, frozen=True, forbid_unknown_fields=True):
    """roll.json."""

    round: str
    roll: tuple[str, ...]
    changes: tuple[Change, ...] = ()


class Logged(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the log, byte for byte, and the proof that it is there."""

    entry: int
    written: str
    proof: str | None = None


class Sealed(Struct, frozen=True, forbid_unknown_fields=True):
    """sealed.json."""

    round: str
    batches: tuple[Logged, ...]


class Opened(Struct, frozen=True, forbid_unknown_fields=True):
    """One opened ballot."""

    tracker: str
    choices: tuple[tuple[int, int], ...]
    nonce: str
    digits: str
    standing: Standing = "counted"
    paper: int | UnsetType = UNSET  # the number of a paper, whose digits are the same number


class Openings(Struct, frozen=True, forbid_unknown_fields=True):
    """openings.json."""

    round: str
    openings: tuple[Opened, ...]


class Used(Struct, frozen=True, forbid_unknown_fields=True):
    """used.json."""

    round: str
    used: tuple[str, ...]


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of a proposal, as result.json says it."""

    votes: int
    points: int
    cost: int
    chosen: bool
    step: int | None
    sentence: str

    @classmethod
    def of(cls, why: Why) -> "Told":
        """From what the engine says."""
        return cls(why.votes, why.points, why.cost, why.chosen, why.step, why.sentence)


class Outcome(Struct, frozen=True, forbid_unknown_fields=True):
    """result.json."""

    round: str
    result: Logged
    votes: int
    winners: tuple[str, ...]
    cost: int
    projects: dict[str, Told]


class Files(Struct, frozen=True):
    """All of them."""

    terms: Terms
    roll: Roll
    sealed: Sealed
    openings: Openings
    used: Used
    outcome: Outcome
    digests: dict[str, str]  # the SHA-256 of each file's bytes


AFile = TypeVar("AFile", Terms, Roll, Sealed, Openings, Used, Outcome)


def file_bytes(content: Struct) -> bytes:
    """The one way to write a file: names sorted, no blanks, one line."""
    return msgspec.json.encode(content, order="sorted") + b"\n"


def read_file(name: str, written: bytes, shape: type[AFile]) -> AFile:
    """The file that these bytes are. Raises FileBroken."""
    try:
        return msgspec.json.decode(written, type=shape)
    except (ValueError, RecursionError) as fault:
        raise FileBroken(name=name, problem=str(fault)) from fault
