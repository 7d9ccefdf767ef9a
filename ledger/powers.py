"""How an authority gives power away: open its books, appoint, devolve, second staff, agree terms, take back.

Each function is one sentence of a partnership's life; each records through the one door and is safe to retry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from ledger.accounts import AccountKind, account
from ledger.door import post, recorded
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import Change, Constitution, RoleChange, constitution_of
from ledger.kinds.controlling import Freeze, PeriodClose, Unfreeze
from ledger.kinds.devolving import Clawback, Devolution, PlaceElsewhere, Secondment, Terms, VotingRule
from ledger.kinds.evidence import Evidence
from ledger.kinds.overriding import CannotOverride, Override
from ledger.mandates import NotConstituted
from ledger.money import TIME
from ledger.narratives import keep
from ledger.people import Role
from ledger.places import Authority, Partnership
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.roles import AT_ONE_PLACE, FOR_THE_WHOLE
from ledger.unit_of_work import UnitOfWork


class NotARoleThere(LedgerError):
    """The role of {role} is held {where}. Choose that; nothing was recorded."""


@dataclass(frozen=True, slots=True)
class LiveTerms:
    """Terms of reference and the entry that recorded them."""

    entry: Recorded
    terms: Terms


def open_books(
    unit: UnitOfWork,
    *,
    authority: Authority,
    registrar: str,
    operator: str,
    idempotency_key: str,
    year_start: str = "04-01",
) -> Recorded:
    """An authority begins: one currency, one year start, and its first registrar. Raises AlreadyConstituted."""
    if recorded(unit.session, idempotency_key) is None:
        unit.session.add(authority)
        unit.session.flush()
    return post(
        unit,
        Draft(
            authority=authority.slug,
            payload=Constitution(name=authority.name, currency=authority.currency, year_start=year_start, registrar=registrar),
            actor=Actor(operator, Role.ADMINISTRATOR),
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def appoint(
    unit: UnitOfWork,
    *,
    authority: str,
    person: str,
    role: Role,
    registrar: str,
    idempotency_key: str,
    place: str | None = None,
    ends: date | None = None,
    change: Change = Change.APPOINTED,
    resident: bool = False,
) -> Recorded:
    """The registrar records that somebody takes up a role today (to its last day, `ends`), or that it ends today.

    `resident`: a resident takes this seat on a panel. Nobody grants themselves anything.
    Raises NotASeat, NoSelfAppointment, NotARoleThere, PlaceElsewhere, MachineApart, NotAppointed.
    """
    if change is Change.APPOINTED:
        _held_there(role, place)
        _own_place(unit.session, authority, place)
    earlier = recorded(unit.session, idempotency_key)
    begins = earlier.effective_on if earlier is not None else unit.today()
    return post(
        unit,
        Draft(
            authority=authority,
            place=place,
            mandate=founding(unit.session, authority).index,
            payload=RoleChange(person=person, role=role, change=change, begins=begins, ends=ends, resident=resident),
            actor=Actor(registrar, Role.REGISTRAR),
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def _held_there(role: Role, place: str | None) -> None:
    if place is None and role in AT_ONE_PLACE:
        raise NotARoleThere(role=role, where="at one place")
    if place is not None and role in FOR_THE_WHOLE:
        raise NotARoleThere(role=role, where="for the whole authority")


def _own_place(session: Session, authority: str, place: str | None) -> None:
    """A place that is known here is one authority's alone, from before its first entry."""
    row = session.get(Partnership, place) if place is not None else None
    if row is not None and row.authority != authority:
        raise PlaceElsewhere(place=row.slug, there=row.authority)


def devolve(
    unit: UnitOfWork,
    *,
    authority: str,
    partnership: str,
    title: str,
    power: str,
    money: int,
    minutes: int,
    limits: Mapping[str, int],
    begins: date,
    ends: date,
    leader: str,
    idempotency_key: str,
    scope: str | None = None,
    conditions: str | None = None,
    signatories: Sequence[str] = (),
) -> Recorded:
    """The authority hands `money` (minor units) and `minutes` of staff time to the partnership's pot."""
    currency = founding_payload(unit.session, authority).currency
    _own_place(unit.session, authority, partnership)
    pot = account(AccountKind.POT, partnership)
    routes = (
        Movement(account(AccountKind.SOURCE, authority), pot, currency, money),
        Movement(account(AccountKind.STAFF, authority), pot, TIME, minutes),
    )
    return post(
        unit,
        Draft(
            authority=authority,
            place=partnership,
            payload=Devolution(
                title=title,
                power=power,
                begins=begins,
                ends=ends,
                limits=dict(limits),
                scope=scope,
                conditions=_conditions(unit, conditions, idempotency_key),
                to_sign=tuple(signatories),
            ),
            actor=Actor(leader, Role.AUTHORITY_LEADER),
            effective_on=unit.today(),
            movements=tuple(route for route in routes if route.amount),
            idempotency_key=idempotency_key,
        ),
    )


def _conditions(unit: UnitOfWork, words: str | None, key: str) -> str | None:
    """The digest of conditions that are kept beside the log; none where there are none."""
    return keep(unit.session, words, idempotency_key=f"{key}/conditions") if words else None


def second(
    unit: UnitOfWork,
    *,
    devolution: int,
    organisation: str,
    title: str,
    minutes: int,
    begins: date,
    ends: date,
    leader: str,
    idempotency_key: str,
) -> Recorded:
    """A partner organisation lends `minutes` of its staff's time to the partnership of the devolution."""
    instrument = entry_at(unit.session, devolution)
    place = instrument.place or ""
    return post(
        unit,
        Draft(
            authority=instrument.authority,
            place=instrument.place,
            mandate=devolution,
            payload=Secondment(title=title, organisation=organisation, begins=begins, ends=ends),
            actor=Actor(leader, Role.AUTHORITY_LEADER),
            effective_on=unit.today(),
            movements=(Movement(account(AccountKind.STAFF, organisation), account(AccountKind.POT, place), TIME, minutes),),
            idempotency_key=idempotency_key,
        ),
    )


def agree_terms(
    unit: UnitOfWork,
    *,
    devolution: int,
    begins: date,
    review_on: date,
    sunset: date,
    panel: int,
    quorum: int,
    limits: Mapping[str, int],
    voting_rule: VotingRule,
    actor: Actor,
    idempotency_key: str,
    resident_majority: bool = True,
    evidence: Evidence | None = None,
    conditions: str | None = None,
    signatories: Sequence[str] = (),
    open_vote: bool = False,
) -> Recorded:
    """Terms of reference for the partnership of the devolution, as its next version.

    A renewal names the `evidence` on which it rests (`evidence_at`). Raises RenewalWithoutEvidence, EvidenceNotNewest.
    """
    instrument = entry_at(unit.session, devolution)
    return post(
        unit,
        Draft(
            authority=instrument.authority,
            place=instrument.place,
            mandate=devolution,
            payload=Terms(
                version=_version(unit, instrument, idempotency_key),
                begins=begins,
                review_on=review_on,
                sunset=sunset,
                panel=panel,
                quorum=quorum,
                resident_majority=resident_majority,
                limits=dict(limits),
                voting_rule=voting_rule,
                edition=2,
                evidence=evidence,
                conditions=_conditions(unit, conditions, idempotency_key),
                to_sign=tuple(signatories),
                open_vote=open_vote,
            ),
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def _version(unit: UnitOfWork, instrument: Recorded, idempotency_key: str) -> int:
    """The next version at the instrument's place, or the one that this very request recorded before."""
    known = list(DatabaseBook(unit.session).where(Kind.TERMS, authority=instrument.authority, place=instrument.place))
    again = (entry.payload for entry in known if entry.idempotency_key == idempotency_key)
    return next((terms.version for terms in again if isinstance(terms, Terms)), len(known) + 1)


def claw_back(
    unit: UnitOfWork, *, devolution: int, resource: str, amount: int, reasons: str, leader: str, idempotency_key: str
) -> Recorded:
    """The authority takes what is still in the pot back, and says why in public."""
    instrument = entry_at(unit.session, devolution)
    digest = keep(unit.session, reasons, idempotency_key=idempotency_key)
    route = Movement(
        account(AccountKind.POT, instrument.place or ""),
        account(AccountKind.RETURNED, instrument.authority),
        resource,
        amount,
    )
    return post(
        unit,
        Draft(
            authority=instrument.authority,
            place=instrument.place,
            mandate=devolution,
            payload=Clawback(reasons=digest),
            actor=Actor(leader, Role.AUTHORITY_LEADER),
            effective_on=unit.today(),
            movements=(route,),
            idempotency_key=idempotency_key,
        ),
    )


def override(
    unit: UnitOfWork, *, index: int, reasons: str, leader: str, idempotency_key: str, instead: str | None = None
) -> Recorded:
    """The authority overrules the result or ratification at entry `index`, and says why (and `instead`: what now holds).

    Nothing is taken away: the entry stays, and this one points at it. Raises CannotOverride.
    """
    decided = entry_at(unit.session, index)
    if decided.kind not in Override.powers:
        raise CannotOverride(index=index, problem="only a round’s result or its ratification can be")
    payload = Override(
        round=decided.payload.subject() or "",
        effect="set aside" if instead is None else "replaced",
        reasons=keep(unit.session, reasons, idempotency_key=idempotency_key),
        instead=instead,
    )
    return post(
        unit,
        Draft(
            authority=decided.authority,
            place=decided.place,
            mandate=index,
            payload=payload,
            actor=Actor(leader, Role.AUTHORITY_LEADER),
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def freeze(unit: UnitOfWork, *, devolution: int, reasons: str, officer: str, idempotency_key: str) -> Recorded:
    """The chief finance officer stops the pot of the devolution's partnership, with a public reason."""
    return _control(unit, mandate=devolution, officer=officer, reasons=reasons, key=idempotency_key, release=False)


def unfreeze(unit: UnitOfWork, *, freeze: int, reasons: str, officer: str, idempotency_key: str) -> Recorded:
    """The chief finance officer releases a pot that entry `freeze` stopped."""
    return _control(unit, mandate=freeze, officer=officer, reasons=reasons, key=idempotency_key, release=True)


def _control(unit: UnitOfWork, *, mandate: int, officer: str, reasons: str, key: str, release: bool) -> Recorded:
    earlier = entry_at(unit.session, mandate)
    digest = keep(unit.session, reasons, idempotency_key=key)
    return post(
        unit,
        Draft(
            authority=earlier.authority,
            place=earlier.place,
            mandate=mandate,
            payload=Unfreeze(reasons=digest) if release else Freeze(reasons=digest),
            actor=Actor(officer, Role.CHIEF_FINANCE_OFFICER),
            effective_on=unit.today(),
            idempotency_key=key,
        ),
    )


def close_period(unit: UnitOfWork, *, authority: str, through: date, actor: Actor, idempotency_key: str) -> Recorded:
    """Make everything up to and including a day final."""
    return post(
        unit,
        Draft(
            authority=authority,
            mandate=founding(unit.session, authority).index,
            payload=PeriodClose(through=through),
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def founding(session: Session, authority: str) -> Recorded:
    """The entry that opened the authority's books. Raises NotConstituted."""
    found = constitution_of(DatabaseBook(session), authority)
    if found is None:
        raise NotConstituted(authority=authority)
    return found[0]


def founding_payload(session: Session, authority: str) -> Constitution:
    """What the authority's constitution says: its currency, year start and registrar. Raises NotConstituted."""
    found = constitution_of(DatabaseBook(session), authority)
    if found is None:
        raise NotConstituted(authority=authority)
    return found[1]


def terms_at(session: Session, partnership: str, *, on: date) -> LiveTerms | None:
    """The newest terms of reference of a partnership that have begun on that day, over or not; none before the first."""
    newest = None
    for entry in DatabaseBook(session).where(Kind.TERMS, place=partnership):
        if isinstance(entry.payload, Terms) and entry.payload.begins <= on:
            newest = LiveTerms(entry, entry.payload)
    return newest
