"""django-hordak, as a peer: one Transaction for each entry, two Legs for each transfer, as its documentation does it.

Django is configured for this process alone, on PostgreSQL, for which hordak is made; its triggers and checks are as its
migrations make them, and the connection stays open. A currency's code has three letters there, so TIME is called TIM; its
amounts are minutes.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db import transaction as database_transaction
from moneyed import Money, add_currency
from sqlalchemy.engine import make_url

from ledger.records import Movement
from tests.bench.workload import FIRST_DAY, Balances, Step, all_accounts

_CURRENCIES = {"GBP": "GBP", "TIME": "TIM"}
_RESOURCES = {code: resource for resource, code in _CURRENCIES.items()}
_PENCE = 100
AT_ONCE = 1_000  # rows that bulk_create sends at once


def configure(url: str) -> None:
    """Django with hordak and nothing else, on that database."""
    place = make_url(url)
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "mptt", "djmoney", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "HOST": str(place.query["host"]),
                "PORT": str(place.query["port"]),
                "USER": place.username,
                "NAME": place.database,
                "CONN_MAX_AGE": None,
            }
        },
        CURRENCIES=("GBP", "TIM"),
        DEFAULT_CURRENCY="GBP",
        HORDAK_INTERNAL_CURRENCY="GBP",
        HORDAK_CURRENCIES=["GBP", "TIM"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    add_currency(code="TIM", numeric=None, name="Minutes of staff time")
    django.setup()


class Hordak:
    """Records steps through hordak's models: one by one, each in its own atomic block, or many by bulk_create."""

    def __init__(self, url: str, *, opening: list[list[Any]], bulk: bool) -> None:
        """`opening` is what was moved before the workload begins, as [from, to, resource, amount]."""
        configure(url)
        from hordak.models import Account, Leg, Transaction  # noqa: PLC0415 - models can be had only after the set-up

        self._account, self._leg, self._transaction = Account, Leg, Transaction
        self._opening, self._bulk = [Movement(*moved) for moved in opening], bulk
        self._steps: list[Step] = []

    def lay(self) -> None:
        call_command("migrate", verbosity=0)
        with database_transaction.atomic():
            for path in all_accounts():
                self._account.objects.create(name=path, type="LI", currencies=list(_RESOURCES))
        self._create_many([("The mandates", FIRST_DAY, [moved]) for moved in self._opening])

    def prepare(self, chosen: list[Step]) -> None:
        self._steps = chosen
        self._accounts = {account.name: account for account in self._account.objects.all()}

    def run(self) -> int:
        if self._bulk:
            self._create_many([(step.words, step.day, list(step.movements)) for step in self._steps])
        else:
            for step in self._steps:
                self._create(step)
        return len(self._steps)

    def balances(self) -> Balances:
        found = {}
        for account in self._account.objects.with_balances():
            for money in account.balance.monies():
                code = money.currency.code
                amount = int(money.amount * (_PENCE if code == "GBP" else 1))
                if amount:
                    found[f"{account.name} {_RESOURCES[code]}"] = amount
        return found

    def close(self) -> None:
        connection.close()

    def _create(self, step: Step) -> None:
        with database_transaction.atomic():
            transaction = self._transaction.objects.create(date=step.day, description=step.words)
            for moved in step.movements:
                money = _money(moved)
                from_account, to_account = self._accounts[moved.from_account], self._accounts[moved.to_account]
                self._leg.objects.create(transaction=transaction, account=from_account, debit=money)
                self._leg.objects.create(transaction=transaction, account=to_account, credit=money)

    def _create_many(self, wanted: list[tuple[str, date, list[Movement]]]) -> None:
        accounts = {account.name: account for account in self._account.objects.all()}
        with database_transaction.atomic():
            made = self._transaction.objects.bulk_create(
                [self._transaction(date=day, description=words) for words, day, _ in wanted], batch_size=AT_ONCE
            )
            legs = []
            for transaction, (_, _, movements) in zip(made, wanted, strict=True):
                for moved in movements:
                    money = _money(moved)
                    legs.append(self._leg(transaction=transaction, account=accounts[moved.from_account], debit=money))
                    legs.append(self._leg(transaction=transaction, account=accounts[moved.to_account], credit=money))
            self._leg.objects.bulk_create(legs, batch_size=AT_ONCE)


class HordakReader(Hordak):
    """Asks for the balance of the account to which each step moves something, as hordak's documentation advises."""

    def run(self) -> int:
        for step in self._steps:
            self._account.objects.with_balances().get(name=step.movements[0].to_account)
        return len(self._steps)


def _money(moved: Movement) -> Any:  # noqa: ANN401 - hordak's Money has no types
    amount = Decimal(moved.amount) / _PENCE if moved.resource == "GBP" else Decimal(moved.amount)
    return Money(amount, _CURRENCIES[moved.resource])
