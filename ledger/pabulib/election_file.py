"""What an election file says, as plain values: its META, its projects, its ballots, and on which lines they stand."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from ledger.tally.election import Candidate, Election, Group

Choices = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class PabulibProject:
    """A line of PROJECTS. `votes`, `score` and `selected` are what the city published; `selected` is 0 when it says nothing."""

    id: str
    cost: Decimal
    name: str
    category: str
    votes: int | None
    score: int | None
    selected: int
    line: int


@dataclass(frozen=True, slots=True)
class PabulibBallot:
    """A line of VOTES: `choices` pairs each project id with its points (1 for an approval, Borda points for a ranking)."""

    voter: str
    choices: Choices
    line: int


@dataclass(frozen=True, slots=True)
class PabulibFile:
    """A whole election. `sha256` is of the file's bytes, in hexadecimal; `remarks` are what disagrees and changes no count."""

    name: str
    sha256: str
    meta: Mapping[str, str]
    meta_lines: Mapping[str, int]
    vote_type: str
    budget: Decimal
    projects: tuple[PabulibProject, ...]
    ballots: tuple[PabulibBallot, ...]
    remarks: tuple[str, ...] = ()

    @property
    def currency(self) -> str:
        """The currency code of META, “PLN”; empty when it names none."""
        return self.meta.get("currency", "")

    @property
    def description(self) -> str:
        """What META says this election was, “Municipal PB in Gdynia”."""
        return self.meta.get("description", "")

    @property
    def country(self) -> str:
        """The country of META."""
        return self.meta.get("country", "")

    @property
    def unit(self) -> str:
        """Who held the election, in META's word for it: “Gdynia”."""
        return self.meta.get("unit", "")

    @property
    def instance(self) -> str:
        """Which of its elections this is, “2020”."""
        return self.meta.get("instance", "")

    @property
    def parts(self) -> int:
        """Into how many parts one currency unit is divided, so that the budget and every cost are whole: 1, 10, 100 …"""
        amounts = (self.budget, *(project.cost for project in self.projects))
        return int(10 ** max(_decimals(amount) for amount in amounts))

    def line_of(self, key: str) -> int:
        """The line on which META says `key`; 1 when it does not."""
        return self.meta_lines.get(key, 1)

    def election(self) -> Election:
        """The election to count, in whole parts of a currency unit; identical ballots are grouped."""
        parts = self.parts
        groups: Counter[Choices] = Counter()
        for choices, count in alike(self.ballots):
            groups[tuple(sorted(choices))] += count
        return Election(
            candidates=tuple(Candidate(project.id, _whole(project.cost, parts)) for project in self.projects),
            budget=_whole(self.budget, parts),
            groups=tuple(Group(choices, count) for choices, count in sorted(groups.items())),
            unit=parts,
        )


def alike(ballots: Sequence[PabulibBallot]) -> Iterator[tuple[Choices, int]]:
    """The ballots' choices, each with how many made it; choices that are equal and not one object come more than once."""
    counts: Counter[int] = Counter()
    found: dict[int, Choices] = {}
    for ballot in ballots:
        counts[id(ballot.choices)] += 1
        found[id(ballot.choices)] = ballot.choices
    return ((choices, counts[key]) for key, choices in found.items())


def _decimals(amount: Decimal) -> int:
    """How many figures after the point an amount needs: 1 for 12.50, as its last 0 says nothing."""
    _, denominator = amount.as_integer_ratio()
    decimals = 0
    while 10**decimals % denominator:
        decimals += 1
    return decimals


def _whole(amount: Decimal, parts: int) -> int:
    numerator, denominator = amount.as_integer_ratio()
    return numerator * parts // denominator
