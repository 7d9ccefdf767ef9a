"""A step of the workload as the draft that the ledger's door takes."""

import hashlib
from datetime import date

from ledger.kinds.awarding import Commitment, Payment, Return, TimeWorked
from ledger.kinds.payload import Payload
from ledger.kinds.purse import HelpGiven, Virement
from ledger.people import Role
from ledger.records import Actor, Draft, Kind
from tests.bench.founding import PAYER, Founded, connector
from tests.bench.workload import AUTHORITY, Step

Indexes = dict[int, int]  # number of a step → index of its entry


def key_of(number: int) -> str:
    """The idempotency key under which a step is recorded."""
    return f"bench-{number}"


def draft_of(step: Step, founded: Founded, indexes: Indexes, day: date | None = None) -> Draft:
    """The draft of a step; `indexes` says where the steps stand on which it may rest."""
    return Draft(
        authority=AUTHORITY,
        place=step.place,
        mandate=_mandate(step, founded) if step.rests_on is None else indexes[step.rests_on],
        payload=_payload(step),
        actor=_actor(step),
        effective_on=day or step.day,
        movements=step.movements,
        idempotency_key=key_of(step.number),
    )


def _mandate(step: Step, founded: Founded) -> int:
    match step.kind:
        case Kind.COMMITMENT | Kind.RETURN:
            return founded.allocations[step.project]
        case Kind.HELP_GIVEN:
            return founded.purses[step.place]
        case Kind.VIREMENT:
            return founded.terms[step.place]
        case _:
            raise AssertionError(f"a {step.kind} rests on a step of the workload")


def _actor(step: Step) -> Actor:
    money = {Kind.PAYMENT, Kind.VIREMENT, Kind.RETURN}
    return Actor(PAYER, Role.FINANCE_OFFICER) if step.kind in money else Actor(connector(step.place), Role.CONNECTOR)


def _payload(step: Step) -> Payload:
    match step.kind:
        case Kind.COMMITMENT:
            named = {"project": step.project, "payee": step.payee, "form": step.form, "purpose": step.words}
            return Commitment.model_validate(named)
        case Kind.PAYMENT:
            return Payment(project=step.project, payee=step.payee, purpose=step.words)
        case Kind.TIME_WORKED:
            return TimeWorked(project=step.project, payee=step.payee, purpose=step.words)
        case Kind.RETURN:
            return Return(project=step.project, reasons=_digest(step.words))
        case Kind.HELP_GIVEN:
            return HelpGiven(payee=step.payee, story=_digest(step.words))
        case Kind.VIREMENT:
            return Virement(purpose=step.words)
        case _:
            raise AssertionError(f"the workload has no {step.kind}")


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
