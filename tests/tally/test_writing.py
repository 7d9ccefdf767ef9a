"""What we write in the Pabulib format is read back to the same election, by us and by pabutools."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pabutools.election import parse_pabulib

from ledger.pabulib import PabulibBallot, PabulibFile, PabulibProject, read, written

DATA = Path(__file__).parents[1] / "data" / "pabulib"
FILES = sorted(DATA.glob("*.pb"))


def again(folder: Path, file: PabulibFile) -> PabulibFile:
    path = folder / "again.pb"
    path.write_text("".join(written(file)))
    return read(path)


def bare(file: PabulibFile) -> tuple[object, ...]:
    """All that is said, without where it stands."""
    ballots = [(ballot.voter, sorted(ballot.choices)) for ballot in file.ballots]
    return (file.vote_type, file.budget, [replace(project, line=0) for project in file.projects], ballots)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_real_file_comes_back_with_the_same_projects_and_ballots(path: Path, tmp_path: Path) -> None:
    file = read(path)
    back = again(tmp_path, file)
    assert bare(back) == bare(file)
    assert back.election() == file.election()
    assert back.meta == dict(file.meta) | {"budget": back.meta["budget"], "vote_type": file.vote_type}
    assert again(tmp_path, back) == back


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_pabutools_reads_from_what_we_write_what_it_reads_from_the_original(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.pb"
    copy.write_text("".join(written(read(path))))
    (instance, profile), (own, own_profile) = parse_pabulib(str(path)), parse_pabulib(str(copy))
    assert {project.name: project.cost for project in own} == {project.name: project.cost for project in instance}
    assert own.budget_limit == instance.budget_limit
    assert own_profile.num_ballots() == profile.num_ballots()
    assert list(own_profile) == list(profile)


NAMES = st.text(alphabet="abcŁé;\"', .,=+-@", max_size=20).map(str.strip)
IDS = st.text(alphabet="abcXYZ0189/-_.", min_size=1, max_size=6)


@st.composite
def files(draw: st.DrawFn) -> PabulibFile:
    """Small files with awkward names; no column but the ids and the costs is sure to be filled."""
    ids = draw(st.lists(IDS, min_size=1, max_size=5, unique=True))
    projects = tuple(
        PabulibProject(
            id=ref,
            cost=Decimal(draw(st.integers(0, 10**9))).scaleb(-draw(st.integers(0, 6))),
            name=draw(NAMES),
            category=draw(NAMES),
            votes=draw(st.none() | st.integers(0, 99)),
            score=draw(st.none() | st.integers(0, 99)),
            selected=draw(st.integers(0, 2)),
            line=0,
        )
        for ref in ids
    )
    vote_type = draw(st.sampled_from(["approval", "cumulative", "scoring", "ordinal"]))
    ballots = []
    for number in range(draw(st.integers(0, 5))):
        named = draw(st.lists(st.sampled_from(ids), unique=True))
        points = {
            "approval": [1] * len(named),
            "ordinal": [len(ids) - place for place in range(len(named))],
        }.get(vote_type) or draw(st.lists(st.integers(0, 50), min_size=len(named), max_size=len(named)))
        ballots.append(PabulibBallot(f"v{number}", tuple(zip(named, points, strict=True)), 0))
    meta = dict.fromkeys(("num_projects", "num_votes", "budget", "vote_type"), "")
    meta |= {"description": draw(NAMES) or "none", "currency": "GBP"}
    return PabulibFile("x.pb", "", meta, {}, vote_type, Decimal(draw(st.integers(1, 10**9))), projects, tuple(ballots))


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(file=files())
def test_whatever_we_write_is_read_back(file: PabulibFile, tmp_path: Path) -> None:
    assert bare(again(tmp_path, file)) == bare(file)
