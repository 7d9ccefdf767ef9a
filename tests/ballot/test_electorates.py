"""Who votes where: in joint rounds one code has a ballot in each; residents, and panel and residents together, vote by code."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from nacl.signing import SigningKey

from app.commands import main
from app.settings import Settings
from app.site import create_app
from ledger.ballot.codes import credential, new_code, printed, read_code, roll_mark
from ledger.ballot.sealing import new_holder, public_part
from ledger.database import open_database
from ledger.kinds.authority import Change
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.kinds.payload import RoundNotReady
from ledger.kinds.round_rules import joint_ref
from ledger.money import TIME
from ledger.people import Role
from ledger.powers import agree_terms, appoint, devolve
from ledger.records import Actor
from ledger.rounds.ballots import VoteRefused, turnout
from ledger.rounds.process import Opening, open_round
from ledger.rounds.proposals import Proposal, joint_rounds
from ledger.rounds.roll import RollRefused, load_roll, set_up
from ledger.unit_of_work import UnitOfWork
from tests.databases import SqliteFiles
from tests.ledger.conftest import CHAIR, CONNECTOR, LEADER, REGISTRAR, World, found_marlmoor, vote
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient, Page

TOGETHER = "Marlmoor, Spring!"
PLACES = ("ferrybank", "glodbrook")
LIMITS = {"GBP": 1_000_000, TIME: 6_000}


def ready(world: World) -> None:
    """Both places are live, and whoever connects Glodbrook connects Ferrybank too."""
    ends = world.today + timedelta(days=365)
    with world.unit() as unit:
        appoint(
            unit, authority="marlmoor", place="ferrybank", person=CONNECTOR, role=Role.CONNECTOR, registrar=REGISTRAR,
            idempotency_key=world.key(), change=Change.APPOINTED,
        )  # fmt: skip
        appoint(
            unit, authority="marlmoor", place="ferrybank", person="p-pat", role=Role.CHAIR, registrar=REGISTRAR,
            idempotency_key=world.key(), change=Change.APPOINTED, resident=True,
        )  # fmt: skip
        for place in PLACES:
            devolution = devolve(
                unit, authority="marlmoor", partnership=place, title=place, power="Minute 14", money=5_000_000, minutes=60_000,
                limits=LIMITS, begins=world.today, ends=ends, leader=LEADER, idempotency_key=world.key(),
            )  # fmt: skip
            agree_terms(
                unit, devolution=devolution.index, begins=world.today, review_on=ends, sunset=ends, panel=1, quorum=1,
                limits=LIMITS, voting_rule=VotingRule(minimum_votes=1), actor=Actor(LEADER, Role.AUTHORITY_LEADER),
                idempotency_key=world.key(),
            )  # fmt: skip
        unit.commit()


def opening(world: World, place: str) -> Opening:
    return Opening(
        ref=f"{place}-spring", partnership=place, title=f"{place.title()}: spring", summary="", budget={"GBP": 1_000_000},
        opens_on=world.today, closes_on=world.today + timedelta(days=21), electorate=Electorate.RESIDENTS, joint=TOGETHER,
    )  # fmt: skip


def opened(world: World, asked: Opening) -> None:
    with world.unit() as unit:
        proposals = [
            Proposal(ref="", round="", number=number, code=str(number), title=f"{title} for {asked.partnership}", cost=cost)
            for number, (title, cost) in enumerate((("Benches", 400_000), ("Warm room", 900_000)), start=1)
        ]
        actor = Actor(CHAIR if asked.partnership == "glodbrook" else "p-pat", Role.CHAIR)
        open_round(unit, opening=asked, proposals=proposals, actor=actor, idempotency_key=world.key())
        unit.commit()


def refused(world: World, asked: Opening, words: str) -> None:
    size = world.size()
    with pytest.raises(RoundNotReady, match=words):
        opened(world, asked)
    assert world.size() == size


def test_rounds_of_a_joint_round_are_voted_on_the_same_days_by_the_same_people_and_each_place_has_one(world: World) -> None:
    ready(world)
    opened(world, opening(world, "glodbrook"))
    other = opening(world, "ferrybank")
    together = (
        rf"All rounds of “{TOGETHER}” are voted on together, from {other.opens_on} to {other.closes_on}, by the residents"
    )
    refused(world, replace(other, closes_on=other.closes_on + timedelta(days=1)), together)
    refused(world, replace(other, opens_on=other.opens_on + timedelta(days=1)), together)
    refused(world, replace(other, electorate=Electorate.PANEL), together)
    refused(world, replace(opening(world, "glodbrook"), ref="glodbrook-again"), "was opened already, in entry")
    refused(world, replace(other, joint="!!"), "no letter or figure")
    opened(world, other)
    with world.database.reading() as session:
        rows = joint_rounds(session, "marlmoor", joint_ref(TOGETHER))
    assert [row.ref for row in rows] == ["ferrybank-spring", "glodbrook-spring"]


def test_a_round_that_is_not_joint_has_the_days_it_likes(world: World) -> None:
    ready(world)
    opened(world, opening(world, "glodbrook"))
    alone = replace(opening(world, "ferrybank"), joint=None, closes_on=world.today + timedelta(days=5))
    opened(world, alone)


@pytest.fixture
def two_rounds(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[tuple[InspectingClient, str]]:
    """The site with both rounds under way, and the one code that is on both rolls."""
    url, key = sqlite_files.empty(), SigningKey.generate()
    database = open_database(url)
    database.upgrade()
    world = World(database, date.today())  # noqa: DTZ011 - the site's own clock
    found_marlmoor(world)
    ready(world)
    code = new_code()
    for place in PLACES:
        opened(world, opening(world, place))
        with world.unit() as unit:
            on_the_roll(unit, world, f"{place}-spring", code, key)
            unit.commit()
    (tmp_path / "ballot_key").write_text(bytes(key).hex())
    site = create_app(
        Settings(database_url=url, secret_key="-" * 40, outbox=tmp_path / "outbox", ballot_key_file=tmp_path / "ballot_key")
    )
    site.test_client_class = InspectingClient
    yield client_of(site), printed(code)
    database_of(site).dispose()
    database.dispose()
    sqlite_files.drop(url)


def on_the_roll(unit: UnitOfWork, world: World, ref: str, code: str, key: SigningKey) -> None:
    holders = tuple(public_part(new_holder(place)) for place in range(3))
    ends = world.today + timedelta(days=60)
    promises = bytes(key.verify_key).hex()
    set_up(unit, round_ref=ref, keyholders=holders, promises=promises, rerun_at=5, backups_end=ends)
    load_roll(unit, round_ref=ref, marks=[roll_mark(ref, credential(ref, code))])


def test_one_code_has_a_ballot_in_each_round_of_a_joint_round(two_rounds: tuple[InspectingClient, str]) -> None:
    client, code = two_rounds
    for place, other in zip(PLACES, reversed(PLACES), strict=True):
        vote, cast = f"/vote/{place}-spring", f"/vote/{place}-spring/cast"
        page = client.page(vote)
        assert f"{other.title()}: spring" in page.text
        values = {**page.form(vote).values, "code": code, "choices": ["1"], "digits": "408153"}
        review = Page(client.post(vote, data=values))
        receipt = client.post(cast, data={**review.form(cast).values})
        assert "Your ballot is cast and kept" in receipt.text
        assert f"{other.title()}: spring" in receipt.text
    with database_of(client.application).reading() as session:
        assert [turnout(session, f"{place}-spring") for place in PLACES] == [0, 0]  # sealed later, ten at a time
    page = client.page(f"/joint-rounds/marlmoor/{joint_ref(TOGETHER)}")
    assert page.heading == TOGETHER
    assert "£20,000" in page.text
    assert client.page("/rounds/glodbrook-spring").response.get_data(as_text=True).count(TOGETHER) >= 1
    assert client.get("/joint-rounds/marlmoor/nothing").status_code == 404


def test_the_registrar_draws_one_code_for_each_resident_and_a_file_of_hashes_for_each_round(tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text("name\n" + "".join(f"Resident {number}\n" for number in range(3)))
    words = ["round", "roll", "glodbrook-spring", str(names), "--codes", str(tmp_path / "codes.csv"), "--marks",
             str(tmp_path / "marks.txt"), "--also", "ferrybank-spring"]  # fmt: skip
    answer = CliRunner().invoke(main, words)
    assert answer.exit_code == 0, answer.output
    codes = [read_code(line.rpartition(",")[2]) for line in (tmp_path / "codes.csv").read_text().splitlines()[1:]]
    for ref, file in (("glodbrook-spring", "marks.txt"), ("ferrybank-spring", "marks-ferrybank-spring.txt")):
        assert (tmp_path / file).read_text().split() == sorted(roll_mark(ref, credential(ref, code)) for code in codes)


@pytest.mark.parametrize("electorate", [Electorate.RESIDENTS, Electorate.BOTH])
def test_where_residents_vote_nobody_votes_at_the_panels_desk_not_even_before_there_are_codes(
    world: World, electorate: Electorate
) -> None:
    ready(world)
    opened(world, replace(opening(world, "glodbrook"), electorate=electorate))
    with pytest.raises(VoteRefused, match="with the code of a letter"):
        vote(world, "glodbrook-spring", bea={1})


def test_panel_and_residents_vote_in_one_box_with_a_code_each(world: World) -> None:
    ready(world)
    opened(world, replace(opening(world, "glodbrook"), electorate=Electorate.BOTH))
    with world.unit() as unit:
        on_the_roll(unit, world, "glodbrook-spring", new_code(), SigningKey.generate())
        unit.commit()
    opened(world, replace(opening(world, "ferrybank"), electorate=Electorate.PANEL, joint=None))
    with world.unit() as unit, pytest.raises(RollRefused, match="Only a round in which residents vote"):
        on_the_roll(unit, world, "ferrybank-spring", new_code(), SigningKey.generate())
