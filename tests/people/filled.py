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
PROTOTYPE: dict[str, str | list[str]] = {
    "title": "Warm visits", "power": "Help up to £200", "money": "£1,000", "hours": "20", "risk_share": "60",
    "risk_cap": "£500", "leader_1": MARLMOOR.holder(Role.CHAIR), "hypothesis": "Sooner without a form.",
    "learning_on": day(20), "ends": day(40),
}  # fmt: skip
LEARNED: dict[str, str | list[str]] = {"practice": "People asked sooner.", "choice": "mainstream", "reasons": "It worked."}
SHARING: dict[str, str | list[str]] = {
    "title": "Visits before winter", "party_1": MARLMOOR.slug, "role_1": "controller", "party_2": " green  SPADE",
    "role_2": "processor", "data": ["contact details"], "basis": "public task", "sharing_likelihood": "2",
    "sharing_impact": "2", "not_sharing_likelihood": "4", "not_sharing_impact": "5", "safeguards": ["named readers only"],
    "outcome": "share", "reasons": "Not sharing leaves people cold.", "review_on": day(50), "expires": day(90),
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


IDEA: dict[str, str | list[str]] = {
    "title": "A warm room", "summary": "Tea and company on Tuesdays.", "theme": "care", "cost": "£900", "hours": "12:30",
    "east": "200", "north": "700",
}  # fmt: skip
ROUND: dict[str, str | list[str]] = {
    "title": "Winter round", "summary": "For the dark months.", "money": "£1,000", "electorate": "panel",
    "ideas_on": day(0), "shaping_on": day(10), "deliberation_on": day(20), "opens_on": day(30), "closes_on": day(40),
    "counted_by": day(42), "ratified_by": day(50), "delivering_on": day(60), "reflected_on": day(90), "closed_on": day(120),
}  # fmt: skip
COMMENT: dict[str, str | list[str]] = {"feasibility": "It can be done.", "finance": "No VAT is due."}


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
        "finance_risks.gain": Filled(
            officer, f"/finance/risks/{HERE}-risk/gain", {"gain": "£10.01", "holder": "spade", "reasons": "It was dry."}
        ),
        "panel.vote": Filled(chair, f"/panel/rounds/{HERE}-open/vote", {"choices": ["1"]}),
        "panel.close": Filled(chair, f"/panel/rounds/{HERE}-open/close", {}),
        "finance.decide": Filled(MARLMOOR.holder(Role.FINANCE_OFFICER), f"/finance/rounds/{HERE}-counted", DECISION),
        "authority.new_devolution": Filled(leader, "/authority/devolve", DEVOLUTION),
        "terms.agree": Filled(leader, f"/authority/places/{HERE}/terms", terms(devolution_of(site, HERE))),
        "overriding.overrule": Filled(leader, f"/authority/rounds/{HERE}-counted/override", OVERRIDE),
        "roles.take_up": Filled(registrar, "/registrar/roles/appoint", APPOINTMENT),
        "requests.answer": Filled(registrar, f"/registrar/requests/{NOBODY}/erasure", {"answer": "done"}),
        "authority_prototypes.new_prototype": Filled(
            MARLMOOR.holder(Role.AUTHORITY_LEADER), f"/authority/prototypes/{HERE}", PROTOTYPE
        ),
        "authority_prototypes.new_sharing": Filled(MARLMOOR.holder(Role.AUTHORITY_LEADER), "/authority/data-sharing", SHARING),
        "panel_prototypes.decision": Filled(chair, f"/panel/prototypes/{prototype_of(site)}/decide", LEARNED),
        **of_rounds(chair),
        "my_signatures.sign": Filled(chair, f"/me/signatures/{first_instrument_of(site, HERE)}", {}),
        "roles.end": Filled(registrar, f"/registrar/roles/{appointment_of(site, chair)}/end", {}),
    }


def first_instrument_of(site: Flask, place: str) -> int:
    """The instrument that waits for the signature of the place's chair."""
    with database_of(site).reading() as session:
        return min(session.exec(select(Entry.index).where(Entry.kind == "devolution", Entry.place == place)).all())


def devolution_of(site: Flask, place: str) -> int:
    """The newest instrument that devolves to the place."""
    with database_of(site).reading() as session:
        return max(session.exec(select(Entry.index).where(Entry.kind == "devolution", Entry.place == place)).all())


def of_rounds(chair: str) -> dict[str, Filled]:
    """From the announcement of a round to its frozen rules."""
    connector, resident = MARLMOOR.holder(Role.CONNECTOR), MARLMOOR.holder(Role.RESIDENT)
    told = {"resident": resident, "consent": "On the doorstep; I read it back.", **IDEA}
    two: dict[str, str | list[str]] = {"idea": f"{HERE}-ideas-2", "into": f"{HERE}-ideas-1"}
    rules: dict[str, str | list[str]] = {"most_choices": "2", "limits": "theme parks at most £5,000"}
    return {
        "rounds.open_one": Filled(chair, f"/panel/places/{HERE}/rounds/new", ROUND),
        "meetings.call": Filled(chair, f"/panel/rounds/{HERE}-open/meetings", {"on": day(3), "agenda": "1. Benches"}),
        "interests.say": Filled(chair, f"/panel/proposals/{HERE}-open-2/interest", {"what": "My sister runs it."}),
        "rounds.rules": Filled(chair, f"/panel/rounds/{HERE}-ideas/rules", rules),
        "my_ideas.new": Filled(resident, f"/me/proposals/new/{HERE}-ideas", IDEA),
        "connector.write_for": Filled(connector, f"/connector/rounds/{HERE}-ideas/write", told),
        "connector.merge_two": Filled(connector, f"/connector/rounds/{HERE}-ideas/merge", two),
        "comments.write": Filled(MARLMOOR.holder(Role.FINANCE_OFFICER), f"/finance/proposals/{HERE}-ideas-1", COMMENT),
    }


def appointment_of(site: Flask, person: str) -> int:
    """The newest entry about this person's role."""
    with database_of(site).reading() as session:
        query = select(Entry.index).where(Entry.kind == "role", Entry.subject == person)
        return max(session.exec(query).all())


def prototype_of(site: Flask, place: str = HERE) -> int:
    """The prototype of a place."""
    with database_of(site).reading() as session:
        return session.exec(select(Entry.index).where(Entry.kind == "prototype", Entry.place == place)).one()
