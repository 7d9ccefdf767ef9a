"""Small elections for the tests: one file that is good in every line, and elections that Hypothesis makes up."""

from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from ledger.tally import Candidate, Election, Group, Limit

GOOD = """META
key;value
description;Benches and trees
num_projects;2
num_votes;3
budget;100
vote_type;approval
currency;PLN
max_length;2
PROJECTS
project_id;cost;votes;name;selected
1;60;2;Bench;1
OGM/0015;50;2;"Trees; ""old"" ones";0
VOTES
voter_id;vote;age
a;1,OGM/0015;30
b;1;
c;OGM/0015
"""

WITH_POINTS = (
    GOOD.replace("approval", "cumulative")
    .replace("vote;age", "vote;points")
    .replace("OGM/0015;30", "OGM/0015;3,4")
    .replace("b;1;", "b;1;7")
    .replace("c;OGM/0015", "c;OGM/0015;1")
)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "election.pb"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def approvals(*ballots: str) -> tuple[Group, ...]:
    """“trees bench” is the ballot of one voter for two proposals."""
    return tuple(Group(tuple((ref, 1) for ref in ballot.split()), 1) for ballot in ballots)


@st.composite
def elections(draw: st.DrawFn, most_points: int = 1) -> Election:
    """Few candidates, few voters and small numbers, so that ties, misses and unpopular candidates are common."""
    ids = [f"p{number}" for number in range(draw(st.integers(1, 6)))]
    costs = draw(st.lists(st.integers(1, 12), min_size=len(ids), max_size=len(ids)))
    points = st.dictionaries(st.sampled_from(ids), st.integers(1, most_points))
    ballots = draw(st.lists(st.tuples(points, st.integers(1, 3)), min_size=1, max_size=6))
    return Election(
        candidates=tuple(Candidate(ref, cost) for ref, cost in zip(ids, costs, strict=True)),
        budget=draw(st.integers(1, 30)),
        groups=tuple(Group(tuple(sorted(ballot.items())), count) for ballot, count in ballots),
    )


@st.composite
def larger_elections(draw: st.DrawFn, most_points: int = 1) -> Election:
    """A dozen proposals and two dozen sorts of ballots: purses of many sizes, and costs that come out even now and then."""
    ids = [f"p{number}" for number in range(draw(st.integers(2, 12)))]
    costs = draw(st.lists(st.sampled_from((60, 120, 180, 240, 7, 1_001)), min_size=len(ids), max_size=len(ids)))
    points = st.dictionaries(st.sampled_from(ids), st.integers(1, most_points))
    ballots = draw(st.lists(st.tuples(points, st.integers(1, 9)), min_size=1, max_size=24))
    return Election(
        candidates=tuple(Candidate(ref, cost) for ref, cost in zip(ids, costs, strict=True)),
        budget=draw(st.integers(1, 2_000)),
        groups=tuple(Group(tuple(sorted(choices.items())), count) for choices, count in ballots),
    )


@st.composite
def with_staff_time(draw: st.DrawFn) -> Election:
    """Elections in which staff time may be limited as well, and something may cost nothing."""
    election = draw(elections(most_points=4) | larger_elections())
    candidates = tuple(
        Candidate(c.id, draw(st.just(c.cost) | st.just(0)), draw(st.integers(0, 9))) for c in election.candidates
    )
    return Election(candidates, election.budget, election.groups, minutes_budget=draw(st.none() | st.integers(0, 25)))


@st.composite
def limited(draw: st.DrawFn, plain: st.SearchStrategy[Election]) -> Election:
    """The same with up to three limits, which may be about the same candidates."""
    election = draw(plain)
    ids = [candidate.id for candidate in election.candidates]
    limits = tuple(
        Limit(name, draw(st.integers(0, election.budget)), draw(st.frozensets(st.sampled_from(ids))))
        for name in ("the north", "play", "young people")[: draw(st.integers(0, 3))]
    )
    return replace(election, limits=limits)
