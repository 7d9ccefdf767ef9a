"""Hypothesis lives a partnership's life at random, beside a plain dictionary that says what every balance should be."""

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlmodel import select

from ledger.awards import allocation_of, commit, fill_purse, give_back, give_help, pay
from ledger.database import open_database
from ledger.door import reverse
from ledger.entries import Balance, DatabaseBook
from ledger.errors import LedgerError
from ledger.flows import position
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import claw_back
from ledger.records import Actor, Kind, Recorded
from ledger.replay import changes
from ledger.verify import verify
from tests.ledger.conftest import (
    CONNECTOR,
    FINANCE,
    LEADER,
    PAYER,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    found_marlmoor,
    open_a_round,
    ratify_result,
    vote,
)

AMOUNTS = st.integers(1, 600_000)
FLOORLESS = ("source/", "staff/")


class LedgerBesideADictionary(RuleBasedStateMachine):
    """Whatever is asked, in whatever order: balances are those of the dictionary, and none is below its floor."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.world = World(open_database(f"sqlite:///{Path(self.folder.name) / 'book.db'}"))
        self.world.database.upgrade()
        self.balances: dict[tuple[str, str], int] = defaultdict(int)
        self.keys: dict[str, Recorded] = {}
        self.payments: list[int] = []
        self.commitments: list[int] = []
        self.purse = 0
        self.size = 0

    @initialize()
    def a_round_is_lived_to_its_awards(self) -> None:
        found_marlmoor(self.world)
        self.devolution = devolve_to_glodbrook(self.world)
        self.terms = agree_on_terms(self.world, self.devolution)
        ref = open_a_round(self.world)
        vote(self.world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
        close(self.world, ref)
        ratify_result(self.world, ref)
        with self.world.database.reading() as session:
            for entry in DatabaseBook(session).where(*Kind):
                self.note(entry)
        self.size = self.world.size()

    def note(self, entry: Recorded) -> None:
        for key, change in changes(entry.movements).items():
            self.balances[key] += change

    def ask(self, step: object, account: str, amount: int, *, only_floors: bool = True) -> Recorded | None:
        """Try something that takes `amount` from `account`: it goes through if, and only if, the dictionary has enough.

        Where another rule may refuse it too (a payment over its own commitment), `only_floors` is off.
        """
        enough = self.balances[account, "GBP"] >= amount
        try:
            with self.world.unit() as unit:
                entry: Recorded = step(unit)  # type: ignore[operator]  # a lambda of a unit of work
                unit.commit()
        except LedgerError as refusal:
            assert "othing was recorded" in refusal.sentence  # noqa: PT017 - a refusal is one of the two right answers
            assert not (enough and only_floors)
            return None
        assert enough
        self.note(entry)
        self.size += 1
        return entry

    @rule(amount=AMOUNTS)
    def claw_something_back(self, amount: int) -> None:
        key = self.world.key()
        self.ask(
            lambda unit: claw_back(
                unit, devolution=self.devolution.index, resource="GBP", amount=amount, reasons="Savings.", leader=LEADER,
                idempotency_key=key,
            ),
            "pot/glodbrook", amount,
        )  # fmt: skip

    @rule(amount=AMOUNTS)
    def promise_something(self, amount: int) -> None:
        key = self.world.key()
        entry = self.ask(
            lambda unit: commit(
                unit, allocation=allocation_of(unit.session, "glodbrook-one-2").index,  # type: ignore[union-attr]  # it has one
                payee="spade", form="order", purpose="Work", resource="GBP", amount=amount,
                actor=Actor(CONNECTOR, Role.CONNECTOR), idempotency_key=key,
            ),
            "award/glodbrook-one-2", amount,
        )  # fmt: skip
        if entry:
            self.commitments.append(entry.index)

    @precondition(lambda self: self.commitments)
    @rule(amount=AMOUNTS, which=st.integers(0, 99))
    def pay_something(self, amount: int, which: int) -> None:
        key, order = self.world.key(), self.commitments[which % len(self.commitments)]
        entry = self.ask(
            lambda unit: pay(
                unit, commitment=order, amount=amount, resource="GBP", purpose="Work",
                actor=Actor(PAYER, Role.FINANCE_OFFICER), idempotency_key=key,
            ),
            "committed/glodbrook-one-2", amount, only_floors=False,
        )  # fmt: skip
        if entry:
            self.payments.append(entry.index)

    @precondition(lambda self: self.payments)
    @rule(which=st.integers(0, 99))
    def reverse_a_payment(self, which: int) -> None:
        index, key = self.payments[which % len(self.payments)], self.world.key()
        with self.world.database.reading() as session:
            entry = DatabaseBook(session).entry(index)
        assert entry is not None
        self.ask(
            lambda unit: reverse(
                unit, index=index, actor=Actor(FINANCE, Role.FINANCE_OFFICER),
                reasons="Wrong.", idempotency_key=key,
            ),
            "payee/spade", entry.total("GBP"), only_floors=False,
        )  # fmt: skip

    @rule(amount=AMOUNTS)
    def give_something_back(self, amount: int) -> None:
        key = self.world.key()
        self.ask(
            lambda unit: give_back(
                unit, allocation=allocation_of(unit.session, "glodbrook-one-1").index,  # type: ignore[union-attr]  # it has one
                resource="GBP", amount=amount, reasons="Cheaper.", actor=Actor(CONNECTOR, Role.CONNECTOR), idempotency_key=key,
            ),
            "award/glodbrook-one-1", amount,
        )  # fmt: skip

    @rule(amount=AMOUNTS)
    def fill_the_purse(self, amount: int) -> None:
        key = self.world.key()
        entry = self.ask(
            lambda unit: fill_purse(
                unit, terms=self.terms.index, resource="GBP", amount=amount, purpose="Small sums",
                actor=Actor(FINANCE, Role.FINANCE_OFFICER), idempotency_key=key,
            ),
            "pot/glodbrook", amount,
        )  # fmt: skip
        self.purse = entry.index if entry else self.purse

    @precondition(lambda self: self.purse)
    @rule(amount=AMOUNTS)
    def help_somebody(self, amount: int) -> None:
        key = self.world.key()
        self.ask(
            lambda unit: give_help(
                unit, purse=self.purse, payee="spade", resource="GBP", amount=amount, story="A ramp", connector=CONNECTOR,
                idempotency_key=key,
            ),
            "connector/glodbrook", amount,
        )  # fmt: skip

    @rule()
    def let_a_day_pass(self) -> None:
        self.world.today += timedelta(days=1)

    @invariant()
    def every_balance_is_that_of_the_dictionary(self) -> None:
        with self.world.database.reading() as session:
            stored = {(row.account, row.resource): row.amount for row in session.exec(select(Balance))}
        assert {key: amount for key, amount in stored.items() if amount} == {
            key: amount for key, amount in self.balances.items() if amount
        }
        assert all(amount >= 0 for (path, _), amount in stored.items() if not path.startswith(FLOORLESS))
        assert sum(amount for (_, resource), amount in stored.items() if resource == "GBP") == 0

    @invariant()
    def where_the_place_stands_is_what_the_dictionary_comes_to(self) -> None:
        for resource in ("GBP", TIME):
            with self.world.database.reading() as session:
                stands = position(session, place="glodbrook", resource=resource)
            held: dict[str, int] = defaultdict(int)
            for (path, of), amount in self.balances.items():
                held[path.partition("/")[0]] += amount if of == resource else 0
            assert (stands.available, stands.uncommitted, stands.committed) == (held["pot"], held["award"], held["committed"])
            assert (stands.purse - stands.helped, stands.helped + stands.delivered) == (held["connector"], held["payee"])
            assert stands.returned + stands.given_back == held["returned"]
            assert stands.devolved == -held["source"] - held["staff"]

    @invariant()
    def the_log_has_grown_by_what_was_accepted(self) -> None:
        if self.size:
            assert self.world.size() == self.size

    def teardown(self) -> None:
        with self.world.database.reading() as session:
            assert verify(session).entries == self.world.size()
        self.world.database.dispose()
        self.folder.cleanup()


TestLedger = LedgerBesideADictionary.TestCase
TestLedger.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
