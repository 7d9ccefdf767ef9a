"""What is counted, and what a count says. Amounts are whole numbers of the smallest unit, so nothing is ever rounded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd
from typing import Literal, get_args

from ledger.errors import LedgerError

RuleName = Literal["greedy", "equal-shares", "phragmen"]
Satisfaction = Literal["cost", "cardinality", "points"]
Completion = Literal["none", "greedy", "add1", "add1-exhaustive", "add1-exhaustive-greedy", "add-opt"]


class UnsoundRule(LedgerError):
    """There is no such way of counting: {problem} Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A proposal on the ballot: its id, what it costs in the smallest unit, the minutes of staff time it asks for."""

    id: str
    cost: int
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Identical ballots, counted once: `choices` pairs candidate ids with points, `count` says how many voters.

    An approval is one point. A ballot supports a candidate when it gives it more than nothing.
    """

    choices: tuple[tuple[str, int], ...]
    count: int


@dataclass(frozen=True, slots=True)
class Limit:
    """These proposals may together cost at most so much: those of a district, on a theme, in a category.

    “At least 30 % for young people” is such a limit on all the others: see `kept_for`.
    """

    name: str
    most: int
    among: frozenset[str]

    @classmethod
    def kept_for(cls, name: str, those: frozenset[str], candidates: tuple[Candidate, ...], *, most_for_others: int) -> "Limit":
        """Keep what is left of the budget after `most_for_others` for `those`; what they do not use stays unspent."""
        others = frozenset(candidate.id for candidate in candidates) - those
        return cls(f"what is kept for {name}", most_for_others, others)


@dataclass(frozen=True, slots=True)
class Election:
    """Candidates, budget and ballots. `unit` is how many of the smallest unit make one unit of currency.

    `minutes_budget` limits staff time as `budget` limits money; without it, minutes are not looked at. `lot` are the figures of
    dice thrown after the ballots were sealed: where they are given, they break the last ties, and not the ids. `barred` names
    candidates that cannot win, however many vote for them, each with the reason; their voters' ballots still count as ballots.
    """

    candidates: tuple[Candidate, ...]
    budget: int
    groups: tuple[Group, ...]
    unit: int = 1
    minutes_budget: int | None = None
    limits: tuple[Limit, ...] = ()
    lot: str = ""
    barred: tuple[tuple[str, str], ...] = ()

    @property
    def voters(self) -> int:
        """How many ballots there are, empty ones included."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rule counts, and how. The choices are those of `commonpurse tally --help`.

    Raises UnsoundRule for choices that do not go together: none is ever silently left aside.
    """

    name: RuleName = "greedy"
    satisfaction: Satisfaction = "cost"
    completion: Completion = "none"
    stop_at_first_miss: bool = False
    minimum_votes: int = 0

    def __post_init__(self) -> None:
        """Hold that each word is known and means something for this rule."""
        for word, known in ((self.name, RuleName), (self.satisfaction, Satisfaction), (self.completion, Completion)):
            if word not in get_args(known):
                raise UnsoundRule(problem=f"“{word}” is not known here.")
        if self.name != "equal-shares" and self.completion != "none":
            raise UnsoundRule(problem="only equal-shares has a completion.")
        if self.name != "greedy" and self.stop_at_first_miss:
            raise UnsoundRule(problem="only greedy can go on, or stop, after a proposal that does not fit.")
        if self.name == "phragmen" and self.satisfaction != "cost":
            raise UnsoundRule(problem="phragmen knows costs only and takes no other satisfaction.")
        if self.completion == "add-opt" and self.satisfaction == "points":
            raise UnsoundRule(
                problem="add-opt has everyone pay the same, so it cannot go by points; choose cost or cardinality."
            )
        if self.minimum_votes < 0:
            raise UnsoundRule(problem="the fewest votes a proposal needs cannot be below 0.")


@dataclass(frozen=True, slots=True)
class Tie:
    """Candidates that were equal when one had to be chosen, and the one that the order of ties gave the turn."""

    candidates: tuple[str, ...]
    first: str


@dataclass(frozen=True, slots=True)
class Why:
    """What became of one candidate: votes, points, cost, whether and as which it was chosen, and the reason in a sentence.

    `had` is the money there was for it when it was last asked: what was left of the budget, or of its supporters' shares; none
    where the count did not get so far. `enough` is with how many votes it would have been chosen, all else the same; told of
    what greedy left out by votes, and none where no number of votes would have done.
    """

    votes: int
    points: int
    cost: int
    chosen: bool
    step: int | None
    sentence: str
    had: Fraction | None = None
    enough: int | None = None

    @property
    def short(self) -> Fraction:
        """By how much the money that there was fell short of the cost; 0 where it was enough."""
        return max(self.cost - self.had, Fraction(0)) if self.had is not None else Fraction(0)


@dataclass(frozen=True, slots=True)
class Shares:
    """What each voter was given of the money, and what voters paid, the least first: pairs of an amount and how many paid it.

    An amount is of a `scale`-th of the smallest unit.
    """

    each: Fraction
    paid: tuple[tuple[int, int], ...]
    scale: int

    @classmethod
    def of(cls, each: Fraction, paid: Sequence[int], scale: int, counts: Sequence[int]) -> "Shares":
        """From what each voter of each group paid, and how many voters each group has."""
        voters: Counter[int] = Counter()
        for amount, many in zip(paid, counts, strict=True):
            voters[amount] += many
        parts = gcd(scale, *voters)
        return cls(each, tuple((amount // parts, many) for amount, many in sorted(voters.items())), scale // parts)


@dataclass(frozen=True, slots=True)
class Result:
    """Winners in the order of selection, the ties on the way, and the reason for every candidate.

    `shares` say what the voters paid; none where the rule gives them no money.
    """

    rule: Rule
    winners: tuple[str, ...]
    ties: tuple[Tie, ...]
    votes: int
    budget: int
    cost: int
    why: Mapping[str, Why] = field(default_factory=dict)
    shares: Shares | None = None
