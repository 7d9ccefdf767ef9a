"""Email addresses, each of one person, and the links that are sent to them.

A link lasts ten minutes, works once, and only in the browser that asked for it: half of it stands in the mail, the other half
in that browser. So who reads the mail, a log of addresses or somebody's screen cannot sign in with what is there.
"""

import re
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.credentials.tokens import DIGEST, Purpose, digest_of, new_token
from ledger.credentials.visits import may_sign_in, require_may_sign_in
from ledger.database import Instant
from ledger.errors import LedgerError
from ledger.people import person as person_behind
from ledger.unit_of_work import UnitOfWork

LINK_LASTS = timedelta(minutes=10)
LONGEST = 254  # characters of an address
_MOST_LINKS = 5  # that one person can have waiting: nobody's mailbox is filled by asking again and again
_ADDRESS = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)


class Mailbox(SQLModel, table=True):
    """An email address, in small letters, and whose it is."""

    address: str = Field(primary_key=True, max_length=LONGEST)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    since: datetime = Field(sa_type=Instant)


class Link(SQLModel, table=True):
    """A link that was sent and not used yet. `browser` is the digest of what the browser that asked for it carries.

    A link to sign in has no `address`; one by which somebody adds an address to theirs has that.
    """

    digest: str = Field(primary_key=True, max_length=DIGEST)
    browser: str = Field(max_length=DIGEST)
    person: str = Field(foreign_key="person.ref", ondelete="CASCADE", index=True)
    ends: datetime = Field(sa_type=Instant)
    address: str | None = Field(default=None, max_length=LONGEST)


class BadAddress(LedgerError):
    """Enter an email address in the correct form, like name@example.com. Nothing was sent."""


class AddressTaken(LedgerError):
    """Somebody here has this email address already, and an address belongs to one person. Nothing was changed."""


class LinkSpent(LedgerError):
    """This link does not work: it was used already, is older than 10 minutes, or was asked for in another browser.
    Ask for a new one in the browser in which you want to sign in; you are not signed in.
    """


class LastAddress(LedgerError):
    """This is the only address by which you can sign in. Add another one first; nothing was changed."""


def read_address(typed: str) -> str:
    """The address in the one form in which it is kept. Raises BadAddress, for line breaks too."""
    found = typed.strip(" ").lower()
    if len(found) > LONGEST or not _ADDRESS.fullmatch(found) or ".." in found:
        raise BadAddress
    return found


def add_mailbox(unit: UnitOfWork, *, person: str, address: str) -> Mailbox:
    """Give the person an address; one that they have already stays. Raises BadAddress, AddressTaken, NotFound."""
    address = read_address(address)
    person_behind(unit.session, person)
    there = unit.session.get(Mailbox, address)
    if there is not None and there.person != person:
        raise AddressTaken
    if there is None:
        there = Mailbox(address=address, person=person, since=unit.now())
        unit.session.add(there)
        unit.session.flush()
    return there


def mailboxes_of(session: Session, person: str) -> list[Mailbox]:
    """The addresses of a person."""
    return list(session.exec(select(Mailbox).where(Mailbox.person == person).order_by(col(Mailbox.address))))


def ask_for_link(unit: UnitOfWork, *, address: str, browser: str) -> str | None:
    """The token of a new link for whoever has this address; none for an address that nobody here has.

    None, too, for somebody who may not sign in, and for somebody who has five links waiting.
    """
    mailbox = unit.session.get(Mailbox, address)
    if mailbox is None or not may_sign_in(unit.session, mailbox.person):
        return None
    return _new_link(unit, Purpose.LINK, person=mailbox.person, browser=browser)


def ask_to_add(unit: UnitOfWork, *, person: str, address: str, browser: str) -> str | None:
    """The token of a link by which the person adds this address to theirs; none when somebody else has it already.

    None, too, for somebody who has five links waiting.
    """
    there = unit.session.get(Mailbox, address)
    if there is not None and there.person != person:
        return None
    return _new_link(unit, Purpose.ADDRESS, person=person, browser=browser, address=address)


def add_by_link(unit: UnitOfWork, *, token: str, person: str, browser: str) -> Mailbox:
    """Use such a link up: whoever opened it reads that address. Raises LinkSpent, AddressTaken."""
    used = _use(unit, Purpose.ADDRESS, token, browser)
    if used is None or used[0] != person or used[1] is None:
        raise LinkSpent
    return add_mailbox(unit, person=person, address=used[1])


def remove_mailbox(unit: UnitOfWork, *, person: str, address: str, last_is_needed: bool) -> None:
    """The person gets no more letters there. It is safe to repeat. Raises LastAddress."""
    mine = [row.address for row in mailboxes_of(unit.session, person)]
    if mine == [address] and last_is_needed:
        raise LastAddress
    if address in mine:
        unit.session.execute(delete(Mailbox).where(col(Mailbox.address) == address, col(Mailbox.person) == person))


def use_link(unit: UnitOfWork, *, token: str, browser: str) -> str:
    """Use a link up and return whose it is. Of several who use it at once, one succeeds. Raises LinkSpent, NotLetIn."""
    used = _use(unit, Purpose.LINK, token, browser)
    if used is None:
        raise LinkSpent
    require_may_sign_in(unit.session, used[0])
    return used[0]


def _new_link(unit: UnitOfWork, purpose: Purpose, *, person: str, browser: str, address: str | None = None) -> str | None:
    """The token of a new link; none for somebody who has five waiting. Those that are over go."""
    session, now = unit.session, unit.now()
    session.execute(delete(Link).where(col(Link.ends) <= now))
    if session.exec(select(func.count()).select_from(Link).where(Link.person == person)).one() >= _MOST_LINKS:
        return None
    token, of_browser = new_token(), digest_of(Purpose.BROWSER, browser)
    session.add(
        Link(digest=digest_of(purpose, token), browser=of_browser, person=person, ends=now + LINK_LASTS, address=address)
    )
    session.flush()
    return token


def _use(unit: UnitOfWork, purpose: Purpose, token: str, browser: str) -> tuple[str, str | None] | None:
    """Whose link this was, and its address; none when it does not work. Of several who use it at once, one succeeds."""
    used = unit.session.execute(
        delete(Link)
        .where(
            col(Link.digest) == digest_of(purpose, token),
            col(Link.browser) == digest_of(Purpose.BROWSER, browser),
            col(Link.ends) > unit.now(),
        )
        .returning(col(Link.person), col(Link.address))
    ).one_or_none()
    return None if used is None else (str(used[0]), used[1])
