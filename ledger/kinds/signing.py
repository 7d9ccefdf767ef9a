"""Who has to sign an instrument or terms of reference beside whoever records them, and each of their signatures.

*Guarantee.* Nobody signs for anybody else: a signature is an entry of its own, by somebody whom the instrument or the terms
name. *What follows.* Until all whom it names have signed, no terms of reference are agreed under an instrument, and under terms
no round opens and nothing is allocated.

    terms name the chair and the connector; the chair signs on 3 March, the connector on 9 March
    a round that is opened on 5 March is refused: one signature is missing; on 9 March it opens

*Drawback.* Who does not sign holds up the rest. The leader then records others that do not name them, and everybody reads so.
"""

from typing import Literal

from ledger.errors import LedgerError
from ledger.kinds.payload import Payload, mandate_of, no_movements
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role

SIGNING = frozenset(
    {
        Role.CHAIR, Role.CONNECTOR, Role.PANEL_MEMBER, Role.PARTNER_ORGANISATION, Role.FINANCE_OFFICER,
        Role.CHIEF_FINANCE_OFFICER, Role.AUTHORITY_LEADER, Role.ACCOUNTABILITY_PARTNER,
    }
)  # fmt: skip


class NotNamed(LedgerError):
    """Entry {index} does not name you among those who sign it, so there is nothing for you to sign. Nothing was recorded."""


class SignedBefore(LedgerError):
    """You signed this already, in entry {index}, and that stands. Nothing was recorded."""


class Signature(Payload):
    """Somebody signs the instrument or the terms of reference that name them; the mandate is what they sign."""

    kind = Kind.SIGNATURE
    roles = SIGNING
    powers = frozenset({Kind.DEVOLUTION, Kind.TERMS})

    what: Literal["instrument", "terms of reference"]

    def check(self, draft: Draft, book: Book) -> None:
        """By whom it names, once."""
        no_movements(draft)
        signed = mandate_of(draft, book)
        if self.what != what_is_signed(signed):
            raise NotNamed(index=signed.index)
        if draft.actor.person not in to_sign(signed):
            raise NotNamed(index=signed.index)
        earlier = signatures(signed, book).get(draft.actor.person)
        if earlier is not None:
            raise SignedBefore(index=earlier.index)


def what_is_signed(entry: Recorded) -> Literal["instrument", "terms of reference"]:
    """Which of the two the entry is."""
    return "instrument" if entry.kind is Kind.DEVOLUTION else "terms of reference"


def to_sign(entry: Recorded) -> tuple[str, ...]:
    """Whom an instrument or terms of reference name as those who sign, by reference."""
    named: tuple[str, ...] = getattr(entry.payload, "to_sign", ())
    return named


def signatures(entry: Recorded, book: Book) -> dict[str, Recorded]:
    """The signatures that stand under the entry, by who signed."""
    return {found.actor.person: found for found in book.where(Kind.SIGNATURE, mandate=entry.index)}


def unsigned(entry: Recorded, book: Book) -> tuple[str, ...]:
    """Those whom the entry names who have not signed it yet."""
    named = to_sign(entry)
    if not named:
        return ()
    signed = signatures(entry, book)
    return tuple(person for person in named if person not in signed)
