"""What a partnership needs before it goes live: residents in the majority on its panel, a connector, and somebody outside.

Guarantee: under terms of reference of the second edition no round opens and nothing is allocated on a day on which one of
the three is missing. Terms of the first edition (recorded before the rule) bind as they did, so that an old log verifies.

A panel seat is a role of panel member or chair held at the place on that day. Whether a resident sits in it is in the entry
that appoints (`RoleChange.resident`). For example, of a panel whose terms ask for a resident majority:

| seats | of residents | goes live |
|---|---|---|
| 5 | 3 | yes |
| 4 | 2 | no: half is no majority |
| 0 | 0 | no |

Everybody whom the terms name as a signatory has to have signed them too: see `ledger.kinds.signing`.
Where all residents vote and no panel sits, or where the terms ask for no resident majority, seats are not counted.
Drawback: whether somebody lives there is the registrar's word; the entry that says so is public and has its author.
"""

from dataclasses import dataclass
from datetime import date

from ledger.errors import LedgerError
from ledger.kinds.authority import SEATS, Change, RoleChange
from ledger.kinds.devolving import Terms
from ledger.kinds.signing import unsigned
from ledger.records import Book, Kind, Recorded
from ledger.roles import Role


class NotLive(LedgerError):
    """The partnership {place} is not live on {on}: it has {missing}. Ask the registrar to appoint, or who is named to sign;
    nothing was recorded.
    """


@dataclass(frozen=True, slots=True)
class Posts:
    """Who is in post at a place on a day: the panel's seats, those of residents among them, and the two who have to be."""

    seated: frozenset[str]
    residents: frozenset[str]
    connectors: frozenset[str]
    partners: frozenset[str]


def posts_at(book: Book, *, authority: str, place: str, on: date) -> Posts:
    """Who is in post at the place (or for its whole authority) on that day. The last entry about a role decides."""
    held: dict[tuple[str, Role, str | None], RoleChange] = {}
    for entry in book.where(Kind.ROLE, authority=authority):
        change = entry.payload
        if isinstance(change, RoleChange) and entry.place in {place, None} and change.begins <= on:
            held[change.person, change.role, entry.place] = change
    lasting = [
        change for change in held.values() if change.change is Change.APPOINTED and (change.ends is None or on <= change.ends)
    ]
    return Posts(
        seated=frozenset(change.person for change in lasting if change.role in SEATS),
        residents=frozenset(change.person for change in lasting if change.role in SEATS and change.resident),
        connectors=frozenset(change.person for change in lasting if change.role is Role.CONNECTOR),
        partners=frozenset(change.person for change in lasting if change.role is Role.ACCOUNTABILITY_PARTNER),
    )


def missing(book: Book, *, entry: Recorded, terms: Terms, on: date) -> list[str]:
    """What the partnership of these terms (and of their entry) lacks to be live on that day, in words; nothing when it may open
    rounds and allocate.
    """
    posts = posts_at(book, authority=entry.authority, place=entry.place or "", on=on)
    lacks = []
    if waiting := unsigned(entry, book):
        lacks.append(f"{len(waiting)} of the {len(terms.to_sign)} signatures that its terms of reference name still to come")
    if terms.panel and terms.resident_majority and 2 * len(posts.residents) <= len(posts.seated):
        lacks.append(f"no resident majority on its panel ({len(posts.residents)} of {len(posts.seated)} seats)")
    if not posts.connectors:
        lacks.append("no community connector in post")
    if not posts.partners:
        lacks.append("no accountability partner")
    return lacks


def require_live(terms_entry: Recorded, terms: Terms, book: Book, *, on: date) -> None:
    """Refuse unless the partnership of these terms is live on that day. Raises NotLive."""
    if terms.edition == 1:
        return
    asked = ("live", terms_entry.index, on)  # a yes holds until a role changes, as every question of power does
    if asked in book.lawful:
        return
    place = terms_entry.place or ""
    lacks = missing(book, entry=terms_entry, terms=terms, on=on)
    if lacks:
        raise NotLive(place=place, on=on, missing=" and ".join(lacks))
    book.lawful.add(asked)
