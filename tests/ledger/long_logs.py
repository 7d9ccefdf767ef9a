"""A log as long as a test wants: a connector helps a thousand neighbours, again and again, and no rule is broken."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count

from ledger.entries import encode
from ledger.kinds.authority import Constitution, RoleChange
from ledger.kinds.devolving import Devolution, Terms, VotingRule
from ledger.kinds.payload import Payload
from ledger.kinds.purse import HelpGiven, Virement
from ledger.people import Role
from ledger.records import Actor, Draft, Movement

MONDAY = date(2026, 3, 2)
MOMENT = datetime(2026, 3, 2, 10, tzinfo=UTC)
PURSE = 500  # so many are helped before the purse is filled again
_OFFICERS = {"p-leader": Role.AUTHORITY_LEADER, "p-finance": Role.FINANCE_OFFICER, "p-connector": Role.CONNECTOR}
_LIMITS = {"GBP": 10**9}
_DEVOLUTION, _TERMS = 4, 5


def written(entries: int) -> Iterator[bytes]:
    """The exact bytes of a log of so many entries."""
    for index, draft in zip(range(entries), _drafts(), strict=False):
        yield encode(draft, index=index, recorded_at=MOMENT)


def _drafts() -> Iterator[Draft]:
    registrar, leader = Actor("p-registrar", Role.REGISTRAR), Actor("p-leader", Role.AUTHORITY_LEADER)
    founding = Constitution(name="Marlmoor", currency="GBP", registrar="p-registrar")
    yield _draft("founded", founding, Actor("p-operator", Role.ADMINISTRATOR), place=None)
    for person, role in _OFFICERS.items():
        place = "glodbrook" if role is Role.CONNECTOR else None
        yield _draft(person, RoleChange(person=person, role=role, begins=MONDAY), registrar, mandate=0, place=place)
    ends = date(2027, 3, 31)
    instrument = Devolution(title="Glodbrook instrument", power="Minute 14", begins=MONDAY, ends=ends, limits=_LIMITS)
    yield _draft("devolved", instrument, leader, Movement("source/marlmoor", "pot/glodbrook", "GBP", 10**12))
    terms = Terms(
        version=1, begins=MONDAY, review_on=MONDAY, sunset=ends, panel=0, quorum=0, resident_majority=True, limits=_LIMITS,
        voting_rule=VotingRule(), edition=2,
    )  # fmt: skip
    yield _draft("terms", terms, leader, mandate=_DEVOLUTION)
    finance, connector = Actor("p-finance", Role.FINANCE_OFFICER), Actor("p-connector", Role.CONNECTOR)
    for number in count():
        filled = Movement("pot/glodbrook", "connector/glodbrook", "GBP", 10**6)
        yield _draft(f"purse/{number}", Virement(purpose="Small help"), finance, filled, mandate=_TERMS)
        purse = _TERMS + 1 + number * (PURSE + 1)
        for turn in range(PURSE):
            payee = f"neighbour-{(number * PURSE + turn) % 1_000}"
            given = Movement("connector/glodbrook", f"payee/{payee}", "GBP", 1 + turn)
            help_given = HelpGiven(payee=payee, story="0" * 64)
            yield _draft(f"help/{number}/{turn}", help_given, connector, given, mandate=purse)


def _draft(
    key: str, payload: Payload, actor: Actor, *movements: Movement, mandate: int | None = None, place: str | None = "glodbrook"
) -> Draft:
    return Draft(
        authority="marlmoor",
        place=place,
        mandate=mandate,
        payload=payload,
        actor=actor,
        effective_on=MONDAY,
        movements=movements,
        idempotency_key=key,
    )
