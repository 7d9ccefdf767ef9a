"""A counted round's files: what is published is enough to count it again, and names nobody."""

import csv
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from pabutools.election import parse_pabulib
from sqlmodel import col, select

from app.acting import today
from app.commands import main
from ledger.pabulib import read
from ledger.rounds.ballots import Ballot
from ledger.rounds.counting import rule_of
from ledger.rounds.reading import round_view
from ledger.tally import count
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient

COUNTED = ("glodbrook-first", "hazel-row-second")


@pytest.mark.parametrize("ref", COUNTED)
def test_the_published_election_is_counted_again_to_the_published_result(
    site: Flask, visitor: InspectingClient, ref: str, tmp_path: Path
) -> None:
    file = tmp_path / f"{ref}.pb"
    file.write_bytes(visitor.get(f"/rounds/{ref}/election.pb").data)
    result = json.loads(visitor.get(f"/rounds/{ref}/result.json").text)
    with database_of(site).reading() as session:
        view = round_view(session, ref, today=today())
    assert view.counted is not None
    if not view.minutes:
        assert list(count(read(file).election(), rule_of(view.rules.rule)).winners) == result["winners"]
    done = CliRunner().invoke(main, ["tally", str(file), "--rule", "greedy", "--json"])
    assert json.loads(done.stdout)["votes"] == result["votes"] == view.counted.votes
    instance, profile = parse_pabulib(str(file))
    assert (len(instance), profile.num_ballots()) == (len(view.lines), view.counted.votes)


def test_no_file_names_a_voter_or_says_when_they_voted(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        ballots = session.exec(select(Ballot).where(col(Ballot.round) == COUNTED[0])).all()
    assert ballots
    for name in ("election.pb", "result.json", "result.csv"):
        text = visitor.get(f"/rounds/{COUNTED[0]}/{name}").text
        for ballot in ballots:
            assert ballot.voter not in text
            assert ballot.nonce not in text


def test_the_order_of_the_ballots_is_not_that_in_which_they_were_cast(site: Flask, visitor: InspectingClient) -> None:
    """It is that of the commitments: with other nonces it is another."""
    orders = set()
    for number in range(12):
        with database_of(site).unit_of_work(appends=False) as unit:
            for ballot in unit.session.exec(select(Ballot).where(col(Ballot.round) == COUNTED[0])):
                ballot.nonce = f"{number:032x}"
                unit.session.add(ballot)
            unit.commit()
        orders.add(visitor.get(f"/rounds/{COUNTED[0]}/election.pb").text.partition("VOTES")[2])
    assert len(orders) > 1


def test_the_table_has_a_row_for_every_proposal(visitor: InspectingClient) -> None:
    answer = visitor.get(f"/rounds/{COUNTED[0]}/result.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    result = json.loads(visitor.get(f"/rounds/{COUNTED[0]}/result.json").text)
    assert {row["code"]: row["votes"] for row in rows} == {
        code: str(told["votes"]) for code, told in result["projects"].items()
    }
    assert [row["code"] for row in rows if row["chosen"] == "1"] == result["winners"]


@pytest.mark.parametrize("name", ["election.pb", "result.json", "result.csv"])
def test_before_the_count_nothing_is_published(visitor: InspectingClient, name: str) -> None:
    answer = visitor.get(f"/rounds/glodbrook-open/{name}")
    assert answer.status_code == 409
    assert "is not counted yet" in answer.text
    assert visitor.get(f"/rounds/none/{name}").status_code == 404


def test_the_command_writes_the_same_file_whole(
    site: Flask, visitor: InspectingClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", str(database_of(site).url.render_as_string()))
    monkeypatch.setenv("PUBLISHED_CHECKPOINT", str(tmp_path / "published"))
    file = tmp_path / "round.pb"
    words = ["round", "export", COUNTED[0], "--output", str(file)]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert file.read_bytes() == visitor.get(f"/rounds/{COUNTED[0]}/election.pb").data
    assert CliRunner().invoke(main, words[:3]).stdout == file.read_text()
    assert CliRunner().invoke(main, words).exit_code == 0
    nowhere = CliRunner().invoke(main, [*words[:4], str(tmp_path)])
    assert (nowhere.exit_code, "is a directory" in nowhere.stderr) == (2, True)
    early = CliRunner().invoke(main, ["round", "export", "glodbrook-open"])
    assert (early.exit_code, "is not counted yet" in early.stderr) == (2, True)


def test_the_page_of_a_counted_round_links_its_files(site: Flask) -> None:
    links = client_of(site).page(f"/rounds/{COUNTED[0]}").links
    assert f"/rounds/{COUNTED[0]}/election.pb" in links.values()
    assert f"/rounds/{COUNTED[0]}/result.csv" in links.values()
    assert not any("election.pb" in href for href in client_of(site).page("/rounds/glodbrook-open").links.values())
