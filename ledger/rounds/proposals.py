"""A round's own tables: what stands on the ballot, in words. The facts of record are in the log."""

from datetime import date

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlmodel import BigInteger, Field, Session, SQLModel, col, select

from ledger.errors import NotFound
from ledger.places import Partnership


class Round(SQLModel, table=True):
    """A round as people read it. `entry` is the index of the entry that opened it."""

    ref: str = Field(primary_key=True, max_length=80)
    partnership: str = Field(foreign_key="partnership.slug", index=True)
    title: str
    summary: str = ""
    ballot: str = Field(max_length=20)
    electorate: str = Field(max_length=20)
    opens_on: date
    closes_on: date
    entry: int = Field(foreign_key="entry.index")
    source: str | None = None
    source_digest: str | None = Field(default=None, max_length=64)
    joint: str | None = Field(default=None, index=True, max_length=60, description="the joint round it belongs to, if it does")
    drafted: str = Field(default="{}", description="the rules until they are frozen, as `ledger.rounds.freezing.Drafted`")

    __table_args__ = (UniqueConstraint("partnership", "source_digest", name="round_imported_once"),)


class Proposal(SQLModel, table=True):
    """One proposal on the ballot: what it would do, what it asks for, and what was said about it."""

    ref: str = Field(primary_key=True, max_length=80)
    round: str = Field(foreign_key="round.ref", index=True)
    number: int
    code: str = Field(description="its name in the file it came from, or its number")
    title: str
    summary: str = ""
    category: str = ""
    proposer: str = ""
    objections: str = ""
    finance_comment: str = ""
    cost: int = Field(sa_type=BigInteger, description="minor units of the authority's currency")
    minutes: int = Field(default=0, sa_type=BigInteger)

    __table_args__ = (
        UniqueConstraint("round", "number", name="proposal_numbered_once"),
        UniqueConstraint("round", "code", name="proposal_coded_once"),
        CheckConstraint("cost >= 0 AND minutes >= 0", name="proposal_asks_for_nothing_negative"),
    )


class Outcome(SQLModel, table=True):
    """What the count said of a proposal, kept for its page; the result's entry holds the winners."""

    proposal: str = Field(foreign_key="proposal.ref", primary_key=True, max_length=80)
    votes: int
    points: int
    step: int | None = Field(default=None, description="as which it was chosen; none when it was not")
    sentence: str
    barred: bool = Field(default=False, description="whether it could not win: too few voted who have no interest in it")


def round_called(session: Session, ref: str) -> Round:
    """The round called `ref`. Raises NotFound."""
    found = session.get(Round, ref)
    if found is None:
        raise NotFound(what="round", name=ref)
    return found


def proposal_called(session: Session, ref: str) -> Proposal:
    """The proposal called `ref`. Raises NotFound."""
    found = session.get(Proposal, ref)
    if found is None:
        raise NotFound(what="proposal", name=ref)
    return found


def proposals_of(session: Session, round_ref: str) -> list[Proposal]:
    """A round's proposals in the order of the ballot."""
    query = select(Proposal).where(col(Proposal.round) == round_ref).order_by(col(Proposal.number))
    return list(session.exec(query))


def joint_rounds(session: Session, authority: str, joint: str) -> list[Round]:
    """The rounds of one joint round of an authority, by partnership."""
    query = (
        select(Round)
        .join(Partnership, col(Partnership.slug) == col(Round.partnership))
        .where(col(Partnership.authority) == authority, col(Round.joint) == joint)
    )
    return list(session.exec(query.order_by(col(Partnership.name))))


def rounds_at(session: Session, partnership: str) -> list[Round]:
    """A partnership's rounds, the newest first."""
    query = select(Round).where(col(Round.partnership) == partnership)
    return list(session.exec(query.order_by(col(Round.closes_on).desc(), col(Round.ref).desc())))
