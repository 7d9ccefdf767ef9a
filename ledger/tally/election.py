"""What is counted, and what a count says. Amounts are whole numbers of the smallest unit, so nothing is ever rounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

RuleName = Literal["greedy", "equal-shares", "phragmen"]
Satisfaction = Literal["cost", "cardinality", "points"]
Completion = Literal["none", "greedy", "add1", "add1-exhaustive", "add1-exhaustive-greedy"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal on the ballot: its id, what it costs in the smallest unit, the minutes of staff time it asks for."""

    id: str
    cost: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Identical ballots, counted once: `choices` pairs candidate ids with points, `count` says how many voters."""

    choices: tuple[tuple[str, int], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Election:
    """Candidates, budget and ballots. `unit` is how many of the smallest unit make one unit of currency.

    `minutes_budget` limits staff time as `budget` limits money; without it, minutes are not looked at.
    """

    candidates: tuple[Candidate, ...]
    budget: int
    groups: tuple[Group, ...]
    unit: int = 1
    minutes_budget: int | None = None

    @property
    def voters(self) -> int:
        """How many ballots there are, empty ones included."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rule counts, and how. The choices are those of `commonpurse tally --help`."""

    name: RuleName = "greedy"
    satisfaction: Satisfaction = "cost"
    completion: Completion = "none"
    stop_at_first_miss: bool = False
    minimum_votes: int = 0


@dataclass(frozen=True, slots=True)
class Tie:
    """Candidates that were equal when one had to be chosen, and the one that the order of ties gave the turn."""

    candidates: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class Why:
    """What became of one candidate: votes, points, cost, whether and as which it was chosen, and the reason in a sentence."""

    votes: int
    points: int
    cost: int
    chosen: bool
    step: int | None
    sentence: str


@dataclass(frozen=True, slots=True)
class Result:
    """Winners in the order of selection, the ties on the way, and the reason for every candidate."""

    rule: Rule
    winners: tuple[str, ...]
    ties: tuple[Tie, ...]
    votes: int
    budget: int
    cost: int
    why: Mapping[str, Why] = field(default_factory=dict)
