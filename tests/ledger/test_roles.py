"""Who may be appointed to what: for a time, at a place of one's own authority, by somebody else, apart from the machine."""

from datetime import date, timedelta

import pytest

from ledger.entries import DatabaseBook
from ledger.holdings import Holding, holdings, people_of
from ledger.kinds import PAYLOADS
from ledger.kinds.authority import Change, RoleChange, holds
from ledger.people import Role, add_person
from ledger.places import Authority, Partnership
from ledger.powers import appoint, open_books
from ledger.records import FLOWS, MOVING, Actor, Draft, Kind, Recorded
from ledger.roles import AT_ONE_PLACE, BESIDE_THE_MACHINE, FOR_THE_WHOLE
from ledger.written import decode, encode
from tests.ledger.conftest import FINANCE, MONDAY, PANEL, REGISTRAR, World
from tests.ledger.forgetting import BEA, end_role, erasing, forget
from tests.ledger.steps import Step, done, refused

FRIDAY = MONDAY + timedelta(days=4)

# What decides about money or time, or moves it, whether or not the entry itself carries a transfer.
OVER_MONEY = {
    *FLOWS, *MOVING, Kind.DEVOLUTION, Kind.TERMS, Kind.ROUND, Kind.RULES_FROZEN, Kind.BALLOTS_SEALED, Kind.RESULT,
    Kind.RATIFICATION, Kind.ALLOCATION, Kind.VIREMENT, Kind.FREEZE, Kind.UNFREEZE, Kind.PERIOD_CLOSE, Kind.REOPEN,
    Kind.REVERSAL, Kind.OVERRIDE, Kind.RISK_AGREEMENT, Kind.RISK_SIGNATURE, Kind.RISK_RESERVE, Kind.RISK_DECISION,
    Kind.RISK_CALL,
    Kind.RISK_GAIN,
    Kind.PROTOTYPE, Kind.PROTOTYPE_DECISION, Kind.SIGNATURE,
}  # fmt: skip


def appointing(
    person: str, role: Role, *, place: str | None = None, key: str = "", by: str = REGISTRAR, authority: str = "marlmoor",
    ends: date | None = None, change: Change = Change.APPOINTED,
) -> Step:  # fmt: skip
    return lambda unit: appoint(
        unit, authority=authority, place=place, person=person, role=role, registrar=by, ends=ends, change=change,
        idempotency_key=key or f"{person} {role} {place} {change}",
    )  # fmt: skip


def made(world: World, step: Step) -> Recorded:
    entry = done(world, step)  # type: ignore[arg-type]  # an appointment gives its entry
    assert isinstance(entry, Recorded)
    return entry


def has(world: World, person: str, role: Role, place: str | None = "glodbrook") -> bool:
    with world.database.reading() as session:
        return holds(DatabaseBook(session), person=person, role=role, authority="marlmoor", place=place, on=world.today)


def held(world: World, person: str) -> list[Holding]:
    with world.database.reading() as session:
        return [line for line in holdings(session, authority="marlmoor", on=world.today) if line.person == person]


@pytest.mark.parametrize("role", Role)
def test_every_role_can_be_given_and_ended(world: World, role: Role) -> None:
    place = "glodbrook" if role in AT_ONE_PLACE else None
    made(world, appointing("p-operator", role, place=place))
    assert has(world, "p-operator", role)
    made(world, appointing("p-operator", role, place=place, change=Change.ENDED))
    assert not has(world, "p-operator", role)


def test_a_role_with_a_last_day_is_held_through_it_and_not_after(world: World) -> None:
    made(world, appointing("p-operator", Role.APPROVER, place="glodbrook", ends=FRIDAY))
    world.today = FRIDAY
    assert has(world, "p-operator", Role.APPROVER)
    assert [(line.role, line.until, line.held) for line in held(world, "p-operator")] == [(Role.APPROVER, FRIDAY, True)]
    world.today = FRIDAY + timedelta(days=1)
    assert not has(world, "p-operator", Role.APPROVER)
    assert held(world, "p-operator") == []


def test_appointing_again_changes_the_last_day(world: World) -> None:
    made(world, appointing("p-operator", Role.APPROVER, ends=FRIDAY, key="first"))
    made(world, appointing("p-operator", Role.APPROVER, ends=None, key="second"))
    assert [line.until for line in held(world, "p-operator")] == [None]
    made(world, appointing("p-operator", Role.APPROVER, ends=MONDAY, key="third"))
    assert [line.until for line in held(world, "p-operator")] == [MONDAY]


def test_the_first_registrar_holds_their_role_by_the_constitution_until_another_ends_it(world: World) -> None:
    assert [(line.entry, line.role, line.where) for line in held(world, REGISTRAR)] == [(0, Role.REGISTRAR, "Marlmoor")]
    made(world, appointing("p-operator", Role.REGISTRAR))
    made(world, appointing(REGISTRAR, Role.REGISTRAR, by="p-operator", change=Change.ENDED))
    assert held(world, REGISTRAR) == []
    assert not has(world, REGISTRAR, Role.REGISTRAR)


def test_who_is_known_in_an_authority_stays_known_after_their_role_has_ended(world: World) -> None:
    made(world, appointing(PANEL[0], Role.PANEL_MEMBER, place="glodbrook", change=Change.ENDED))
    with world.database.reading() as session:
        known = dict(people_of(session, "marlmoor"))
    assert PANEL[0] in known
    assert known[REGISTRAR] == "Registrar"
    assert "p-operator" not in known


def test_whoever_was_erased_is_nobody_to_choose_any_more(world: World) -> None:
    end_role(world, BEA)
    forget(world, erasing(BEA))
    with world.database.reading() as session:
        assert BEA not in dict(people_of(session, "marlmoor"))


@pytest.mark.parametrize("role", Role)
def test_nobody_grants_themselves_any_role(world: World, role: Role) -> None:
    place = "glodbrook" if role in AT_ONE_PLACE else None
    refused(world, appointing(REGISTRAR, role, place=place), "Nobody grants themselves")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.REGISTRAR])
def test_only_a_registrar_appoints(world: World, role: Role) -> None:
    """Whatever somebody holds, it does not let them give a role away."""
    place = "glodbrook" if role in AT_ONE_PLACE else None
    made(world, appointing("p-operator", role, place=place))
    refused(world, appointing(PANEL[0], Role.CHAIR, place="glodbrook", by="p-operator"), "do not hold the role of registrar")


@pytest.mark.parametrize("role", sorted(AT_ONE_PLACE))
def test_a_role_of_the_neighbourhood_is_held_at_one_place(world: World, role: Role) -> None:
    refused(world, appointing("p-operator", role), "is held at one place")


@pytest.mark.parametrize("role", sorted(FOR_THE_WHOLE))
def test_a_role_of_the_authority_is_held_for_the_whole_of_it(world: World, role: Role) -> None:
    refused(world, appointing("p-operator", role, place="glodbrook"), "is held for the whole authority")


def test_a_place_of_another_authority_is_out_of_reach_even_before_its_first_entry(world: World) -> None:
    with world.unit() as unit:
        vale = Authority(slug="marlmoor-vale", name="Marlmoor Vale", currency="GBP")
        add_person(unit.session, name="Vala", ref="p-vala")
        open_books(unit, authority=vale, registrar="p-vala", operator="p-operator", idempotency_key="vale")
        unit.session.add(Partnership(slug="glodbrook-vale", authority="marlmoor-vale", name="Glodbrook"))
        unit.commit()
    refused(world, appointing("p-operator", Role.CHAIR, place="glodbrook-vale"), "is a partnership of marlmoor-vale")
    refused(world, appointing("p-operator", Role.CHAIR, place="glodbrook", by="p-vala"), "do not hold the role")


@pytest.mark.parametrize("role", [role for role in Role if role not in BESIDE_THE_MACHINE])
def test_whoever_administers_the_machine_holds_nothing_that_has_a_say(world: World, role: Role) -> None:
    place = "glodbrook" if role in AT_ONE_PLACE else None
    made(world, appointing("p-operator", Role.ADMINISTRATOR))
    refused(world, appointing("p-operator", role, place=place), "has no say over money", "administrator of marlmoor")
    made(world, appointing("p-operator", Role.ADMINISTRATOR, change=Change.ENDED))
    made(world, appointing("p-operator", role, place=place, key="then"))
    refused(world, appointing("p-operator", Role.ADMINISTRATOR, key="again"), "has no say over money")


def test_an_administrator_may_be_a_resident_like_anybody(world: World) -> None:
    made(world, appointing("p-operator", Role.ADMINISTRATOR))
    made(world, appointing("p-operator", Role.RESIDENT, place="glodbrook"))
    assert has(world, "p-operator", Role.RESIDENT)


def test_no_kind_that_decides_about_money_admits_the_administrator() -> None:
    assert {kind for kind, payload in PAYLOADS.items() if Role.ADMINISTRATOR in payload.roles} == {Kind.CONSTITUTION}
    assert set(PAYLOADS) - OVER_MONEY == {Kind.CONSTITUTION, Kind.ROLE, Kind.ERASURE, Kind.REFLECTION, Kind.DATA_SHARING}


def test_every_role_is_held_at_a_place_or_for_the_whole_and_none_at_both() -> None:
    assert not AT_ONE_PLACE & FOR_THE_WHOLE
    assert set(Role) - AT_ONE_PLACE - FOR_THE_WHOLE == {
        Role.PARTNER_ORGANISATION,
        Role.FINANCE_OFFICER,
        Role.APPROVER,
        Role.CLERK,
    }


def test_the_bytes_of_an_appointment_are_what_they_always_were(world: World) -> None:
    """The payload had room for a last day from the beginning: entries of old releases and new ones read alike."""
    entry = Draft(
        authority="marlmoor",
        mandate=0,
        payload=RoleChange(person=FINANCE, role=Role.FINANCE_OFFICER, begins=MONDAY),
        actor=Actor(REGISTRAR, Role.REGISTRAR),
        effective_on=MONDAY,
        idempotency_key="k",
    )
    written = encode(entry, index=3, recorded_at=world.clock())
    assert written == (
        b'{"actor":{"person":"p-registrar","role":"registrar"},"authority":"marlmoor","effective_on":"2026-03-02",'
        b'"idempotency_key":"k","index":3,"kind":"role","mandate":0,"payload":{"begins":"2026-03-02","change":"appointed",'
        b'"ends":null,"person":"p-finance","role":"finance officer"},"place":null,"recorded_at":"2026-03-02T10:00:00Z",'
        b'"schema":1,"transfers":[]}'
    )
    assert decode(written).payload == entry.payload
