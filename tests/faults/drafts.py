"""Drafts in their thousands, as an import gives them to the door: a penny for Green Spade, again and again."""

from collections.abc import Iterable, Iterator

from ledger.kinds.awarding import Commitment, Payment
from ledger.people import Role
from ledger.records import Actor, Draft, Movement, Recorded
from tests.ledger.conftest import PAYER


def pennies(order: Recorded, keys: Iterable[str]) -> Iterator[Draft]:
    """A payment of one penny on the commitment for each key, on the day of the commitment."""
    promised = order.payload
    assert isinstance(promised, Commitment)
    route = (Movement(f"committed/{promised.project}", f"payee/{promised.payee}", "GBP", 1),)
    payload = Payment(project=promised.project, payee=promised.payee, purpose="Work")
    for key in keys:
        yield Draft(
            authority=order.authority, place=order.place, mandate=order.index, payload=payload, movements=route,
            actor=Actor(PAYER, Role.FINANCE_OFFICER), effective_on=order.effective_on, idempotency_key=key,
        )  # fmt: skip
