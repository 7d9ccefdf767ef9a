"""Prototypes: shared whole or not at all, decided at the learning date on what was learned, adopted by others, or lapsed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from ledger.kinds.prototyping import Choice, Standing, Theme
from ledger.money import TIME
from ledger.people import Role, add_person
from ledger.personal import held_about
from ledger.places import Authority, Partnership
from ledger.powers import agree_terms, appoint, devolve, founding, open_books
from ledger.prototypes import Agreement, PrototypeView, decide, learning, prototype_view, prototypes, reflect, start
from ledger.records import Actor, Recorded
from ledger.retention import Keep, due
from ledger.unit_of_work import UnitOfWork
from ledger.verify import verify
from ledger.words import sentence
from tests.ledger.conftest import CHAIR, CONNECTOR, LEADER, MONDAY, SUNSET, World, agree_on_terms, devolve_to_glodbrook
from tests.ledger.forgetting import end_role
from tests.ledger.steps import done, refused

LEARNING, ENDS = date(2026, 6, 1), date(2026, 7, 31)
WHOLE = Agreement(
    title="Warm visits without a form",
    power="Decide on help up to £200 without asking",
    money=500_000,
    minutes=3_000,
    risk_share=6_000,
    risk_cap=250_000,
    leaders=("p-bea", "p-owen"),
    hypothesis="Help that needs no form comes sooner, and costs no more.",
    learning_on=LEARNING,
    ends=ENDS,
)
LEARNED = {Theme.PRACTICE: "People asked sooner.", Theme.SYSTEM: "The trust's phones cannot be shared."}


@pytest.fixture
def ready(world: World) -> World:
    """Glodbrook has live terms."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    return world


def terms(world: World, *, place: str = "glodbrook") -> int:
    from ledger.powers import terms_at  # noqa: PLC0415 - one question of its own

    with world.database.reading() as session:
        live = terms_at(session, place, on=world.today)
    assert live is not None
    return live.entry.index


def starting(
    world: World, agreement: Agreement = WHOLE, *, adopted_from: int | None = None, key: str | None = None
) -> Callable[[UnitOfWork], Recorded]:
    index, own = terms(world), key or world.key()
    return lambda unit: start(
        unit, terms=index, agreement=agreement, leader=LEADER, adopted_from=adopted_from, idempotency_key=own
    )


def deciding(
    world: World, prototype: Recorded, *, learned: dict[Theme, str] | None = None, who: Actor | None = None,
    choice: Choice = Choice.MAINSTREAM,
) -> Callable[[UnitOfWork], Recorded]:  # fmt: skip
    own, actor = world.key(), who or Actor(CHAIR, Role.CHAIR)
    return lambda unit: decide(
        unit, prototype=prototype.index, choice=choice, reasons="It worked.", actor=actor, idempotency_key=own, learned=learned
    )


def view(world: World, prototype: Recorded) -> PrototypeView:
    with world.database.reading() as session:
        return prototype_view(session, prototype.index, on=world.today)


@pytest.mark.parametrize(
    ("changed", "blank"),
    [
        ({"power": " "}, "its power"),
        ({"money": 0}, "its money"),
        ({"minutes": None}, "its hours"),
        ({"risk_share": 0}, "its risk share"),
        ({"risk_cap": None}, "the cap on its risk"),
        ({"leaders": ()}, "its leaders"),
        ({"hypothesis": " "}, "its hypothesis"),
        ({"learning_on": None}, "its learning date"),
        ({"ends": None}, "its last day"),
        ({"power": None, "ends": None}, "its power, its last day"),
    ],
)
def test_a_prototype_with_any_blank_cannot_start_and_the_refusal_names_it(
    ready: World, changed: dict[str, object], blank: str
) -> None:
    refused(ready, starting(ready, replace(WHOLE, **changed)), f"leaves blank: {blank}.")  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"learning_on": MONDAY}, "then comes its learning date"),
        ({"ends": date(2026, 5, 1)}, "then its last day"),
        ({"ends": date(2027, 1, 1)}, "after the sunset of its terms"),
        ({"money": 1_000_001}, "over the limit of £10,000"),
        ({"minutes": 6_001}, "over the limit of 100 hours"),
        ({"leaders": ("p-nobody",)}, "holds a role at marlmoor"),
        ({"leaders": ("p-bea", "p-bea")}, "named once"),
        ({"leaders": (LEADER,)}, "two different people"),
    ],
)
def test_a_prototype_stays_within_its_terms_and_is_led_by_others(ready: World, changed: dict[str, object], words: str) -> None:
    refused(ready, starting(ready, replace(WHOLE, **changed)), words)  # type: ignore[arg-type]  # fields by name


def test_no_prototype_starts_after_the_sunset(ready: World) -> None:
    step = starting(ready, replace(WHOLE, learning_on=date(2027, 1, 10), ends=date(2027, 1, 20)))
    ready.today = date(2027, 1, 1)
    refused(ready, step, "Renew the terms first")


def test_a_prototype_started_twice_under_one_key_is_one_prototype(ready: World) -> None:
    first, second = (done(ready, starting(ready, key="once")) for _ in range(2))
    assert first.index == second.index


def test_a_decision_waits_for_the_learning_date(ready: World) -> None:
    prototype = done(ready, starting(ready))
    ready.today = date(2026, 5, 31)
    assert view(ready, prototype).line.standing is Standing.RUNNING
    refused(ready, deciding(ready, prototype, learned=LEARNED), "learns until 2026-06-01")
    ready.today = LEARNING
    assert view(ready, prototype).line.standing is Standing.DUE
    done(ready, deciding(ready, prototype, learned=LEARNED))
    assert view(ready, prototype).line.standing is Standing.MAINSTREAMED


def test_a_decision_without_learning_under_any_theme_is_refused(ready: World) -> None:
    prototype = done(ready, starting(ready))
    ready.today = LEARNING
    refused(ready, deciding(ready, prototype, learned={Theme.PRACTICE: "  "}), "Nothing that was learned")
    done(ready, deciding(ready, prototype, learned={Theme.PRACTICE: "People asked sooner."}))


def test_a_prototype_is_decided_on_once_and_not_by_who_leads_it(ready: World) -> None:
    led_by_the_chair = done(ready, starting(ready, replace(WHOLE, leaders=(CHAIR,))))
    ready.today = LEARNING
    refused(ready, deciding(ready, led_by_the_chair, learned=LEARNED), "Whoever leads a prototype")
    done(ready, deciding(ready, led_by_the_chair, learned=LEARNED, who=Actor(LEADER, Role.AUTHORITY_LEADER)))
    refused(ready, deciding(ready, led_by_the_chair, learned=LEARNED), "was decided on in entry")


def test_the_day_after_its_end_an_undecided_prototype_has_lapsed_and_nothing_more_rests_on_it(ready: World) -> None:
    prototype = done(ready, starting(ready))
    ready.today = ENDS
    assert view(ready, prototype).line.standing is Standing.DUE
    ready.today = date(2026, 8, 1)
    assert view(ready, prototype).line.standing is Standing.LAPSED
    refused(ready, deciding(ready, prototype, learned=LEARNED), "has lapsed")
    reflecting = {"prototype": prototype.index, "theme": Theme.PRACTICE, "learned": "Late.", "idempotency_key": "late"}
    refused(ready, lambda unit: reflect(unit, actor=Actor(CONNECTOR, Role.CONNECTOR), **reflecting), "has lapsed")  # type: ignore[arg-type]  # by name
    next_one = replace(WHOLE, learning_on=date(2026, 9, 1), ends=date(2026, 10, 1))
    refused(ready, starting(ready, next_one, adopted_from=prototype.index), "lapsed without a decision")


def test_what_was_stopped_or_is_no_prototype_cannot_be_adopted(ready: World) -> None:
    prototype = done(ready, starting(ready))
    refused(ready, starting(ready, adopted_from=terms(ready)), "it starts no prototype")
    ready.today = LEARNING
    done(ready, deciding(ready, prototype, learned=LEARNED, choice=Choice.STOP))
    again = replace(WHOLE, learning_on=date(2026, 6, 20))
    refused(ready, starting(ready, again, adopted_from=prototype.index), "that prototype is stopped")


def overvale(world: World) -> int:
    """Another authority, with a place and terms of its own; gives the entry of the terms."""
    with world.unit() as unit:
        for name in ("reg", "lead", "new"):
            add_person(unit.session, name=f"Overvale {name}", ref=f"p-over-{name}")
        open_books(
            unit, authority=Authority(slug="overvale", name="Overvale", currency="GBP"), registrar="p-over-reg",
            operator="p-operator", idempotency_key=world.key(),
        )  # fmt: skip
        unit.session.add(Partnership(slug="kelder", authority="overvale", name="Kelder"))
        unit.session.flush()
        for person, role, place in (
            ("p-over-lead", Role.AUTHORITY_LEADER, None), ("p-over-new", Role.RESIDENT, "kelder"),
        ):  # fmt: skip
            appoint(
                unit, authority="overvale", registrar="p-over-reg", person=person, role=role, place=place,
                idempotency_key=world.key(),
            )  # fmt: skip
        given = devolve(
            unit, authority="overvale", partnership="kelder", title="Kelder", power="Minute 2", money=2_000_000,
            minutes=9_000, limits={"GBP": 1_000_000, TIME: 6_000}, begins=world.today, ends=date(2027, 3, 31),
            leader="p-over-lead", idempotency_key=world.key(),
        )  # fmt: skip
        from ledger.kinds.devolving import VotingRule  # noqa: PLC0415 - for this story only

        agreed = agree_terms(
            unit, devolution=given.index, begins=world.today, review_on=date(2026, 6, 30), sunset=SUNSET, panel=0, quorum=1,
            limits={"GBP": 1_000_000, TIME: 6_000}, voting_rule=VotingRule(minimum_votes=1),
            actor=Actor("p-over-lead", Role.AUTHORITY_LEADER), idempotency_key=world.key(),
        )  # fmt: skip
        unit.commit()
    return agreed.index


def test_another_authority_adopts_a_prototype_and_both_show_the_lineage(ready: World) -> None:
    first = done(ready, starting(ready))
    agreed = overvale(ready)
    theirs = replace(WHOLE, title="Warm visits in Kelder", leaders=("p-over-new",))
    adopted = done(
        ready,
        lambda unit: start(
            unit, terms=agreed, agreement=theirs, leader="p-over-lead", adopted_from=first.index, idempotency_key="theirs"
        ),
    )
    third = done(ready, starting(ready, adopted_from=adopted.index))
    assert [line.entry.index for line in view(ready, first).descendants] == [adopted.index, third.index]
    assert [line.entry.index for line in view(ready, adopted).ancestors] == [first.index]
    assert [line.entry.index for line in view(ready, third).ancestors] == [first.index, adopted.index]
    assert [line.entry.authority for line in view(ready, third).ancestors] == ["marlmoor", "overvale"]


def test_what_was_learned_is_gathered_by_theme_and_verified(ready: World) -> None:
    prototype = done(ready, starting(ready))
    ready.today = LEARNING
    decision = done(ready, deciding(ready, prototype, learned=LEARNED))
    with ready.database.reading() as session:
        gathered = learning(session, on=ready.today)
        listed = prototypes(session, on=ready.today, place="glodbrook")
        founded = founding(session, "marlmoor")
    assert list(gathered) == list(Theme)
    assert {theme: [each.told.text for each in found] for theme, found in gathered.items() if found} == {
        theme: [words] for theme, words in LEARNED.items()
    }
    assert [line.entry.index for line in listed] == [prototype.index]
    assert founded.index < prototype.index
    seen = view(ready, prototype)
    assert (seen.hypothesis.text, seen.reasons.text) == (WHOLE.hypothesis, "It worked.")
    assert sentence(decision, seen.names) == f"The prototype in entry {prototype.index} was decided on: mainstream."
    with ready.database.reading() as session:
        verify(session)


def test_a_leader_finds_the_prototype_among_what_is_held_about_them(ready: World) -> None:
    prototype = done(ready, starting(ready))
    with ready.database.reading() as session:
        held = held_about(session, "p-owen")
    assert (prototype.index, "names") in [(entry.entry, entry.link) for entry in held.entries]


def test_the_name_of_a_leader_is_kept_for_years_after_the_prototype_ended_and_not_only_after_their_role(ready: World) -> None:
    done(ready, starting(ready))
    end_role(ready, "p-bea")
    with ready.database.reading() as session:
        found = due(session, Keep(people_years=7, ballot_days=365), today=date(2090, 1, 1))
    assert [person.last for person in found.people if person.ref == "p-bea"] == [ENDS]
