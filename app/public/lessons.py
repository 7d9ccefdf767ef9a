"""How each rule counts, in plain words, with one small election that every rule counts in turn."""

from dataclasses import dataclass
from functools import cache

from ledger.money import format_money
from ledger.tally import Candidate, Election, Group, Result, Rule, count

_PENCE = 100

NAMES = {"hall": "Mend the hall roof", "play": "Play street", "garden": "Community garden", "bench": "Two benches"}
# Ten people on an invented street. Seven mostly want the hall and the play street, three the garden; four want benches.
ALDER_LANE = Election(
    candidates=(
        Candidate("hall", 50 * _PENCE),
        Candidate("play", 40 * _PENCE),
        Candidate("garden", 28 * _PENCE),
        Candidate("bench", 12 * _PENCE),
    ),
    budget=100 * _PENCE,
    groups=(
        Group((("hall", 1), ("play", 1)), 5),
        Group((("bench", 1), ("hall", 1), ("play", 1)), 2),
        Group((("bench", 1), ("garden", 1)), 2),
        Group((("garden", 1),), 1),
    ),
    unit=_PENCE,
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """A rule of which the page tells in plain words: what it does, what it guarantees, what it costs, where it comes from."""

    id: str
    heading: str
    rule: Rule


LESSONS = (
    Lesson("greedy", "Most votes first (greedy)", Rule()),
    Lesson("equal-shares", "Equal Shares", Rule(name="equal-shares")),
    Lesson(
        "raised-shares",
        "Equal Shares, with shares raised and the rest by votes",
        Rule(name="equal-shares", completion="add1-exhaustive-greedy"),
    ),
    Lesson("exact-shares", "Exact Equal Shares with Add-Opt", Rule(name="equal-shares", completion="add-opt")),
    Lesson("phragmen", "Phragmén’s rule", Rule(name="phragmen")),
)

CHOICES: tuple[tuple[str, str, Rule], ...] = (
    ("greedy", "Most votes first", Rule()),
    ("greedy-per-pound", "Most votes for each pound first", Rule(satisfaction="cardinality")),
    ("greedy-points", "Most points first", Rule(satisfaction="points")),
    ("equal-shares", "Equal Shares", Rule(name="equal-shares")),
    (
        "raised-shares",
        "Equal Shares, shares raised and the rest by votes",
        Rule(name="equal-shares", completion="add1-exhaustive-greedy"),
    ),
    (
        "shares-of-wins",
        "Equal Shares, where each proposal won counts the same",
        Rule(name="equal-shares", satisfaction="cardinality"),
    ),
    ("shares-by-points", "Equal Shares by points", Rule(name="equal-shares", satisfaction="points")),
    ("exact-shares", "Exact Equal Shares with Add-Opt", Rule(name="equal-shares", completion="add-opt")),
    ("phragmen", "Phragmén’s rule", Rule(name="phragmen")),
)


@cache
def worked(rule: Rule) -> Result:
    """The example counted by a rule, in pounds."""
    return count(ALDER_LANE, rule, lambda amount: format_money(round(amount), "GBP"))
