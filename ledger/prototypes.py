"""Prototypes from start to decision, and what is read of them: where each stands, what was learned, who adopted whose.

Each writing function records through the one door and is safe to retry.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from ledger.door import post
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import NotFound
from ledger.kinds.authority import currency_of
from ledger.kinds.prototyping import (
    Choice,
    Prototype,
    PrototypeDecision,
    Reflection,
    Standing,
    Theme,
    decision_on,
    prototype_of,
    standing_of,
)
from ledger.markers import Told, told
from ledger.names import Names, names_of
from ledger.narratives import keep
from ledger.records import Actor, Book, Draft, Kind, Recorded
from ledger.roles import Role
from ledger.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What a prototype shares, with whom and for how long. The ledger refuses it while anything is blank."""

    title: str
    power: str | None = None
    money: int | None = None  # minor units
    minutes: int | None = None
    risk_share: int | None = None  # basis points
    risk_cap: int | None = None  # minor units
    leaders: tuple[str, ...] = ()
    hypothesis: str = ""
    learning_on: date | None = None
    ends: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A prototype and where it stands."""

    entry: Recorded
    prototype: Prototype
    standing: Standing
    currency: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What was learned from a prototype, under one theme."""

    entry: Recorded
    theme: Theme
    told: Told
    prototype: Line


@dataclass(frozen=True, slots=True)
class PrototypeView:
    """A prototype with its hypothesis, its decision, what was learned, and its lineage."""

    line: Line
    hypothesis: Told
    decision: Recorded | None
    reasons: Told
    learning: tuple[Learned, ...]
    ancestors: tuple[Line, ...]  # the oldest first
    descendants: tuple[Line, ...]  # also those of descendants, in the order of the log
    names: Names


def start(
    unit: UnitOfWork, *, terms: int, agreement: Agreement, leader: str, idempotency_key: str, adopted_from: int | None = None
) -> Recorded:
    """The authority shares power, money, hours and risk with named leaders. Raises PrototypeBlank, NothingToAdopt, …"""
    words = agreement.hypothesis.strip()
    payload = Prototype(
        title=agreement.title,
        power=(agreement.power or "").strip() or None,
        money=agreement.money,
        minutes=agreement.minutes,
        risk_share=agreement.risk_share,
        risk_cap=agreement.risk_cap,
        leaders=agreement.leaders,
        learning_on=agreement.learning_on,
        ends=agreement.ends,
        adopted_from=adopted_from,
        reasons=keep(unit.session, words, idempotency_key=idempotency_key) if words else None,
    )
    return _resting(unit, terms, payload, Actor(leader, Role.AUTHORITY_LEADER), idempotency_key)


def reflect(unit: UnitOfWork, *, prototype: int, theme: Theme, learned: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Record what was learned from a prototype, under one theme. Raises PrototypeLapsed."""
    digest = keep(unit.session, learned, idempotency_key=idempotency_key)
    return _resting(unit, prototype, Reflection(theme=theme, story=digest), actor, idempotency_key)


def decide(
    unit: UnitOfWork,
    *,
    prototype: int,
    choice: Choice,
    reasons: str,
    actor: Actor,
    idempotency_key: str,
    learned: Mapping[Theme, str] | None = None,
) -> Recorded:
    """Stop, adapt or mainstream; what was `learned` is recorded first, theme by theme, in the same unit of work.

    Raises TooEarlyToDecide, PrototypeLapsed, NothingLearned, DecidedAlready, SamePerson.
    """
    for theme, words in (learned or {}).items():
        if words.strip():
            key = f"{idempotency_key}/{theme.name.lower()}"
            reflect(unit, prototype=prototype, theme=theme, learned=words, actor=actor, idempotency_key=key)
    digest = keep(unit.session, reasons, idempotency_key=idempotency_key)
    return _resting(unit, prototype, PrototypeDecision(choice=choice, reasons=digest), actor, idempotency_key)


def _resting(
    unit: UnitOfWork, mandate: int, payload: Prototype | Reflection | PrototypeDecision, actor: Actor, key: str
) -> Recorded:
    """Record a payload by the power of an earlier entry, at that entry's place."""
    earlier = entry_at(unit.session, mandate)
    return post(
        unit,
        Draft(
            authority=earlier.authority,
            place=earlier.place,
            mandate=mandate,
            payload=payload,
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=key,
        ),
    )


def prototypes(session: Session, *, on: date, place: str | None = None, authority: str | None = None) -> tuple[Line, ...]:
    """Every prototype (of a place, or of an authority) and where it stands on that day, the newest first."""
    book = DatabaseBook(session)
    found = [_line(entry, book, on) for entry in book.where(Kind.PROTOTYPE, place=place, authority=authority)]
    return tuple(reversed(found))


def line_at(session: Session, index: int, *, on: date) -> Line:
    """The prototype of an entry, and where it stands. Raises NotFound."""
    book = DatabaseBook(session)
    entry = book.entry(index)
    if entry is None or entry.kind is not Kind.PROTOTYPE:
        raise NotFound(what="prototype", name=str(index))
    return _line(entry, book, on)


def prototype_view(session: Session, index: int, *, on: date) -> PrototypeView:
    """All that everyone may read of a prototype. Raises NotFound."""
    line, book = line_at(session, index, on=on), DatabaseBook(session)
    decision = decision_on(line.entry, book)
    ancestors, descendants = _lineage(line, book, on)
    learning = _learning(session, line, book)
    shown = [line, *ancestors, *descendants]
    entries = [each.entry for each in shown] + [each.entry for each in learning] + ([decision] if decision else [])
    return PrototypeView(
        line=line,
        hypothesis=_told(session, line.prototype.reasons),
        decision=decision,
        reasons=_told(session, getattr(decision.payload, "reasons", None) if decision else None),
        learning=learning,
        ancestors=ancestors,
        descendants=descendants,
        names=names_of(session, entries),
    )


def learning(session: Session, *, on: date) -> dict[Theme, tuple[Learned, ...]]:
    """All that was learned, theme by theme, the newest first; a theme under which nothing was is there and empty."""
    book = DatabaseBook(session)
    found = [each for entry in book.where(Kind.PROTOTYPE) for each in _learning(session, _line(entry, book, on), book)]
    newest = sorted(found, key=lambda each: each.entry.index, reverse=True)
    return {theme: tuple(each for each in newest if each.theme is theme) for theme in Theme}


def _line(entry: Recorded, book: Book, on: date) -> Line:
    return Line(entry, prototype_of(entry), standing_of(entry, book, on=on), currency_of(book, entry.authority))


def _learning(session: Session, line: Line, book: Book) -> tuple[Learned, ...]:
    return tuple(
        Learned(entry, entry.payload.theme, told(session, entry.payload.story), line)
        for entry in book.where(Kind.REFLECTION, mandate=line.entry.index)
        if isinstance(entry.payload, Reflection)
    )


def _lineage(line: Line, book: Book, on: date) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """Whose agreement this one started from, back to the first; and who started from this one or from theirs."""
    above: list[Line] = []
    start = line.prototype.adopted_from
    while start is not None and (entry := book.entry(start)) is not None:
        above.insert(0, _line(entry, book, on))
        start = above[0].prototype.adopted_from
    family, below = {line.entry.index}, list[Line]()
    for entry in book.where(Kind.PROTOTYPE):  # in the order of the log, so whoever adopts comes after what is adopted
        if prototype_of(entry).adopted_from in family:
            family.add(entry.index)
            below.append(_line(entry, book, on))
    return tuple(above), tuple(below)


def _told(session: Session, digest: str | None) -> Told:
    return told(session, digest) if digest is not None else Told(None, None)
