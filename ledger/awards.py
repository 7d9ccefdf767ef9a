"""From an award to the street: commit, pay, work, return; and the connector's purse."""

from sqlmodel import Session

from ledger.accounts import AccountKind, account
from ledger.door import post
from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.awarding import Commitment, Payment, Return, TimeWorked
from ledger.kinds.payload import Payload
from ledger.kinds.purse import HelpGiven, Virement
from ledger.mandates import NoMandate
from ledger.money import TIME
from ledger.narratives import keep
from ledger.people import Role
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.unit_of_work import UnitOfWork


def commit(
    unit: UnitOfWork, *, allocation: int, payee: str, form: str, purpose: str, resource: str, amount: int, actor: Actor,
    idempotency_key: str,
) -> Recorded:  # fmt: skip
    """Promise part of an award to a payee: an order, a contract, a grant or a rota of hours."""
    mandate = _resting_on(unit.session, allocation, Kind.ALLOCATION)
    project = mandate.payload.subject() or ""
    payload = Commitment.model_validate({"project": project, "payee": payee, "form": form, "purpose": purpose})
    route = Movement(account(AccountKind.AWARD, project), account(AccountKind.COMMITTED, project), resource, amount)
    return _record(unit, mandate, payload, route=route, actor=actor, idempotency_key=idempotency_key)


def pay(
    unit: UnitOfWork, *, commitment: int, amount: int, resource: str, purpose: str, actor: Actor, idempotency_key: str
) -> Recorded:
    """Pay the payee of a commitment. Goes on after a sunset; never more than was promised."""
    mandate, promised = _promise(unit.session, commitment)
    payload = Payment(project=promised.project, payee=promised.payee, purpose=purpose)
    return _record(
        unit, mandate, payload, route=_delivery(promised, resource, amount), actor=actor, idempotency_key=idempotency_key
    )


def work(unit: UnitOfWork, *, commitment: int, minutes: int, purpose: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Record minutes worked on a rota that was promised."""
    mandate, promised = _promise(unit.session, commitment)
    payload = TimeWorked(project=promised.project, payee=promised.payee, purpose=purpose)
    return _record(
        unit, mandate, payload, route=_delivery(promised, TIME, minutes), actor=actor, idempotency_key=idempotency_key
    )


def give_back(
    unit: UnitOfWork, *, allocation: int, resource: str, amount: int, reasons: str, actor: Actor, idempotency_key: str
) -> Recorded:
    """What an award does not need goes back to the authority, with the reason."""
    mandate = _resting_on(unit.session, allocation, Kind.ALLOCATION)
    project = mandate.payload.subject() or ""
    digest = keep(unit.session, reasons, idempotency_key=idempotency_key)
    route = Movement(account(AccountKind.AWARD, project), account(AccountKind.RETURNED, mandate.authority), resource, amount)
    return _record(
        unit, mandate, Return(project=project, reasons=digest), route=route, actor=actor, idempotency_key=idempotency_key
    )


def fill_purse(
    unit: UnitOfWork, *, terms: int, resource: str, amount: int, purpose: str, actor: Actor, idempotency_key: str
) -> Recorded:
    """Move part of the pot to the community connector's purse."""
    mandate = _resting_on(unit.session, terms, Kind.TERMS)
    place = mandate.place or ""
    route = Movement(account(AccountKind.POT, place), account(AccountKind.CONNECTOR, place), resource, amount)
    return _record(unit, mandate, Virement(purpose=purpose), route=route, actor=actor, idempotency_key=idempotency_key)


def give_help(
    unit: UnitOfWork,
    *,
    purse: int,
    payee: str,
    resource: str,
    amount: int,
    story: str,
    connector: str,
    idempotency_key: str,
) -> Recorded:
    """The connector helps from the purse, with money or time. The story is kept beside the log, not in it."""
    mandate = _resting_on(unit.session, purse, Kind.VIREMENT)
    digest = keep(unit.session, story, idempotency_key=idempotency_key)
    route = Movement(account(AccountKind.CONNECTOR, mandate.place or ""), account(AccountKind.PAYEE, payee), resource, amount)
    actor = Actor(connector, Role.CONNECTOR)
    return _record(
        unit, mandate, HelpGiven(payee=payee, story=digest), route=route, actor=actor, idempotency_key=idempotency_key
    )


def _resting_on(session: Session, index: int, kind: Kind) -> Recorded:
    entry = entry_at(session, index)
    if entry.kind is not kind:
        raise NoMandate(kind="entry", powers=kind.one, given=entry.kind.one)
    return entry


def _promise(session: Session, index: int) -> tuple[Recorded, Commitment]:
    entry = _resting_on(session, index, Kind.COMMITMENT)
    if not isinstance(entry.payload, Commitment):
        raise AssertionError(f"entry {index} is a commitment without its payload")  # noqa: TRY004 - a broken invariant
    return entry, entry.payload


def _delivery(promised: Commitment, resource: str, amount: int) -> Movement:
    return Movement(
        account(AccountKind.COMMITTED, promised.project), account(AccountKind.PAYEE, promised.payee), resource, amount
    )


def _record(
    unit: UnitOfWork, mandate: Recorded, payload: Payload, *, route: Movement, actor: Actor, idempotency_key: str
) -> Recorded:
    return post(
        unit,
        Draft(
            authority=mandate.authority,
            place=mandate.place,
            mandate=mandate.index,
            payload=payload,
            actor=actor,
            effective_on=unit.today(),
            movements=(route,),
            idempotency_key=idempotency_key,
        ),
    )


def allocation_of(session: Session, project: str) -> Recorded | None:
    """The allocation of a project that stands (one that was reversed does not); none when it got nothing."""
    book = DatabaseBook(session)
    for entry in book.where(Kind.ALLOCATION, subject=project):
        if book.reversal(entry.index) is None:
            return entry
    return None
