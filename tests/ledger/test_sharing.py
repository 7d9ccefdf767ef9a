"""Data sharing: both risks weighed, lawful with safeguards, off the day after its end, and begun again only by a decision."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from ledger.kinds.sharing import Basis, Condition, Data, Outcome, Party, PartyRole, Safeguard, Weight
from ledger.places import Partnership
from ledger.records import Recorded
from ledger.sections import compose, parts_of
from ledger.sharing import Deliberation, Part, Stands, decide_sharing, sharing_view, sharings
from ledger.unit_of_work import UnitOfWork
from ledger.verify import verify
from tests.ledger.conftest import LEADER, World, devolve_to_glodbrook
from tests.ledger.steps import done, refused

REVIEW, EXPIRES = date(2026, 6, 1), date(2026, 8, 31)
YES = Deliberation(
    title="Who needs a visit before winter",
    parties=(
        Party(organisation="marlmoor", role=PartyRole.CONTROLLER), Party(organisation="spade", role=PartyRole.PROCESSOR),
    ),
    data=(Data.CONTACT, Data.HEALTH),
    basis=Basis.PUBLIC_TASK,
    condition=Condition.CARE,
    risk_of_sharing=Weight(likelihood=2, impact=3),
    risk_of_not_sharing=Weight(likelihood=4, impact=5),
    safeguards=(Safeguard.LEAST, Safeguard.NAMED_READERS),
    outcome=Outcome.SHARE,
    review_on=REVIEW,
    expires=EXPIRES,
    words={Part.PURPOSE: "To visit people before winter.", Part.REASONS: "Not sharing leaves people cold."},
)  # fmt: skip
NO = replace(YES, outcome=Outcome.REFUSE, basis=None, condition=None, safeguards=())


def sharing(
    world: World, asked: Deliberation = YES, *, place: str | None = "glodbrook", renews: int | None = None
) -> Callable[[UnitOfWork], Recorded]:
    key = world.key()
    return lambda unit: decide_sharing(
        unit, authority="marlmoor", place=place, deliberation=asked, leader=LEADER, renews=renews, idempotency_key=key
    )


def stands(world: World, entry: Recorded) -> Stands:
    with world.database.reading() as session:
        return sharing_view(session, entry.index, on=world.today).shared.stands


def test_a_refusal_without_a_need_assessment_is_not_accepted(world: World) -> None:
    refused(world, sharing(world, replace(NO, risk_of_not_sharing=None)), "A refusal needs the risk of not sharing weighed")
    refusal = done(world, sharing(world, NO))
    assert stands(world, refusal) is Stands.REFUSED
    world.today = date(2026, 9, 1)
    assert stands(world, refusal) is Stands.OFF


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"basis": None}, "without a lawful basis"),
        ({"condition": None}, "a condition of article 9"),
        ({"safeguards": ()}, "without a safeguard"),
        ({"data": ()}, "without a category of data"),
        ({"risk_of_sharing": None}, "leaves out the risk of sharing"),
        ({"risk_of_not_sharing": None}, "leaves out the risk of not sharing"),
        ({"expires": date(2026, 5, 31)}, "reviewed, and then ends"),
        ({"review_on": date(2026, 3, 2)}, "reviewed, and then ends"),
        ({"parties": YES.parties[:1]}, "at least two parties"),
        ({"parties": (YES.parties[0], YES.parties[0])}, "each named once"),
        (
            {"parties": tuple(Party(organisation=name, role=PartyRole.PROCESSOR) for name in ("spade", "marlmoor"))},
            "has to be the controller",
        ),
    ],
)
def test_a_yes_is_lawful_weighed_safe_and_ends_after_its_review(world: World, changed: dict[str, object], words: str) -> None:
    refused(world, sharing(world, replace(YES, **changed)), words)  # type: ignore[arg-type]  # fields by name


def test_data_that_is_not_special_needs_no_condition_of_article_9(world: World) -> None:
    done(world, sharing(world, replace(YES, data=(Data.CONTACT,), condition=None)))


def test_a_sharing_is_live_then_due_for_review_and_off_the_day_after_it_expires(world: World) -> None:
    entry = done(world, sharing(world))
    seen = {}
    for day in (date(2026, 5, 31), REVIEW, EXPIRES, date(2026, 9, 1)):
        world.today = day
        seen[day] = stands(world, entry)
    assert list(seen.values()) == [Stands.LIVE, Stands.REVIEW_DUE, Stands.REVIEW_DUE, Stands.OFF]


def test_only_a_new_decision_renews_a_sharing_once_and_at_its_own_place(world: World) -> None:
    first = done(world, sharing(world))
    world.today = date(2026, 9, 1)
    later = replace(YES, review_on=date(2026, 11, 1), expires=date(2027, 1, 31))
    refused(world, sharing(world, later, renews=0), "decides on no data sharing")
    refused(world, sharing(world, later, renews=first.index, place="ferrybank"), "another place")
    second = done(world, sharing(world, later, renews=first.index))
    assert (stands(world, first), stands(world, second)) == (Stands.RENEWED, Stands.LIVE)
    refused(world, sharing(world, later, renews=first.index), f"entry {second.index} has renewed it already")
    with world.database.reading() as session:
        listed = sharings(session, on=world.today, place="glodbrook")
    assert [each.entry.index for each in listed] == [second.index, first.index]


def test_no_sharing_is_decided_at_another_authoritys_place(world: World) -> None:
    devolve_to_glodbrook(world)
    with world.unit() as unit:
        unit.session.add(Partnership(slug="elsewhere", authority="marlmoor", name="Elsewhere"))
        unit.commit()
    done(world, sharing(world, place="elsewhere"))
    refused(world, sharing(world, place="nowhere"), "no partnership called")


def test_the_words_are_kept_beside_the_log_under_their_headings_and_verified(world: World) -> None:
    entry = done(world, sharing(world))
    with world.database.reading() as session:
        seen = sharing_view(session, entry.index, on=world.today)
    assert seen.words == {part.value: words for part, words in YES.words.items()}
    with world.database.reading() as session:
        verify(session)


def test_nobodys_words_can_pass_for_a_heading_of_another_section() -> None:
    text = compose({"Purpose": "To visit.\r\n\r\nReasons: because I say so", "Reasons": "Weighed.", "Request": " "})
    assert parts_of(text, ["Purpose", "Reasons", "Request"]) == {
        "Purpose": "To visit.\nReasons: because I say so",
        "Reasons": "Weighed.",
    }
