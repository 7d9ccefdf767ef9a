"""The fast Phragmén beside the plain one: the same winners in the same order, whatever the election."""

from hypothesis import example, given, settings

from ledger.tally import Candidate, Election, Rule, count
from tests.tally.plain_phragmen import plain_phragmen
from tests.tally.small_elections import approvals, elections, larger_elections

PHRAGMEN = Rule(name="phragmen")
EQUALS = Election(
    candidates=(Candidate("trees", 6), Candidate("bench", 6), Candidate("swing", 6)),
    budget=14,
    groups=approvals("trees bench", "bench swing", "swing trees"),
)


@settings(max_examples=600)
@given(elections() | larger_elections())
@example(EQUALS)
def test_the_fast_count_is_the_plain_one(election: Election) -> None:
    assert list(count(election, PHRAGMEN).winners) == plain_phragmen(election)


@settings(max_examples=100)
@given(larger_elections())
def test_every_candidate_has_a_reason_and_every_tie_is_told(election: Election) -> None:
    result = count(election, PHRAGMEN)
    assert all(why.sentence for why in result.why.values())
    assert all(tie.first in tie.candidates and len(tie.candidates) > 1 for tie in result.ties)


def test_of_equals_the_order_of_ties_decides_again_after_each_purchase() -> None:
    result = count(EQUALS, PHRAGMEN)
    assert result.winners == ("bench", "swing")
    assert [tie.first for tie in result.ties] == ["bench", "swing"]


def test_two_whose_turns_were_known_to_be_equal_tie_after_another_purchase() -> None:
    """Ann buys the trees at 2; then Dan's own awning and a bench of Bea's and Cal's both come at 3, and two are more."""
    election = Election(
        candidates=(Candidate("trees", 2), Candidate("awning", 3), Candidate("bench", 6)),
        budget=8,
        groups=approvals("trees", "bench", "bench", "awning"),
    )
    result = count(election, PHRAGMEN)
    assert [tie.candidates for tie in result.ties] == [("bench", "awning")]
    assert list(result.winners) == plain_phragmen(election) == ["trees", "bench"]
