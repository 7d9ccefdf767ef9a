"""A partnership goes live with a resident majority, a connector and an accountability partner, and not a day without."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from ledger.door import post
from ledger.entries import DatabaseBook
from ledger.kinds.authority import Change, NotASeat
from ledger.kinds.devolving import FirstEdition, Terms, VotingRule
from ledger.kinds.living import NotLive, missing, require_live
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Actor, Draft, Recorded
from ledger.unit_of_work import UnitOfWork
from ledger.written import decode, encode
from tests.ledger.conftest import (
    CONNECTOR,
    LEADER,
    MONDAY,
    PANEL,
    PARTNER,
    REGISTRAR,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    open_a_round,
    ratify_result,
    vote,
)


def _appoint(world: World, person: str, role: Role, *, change: Change = Change.APPOINTED, resident: bool = False) -> Recorded:
    place = None if role is Role.ACCOUNTABILITY_PARTNER else "glodbrook"
    with world.unit() as unit:
        entry = appoint(
            unit,
            authority="marlmoor",
            place=place,
            person=person,
            role=role,
            change=change,
            resident=resident,
            registrar=REGISTRAR,
            idempotency_key=world.key(),
        )
        unit.commit()
    return entry


def _end(world: World, person: str, role: Role) -> None:
    _appoint(world, person, role, change=Change.ENDED)


def _end_all(world: World, members: tuple[str, ...]) -> None:
    for member in members:
        _end(world, member, Role.PANEL_MEMBER)


LOSSES: dict[str, tuple[Callable[[World], object], str]] = {
    "without a resident majority": (
        lambda world: _end_all(world, PANEL[:3]),
        "no resident majority on its panel (1 of 2 seats)",
    ),
    "without a community connector": (lambda world: _end(world, CONNECTOR, Role.CONNECTOR), "no community connector in post"),
    "without an accountability partner": (
        lambda world: _end(world, PARTNER, Role.ACCOUNTABILITY_PARTNER),
        "no accountability partner",
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_a_partnership_cannot_open_its_first_round(loss: str, world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    lose, words = LOSSES[loss]
    lose(world)
    size = world.size()
    with pytest.raises(NotLive) as refused:
        open_a_round(world)
    assert refused.value.sentence == (
        f"The partnership glodbrook is not live on {MONDAY}: it has {words}. "
        "Ask the registrar to appoint, or who is named to sign; nothing was recorded."
    )
    assert world.size() == size


@pytest.mark.parametrize("loss", LOSSES)
def test_a_partnership_cannot_allocate_any_more(loss: str, world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    close(world, ref)
    lose, words = LOSSES[loss]
    lose(world)
    size = world.size()
    with pytest.raises(NotLive) as refused:
        ratify_result(world, ref)
    assert words in refused.value.sentence
    assert (world.size(), world.balance("award/glodbrook-one-1")) == (size, 0)


def test_everything_that_is_missing_is_named_in_one_sentence(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    for lose, _ in LOSSES.values():
        lose(world)
    with pytest.raises(NotLive) as refused:
        open_a_round(world)
    assert all(words in refused.value.sentence for _, words in LOSSES.values())


def test_half_of_a_panel_is_no_majority_and_one_more_seat_of_a_resident_is(world: World) -> None:
    agree_on_terms(world, devolve_to_glodbrook(world))
    _end_all(world, PANEL[:3])
    with pytest.raises(NotLive):
        open_a_round(world)
    _appoint(world, PANEL[0], Role.PANEL_MEMBER, resident=True)
    assert open_a_round(world) == "glodbrook-one"


def test_a_role_that_ends_tonight_still_counts_today_and_no_longer_tomorrow(world: World) -> None:
    terms = agree_on_terms(world, devolve_to_glodbrook(world))
    assert isinstance(terms.payload, Terms)
    with world.unit() as unit:
        appoint(
            unit,
            authority="marlmoor",
            person=PARTNER,
            role=Role.ACCOUNTABILITY_PARTNER,
            ends=MONDAY,
            registrar=REGISTRAR,
            idempotency_key=world.key(),
        )
        unit.commit()
    with world.database.reading() as session:
        book = DatabaseBook(session)
        for on, lacks in ((MONDAY, []), (MONDAY + timedelta(days=1), ["no accountability partner"])):
            assert missing(book, entry=terms, terms=terms.payload, on=on) == lacks


def test_where_all_residents_vote_no_seats_are_counted(world: World) -> None:
    entry = replace(agree_on_terms(world, devolve_to_glodbrook(world)), place="ferrybank")
    terms = entry.payload
    assert isinstance(terms, Terms)
    with world.database.reading() as session:
        for changed in ({"panel": 0}, {"resident_majority": False}):
            lacks = missing(
                DatabaseBook(session),
                entry=entry,
                terms=terms.model_copy(update=changed),
                on=MONDAY,
            )
            assert lacks == ["no community connector in post"]


def test_only_a_seat_on_a_panel_is_a_residents_seat(world: World) -> None:
    with pytest.raises(NotASeat):
        _appoint(world, "p-chief", Role.CONNECTOR, resident=True)


def test_terms_of_the_first_edition_are_not_recorded_any_more_and_keep_their_bytes_and_their_law(world: World) -> None:
    """Those of an old log hold no `edition`: they read, verify and bind as they did."""
    devolution = devolve_to_glodbrook(world)
    old = Terms(
        version=1,
        begins=MONDAY,
        review_on=MONDAY,
        sunset=date(2026, 12, 31),
        panel=5,
        quorum=3,
        resident_majority=True,
        limits={"GBP": 1, TIME: 1},
        voting_rule=VotingRule(),
    )
    assert "edition" not in old.model_dump(mode="json")
    with world.unit() as unit, pytest.raises(FirstEdition):
        post(unit, _terms_draft(unit, world, devolution, old))
    with world.unit() as unit:
        written = encode(_terms_draft(unit, world, devolution, old), index=devolution.index + 1, recorded_at=world.clock())
    entry = decode(written)
    assert entry.payload == old
    assert encode(entry, index=entry.index, recorded_at=entry.recorded_at) == written
    with world.database.reading() as session:  # and what rests on them asks for no more than it did
        require_live(entry, old.model_copy(update={"panel": 99}), DatabaseBook(session), on=date(2030, 1, 1))


def _terms_draft(unit: UnitOfWork, world: World, devolution: Recorded, payload: Terms) -> Draft:
    return Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=devolution.index,
        payload=payload,
        actor=Actor(LEADER, Role.AUTHORITY_LEADER),
        effective_on=unit.today(),
        idempotency_key=world.key(),
    )
