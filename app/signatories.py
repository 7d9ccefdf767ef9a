"""Who signs instruments and terms of reference with the authority leader, and what waits for somebody's signature."""

from app.acting import Acting, today
from app.store import reading
from ledger.holdings import holdings
from ledger.kinds.signing import SIGNING
from ledger.records import Recorded
from ledger.signatures import waiting_for


def to_be_signed(person: Acting) -> tuple[Recorded, ...]:
    """The instruments and terms of reference that wait for the person's signature."""
    return waiting_for(reading(), person.ref, authorities={post.authority for post in person.posts if post.role in SIGNING})


def signatories(authority: str, but: str, *, place: str | None = None) -> list[tuple[str, str]]:
    """Who holds a role today in which people sign, by reference and name with the role; of one place, or of all."""
    found: dict[str, str] = {}
    for held in holdings(reading(), authority=authority, on=today()):
        here = place is None or held.place in {None, place}
        if here and held.held and held.role in SIGNING and held.person != but:
            found.setdefault(held.person, f"{held.name}, {held.role.value} of {held.where}")
    return list(found.items())
