"""What was lawful a moment ago: a decision is felt at once, whoever made it and whatever this process remembers."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from ledger.awards import fill_purse, give_help
from ledger.database import open_database
from ledger.door import post, post_many, reverse
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import Change, RoleChange
from ledger.people import Role
from ledger.powers import appoint, freeze, terms_at
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CONNECTOR, FINANCE, PAYER, REGISTRAR, World
from tests.ledger.steps import committed, done, paying, refused

Decision = Callable[[World, UnitOfWork, Recorded], Recorded]


def the_payer_leaves(world: World, unit: UnitOfWork, order: Recorded) -> Recorded:
    return appoint(
        unit, authority=order.authority, person=PAYER, role=Role.FINANCE_OFFICER, registrar=REGISTRAR, change=Change.ENDED,
        idempotency_key=world.key(),
    )  # fmt: skip


def the_order_is_reversed(world: World, unit: UnitOfWork, order: Recorded) -> Recorded:
    actor = Actor(FINANCE, Role.FINANCE_OFFICER)
    return reverse(unit, index=order.index, actor=actor, reasons="Ordered twice.", idempotency_key=world.key())


@pytest.mark.parametrize("elsewhere", [False, True], ids=["this process", "another process"])
@pytest.mark.parametrize(
    ("decide", "words"),
    [(the_payer_leaves, "do not hold the role"), (the_order_is_reversed, "was reversed in entry")],
    ids=["a role ends", "an order is reversed"],
)
def test_a_payment_that_was_lawful_is_refused_after_the_decision(
    decided: World, decide: Decision, words: str, *, elsewhere: bool
) -> None:
    order = committed(decided)
    if decide is the_payer_leaves:
        done(decided, paying(order, 1_000, key="lawful"))
    else:
        refused_later = paying(order, 1_000, key="never kept")
        with decided.unit() as unit:  # lawful, remembered as such, and not recorded
            refused_later(unit)
    other = open_database(decided.database.url.render_as_string(hide_password=False))
    with (other if elsewhere else decided.database).unit_of_work(decided.clock) as unit:
        decide(decided, unit, order)
        unit.commit()
    other.dispose()
    refused(decided, paying(order, 1_000, key="after"), words)


@pytest.mark.parametrize("elsewhere", [False, True], ids=["this process", "another process"])
def test_help_from_a_purse_stops_when_the_pot_is_frozen(decided: World, *, elsewhere: bool) -> None:
    with decided.database.reading() as session:
        terms = terms_at(session, "glodbrook", on=decided.today)
        devolution = next(DatabaseBook(session).where(Kind.DEVOLUTION, place="glodbrook"))
    assert terms is not None
    purse = done(
        decided,
        lambda unit: fill_purse(
            unit, terms=terms.entry.index, resource="GBP", amount=5_000, purpose="Small help",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key="purse",
        ),
    )  # fmt: skip

    def helping(key: str) -> Callable[[UnitOfWork], Recorded]:
        return lambda unit: give_help(
            unit, purse=purse.index, payee="corner-shop", resource="GBP", amount=500, story="Milk and bread.",
            connector=CONNECTOR, idempotency_key=key,
        )  # fmt: skip

    done(decided, helping("before"))
    other = open_database(decided.database.url.render_as_string(hide_password=False))
    with (other if elsewhere else decided.database).unit_of_work(decided.clock) as unit:
        freeze(unit, devolution=devolution.index, reasons="An audit.", officer="p-chief", idempotency_key="freeze")
        unit.commit()
    other.dispose()
    refused(decided, helping("after"), "is frozen")


def test_a_decision_that_was_taken_back_is_not_remembered(decided: World) -> None:
    """The order is reversed in a unit that is given up; then another decision is recorded, and the order still stands."""
    order = committed(decided)
    inside = replace(draft_of_payment(decided, order), idempotency_key="inside")
    with decided.unit() as unit:
        the_order_is_reversed(decided, unit, order)
        with pytest.raises(LedgerError, match="was reversed"):
            post(unit, inside)
    done(decided, lambda unit: the_payer_leaves_nothing(decided, unit, order))
    done(decided, paying(order, 1_000, key="after"))


def the_payer_leaves_nothing(world: World, unit: UnitOfWork, order: Recorded) -> Recorded:
    return appoint(
        unit, authority=order.authority, person="p-new", role=Role.PANEL_MEMBER, place="glodbrook", registrar=REGISTRAR,
        idempotency_key=world.key(),
    )  # fmt: skip


def draft_of_payment(world: World, order: Recorded) -> Draft:
    with world.unit() as unit:
        entry = paying(order, 1_000, key="only a draft")(unit)
    return Draft(
        authority=entry.authority, place=entry.place, mandate=entry.mandate, payload=entry.payload, actor=entry.actor,
        effective_on=entry.effective_on, movements=entry.movements, idempotency_key=entry.idempotency_key,
    )  # fmt: skip


def test_in_one_batch_a_decision_is_felt_by_what_follows_it(decided: World) -> None:
    order = committed(decided)
    first = draft_of_payment(decided, order)
    with decided.database.reading() as session:
        founded = entry_at(session, 0)
    leaving = Draft(
        authority="marlmoor", mandate=founded.index, actor=Actor(REGISTRAR, Role.REGISTRAR), effective_on=decided.today,
        payload=RoleChange(person=PAYER, role=Role.FINANCE_OFFICER, change=Change.ENDED, begins=decided.today),
        idempotency_key="leaving",
    )  # fmt: skip
    batch = [replace(first, idempotency_key="before"), leaving, replace(first, idempotency_key="after")]
    refused(decided, lambda unit: post_many(unit, batch), "do not hold the role")
    with decided.unit() as unit:
        entries = post_many(unit, batch[:2])
        unit.commit()
    assert [entry.kind for entry in entries] == [Kind.PAYMENT, Kind.ROLE]
