"""Invitations: a registrar asks somebody in, by the address to which the invitation goes.

An invitation ends after a week, works once, and makes exactly what it says: a person with this name and this address. It signs
nobody in. Whoever accepts it is sent a link to that address like everybody else, so a stolen invitation opens nothing.
What was accepted, withdrawn or has expired is never open again.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, update
from sqlmodel import Field, Session, SQLModel, col, or_, select

from ledger.credentials.mailboxes import LONGEST, AddressTaken, Mailbox, add_mailbox, read_address
from ledger.credentials.tokens import DIGEST, Purpose, digest_of, new_token
from ledger.credentials.visits import require_may_sign_in
from ledger.database import Instant, system_clock
from ledger.entries import DatabaseBook
from ledger.errors import LedgerError, NotFound
from ledger.kinds.authority import holds
from ledger.people import LONGEST_NAME, Role, add_person, read_name
from ledger.unit_of_work import UnitOfWork

INVITATION_LASTS = timedelta(days=7)
_KEPT = timedelta(days=30)  # after its end: who was asked and did not come is nobody's business for longer


class State(StrEnum):
    """Where an invitation stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Invitation(SQLModel, table=True):
    """Somebody was asked in. `person` is who they are here already, or have become; `settled` when it was decided."""

    ref: str = Field(primary_key=True, max_length=40)
    digest: str = Field(unique=True, max_length=DIGEST)
    authority: str = Field(foreign_key="authority.slug", index=True)
    address: str = Field(max_length=LONGEST, index=True)
    name: str = Field(max_length=LONGEST_NAME)
    person: str | None = Field(default=None, foreign_key="person.ref", ondelete="CASCADE", index=True)
    inviter: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    made: datetime = Field(sa_type=Instant)
    ends: datetime = Field(sa_type=Instant)
    state: str = Field(default=State.OPEN.value, max_length=10)

    def standing(self, now: datetime) -> State:
        """Where it stands at a moment."""
        state = State(self.state)
        return State.EXPIRED if state is State.OPEN and self.ends <= now else state


class NotYours(LedgerError):
    """Only a registrar of the authority invites people to it. Nothing was sent."""


class InvitedAlready(LedgerError):
    """There is an open invitation to this address. Withdraw it before you send another; nothing was sent."""


class InvitationOver(LedgerError):
    """This invitation does not work: it was used, was withdrawn, or is older than a week.
    Ask the registrar for a new one; nothing was changed.
    """


def invite(
    unit: UnitOfWork, *, ref: str, authority: str, address: str, name: str, inviter: str, person: str | None = None
) -> tuple[Invitation, str | None]:
    """Ask somebody in; returns the invitation and its token, which is known only now. `person` is who they are here already.

    Sent again under the same `ref`, it gives the invitation of the first time, without its token.
    Raises NotYours, BadAddress, AddressTaken, InvitedAlready, NoName, NotFound, NotLetIn.
    """
    session, now = unit.session, unit.now()
    address = read_address(address)
    if not holds(DatabaseBook(session), person=inviter, role=Role.REGISTRAR, authority=authority, place=None, on=unit.today()):
        raise NotYours
    earlier = session.get(Invitation, ref)
    if earlier is not None and (earlier.authority, earlier.address, earlier.inviter) == (authority, address, inviter):
        return earlier, None
    session.execute(delete(Invitation).where(col(Invitation.ends) <= now - _KEPT))
    name = read_name(name)
    if person is not None:
        require_may_sign_in(session, person)
    there = session.get(Mailbox, address)
    if there is not None and there.person != person:
        raise AddressTaken
    waiting = select(Invitation.ref).where(Invitation.address == address, Invitation.state == State.OPEN, Invitation.ends > now)
    if session.exec(waiting).first() is not None:
        raise InvitedAlready
    token = new_token()
    made = Invitation(
        ref=ref,
        digest=digest_of(Purpose.INVITATION, token),
        authority=authority,
        address=address,
        name=name,
        person=person,
        inviter=inviter,
        made=now,
        ends=now + INVITATION_LASTS,
    )
    session.add(made)
    session.flush()
    return made, token


def invitation_for(session: Session, token: str, now: datetime | None = None) -> Invitation:
    """The open invitation that this token belongs to. Raises InvitationOver."""
    found = session.exec(select(Invitation).where(Invitation.digest == digest_of(Purpose.INVITATION, token))).one_or_none()
    if found is None or found.standing(now or system_clock()) is not State.OPEN:
        raise InvitationOver
    return found


def accept(unit: UnitOfWork, *, token: str) -> Invitation:
    """Use the invitation up: the person and their address are here from now on. Of several at once, one succeeds.

    Raises InvitationOver, AddressTaken, NotLetIn.
    """
    session = unit.session
    taken = session.execute(
        update(Invitation)
        .where(
            col(Invitation.digest) == digest_of(Purpose.INVITATION, token),
            col(Invitation.state) == State.OPEN.value,
            col(Invitation.ends) > unit.now(),
        )
        .values(state=State.ACCEPTED.value)
        .execution_options(synchronize_session=False)
    ).rowcount  # type: ignore[attr-defined]  # what an UPDATE returns has it
    if taken != 1:
        raise InvitationOver
    found = session.exec(select(Invitation).where(Invitation.digest == digest_of(Purpose.INVITATION, token))).one()
    session.refresh(found)
    if found.person is None:
        found.person = add_person(session, name=found.name).ref
    require_may_sign_in(session, found.person)
    add_mailbox(unit, person=found.person, address=found.address)
    session.flush()
    return found


def withdraw_invitation(unit: UnitOfWork, *, ref: str, authority: str, registrar: str) -> None:
    """Take an open invitation back; one that is over stays as it is. Raises NotFound, NotYours."""
    session = unit.session
    if not holds(
        DatabaseBook(session), person=registrar, role=Role.REGISTRAR, authority=authority, place=None, on=unit.today()
    ):
        raise NotYours
    found = session.get(Invitation, ref)
    if found is None or found.authority != authority:
        raise NotFound(what="invitation", name=ref)
    session.execute(
        update(Invitation)
        .where(col(Invitation.ref) == ref, col(Invitation.state) == State.OPEN.value)
        .values(state=State.WITHDRAWN.value)
    )


def invitations_of(session: Session, authority: str) -> list[Invitation]:
    """The invitations of an authority, the newest first."""
    mine = select(Invitation).where(Invitation.authority == authority)
    return list(session.exec(mine.order_by(col(Invitation.made).desc(), col(Invitation.ref))))


def invitations_about(session: Session, person: str) -> list[Invitation]:
    """The invitations of a person, by reference or by one of their addresses."""
    theirs = select(Mailbox.address).where(Mailbox.person == person)
    about = or_(col(Invitation.person) == person, col(Invitation.address).in_(theirs))
    return list(session.exec(select(Invitation).where(about).order_by(col(Invitation.made))))
