"""Greedy: the proposals with the most support first, for as long as the money lasts.

**By votes** (`satisfaction=cost`) is what most cities do. With £10 to share out:

| proposal | cost | votes | turn | left before | outcome |
|---|---|---|---|---|---|
| hall | £8 | 60 | 1st | £10 | chosen |
| bench | £5 | 40 | 2nd | £2 | does not fit, skipped |
| trees | £2 | 30 | 3rd | £2 | chosen |

`cardinality` orders by votes for each unit of cost instead, and `points` by the points that ballots give.

*Guarantee*: nothing that was left out and still fits is more popular than what is in. *Drawback*: 51 % of the voters can
decide over all of the money, and one dear proposal can crowd out many cheap ones. `stop_at_first_miss` ends the count at the
first proposal that does not fit, as some cities do. Staff time, where it is limited, has to fit as well as money.
Source: Talmon and Faliszewski, “A Framework for Approval-Based Budgeting Methods”, 2019.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby

from ledger.tally.election import Candidate, Rule, Tie
from ledger.tally.profile import Profile, Show, people

Merit = tuple[bool, Fraction]


def merit(profile: Profile, candidate: Candidate, rule: Rule) -> Merit:
    """What the order goes by; a proposal that costs nothing is worth any number of votes for each pound."""
    votes = profile.votes[candidate.id]
    match rule.satisfaction:
        case "cost":
            return (False, Fraction(votes))
        case "cardinality":
            return (True, Fraction(votes)) if not candidate.cost else (False, Fraction(votes, candidate.cost))
        case "points":
            return (False, Fraction(profile.points[candidate.id]))


def order(profile: Profile, candidates: list[Candidate], rule: Rule, ties: list[Tie]) -> Iterator[Candidate]:
    """Candidates by merit, the best first; equals by the order of ties, which is noted."""
    ranked = sorted(candidates, key=lambda c: (merit(profile, c, rule), _backwards(profile, c)), reverse=True)
    for _, equals in groupby(ranked, key=lambda c: merit(profile, c, rule)):
        tied = list(equals)
        if len(tied) > 1:
            profile.first_of(tied, ties)
        yield from sorted(tied, key=profile.turn)


def _backwards(profile: Profile, candidate: Candidate) -> tuple[int, int]:
    votes, cost, _ = profile.turn(candidate)
    return (-votes, -cost)


def greedy(
    profile: Profile, rule: Rule, show: Show, *, already: tuple[str, ...] = (), reasons: dict[str, str], ties: list[Tie]
) -> list[str]:
    """Choose greedily with what `already` leaves; `reasons` takes a sentence for each candidate whose turn came."""
    left = profile.election.budget - sum(profile.candidates[ref].cost for ref in already)
    minutes = profile.election.minutes_budget
    time_left = None if minutes is None else minutes - sum(profile.candidates[ref].minutes for ref in already)
    chosen: list[str] = []
    stopped = False
    for candidate in order(profile, [c for c in profile.eligible if c.id not in already], rule, ties):
        supporters = people(profile.votes[candidate.id])
        if stopped:
            reasons[candidate.id] = f"{supporters} voted for it; the count had ended before its turn."
        elif candidate.cost > left:
            short = show(candidate.cost - left)
            reasons[candidate.id] = (
                f"{supporters} voted for it; when its turn came {show(left)} was left, {short} short of its cost."
            )
            stopped = rule.stop_at_first_miss
        elif time_left is not None and candidate.minutes > time_left:
            reasons[candidate.id] = (
                f"{supporters} voted for it; when its turn came {time_left} minutes of staff time were left, "
                f"{candidate.minutes - time_left} short of what it asks for."
            )
            stopped = rule.stop_at_first_miss
        else:
            reasons[candidate.id] = f"{supporters} voted for it; when its turn came {show(left)} was left, enough for its cost."
            chosen.append(candidate.id)
            left -= candidate.cost
            time_left = None if time_left is None else time_left - candidate.minutes
    return chosen
