"""Everything with which a person signs in, to be read by them and to go with them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_
from sqlmodel import Session, col, select

from ledger.credentials.codes import Authenticator, Recovery, authenticator_of, recovery_codes_left
from ledger.credentials.identities import Identity, identities_of
from ledger.credentials.invitations import Invitation, invitations_about
from ledger.credentials.mailboxes import Link, Mailbox, mailboxes_of
from ledger.credentials.passkeys import Passkey, passkeys_of
from ledger.credentials.visits import Barred, Visit

TABLES = ("visit", "barred", "mailbox", "link", "invitation", "authenticator", "recovery", "passkey", "identity", "challenge")


@dataclass(frozen=True, slots=True)
class HeldWay:
    """A way to sign in: a passkey, an app, recovery codes, a work account. Of none of them is the secret shown."""

    what: str
    name: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class HeldVisit:
    """A session that is open or has ended lately."""

    way: str
    device: str
    began: datetime
    used: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class HeldInvitation:
    """An invitation to the person."""

    authority: str
    address: str
    name: str
    made: datetime
    ends: datetime
    state: str


@dataclass(frozen=True, slots=True)
class HeldSignIn:
    """How the person signs in. `barred` is since when they may not."""

    addresses: tuple[str, ...]
    ways: tuple[HeldWay, ...]
    sessions: tuple[HeldVisit, ...]
    invitations: tuple[HeldInvitation, ...]
    barred: datetime | None


def held_to_sign_in(session: Session, person: str) -> HeldSignIn:
    """All that is held with which this person signs in."""
    app, left = authenticator_of(session, person), recovery_codes_left(session, person)
    visits = session.exec(select(Visit).where(Visit.person == person).order_by(col(Visit.made)))
    barred = session.get(Barred, person)
    return HeldSignIn(
        addresses=tuple(row.address for row in mailboxes_of(session, person)),
        ways=(
            *(HeldWay("passkey", row.label, row.made) for row in passkeys_of(session, person)),
            *((HeldWay("authenticator app", "", app.made),) if app is not None else ()),
            *((HeldWay("recovery codes", f"{left} left", None),) if left else ()),
            *(HeldWay("work account", f"{row.subject} at {row.issuer}", row.since) for row in identities_of(session, person)),
        ),
        sessions=tuple(HeldVisit(row.way, row.device, row.made, row.seen, row.ends) for row in visits),
        invitations=tuple(
            HeldInvitation(row.authority, row.address, row.name, row.made, row.ends, row.state)
            for row in invitations_about(session, person)
        ),
        barred=barred.since if barred is not None else None,
    )


def forget_credentials(session: Session, person: str) -> None:
    """Take away everything with which the person signs in, and every invitation to or by them. It is safe to repeat."""
    addresses = select(Mailbox.address).where(Mailbox.person == person)
    about = or_(col(Invitation.person) == person, col(Invitation.inviter) == person, col(Invitation.address).in_(addresses))
    session.execute(delete(Invitation).where(about).execution_options(synchronize_session=False))
    for table in (Visit, Barred, Link, Authenticator, Recovery, Passkey, Identity, Mailbox):
        session.execute(delete(table).where(col(table.person) == person).execution_options(synchronize_session=False))
