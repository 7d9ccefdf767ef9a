"""What every rule asks of an election: who supports what, how ties break, and how an amount reads in a sentence."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import cached_property
from hashlib import sha256

from ledger.errors import LedgerError
from ledger.tally.election import Candidate, Election, Group, Tie

Show = Callable[[Fraction | int], str]


FEWEST_DICE = 10  # 60 million ways to fall: enough that nobody can wish for one


class UnsoundElection(LedgerError):
    """This election cannot be counted: {problem} Nothing was recorded."""


class Profile:
    """An election read once: candidates by id, their supporters as group numbers, votes and points."""

    def __init__(self, election: Election, *, minimum_votes: int = 0) -> None:
        """`eligible` are the candidates with at least `minimum_votes` that are not barred.

        Raises UnsoundElection when the figures make no sense: two candidates of one id, a negative amount, a ballot that names
        a candidate twice or one that is not there.
        """
        self.election = election
        self.candidates = {candidate.id: candidate for candidate in election.candidates}
        if len(self.candidates) != len(election.candidates):
            raise UnsoundElection(problem="two candidates have the same id.")
        amounts = [
            election.budget,
            election.minutes_budget or 0,
            *(n for c in election.candidates for n in (c.cost, c.minutes)),
        ]
        if min(amounts) < 0 or election.unit < 1 or any(group.count < 1 for group in election.groups):
            raise UnsoundElection(problem="an amount is negative, or a number of ballots is not at least 1.")
        self.barred = dict(election.barred)
        self._settle(election)
        self.counts = [group.count for group in election.groups]
        self.supporters: dict[str, list[int]] = {ref: [] for ref in self.candidates}
        self.votes: dict[str, int] = dict.fromkeys(self.candidates, 0)
        self.points: dict[str, int] = dict.fromkeys(self.candidates, 0)
        for number, group in enumerate(election.groups):
            self._hear(number, group)
        self.eligible = [c for c in election.candidates if self.votes[c.id] >= minimum_votes and c.id not in self.barred]

    def _hear(self, number: int, group: Group) -> None:
        if len(dict(group.choices)) != len(group.choices):
            raise UnsoundElection(problem="a ballot names a candidate twice.")
        for ref, points in group.choices:
            if ref not in self.candidates:
                raise UnsoundElection(problem=f"a ballot names “{ref}”, which is not a candidate.")
            self.points[ref] += points * group.count
            if points > 0:
                self.supporters[ref].append(number)
                self.votes[ref] += group.count

    def _settle(self, election: Election) -> None:
        """Hold that limits, bars and dice make sense, and draw the lots."""
        if not self.barred.keys() <= self.candidates.keys():
            raise UnsoundElection(problem="what is barred is no candidate of this election.")
        for limit in election.limits:
            if limit.most < 0 or not limit.among <= set(self.candidates):
                raise UnsoundElection(
                    problem=f"the limit for {limit.name} is negative, or is about no candidate of this election."
                )
        dice = thrown(election.lot)
        self._lots = {ref: lot_of(dice, ref) for ref in self.candidates} if dice else {ref: ref for ref in self.candidates}

    def turn(self, candidate: Candidate) -> tuple[int, int, str]:
        """The order of ties: more votes, then lower cost, then the lot where dice were thrown, or the id."""
        return (-self.votes[candidate.id], candidate.cost, self._lots[candidate.id])

    def points_of(self, ref: str) -> list[int]:
        """The points that each group of its supporters gives a candidate, in the order of `supporters`."""
        given = self._choices
        return [given[group][ref] for group in self.supporters[ref]]

    @cached_property
    def _choices(self) -> list[dict[str, int]]:
        return [dict(group.choices) for group in self.election.groups]

    def first_of(self, tied: Iterable[Candidate], ties: list[Tie]) -> Candidate:
        """The one whose turn it is among equals; a tie of two or more is noted."""
        order = sorted(tied, key=self.turn)
        if len(order) > 1:
            ties.append(Tie(tuple(candidate.id for candidate in order), order[0].id))
        return order[0]


def plain_amount(unit: int) -> Show:
    """Amounts in whole currency units with two decimals where there are any: 1,250 or 1,250.50. Small is never shown as 0."""

    def show(amount: Fraction | int) -> str:
        hundredths = round(Fraction(amount) / unit * 100)
        if amount and not hundredths:
            return "less than 0.01"
        whole, part = divmod(hundredths, 100)
        return f"{whole:,}" + (f".{part:02d}" if part else "")

    return show


def thrown(dice: str) -> str:
    """The figures of dice as they were read out (“4 1 6 …”), without blanks; empty where none were thrown.

    Raises UnsoundElection for too few, or for what is on no die.
    """
    figures = "".join(dice.split())
    if figures and (len(figures) < FEWEST_DICE or set(figures) - set("123456")):
        raise UnsoundElection(problem=f"a lot is drawn from at least {FEWEST_DICE} dice, each a figure from 1 to 6.")
    return figures


def lot_of(dice: str, ref: str) -> str:
    """The lot that public dice draw for a candidate: the lowest goes first. SHA-256 of “lot”, dice and id, a line each."""
    return sha256(f"lot\n{dice}\n{ref}\n".encode()).hexdigest()


def people(votes: int) -> str:
    """“Nobody”, “1 person”, “1,245 people”."""
    return f"{votes:,} {'person' if votes == 1 else 'people'}" if votes else "Nobody"
