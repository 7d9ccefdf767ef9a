"""The ballot box: votes as they are cast, changeable until the close, and the commitments by which they are sealed.

Casting does not take the log's lock: a ballot waits in its box and enters the log, as a commitment, when the round closes.
"""

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.ballot.digests import tagged_hash
from ledger.ballot.marking import read_choices, write_choices
from ledger.ballot.receipts import NONCE, new_nonce
from ledger.database import Instant
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import RoleChange, holds
from ledger.kinds.deciding import Electorate, RulesFrozen, rules_of
from ledger.people import Role
from ledger.records import Kind
from ledger.rounds.interests import recused_from
from ledger.rounds.proposals import Round, proposals_of
from ledger.rounds.roll import Tracker, logged
from ledger.unit_of_work import UnitOfWork

VOTING_ROLES = (Role.PANEL_MEMBER, Role.CHAIR)


class Ballot(SQLModel, table=True):
    """One voter's ballot in a round. `choices` maps proposal numbers to points (1 for an approval), as compact JSON."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    voter: str = Field(primary_key=True, max_length=80)
    choices: str
    nonce: str = Field(max_length=NONCE)
    cast_at: datetime = Field(sa_type=Instant)

    __table_args__ = (Index("ballot_by_round", "round"),)


class VoteRefused(LedgerError):
    """{problem} The vote you gave before, if any, is kept as it was."""


def commitment(ballot: Ballot) -> str:
    """What the log holds of a ballot: H("ballot", round, nonce, choices)."""
    return tagged_hash("ballot", ballot.round, ballot.nonce, ballot.choices)


def cast(unit: UnitOfWork, *, round_ref: str, voter: str, choices: frozenset[int]) -> Ballot:
    """Keep a panel member's vote: the proposals by number. A second vote replaces the first, until the close.

    Raises VoteRefused, NotFound. Sending the same vote twice leaves one ballot.
    """
    session = unit.session
    # The round's row is locked, so that no vote slips in while the chair closes it.
    found = session.exec(select(Round).where(col(Round.ref) == round_ref).with_for_update()).first()
    if found is None:
        raise VoteRefused(problem="There is no such round.")
    book = DatabaseBook(session)
    opened = entry_at(session, found.entry)
    if list(book.where(Kind.RESULT, mandate=found.entry)):
        raise VoteRefused(problem="This round is closed.")
    if found.electorate != Electorate.PANEL.value:
        raise VoteRefused(problem="Votes in this round are cast in secret, with the code of a letter.")
    today = unit.today()
    if not found.opens_on <= today <= found.closes_on:
        raise VoteRefused(problem=f"Votes are taken from {found.opens_on} to {found.closes_on}.")
    if not may_vote(book, voter=voter, authority=opened.authority, place=found.partnership, unit=unit):
        raise VoteRefused(problem="Only members of this partnership's panel vote in this round.")
    _without_interest(session, round_ref, voter, choices)
    _within_rules(choices, rules_of(opened, book), {proposal.number for proposal in proposals_of(session, round_ref)})
    ballot = session.get(Ballot, (round_ref, voter))
    if ballot is None:
        ballot = Ballot(round=round_ref, voter=voter, choices="", nonce="", cast_at=unit.now())
    ballot.choices, ballot.nonce, ballot.cast_at = write_choices(dict.fromkeys(choices, 1)), new_nonce(), unit.now()
    session.add(ballot)
    session.flush()
    return ballot


def may_vote(book: DatabaseBook, *, voter: str, authority: str, place: str, unit: UnitOfWork) -> bool:
    """Whether the person sits on the partnership's panel today."""
    return any(holds(book, person=voter, role=role, authority=authority, place=place, on=unit.today()) for role in VOTING_ROLES)


def panel_of(session: Session, *, authority: str, place: str, on: date) -> list[str]:
    """Who sits on the partnership's panel that day, by reference."""
    book = DatabaseBook(session)
    changes = [entry.payload for entry in book.where(Kind.ROLE, authority=authority, place=place)]
    asked = {change.person for change in changes if isinstance(change, RoleChange) and change.role in VOTING_ROLES}
    return [
        ref
        for ref in sorted(asked)
        if any(holds(book, person=ref, role=role, authority=authority, place=place, on=on) for role in VOTING_ROLES)
    ]


def _without_interest(session: Session, round_ref: str, voter: str, choices: frozenset[int]) -> None:
    recused = recused_from(session, round_ref, voter)
    for proposal in proposals_of(session, round_ref) if recused else []:
        if proposal.ref in recused and proposal.number in choices:
            raise VoteRefused(problem=f"You declared an interest in “{proposal.title}”, so you do not vote on it.")


def _within_rules(choices: frozenset[int], rules: RulesFrozen, numbers: set[int]) -> None:
    if not choices:
        raise VoteRefused(problem="Choose at least one proposal.")
    if not choices <= numbers:
        raise VoteRefused(problem="One of these proposals is not on the ballot.")
    if rules.most_choices and len(choices) > rules.most_choices:
        raise VoteRefused(problem=f"Choose no more than {rules.most_choices} proposals; you chose {len(choices)}.")


def ballot_of(session: Session, round_ref: str, voter: str) -> dict[int, int] | None:
    """The voter's own choices as kept now, by proposal number; none before they vote."""
    ballot = session.get(Ballot, (round_ref, voter))
    return read_choices(ballot.choices) if ballot is not None else None


def turnout(session: Session, round_ref: str) -> int:
    """How many ballots are in the box; of a secret round, how many are in the log."""
    return session.exec(select(func.count()).select_from(Ballot).where(col(Ballot.round) == round_ref)).one() + logged(
        session, round_ref
    )


def choices_in(session: Session, round_ref: str) -> Iterator[str]:
    """The choices of every ballot that counts, as written: from the box, or as two keyholders opened them."""
    yield from session.exec(select(Ballot.choices).where(col(Ballot.round) == round_ref))
    opened = select(Tracker.choices).where(col(Tracker.round) == round_ref, col(Tracker.standing) == "counted")
    yield from (choices for choices in session.exec(opened) if choices is not None)
