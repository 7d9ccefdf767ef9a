"""Who voted for what, where the terms of reference ask for open votes of the panel: for everybody, once it is counted."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from ledger.ballot.marking import read_choices
from ledger.kinds.deciding import Electorate
from ledger.people import ERASED, names
from ledger.rounds.ballots import Ballot
from ledger.rounds.reading import RoundView


@dataclass(frozen=True, slots=True)
class OpenBallot:
    """A member's ballot: their name, or that it was erased or parted from them, and the proposals they named, by title."""

    name: str
    titles: tuple[str, ...]


def roll_call(session: Session, view: RoundView) -> tuple[OpenBallot, ...]:
    """The panel's ballots, by name; none before the count, and none where votes are secret."""
    bounds = view.rules.bounds
    if view.counted is None or bounds is None or not bounds.open_vote or bounds.electorate is not Electorate.PANEL:
        return ()
    titles = {line.proposal.number: line.proposal.title for line in view.lines}
    ballots = session.exec(select(Ballot).where(col(Ballot.round) == view.row.ref)).all()
    people = names(session, {ballot.voter for ballot in ballots})
    return tuple(
        sorted(
            (
                OpenBallot(
                    people.get(each.voter, ERASED), tuple(titles[number] for number in sorted(read_choices(each.choices)))
                )
                for each in ballots
            ),
            key=lambda ballot: (ballot.name == ERASED, ballot.name, ballot.titles),
        )
    )
