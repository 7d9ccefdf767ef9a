"""What a count notes on its way, and what the limits still leave: the same for every rule."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from ledger.tally.election import Candidate, Limit, Shares, Tie
from ledger.tally.profile import Show

Beat = Callable[[], None]


def go_on() -> None:
    """The beat of a count that may take as long as it takes."""


@dataclass(slots=True)
class Working:
    """A sentence for each candidate that was asked, the money there was for it, the ties, and what the voters paid."""

    reasons: dict[str, str] = field(default_factory=dict)
    had: dict[str, Fraction] = field(default_factory=dict)
    enough: dict[str, int] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    shares: Shares | None = None

    def note(self, ref: str, sentence: str, had: Fraction | int) -> None:
        """Say what became of a candidate, and how much money there was for it."""
        self.reasons[ref], self.had[ref] = sentence, Fraction(had)


class Room:
    """What each limit still leaves to the proposals it is about."""

    def __init__(self, limits: Iterable[Limit], already: Iterable[Candidate] = ()) -> None:
        """`already` was chosen before."""
        self._left = {limit: limit.most for limit in limits}
        for candidate in already:
            self.take(candidate)

    def copy(self) -> "Room":
        """As it is now."""
        other = Room(())
        other._left = dict(self._left)
        return other

    def take(self, candidate: Candidate) -> None:
        """This one was chosen."""
        for limit in self._left:
            if candidate.id in limit.among:
                self._left[limit] -= candidate.cost

    def forbids(self, candidate: Candidate) -> Limit | None:
        """The limit for which this candidate costs too much; none when there is no such limit."""
        for limit, left in self._left.items():
            if candidate.id in limit.among and candidate.cost > left:
                return limit
        return None

    def sentence(self, candidate: Candidate, limit: Limit, show: Show) -> str:
        """“of the £500 for the north £20 was left, £30 short of its cost”."""
        left = self._left[limit]
        return (
            f"of the {show(limit.most)} for {limit.name} {show(left)} was left, {show(candidate.cost - left)} short of its cost"
        )
