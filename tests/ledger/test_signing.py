"""An instrument and terms say their scope, on what conditions, and who signs; each signs by their own act, or they wait."""

from datetime import date

import pytest
from msgspec.structs import replace

from ledger.door import post
from ledger.entries import DatabaseBook
from ledger.errors import NotFound
from ledger.kinds.deciding import BudgetOverPot
from ledger.kinds.devolving import (
    CannotSign,
    Devolution,
    InstrumentNotSigned,
    SignedForOthers,
    SignedTwice,
    Terms,
    VotingRule,
)
from ledger.kinds.living import NotLive, require_live
from ledger.kinds.signing import NotNamed, Signature, SignedBefore
from ledger.markers import told
from ledger.people import Role
from ledger.personal import held_about
from ledger.powers import agree_terms, devolve
from ledger.records import Actor, Draft, Recorded
from ledger.signatures import sign_it, signatories_of, waiting_for
from tests.ledger.conftest import CHAIR, CONNECTOR, LEADER, MONDAY, World, open_a_round

CONDITIONS = "Half of the hours go to the warm room."


def _to_be_signed(world: World, *signed: str) -> Recorded:
    with world.unit() as unit:
        entry = devolve(
            unit,
            authority="marlmoor",
            partnership="glodbrook",
            title="Glodbrook instrument",
            power="Minute 14",
            money=100,
            minutes=0,
            limits={"GBP": 100},
            begins=MONDAY,
            ends=date(2027, 3, 31),
            leader=LEADER,
            scope="Anything that the panel of Glodbrook decides",
            conditions=CONDITIONS,
            signatories=signed,
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


def test_an_instrument_holds_its_scope_its_signatories_and_the_digest_of_its_conditions(world: World) -> None:
    entry = _to_be_signed(world, CHAIR, "p-chief")
    assert isinstance(entry.payload, Devolution)
    assert entry.payload.to_sign == (CHAIR, "p-chief")
    with world.database.reading() as session:
        kept = DatabaseBook(session).entry(entry.index)
        assert kept == entry
        assert told(session, entry.payload.conditions or "").text == CONDITIONS


def test_whoever_holds_no_role_there_cannot_be_named(world: World) -> None:
    size = world.size()
    with pytest.raises(CannotSign):
        _to_be_signed(world, "p-operator")
    assert world.size() == size


@pytest.mark.parametrize("signed", [(CHAIR, CHAIR), (LEADER,)])
def test_everybody_signs_once(world: World, signed: tuple[str, ...]) -> None:
    with pytest.raises(SignedTwice):
        _to_be_signed(world, *signed)


def test_an_instrument_of_an_earlier_release_keeps_its_exact_bytes(world: World) -> None:
    entry = _to_be_signed(world, CHAIR)
    assert isinstance(entry.payload, Devolution)
    old = entry.payload.model_copy(update={"scope": None, "conditions": None, "to_sign": ()})
    assert set(old.model_dump(mode="json")) == {"title", "power", "begins", "ends", "limits"}


def sign(world: World, index: int, person: str, role: Role, key: str = "") -> Recorded:
    with world.unit() as unit:
        entry = sign_it(unit, index=index, actor=Actor(person, role), idempotency_key=key or world.key())
        unit.commit()
    return entry


def terms_under(world: World, devolution: Recorded, *signatories: str) -> Recorded:
    with world.unit() as unit:
        entry = agree_terms(
            unit, devolution=devolution.index, begins=MONDAY, review_on=MONDAY, sunset=date(2026, 12, 31), panel=5, quorum=3,
            limits={"GBP": 100}, voting_rule=VotingRule(minimum_votes=1), actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key=world.key(), signatories=signatories,
        )  # fmt: skip
        unit.commit()
    return entry


def test_no_terms_are_agreed_under_an_instrument_before_all_whom_it_names_have_signed(world: World) -> None:
    entry = _to_be_signed(world, CHAIR, CONNECTOR)
    for many, (who, role) in zip((2, 1), ((CHAIR, Role.CHAIR), (CONNECTOR, Role.CONNECTOR)), strict=True):
        size = world.size()
        with pytest.raises(InstrumentNotSigned, match=f"waits for {many} of its signatures"):
            terms_under(world, entry)
        assert world.size() == size
        sign(world, entry.index, who, role)
    assert terms_under(world, entry).index == world.size() - 1


def test_no_round_opens_under_terms_before_all_whom_they_name_have_signed(world: World) -> None:
    terms = terms_under(world, _to_be_signed(world), CHAIR, CONNECTOR)
    sign(world, terms.index, CHAIR, Role.CHAIR)
    with pytest.raises(NotLive, match="1 of the 2 signatures that its terms of reference name still to come"):
        open_a_round(world, budget=100)
    sign(world, terms.index, CONNECTOR, Role.CONNECTOR)
    with pytest.raises(BudgetOverPot):  # live now: all that is refused is to share out more than the £1 in the pot
        open_a_round(world, budget=10_000)


def test_nobody_signs_for_anybody_else_or_twice(world: World) -> None:
    entry = _to_be_signed(world, CHAIR)
    with pytest.raises(NotNamed):
        sign(world, entry.index, CONNECTOR, Role.CONNECTOR)
    with pytest.raises(NotFound):
        sign(world, _to_be_signed(world).index, CHAIR, Role.CHAIR)
    first = sign(world, entry.index, CHAIR, Role.CHAIR, key="once")
    assert sign(world, entry.index, CHAIR, Role.CHAIR, key="once") == first
    with pytest.raises(SignedBefore, match=f"in entry {first.index}"):
        sign(world, entry.index, CHAIR, Role.CHAIR)


def test_a_signature_says_what_it_signs(world: World) -> None:
    entry = _to_be_signed(world, CHAIR)
    with world.unit() as unit, pytest.raises(NotNamed):
        post(
            unit,
            Draft(
                authority="marlmoor", place="glodbrook", mandate=entry.index, payload=Signature(what="terms of reference"),
                actor=Actor(CHAIR, Role.CHAIR), effective_on=MONDAY, idempotency_key="other",
            ),
        )  # fmt: skip


def test_those_of_an_earlier_release_cannot_be_recorded_any_more_and_bind_as_they_did(world: World) -> None:
    devolution = _to_be_signed(world)
    terms = terms_under(world, devolution)
    assert isinstance(terms.payload, Terms)
    assert isinstance(devolution.payload, Devolution)
    for payload in (terms.payload, devolution.payload):
        with pytest.raises(SignedForOthers):
            payload.model_copy(update={"signed": (CHAIR,)}).offered()
    with world.database.reading() as session:
        old = replace(terms, payload=terms.payload.model_copy(update={"signed": (CHAIR,)}))
        assert isinstance(old.payload, Terms)
        require_live(old, old.payload, DatabaseBook(session), on=MONDAY)


def test_what_waits_for_whom_is_the_newest_of_a_place(world: World) -> None:
    entry = _to_be_signed(world, CHAIR)
    with world.database.reading() as session:
        assert [found.index for found in waiting_for(session, CHAIR, authorities=["marlmoor"])] == [entry.index]
        assert waiting_for(session, CONNECTOR, authorities=["marlmoor"]) == ()
        assert [each.signature for each in signatories_of(session, entry)] == [None]
    signed = sign(world, entry.index, CHAIR, Role.CHAIR)
    with world.database.reading() as session:
        assert waiting_for(session, CHAIR, authorities=["marlmoor"]) == ()
        assert [each.signature for each in signatories_of(session, entry)] == [signed]


def test_whoever_is_named_finds_it_among_what_is_held_about_them_before_they_sign(world: World) -> None:
    entry = _to_be_signed(world, CONNECTOR)
    with world.database.reading() as session:
        held = {(found.entry, found.kind) for found in held_about(session, CONNECTOR).entries}
    assert (entry.index, "devolution") in held
