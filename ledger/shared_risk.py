"""Sharing a risk, step by step: propose, sign, set more aside, decide, call, share a gain. Each records through the one door.

`ledger.risk` is the arithmetic, `ledger.kinds.risking` and `ledger.kinds.risk_calls` are the rules.
"""

from sqlmodel import Session

from ledger.door import post, recorded
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import NotFound
from ledger.kinds.authority import currency_of
from ledger.kinds.payload import Payload
from ledger.kinds.risk_calls import NotWeighed, RiskCall, RiskDecision, RiskGain
from ledger.kinds.risking import (
    PartySort,
    RiskAgreement,
    RiskReserve,
    RiskSignature,
    Score,
    agreement_under,
    setting_aside,
)
from ledger.narratives import keep
from ledger.places import Organisation
from ledger.powers import founding
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.unit_of_work import UnitOfWork


def propose(
    unit: UnitOfWork,
    *,
    authority: str,
    agreement: RiskAgreement,
    actor: Actor,
    idempotency_key: str,
    place: str | None = None,
) -> Recorded:
    """Put an agreement before its parties. It binds nobody until each of them has signed it. Raises NotFound."""
    for share in agreement.shares:
        if share.sort is PartySort.ORGANISATION and unit.session.get(Organisation, share.party) is None:
            raise NotFound(what="organisation", name=share.party)
    founded = founding(unit.session, authority)
    return post(
        unit,
        Draft(
            authority=authority,
            place=place,
            mandate=founded.index,
            payload=agreement,
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def sign(unit: UnitOfWork, *, agreement: str, party: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Sign for a party, and set aside what the agreement says that it sets aside."""
    entry, terms = agreement_called(unit.session, agreement)
    share = terms.share(party)
    aside = setting_aside(terms, share, share.reserve, _currency(unit.session, entry))
    return _record(
        unit,
        entry,
        RiskSignature(agreement=agreement, party=party),
        actor=actor,
        idempotency_key=idempotency_key,
        movements=aside,
    )


def set_aside(unit: UnitOfWork, *, agreement: str, party: str, amount: int, actor: Actor, idempotency_key: str) -> Recorded:
    """Set more aside while the agreement lasts."""
    entry, terms = agreement_called(unit.session, agreement)
    moves = setting_aside(terms, terms.share(party), amount, _currency(unit.session, entry))
    payload = RiskReserve(agreement=agreement, party=party, change="set aside")
    return _record(unit, entry, payload, actor=actor, idempotency_key=idempotency_key, movements=moves)


def take_back(unit: UnitOfWork, *, agreement: str, party: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Take back all that is left of a party's reserve, when the agreement is over."""
    entry, terms = agreement_called(unit.session, agreement)
    share, currency = terms.share(party), _currency(unit.session, entry)
    again = recorded(unit.session, idempotency_key)
    left = DatabaseBook(unit.session).balance(terms.reserve(party), currency)
    back = Movement(terms.reserve(party), share.source, currency, left)
    moves = again.movements if again is not None else (back,) if left else ()
    payload = RiskReserve(agreement=agreement, party=party, change="taken back")
    return _record(unit, entry, payload, actor=actor, idempotency_key=idempotency_key, movements=moves)


def decide(
    unit: UnitOfWork,
    *,
    agreement: str,
    outcome: str,
    harm_of_acting: str,
    harm_of_not_acting: str,
    acting: Score,
    not_acting: Score,
    reasons: str,
    actor: Actor,
    idempotency_key: str,
) -> Recorded:
    """Weigh need against risk in both directions, and accept or refuse the risk. Raises NotWeighed."""
    if not harm_of_acting.strip() or not harm_of_not_acting.strip():
        raise NotWeighed
    entry, _ = agreement_called(unit.session, agreement)
    payload = RiskDecision.model_validate(
        {
            "agreement": agreement,
            "outcome": outcome,
            "harm_of_acting": harm_of_acting,
            "harm_of_not_acting": harm_of_not_acting,
            "acting": acting,
            "not_acting": not_acting,
            "reasons": keep(unit.session, reasons, idempotency_key=idempotency_key),
        }
    )
    return _record(unit, entry, payload, actor=actor, idempotency_key=idempotency_key)


def call(
    unit: UnitOfWork, *, decision: int, payee: str, loss: int, reasons: str, actor: Actor, idempotency_key: str
) -> Recorded:
    """The risk has happened: split the loss by the agreement and pay it out of the reserves, in one entry.

    Raises OverTheMost, NotBinding, NotInForce, NoDecision, ReserveTooSmall. Safe to retry.
    """
    decided, terms = _decided(unit.session, decision)
    digest = keep(unit.session, reasons, idempotency_key=idempotency_key)
    payload = RiskCall(agreement=terms.agreement, payee=payee, loss=loss, reasons=digest)
    return _settle(unit, decided, terms, payload, actor=actor, idempotency_key=idempotency_key)


def share_gain(
    unit: UnitOfWork, *, decision: int, holder: str, gain: int, reasons: str, actor: Actor, idempotency_key: str
) -> Recorded:
    """The risk turned out well: whoever has the gain in hand pays each of the others its part, in one entry.

    Raises NotBinding, NotInForce, NoDecision, NothingToShare, BadAgreement. Safe to retry.
    """
    decided, terms = _decided(unit.session, decision)
    digest = keep(unit.session, reasons, idempotency_key=idempotency_key)
    payload = RiskGain(agreement=terms.agreement, holder=holder, gain=gain, reasons=digest)
    return _settle(unit, decided, terms, payload, actor=actor, idempotency_key=idempotency_key)


def agreement_called(session: Session, ref: str) -> tuple[Recorded, RiskAgreement]:
    """The agreement called `ref`, and the entry that proposed it. Raises NotFound."""
    for entry in DatabaseBook(session).where(Kind.RISK_AGREEMENT, subject=ref):
        if isinstance(entry.payload, RiskAgreement):
            return entry, entry.payload
    raise NotFound(what="risk agreement", name=ref)


def _decided(session: Session, decision: int) -> tuple[Recorded, RiskAgreement]:
    decided = entry_at(session, decision)
    return decided, agreement_under(decided, DatabaseBook(session))[1]


def _settle(
    unit: UnitOfWork,
    decided: Recorded,
    terms: RiskAgreement,
    payload: RiskCall | RiskGain,
    *,
    actor: Actor,
    idempotency_key: str,
) -> Recorded:
    """Move what the agreement comes to; a retry moves what the first one did."""
    again = recorded(unit.session, idempotency_key)
    if again is not None:
        moves = again.movements
    else:
        moves = payload.movements(terms, DatabaseBook(unit.session), currency=_currency(unit.session, decided))
    return _record(unit, decided, payload, actor=actor, idempotency_key=idempotency_key, movements=moves)


def _currency(session: Session, entry: Recorded) -> str:
    return currency_of(DatabaseBook(session), entry.authority)


def _record(
    unit: UnitOfWork,
    mandate: Recorded,
    payload: Payload,
    *,
    actor: Actor,
    idempotency_key: str,
    movements: tuple[Movement, ...] = (),
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
            movements=movements,
            idempotency_key=idempotency_key,
        ),
    )
