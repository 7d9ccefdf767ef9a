"""Who may sign an instrument or terms of reference with the authority leader."""

from app.acting import today
from app.store import reading
from ledger.holdings import holdings
from ledger.roles import Role

_SIGNING = frozenset(
    {Role.CHAIR, Role.CONNECTOR, Role.CHIEF_FINANCE_OFFICER, Role.AUTHORITY_LEADER, Role.ACCOUNTABILITY_PARTNER}
)


def signatories(authority: str, but: str, *, place: str | None = None) -> list[tuple[str, str]]:
    """Who holds a role today in which people sign, by reference and name with the role; of one place, or of all."""
    found: dict[str, str] = {}
    for held in holdings(reading(), authority=authority, on=today()):
        here = place is None or held.place in {None, place}
        if here and held.held and held.role in _SIGNING and held.person != but:
            found.setdefault(held.person, f"{held.name}, {held.role.value} of {held.where}")
    return list(found.items())
