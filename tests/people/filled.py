"""Every form behind a role, filled as whoever it is for would fill it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlmodel import select

from ledger.entries import Entry
from ledger.people import Role
from ledger.subject_requests import What, ask
from tests.pages.conftest import database_of
from tests.people.two_authorities import MARLMOOR, NOBODY

HERE = MARLMOOR.places[0]
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Filled:
    """A form: who fills it in, where it is, and what they enter."""

    person: str
    address: str
    values: dict[str, str | list[str]]


def day(days: int) -> list[str]:
    """A day so many days from now, as the three fields of a form send it."""
    value = TODAY + timedelta(days=days)
    return [str(value.day), str(value.month), str(value.year)]


DECISION: dict[str, str | list[str]] = {"outcome": "ratified", "power": "Delegation 4.2", "reasons": "As voted."}
DEVOLUTION: dict[str, str | list[str]] = {
    "partnership": HERE, "title": "Winter instrument", "power": "Minute 31", "money": "£1,000", "award_money": "500",
    "begins": day(0), "ends": day(300),
}  # fmt: skip
APPOINTMENT: dict[str, str | list[str]] = {
    "person": "", "reference": NOBODY, "role": Role.PROJECT_LEAD.value, "place": HERE, "until": day(100),
}  # fmt: skip
OVERRIDE: dict[str, str | list[str]] = {"effect": "set aside", "instead": "", "reasons": "The site is to be sold."}


def terms(instrument: int) -> dict[str, str | list[str]]:
    """A renewal under the place's instrument."""
    return {
        "instrument": str(instrument), "begins": day(0), "review_on": day(100), "sunset": day(200), "panel": "2",
        "resident_majority": "y", "quorum": "1", "award_money": "500", "award_hours": "", "rule": "greedy",
    }  # fmt: skip


AGREEMENT: dict[str, str | list[str]] = {
    "title": "Ice on the steps", "place": HERE, "cause": "Frost", "event": "Ice", "effect": "A fall",
    **{f"{name}_{part}": "3" for name in ("inherent", "residual", "target") for part in ("likelihood", "impact")},
    "most": "£3,000", "begins": day(0), "ends": day(90), "own_loss": "50", "own_gain": "40", "organisation_1": "spade",
    "signatory_1": MARLMOOR.holder(Role.PARTNER_ORGANISATION), "loss_1": "50", "gain_1": "60", "cap_1": "£500",
    "residual": "0", "deciders": [Role.AUTHORITY_LEADER.value],
}  # fmt: skip
WEIGHED: dict[str, str | list[str]] = {
    "harm_of_acting": "A fall", "harm_of_not_acting": "Nobody crosses", "outcome": "accepted", "reasons": "Needed.",
    **{f"{name}_{part}": "3" for name in ("acting", "not_acting") for part in ("likelihood", "impact")},
}  # fmt: skip


def filled(site: Flask) -> dict[str, Filled]:
    """By the name of its route. Nora has asked to be erased."""
    with database_of(site).unit_of_work(appends=False) as unit:
        ask(unit, by=NOBODY, what=What.ERASURE)
        unit.commit()
    chair = MARLMOOR.holder(Role.CHAIR)
    officer = MARLMOOR.holder(Role.FINANCE_OFFICER)
    registrar, leader = MARLMOOR.holder(Role.REGISTRAR), MARLMOOR.holder(Role.AUTHORITY_LEADER)
    return {
        "authority_risks.new": Filled(leader, "/authority/risks/new", AGREEMENT),
        "authority_risks.sign": Filled(leader, f"/authority/risks/{HERE}-waiting/sign", {}),
        "authority_risks.decide": Filled(leader, f"/authority/risks/{HERE}-risk/decide", WEIGHED),
        "panel.sign_risk": Filled(leader, f"/panel/risks/{HERE}-waiting/sign", {}),
        "partner.sign": Filled(MARLMOOR.holder(Role.PARTNER_ORGANISATION), f"/partner/risks/{HERE}-waiting/sign", {}),
        "partner.reserve": Filled(
            MARLMOOR.holder(Role.PARTNER_ORGANISATION), f"/partner/risks/{HERE}-risk/reserve", {"amount": "£5"}
        ),
        "finance_risks.call": Filled(
            officer, f"/finance/risks/{HERE}-risk/call", {"loss": "£10.01", "payee": "spade", "reasons": "It rained."}
        ),
        "panel.vote": Filled(chair, f"/panel/rounds/{HERE}-open/vote", {"choices": ["1"]}),
        "panel.close": Filled(chair, f"/panel/rounds/{HERE}-open/close", {}),
        "finance.decide": Filled(MARLMOOR.holder(Role.FINANCE_OFFICER), f"/finance/rounds/{HERE}-counted", DECISION),
        "authority.new_devolution": Filled(leader, "/authority/devolve", DEVOLUTION),
        "terms.agree": Filled(leader, f"/authority/places/{HERE}/terms", terms(devolution_of(site, HERE))),
        "overriding.overrule": Filled(leader, f"/authority/rounds/{HERE}-counted/override", OVERRIDE),
        "roles.take_up": Filled(registrar, "/registrar/roles/appoint", APPOINTMENT),
        "requests.answer": Filled(registrar, f"/registrar/requests/{NOBODY}/erasure", {"answer": "done"}),
        "roles.end": Filled(registrar, f"/registrar/roles/{appointment_of(site, chair)}/end", {}),
    }


def devolution_of(site: Flask, place: str) -> int:
    """The newest instrument that devolves to the place."""
    with database_of(site).reading() as session:
        return max(session.exec(select(Entry.index).where(Entry.kind == "devolution", Entry.place == place)).all())


def appointment_of(site: Flask, person: str) -> int:
    """The newest entry about this person's role."""
    with database_of(site).reading() as session:
        query = select(Entry.index).where(Entry.kind == "role", Entry.subject == person)
        return max(session.exec(query).all())
