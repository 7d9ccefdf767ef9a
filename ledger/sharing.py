"""Data sharing: decided once, listed as off the day after it ends, and begun again only by a new decision."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlmodel import Session

from ledger.door import post
from ledger.entries import DatabaseBook
from ledger.errors import NotFound
from ledger.kinds.devolving import PlaceElsewhere
from ledger.kinds.sharing import Basis, Condition, Data, DataSharing, Outcome, Party, Safeguard, Weight
from ledger.markers import Told, told
from ledger.names import Names, names_of
from ledger.narratives import keep
from ledger.places import partnership
from ledger.powers import founding
from ledger.records import Actor, Book, Draft, Kind, Recorded
from ledger.roles import Role
from ledger.sections import compose, parts_of
from ledger.unit_of_work import UnitOfWork


class Part(StrEnum):
    """The headings of the words that are kept beside a decision."""

    REQUEST = "What was asked for"
    PURPOSE = "Purpose"
    SHARING = "Risk of sharing"
    NOT_SHARING = "Risk of not sharing"
    SAFEGUARDS = "Safeguards"
    REASONS = "Reasons"


class Stands(StrEnum):
    """Where a decision stands on a day."""

    LIVE = "live"
    REVIEW_DUE = "review due"
    REFUSED = "refused"
    OFF = "off"
    RENEWED = "off: renewed by a later decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliberation:
    """What is weighed and decided. The ledger refuses what is not weighed in both directions."""

    title: str
    parties: tuple[Party, ...]
    data: tuple[Data, ...]
    outcome: Outcome
    review_on: date
    expires: date
    words: Mapping[Part, str]
    basis: Basis | None = None
    condition: Condition | None = None
    risk_of_sharing: Weight | None = None
    risk_of_not_sharing: Weight | None = None
    safeguards: tuple[Safeguard, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """A decision on sharing data, and where it stands."""

    entry: Recorded
    sharing: DataSharing
    stands: Stands


@dataclass(frozen=True, slots=True)
class SharingView:
    """A decision with its words; `words` is empty and `told` holds the marker where they were erased."""

    shared: Shared
    told: Told
    words: dict[str, str]
    renewed_by: Recorded | None
    names: Names


def decide_sharing(
    unit: UnitOfWork,
    *,
    authority: str,
    deliberation: Deliberation,
    leader: str,
    idempotency_key: str,
    place: str | None = None,
    renews: int | None = None,
) -> Recorded:
    """Share or refuse, weighed in both directions, with reasons. Raises NeedNotAssessed, SharingUnlawful, NothingToRenew, …"""
    asked = deliberation
    if place is not None and (there := partnership(unit.session, place).authority) != authority:
        raise PlaceElsewhere(place=place, there=there)
    text = compose({part.value: asked.words.get(part, "") for part in Part})
    return post(
        unit,
        Draft(
            authority=authority,
            place=place,
            mandate=founding(unit.session, authority).index,
            payload=DataSharing(
                title=asked.title,
                parties=asked.parties,
                data=asked.data,
                basis=asked.basis,
                condition=asked.condition,
                risk_of_sharing=asked.risk_of_sharing,
                risk_of_not_sharing=asked.risk_of_not_sharing,
                safeguards=asked.safeguards,
                outcome=asked.outcome,
                review_on=asked.review_on,
                expires=asked.expires,
                renews=renews,
                reasons=keep(unit.session, text, idempotency_key=idempotency_key),
            ),
            actor=Actor(leader, Role.AUTHORITY_LEADER),
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def sharings(session: Session, *, on: date, authority: str | None = None, place: str | None = None) -> tuple[Shared, ...]:
    """Every decision on sharing data and where it stands on that day, the newest first."""
    book = DatabaseBook(session)
    return tuple(
        _shared(entry, book, on) for entry in reversed(list(book.where(Kind.DATA_SHARING, authority=authority, place=place)))
    )


def sharing_view(session: Session, index: int, *, on: date) -> SharingView:
    """All that everyone may read of a decision. Raises NotFound."""
    book = DatabaseBook(session)
    entry = book.entry(index)
    if entry is None or entry.kind is not Kind.DATA_SHARING:
        raise NotFound(what="decision on data sharing", name=str(index))
    shared = _shared(entry, book, on)
    given = told(session, shared.sharing.reasons)
    renewed_by = _renewal(entry, book)
    words = parts_of(given.text, [part.value for part in Part]) if given.text is not None else {}
    return SharingView(shared, given, words, renewed_by, names_of(session, [entry]))


def _shared(entry: Recorded, book: Book, on: date) -> Shared:
    if not isinstance(entry.payload, DataSharing):
        raise AssertionError(f"entry {entry.index} decides on no sharing")  # noqa: TRY004 - a broken invariant, not a type
    return Shared(entry, entry.payload, _stands(entry, entry.payload, book, on))


def _stands(entry: Recorded, sharing: DataSharing, book: Book, on: date) -> Stands:
    """What was agreed is live, then to be reviewed, then off; a refusal stands until its last day, and is off after it."""
    if _renewal(entry, book) is not None:
        return Stands.RENEWED
    if on > sharing.expires:
        return Stands.OFF
    if sharing.outcome is Outcome.REFUSE:
        return Stands.REFUSED
    return Stands.REVIEW_DUE if on >= sharing.review_on else Stands.LIVE


def _renewal(entry: Recorded, book: Book) -> Recorded | None:
    later = book.where(Kind.DATA_SHARING, authority=entry.authority)
    return next((each for each in later if getattr(each.payload, "renews", None) == entry.index), None)
