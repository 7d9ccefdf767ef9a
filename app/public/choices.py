"""What a visitor has chosen to look at, from the address: an authority, a place, money or time."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session

from ledger.flows import resources_of
from ledger.money import TIME
from ledger.places import Authority, authorities, partnerships


@dataclass(frozen=True, slots=True)
class Choice:
    """One authority, one resource, and one place or all of them."""

    authority: Authority
    resource: str
    place: str | None

    def query(self, **changed: str) -> dict[str, str]:
        """The address's query for this choice, or for a changed one."""
        kept = {"authority": self.authority.slug, "resource": self.resource}
        if self.place:
            kept["place"] = self.place
        return kept | changed


def chosen_page(session: Session, asked: Mapping[str, str]) -> Choice | None:
    """The choice that the address makes; where it says nothing known, the first authority and its money."""
    known = authorities(session)
    if not known:
        return None
    found = next((row for row in known if row.slug == asked.get("authority")), known[0])
    resource = TIME if asked.get("resource") == TIME else found.currency
    here = next((row.slug for row in partnerships(session, found.slug) if row.slug == asked.get("place")), None)
    return Choice(found, resource, here)


def site_authorities(session: Session) -> list[Authority]:
    """Every authority on the site."""
    return authorities(session)


def resource_choices(session: Session, choice: Choice) -> list[tuple[str, str]]:
    """The switch between money and staff time: resource and words; only what has ever moved in these books."""
    moved = set(resources_of(session, authority=choice.authority.slug)) | {choice.resource, choice.authority.currency}
    words = {choice.authority.currency: f"Money ({choice.authority.currency})", TIME: "Staff time"}
    return [(resource, words[resource]) for resource in (choice.authority.currency, TIME) if resource in moved]
