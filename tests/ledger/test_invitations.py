"""Invitations: bound to an address, by a registrar of the authority, for a week, once, and never revived."""

import threading
from datetime import timedelta

import pytest
from sqlmodel import select

from ledger.credentials.invitations import (
    Invitation,
    InvitationOver,
    InvitedAlready,
    NotYours,
    State,
    accept,
    invitation_for,
    invitations_of,
    invite,
    withdraw_invitation,
)
from ledger.credentials.mailboxes import AddressTaken, BadAddress, Mailbox, add_mailbox
from ledger.errors import LedgerError, NotFound
from ledger.people import NoName, Person
from tests.ledger.conftest import FINANCE, LEADER, REGISTRAR, World
from tests.ledger.forgetting import BEA

WREN = "wren@glodbrook.example"


def ask_in(world: World, *, ref: str = "one", person: str | None = None, address: str = WREN, by: str = REGISTRAR) -> str:
    with world.unit() as unit:
        _, token = invite(unit, ref=ref, authority="marlmoor", address=address, name=" Wren  Okafor", inviter=by, person=person)
        unit.commit()
    assert token is not None
    return token


def come(world: World, token: str) -> str | None:
    with world.unit() as unit:
        found = accept(unit, token=token).person
        unit.commit()
    return found


def withdraw(world: World, ref: str = "one", *, authority: str = "marlmoor", by: str = REGISTRAR) -> None:
    with world.unit() as unit:
        withdraw_invitation(unit, ref=ref, authority=authority, registrar=by)
        unit.commit()


def test_who_accepts_becomes_a_person_with_that_name_and_address(world: World) -> None:
    ref = come(world, ask_in(world))
    with world.database.reading() as session:
        person, mailbox = session.get(Person, ref), session.get(Mailbox, WREN)
        assert person is not None
        assert mailbox is not None
        assert (person.name, person.invented, mailbox.person) == ("Wren Okafor", False, ref)


def test_somebody_who_is_here_already_gets_an_address(world: World) -> None:
    assert come(world, ask_in(world, person=BEA)) == BEA


def test_an_invitation_works_once(world: World) -> None:
    token = ask_in(world)
    come(world, token)
    with pytest.raises(InvitationOver, match="was used, was withdrawn, or is older than a week"):
        come(world, token)


def test_of_several_who_accept_at_once_one_succeeds(world: World) -> None:
    token, start, answers = ask_in(world), threading.Barrier(5), []

    def one() -> None:
        start.wait(timeout=20)
        try:
            come(world, token)
            answers.append("in")
        except LedgerError as fault:
            answers.append(type(fault).__name__)

    crew = [threading.Thread(target=one) for _ in range(5)]
    for each in crew:
        each.start()
    for each in crew:
        each.join(timeout=60)
    assert sorted(answers) == ["InvitationOver"] * 4 + ["in"]
    with world.database.reading() as session:
        assert len(session.exec(select(Person).where(Person.name == "Wren Okafor")).all()) == 1


def test_an_expired_or_withdrawn_invitation_is_never_revived(world: World) -> None:
    withdrawn = ask_in(world)
    withdraw(world)
    withdraw(world)
    late = ask_in(world, ref="two")
    world.today += timedelta(days=7)
    newer = ask_in(world, ref="three")
    for token in (withdrawn, late):
        with pytest.raises(InvitationOver):
            come(world, token)
        with world.database.reading() as session, pytest.raises(InvitationOver):
            invitation_for(session, token, world.clock())
    assert come(world, newer) is not None
    withdraw(world, "three")
    with world.database.reading() as session:
        now = world.clock()
        states = {row.ref: row.standing(now) for row in invitations_of(session, "marlmoor")}
    assert states == {"one": State.WITHDRAWN, "two": State.EXPIRED, "three": State.ACCEPTED}


def test_nothing_of_an_invitation_is_kept_a_month_after_its_end(world: World) -> None:
    ask_in(world)
    world.today += timedelta(days=37)
    ask_in(world, ref="two", address="other@glodbrook.example")
    with world.database.reading() as session:
        assert [row.ref for row in session.exec(select(Invitation))] == ["two"]


def test_only_a_registrar_of_the_authority_invites_and_withdraws(world: World) -> None:
    for other in (LEADER, FINANCE, BEA):
        with pytest.raises(NotYours):
            ask_in(world, by=other)
    ask_in(world)
    with pytest.raises(NotYours):
        withdraw(world, by=LEADER)
    with pytest.raises(NotFound):
        withdraw(world, ref="no such")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"address": "wren@glodbrook.example\r\nBcc: all@glodbrook.example"}, BadAddress),
        ({"name": " "}, NoName),
        ({"name": "x" * 101}, NoName),
        ({"name": "Wren\x00"}, NoName),
        ({"person": "p-nobody"}, NotFound),
        ({"address": "bea@glodbrook.example"}, AddressTaken),
        ({"address": WREN, "ref": "two"}, InvitedAlready),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(world: World, changes: dict[str, str], refusal: type[LedgerError]) -> None:
    with world.unit() as unit:
        add_mailbox(unit, person=BEA, address="bea@glodbrook.example")
        unit.commit()
    ask_in(world)
    given = {"ref": "three", "authority": "marlmoor", "address": "new@glodbrook.example", "name": "Wren", **changes}
    with world.unit() as unit, pytest.raises(refusal):
        invite(unit, inviter=REGISTRAR, **given)


def test_sent_twice_an_invitation_is_made_once(world: World) -> None:
    ask_in(world)
    with world.unit() as unit:
        again, token = invite(unit, ref="one", authority="marlmoor", address=WREN, name="Wren Okafor", inviter=REGISTRAR)
        assert (again.ref, token) == ("one", None)


def test_an_address_that_was_taken_in_the_meantime_is_not_given_away(world: World) -> None:
    token = ask_in(world)
    with world.unit() as unit:
        add_mailbox(unit, person=BEA, address=WREN)
        unit.commit()
    with pytest.raises(AddressTaken):
        come(world, token)
    with world.database.reading() as session:
        assert invitation_for(session, token, world.clock()).name == "Wren Okafor"
