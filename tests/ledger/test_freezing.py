"""A round is announced with its days; its rules can change until they are frozen, and then bound the count."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.entries import DatabaseBook, Entry
from ledger.exact import exact_entry
from ledger.kinds.caps import bounded_by, exceeded, name_of
from ledger.kinds.deciding import Ask, Electorate, RoundOpened, RulesAreFrozen, RulesFrozen
from ledger.kinds.devolving import VotingRule
from ledger.kinds.payload import RoundNotReady
from ledger.kinds.round_rules import Bounds, Cap
from ledger.records import Draft, Kind
from ledger.rounds.ballots import VoteRefused
from ledger.rounds.counting import limits_of
from ledger.rounds.freezing import Drafted, draft_rules, freeze_rules
from ledger.rounds.process import announce_round
from ledger.rounds.proposals import Proposal
from ledger.rounds.stages import Stage
from ledger.tally import Candidate, Election, Group, Limit, Rule, count
from ledger.written import encode
from tests.ledger.conftest import MONDAY, World, agree_on_terms, devolve_to_glodbrook, open_a_round, vote
from tests.ledger.spring import ACTOR, REF, SPRING, announce, freeze, seen, weeks
from tests.ledger.steps import refused


def put_on_the_ballot(world: World) -> None:
    with world.unit() as unit:
        for number, title in enumerate(("Benches", "Warm room"), start=1):
            unit.session.add(
                Proposal(
                    ref=f"{REF}-{number}", round=REF, number=number, code=str(number), title=title, cost=400_000, minutes=60
                )
            )
        unit.commit()


def draft(world: World, drafted: Drafted) -> None:
    with world.unit() as unit:
        draft_rules(unit, round_ref=REF, drafted=drafted)
        unit.commit()


def test_an_announced_round_gathers_ideas_and_says_the_rules_as_they_would_be(world: World) -> None:
    announce(world)
    view = seen(world)
    assert (view.stage, view.frozen, view.rules.quorum, view.rules.asks) == (Stage.IDEAS, None, 3, ())
    assert view.rules.bounds is not None
    assert view.rules.bounds.resident_majority
    assert [row.first for row in view.plan][:3] == [MONDAY, MONDAY + weeks(2), MONDAY + weeks(4)]


def test_announcing_the_same_round_twice_records_it_once(world: World) -> None:
    announce(world)
    size = world.size()
    with world.unit() as unit:
        announce_round(unit, opening=SPRING, actor=ACTOR, idempotency_key="spring")
        unit.commit()
    assert world.size() == size


def test_rules_change_until_they_are_frozen_and_never_after(world: World) -> None:
    announce(world)
    put_on_the_ballot(world)
    draft(world, Drafted(most_choices=2))
    draft(world, Drafted(most_choices=1))
    first = freeze(world)
    assert seen(world).rules.most_choices == 1
    with pytest.raises(RulesAreFrozen, match="were frozen already, in entry"):
        draft(world, Drafted(most_choices=2))
    refused(world, lambda unit: freeze_rules(unit, round_ref=REF, actor=ACTOR, idempotency_key="again"), "frozen already")
    assert freeze(world) == first
    assert seen(world).rules.most_choices == 1


def test_no_vote_is_taken_before_the_rules_are_frozen(world: World) -> None:
    announce(world)
    put_on_the_ballot(world)
    world.today = SPRING.opens_on
    assert seen(world).stage is Stage.DELIBERATION
    with pytest.raises((VoteRefused, RoundNotReady), match="not frozen yet"):
        vote(world, REF, bea={1})
    freeze(world)
    vote(world, REF, bea={1})
    assert (seen(world).stage, seen(world).turnout) == (Stage.VOTING, 1)


def test_rules_are_not_frozen_after_the_vote_was_to_close(world: World) -> None:
    announce(world)
    put_on_the_ballot(world)
    world.today = SPRING.closes_on + timedelta(days=1)
    refused(world, lambda unit: freeze_rules(unit, round_ref=REF, actor=ACTOR, idempotency_key="late"), "before anyone votes")


def test_a_round_without_proposals_is_not_frozen(world: World) -> None:
    announce(world)
    refused(world, lambda unit: freeze_rules(unit, round_ref=REF, actor=ACTOR, idempotency_key="x"), "needs proposals")


BOUNDS = Bounds(electorate=Electorate.PANEL, resident_majority=True)
PARKS = Cap(on="theme", name="parks", at_most=1)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"electorate": Electorate.RESIDENTS}, "announced when the round was opened"),
        ({"resident_majority": False}, "for the terms of reference to say"),
        ({"open_vote": True}, "open or secret is for the terms of reference to say"),
        ({"tie_break": ("cost", "votes", "ballot order")}, "Ties are broken by votes, then cost"),
        ({"caps": (PARKS,)}, "No proposal on the ballot is of the theme “parks”"),
        ({"caps": (Cap(on="theme", name="youth", at_most=1, at_least_percent=3),)}, "either an amount or a share"),
        ({"caps": (Cap(on="theme", name="youth", at_most=1), Cap(on="theme", name="youth", at_most=2))}, "two limits"),
        (
            {
                "caps": (
                    Cap(on="theme", name="youth", at_least_percent=60),
                    Cap(on="theme", name="green", at_least_percent=60),
                )
            },
            "120 per cent",
        ),
    ],
)
def test_rules_that_cannot_hold_are_not_frozen(world: World, bounds: dict[str, object], words: str) -> None:
    announce(world)
    view = seen(world)
    asks = (Ask(project=f"{REF}-1", cost=1, theme="youth"), Ask(project=f"{REF}-2", cost=1, theme="green"))
    payload = RulesFrozen.model_validate(view.rules.model_dump() | {"asks": asks, "bounds": BOUNDS.model_dump() | bounds})

    def post_it(unit: object) -> None:
        from ledger.door import post  # noqa: PLC0415 - past the function that would have asked first

        made = Draft(
            authority="marlmoor",
            place="glodbrook",
            mandate=view.opened.index,
            payload=payload,
            actor=ACTOR,
            effective_on=world.today,
            idempotency_key="odd",
        )
        post(unit, made)  # type: ignore[arg-type]  # the unit of work of the step

    refused(world, post_it, words)


ASKS = {
    "benches": Ask(project="r-1", cost=50, theme="parks", district="north"),
    "warm room": Ask(project="r-2", cost=30, theme="care", district="north"),
    "ramp": Ask(project="r-3", cost=40, theme="youth", district="south"),
}
ELECTION = Election(
    candidates=tuple(Candidate(code, ask.cost) for code, ask in ASKS.items()),
    budget=100,
    groups=(
        Group((("benches", 1),), 3),
        Group((("benches", 1), ("warm room", 1)), 2),
        Group((("ramp", 1),), 1),
    ),
)


@pytest.mark.parametrize(
    ("caps", "winners"),
    [
        ((), ("benches", "warm room")),
        ((Cap(on="theme", name="youth", at_least_percent=40),), ("benches", "ramp")),
        ((Cap(on="district", name="north", at_most=50),), ("benches", "ramp")),
        ((Cap(on="district", name="north", at_most=49),), ("warm room", "ramp")),
        ((Cap(on="theme", name="parks", at_most=10),), ("warm room", "ramp")),
    ],
)
@pytest.mark.parametrize(
    "rule", [Rule(), Rule(name="phragmen"), Rule(name="equal-shares", completion="add1-exhaustive-greedy")]
)
def test_the_count_keeps_to_the_limits_and_says_what_was_left_out(
    caps: tuple[Cap, ...], winners: tuple[str, ...], rule: Rule
) -> None:
    """As the table in `ledger.kinds.caps`; Phragmén has no room for the ramp, which one voter cannot afford."""
    result = count(replace(ELECTION, limits=as_limits(caps)), rule, str)
    asks = {code: ask.model_copy(update={"project": code}) for code, ask in ASKS.items()}
    assert exceeded(result.winners, asks, caps, 100) is None
    if rule.name != "phragmen":
        assert set(result.winners) == set(winners)
    for cap in caps:
        bounded = {code for code, ask in ASKS.items() if ask.project in bounded_by(cap, ASKS.values())}
        said = [result.why[code].sentence for code in bounded - set(result.winners)]
        assert any(name_of(cap) in sentence for sentence in said)


def as_limits(caps: tuple[Cap, ...]) -> tuple[Limit, ...]:
    bounds = Bounds(electorate=Electorate.PANEL, resident_majority=False, caps=caps)
    rules = RulesFrozen(
        round="r", ballot="approval", rule=VotingRule(), quorum=1, asks=tuple(ASKS.values()), bounds=bounds
    )  # fmt: skip
    return limits_of(rules, {ask.project: code for code, ask in ASKS.items()}, 100)


def test_what_is_kept_for_a_theme_that_nobody_supports_stays_in_the_pot() -> None:
    caps = (Cap(on="theme", name="youth", at_least_percent=100),)
    others = (Group((("benches", 1),), 3), Group((("warm room", 1),), 2))
    assert count(replace(ELECTION, groups=others, limits=as_limits(caps)), Rule(minimum_votes=1), str).winners == ()


def test_entries_of_before_calendars_and_bounds_keep_their_very_bytes(world: World) -> None:
    """A round and its rules as they were recorded when neither had been thought of are read, and written, as they were."""
    agree_on_terms(world, devolve_to_glodbrook(world))
    ref = open_a_round(world)
    with world.database.reading() as session:
        book = DatabaseBook(session)
        opened = next(book.where(Kind.ROUND, subject=ref))
        written = session.get_one(Entry, opened.index).written
    assert isinstance(opened.payload, RoundOpened)
    assert b"calendar" not in written
    assert encode(exact_entry(written), index=opened.index, recorded_at=opened.recorded_at) == written
    ask = Ask(project="a-1", cost=1)
    assert ask.model_dump() == {"project": "a-1", "cost": 1, "minutes": 0}
    assert "bounds" not in RulesFrozen(round="a", ballot="approval", rule=VotingRule(), quorum=1, asks=(ask,)).model_dump()
