"""Where a round stands: a pure function of what was recorded, of the days it announced, and of the day that it is asked.

Nothing has to run for a stage to turn. What was recorded decides before the clock does: without frozen rules no vote begins,
without a count the round is not counted however late it is, and after a refusal nothing is delivered.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ledger.kinds.round_rules import Calendar


class Stage(StrEnum):
    """Where a round stands, in the words of the page; in the order in which it moves on."""

    COMING = "opens soon"
    IDEAS = "gathering ideas"
    SHAPING = "shaping proposals"
    DELIBERATION = "in deliberation"
    VOTING = "open for votes"
    VOTED = "voting is over"
    COUNTED = "counted, waiting for ratification"
    RATIFIED = "ratified"
    REFUSED = "refused"
    DELIVERING = "being delivered"
    REFLECTED = "reflected on"
    CLOSED = "closed"
    OVERRIDDEN = "overridden by the authority"


BEFORE_THE_VOTE = frozenset({Stage.COMING, Stage.IDEAS, Stage.SHAPING, Stage.DELIBERATION})
TAKING_IDEAS = frozenset({Stage.IDEAS, Stage.SHAPING})
SHAPED = TAKING_IDEAS | {Stage.DELIBERATION}
DECIDED = frozenset({Stage.RATIFIED, Stage.REFUSED, Stage.DELIVERING, Stage.REFLECTED, Stage.CLOSED, Stage.OVERRIDDEN})


class UnknownOutcome(AssertionError):
    """A round has an outcome that no stage follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What was recorded about a round: its days, whether its rules are frozen, whether it is counted, what was decided."""

    opens_on: date
    closes_on: date
    calendar: Calendar | None
    frozen: bool
    counted: bool = False
    overridden: bool = False
    outcome: str | None = None


def stage_of(facts: Facts, today: date) -> Stage:
    """The stage in which the round is today. Raises UnknownOutcome."""
    return Stage.OVERRIDDEN if facts.overridden else _by_record_and_clock(facts, today)


def _by_record_and_clock(facts: Facts, today: date) -> Stage:  # noqa: PLR0911 - one line for each stage
    days = facts.calendar
    match (facts.outcome, facts.counted, facts.frozen):
        case ("ratified" | "refused", True, True) if days is not None and today >= days.closed_on:
            return Stage.CLOSED
        case ("ratified", True, True) if days is not None and today >= days.reflected_on:
            return Stage.REFLECTED
        case ("ratified", True, True) if days is not None and today >= days.delivering_on:
            return Stage.DELIVERING
        case ("ratified", True, True):
            return Stage.RATIFIED
        case ("refused", True, True):
            return Stage.REFUSED
        case (None, True, True):
            return Stage.COUNTED
        case (None, False, True) if today > facts.closes_on:
            return Stage.VOTED
        case (None, False, True) if today >= facts.opens_on:
            return Stage.VOTING
        case (None, False, _):
            return _before_the_vote(days, today)
        case other:
            raise UnknownOutcome(other)


def _before_the_vote(days: Calendar | None, today: date) -> Stage:
    if days is None or today < days.ideas_on:
        return Stage.COMING
    if today < days.shaping_on:
        return Stage.IDEAS
    return Stage.SHAPING if today < days.deliberation_on else Stage.DELIBERATION


@dataclass(frozen=True, slots=True)
class Row:
    """A stage as the round's page explains it: its days, what everybody sees, and who may do what."""

    stage: Stage
    name: str
    first: date | None
    last: date | None
    everybody_sees: str
    who_may: str


_TOLD = {
    Stage.IDEAS: (
        "Ideas", "Every idea that was shared.",
        "Residents and the connector write ideas; anybody signed in seconds one.",
    ),
    Stage.SHAPING: (
        "Shaping", "Each idea with its history, questions and costs.",
        "Authors change and merge their ideas; officers say whether they can be done and paid for.",
    ),
    Stage.DELIBERATION: (
        "Deliberation", "What will stand on the ballot, with the comments on it.",
        "Anybody signed in asks; the panel meets and declares interests; the chair freezes the rules.",
    ),
    Stage.VOTING: (
        "Voting", "The ballot, its rules, and how many have voted.",
        "Panel members vote, and may change their vote; the code of a resident’s letter votes once.",
    ),
    Stage.COUNTED: (
        "Counted", "The result, with the reason for each proposal.",
        "The chair or a registrar counts; nobody can change a ballot.",
    ),
    Stage.RATIFIED: ("Ratified", "The decision, its power and its reasons.", "A finance officer who did not close the vote."),
    Stage.DELIVERING: ("Delivering", "Each commitment and each payment.", "The connector promises; two officers pay."),
    Stage.REFLECTED: (
        "Reflected", "What was delivered, and what was learned.", "The panel and the connector say what they learned.",
    ),
    Stage.CLOSED: ("Closed", "All of it, for good.", "Nobody changes anything; awards already made are still paid."),
}  # fmt: skip


def plan(facts: Facts) -> tuple[Row, ...]:
    """The nine stages with their days; of a round that announced only its vote, the vote alone has days."""
    days, one = facts.calendar, timedelta(days=1)
    spans: dict[Stage, tuple[date | None, date | None]] = {Stage.VOTING: (facts.opens_on, facts.closes_on)}
    if days is not None:
        spans |= {
            Stage.IDEAS: (days.ideas_on, days.shaping_on - one),
            Stage.SHAPING: (days.shaping_on, days.deliberation_on - one),
            Stage.DELIBERATION: (days.deliberation_on, facts.opens_on - one),
            Stage.COUNTED: (None, days.counted_by),
            Stage.RATIFIED: (None, days.ratified_by),
            Stage.DELIVERING: (days.delivering_on, days.reflected_on - one),
            Stage.REFLECTED: (days.reflected_on, days.closed_on - one),
            Stage.CLOSED: (days.closed_on, None),
        }
    return tuple(Row(stage, told[0], *spans.get(stage, (None, None)), *told[1:]) for stage, told in _TOLD.items())
