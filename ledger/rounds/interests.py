"""Declarations of interest, item by item, and what follows: an interested member neither votes on the item nor counts for it.

A vote for the item that was kept before goes when the interest is declared. And where the others who voted are fewer than the
quorum, the item cannot win: nobody decides on it by staying away.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from ledger.database import Instant


class Interest(SQLModel, table=True):
    """A member's interest in one proposal, in their own words, which everybody reads."""

    proposal: str = Field(primary_key=True, max_length=80)
    person: str = Field(primary_key=True, max_length=80)
    round: str = Field(foreign_key="round.ref", index=True)
    what: str = Field(max_length=300)
    declared: datetime = Field(sa_type=Instant)


def interests_in(session: Session, round_ref: str) -> list[Interest]:
    """Every interest declared in a round, by proposal."""
    query = select(Interest).where(col(Interest.round) == round_ref)
    return list(session.exec(query.order_by(col(Interest.proposal), col(Interest.declared), col(Interest.person))))


def recused_from(session: Session, round_ref: str, person: str) -> set[str]:
    """The proposals of a round in which the person has declared an interest, by reference."""
    own = col(Interest.round) == round_ref, col(Interest.person) == person
    return set(session.exec(select(Interest.proposal).where(*own)))


def without_quorum(voters: set[str], interests: list[Interest], quorum: int) -> dict[str, str]:
    """The proposals on which fewer than the quorum voted who may, each with the reason why it cannot win. Pure.

    Five voted and the quorum is four. Two of them declared an interest in the benches: three are left, and benches cannot win.
    """
    recused: dict[str, set[str]] = {}
    for interest in interests:
        recused.setdefault(interest.proposal, set()).add(interest.person)
    left = {proposal: len(voters - people) for proposal, people in recused.items()}
    return {
        proposal: f"Left out: {many} voted who have no interest in it, and the quorum is {quorum}."
        for proposal, many in left.items()
        if many < quorum
    }
