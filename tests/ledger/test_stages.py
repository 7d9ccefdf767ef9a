"""A round's stages turn by the clock, and what was recorded decides before the clock does."""

from datetime import date, timedelta

import pytest

from ledger.kinds.payload import RoundNotReady
from ledger.kinds.round_rules import Calendar
from ledger.rounds.stages import Facts, Stage, UnknownOutcome, plan, stage_of

OPENS, CLOSES = date(2026, 5, 1), date(2026, 5, 21)
DAYS = Calendar(
    ideas_on=date(2026, 3, 2),
    shaping_on=date(2026, 4, 1),
    deliberation_on=date(2026, 4, 20),
    counted_by=date(2026, 5, 25),
    ratified_by=date(2026, 6, 5),
    delivering_on=date(2026, 6, 8),
    reflected_on=date(2026, 12, 1),
    closed_on=date(2027, 2, 1),
)


def facts(**changed: object) -> Facts:
    told: dict[str, object] = {"opens_on": OPENS, "closes_on": CLOSES, "calendar": DAYS, "frozen": True}
    return Facts(**(told | changed))  # type: ignore[arg-type]  # the fields by their names


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        ("2026-03-01", Stage.COMING), ("2026-03-02", Stage.IDEAS), ("2026-03-31", Stage.IDEAS), ("2026-04-01", Stage.SHAPING),
        ("2026-04-20", Stage.DELIBERATION), ("2026-04-30", Stage.DELIBERATION), ("2026-05-01", Stage.VOTING),
        ("2026-05-21", Stage.VOTING), ("2026-05-22", Stage.VOTED), ("2030-01-01", Stage.VOTED),
    ],
)  # fmt: skip
def test_until_the_count_stages_turn_by_the_clock_alone(day: str, stage: Stage) -> None:
    assert stage_of(facts(), date.fromisoformat(day)) is stage


@pytest.mark.parametrize(
    ("outcome", "day", "stage"),
    [
        (None, "2026-05-22", Stage.COUNTED), (None, "2030-01-01", Stage.COUNTED), ("ratified", "2026-06-01", Stage.RATIFIED),
        ("ratified", "2026-06-08", Stage.DELIVERING), ("ratified", "2026-12-01", Stage.REFLECTED),
        ("ratified", "2027-02-01", Stage.CLOSED), ("refused", "2026-06-08", Stage.REFUSED),
        ("refused", "2026-12-24", Stage.REFUSED), ("refused", "2027-02-01", Stage.CLOSED),
    ],
)  # fmt: skip
def test_after_the_count_what_was_decided_comes_before_the_clock(outcome: str | None, day: str, stage: Stage) -> None:
    assert stage_of(facts(counted=True, outcome=outcome), date.fromisoformat(day)) is stage


@pytest.mark.parametrize("later", [0, 10, 400])
def test_no_vote_begins_before_the_rules_are_frozen_however_late_it_is(later: int) -> None:
    assert stage_of(facts(frozen=False), OPENS + timedelta(days=later)) is Stage.DELIBERATION


def test_a_round_that_announced_its_vote_alone_has_the_stages_it_always_had() -> None:
    old = facts(calendar=None)
    assert [stage_of(old, day) for day in (OPENS - timedelta(days=1), OPENS, CLOSES + timedelta(days=1))] == [
        Stage.COMING,
        Stage.VOTING,
        Stage.VOTED,
    ]
    decided = facts(calendar=None, counted=True, outcome="ratified")
    assert stage_of(decided, date(2040, 1, 1)) is Stage.RATIFIED
    assert [row.stage for row in plan(old) if row.first] == [Stage.VOTING]


@pytest.mark.parametrize("odd", [{"counted": True, "outcome": "shelved"}, {"counted": False, "outcome": "ratified"}])
def test_an_outcome_that_no_stage_follows_is_never_taken_for_another(odd: dict[str, object]) -> None:
    with pytest.raises(UnknownOutcome):
        stage_of(facts(**odd), OPENS)


def test_every_day_from_the_first_idea_to_the_close_belongs_to_one_stage_of_the_plan() -> None:
    rows = [row for row in plan(facts()) if row.first is not None]
    assert [row.name for row in plan(facts())] == [
        "Ideas", "Shaping", "Deliberation", "Voting", "Counted", "Ratified", "Delivering", "Reflected", "Closed",
    ]  # fmt: skip
    assert all(row.everybody_sees and row.who_may for row in plan(facts()))
    assert (rows[0].first, rows[-1].first) == (DAYS.ideas_on, DAYS.closed_on)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"shaping_on": date(2026, 3, 1)}, "shaping begins on 2026-03-01, and gathering ideas begins on 2026-03-02"),
        ({"deliberation_on": date(2026, 5, 2)}, "voting opens on 2026-05-01"),
        ({"counted_by": date(2026, 5, 20)}, "voting closes on 2026-05-21"),
        ({"closed_on": date(2026, 11, 1)}, "the round closes on 2026-11-01"),
    ],
)
def test_stages_that_do_not_follow_each_other_are_refused(changed: dict[str, date], words: str) -> None:
    with pytest.raises(RoundNotReady, match=words):
        Calendar.model_validate(DAYS.model_dump() | changed).check(OPENS, CLOSES)
