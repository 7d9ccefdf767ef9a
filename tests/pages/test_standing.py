"""What the public pages say of the log: who signed it, who outside has seen it, what it continues, and how to watch it."""

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from app.commands import main
from app.commands.witness import run
from ledger.cosigning import take
from ledger.note import COSIGNATURE, Note, SigningKey, cosign
from ledger.powers import devolve as devolve_now
from ledger.publishing import begin_again, publish
from tests.pages.conftest import client_of, database_of
from tests.pages.test_desks import DEVOLVE, LEADER
from tests.proving import LOG, WITNESS
from tests.web.inspecting import InspectingClient, Page, text_of

NOW = datetime.now(UTC).replace(microsecond=0)
SECOND = SigningKey("gazette.example/witness", COSIGNATURE, bytes(range(3, 35)))
AFTER = SigningKey("after.example/log", LOG.algorithm, bytes(range(5, 37)))
WHERE = ("/", "/ledger", "/verify")


@pytest.fixture
def told_story(story_of_last_month: str) -> str:
    """The site's story, in this module: its newest entry is older than what is said of signatures and witnesses."""
    return story_of_last_month


def sign(site: Flask, *witnesses: SigningKey, days_ago: float = 0, key: SigningKey = LOG) -> int:
    """Sign the log so long ago, have it witnessed then, and give the number of its entries."""
    at = NOW - timedelta(days=days_ago)
    database = database_of(site)
    row = publish(database, key, clock=lambda: at).checkpoint
    note = Note.parse(row.note)
    for number, witness in enumerate(witnesses):
        moment = at + timedelta(minutes=number)
        with database.unit_of_work(lambda: NOW, appends=False) as unit:
            take(unit, str(note.plus(cosign(note, witness, moment))).encode(), (witness.verifier,), now=moment)
            unit.commit()
    return row.size


def devolve(site: Flask) -> int:
    """Record one more entry; its index."""
    leader = client_of(site, LEADER)
    page = Page(leader.submit(leader.page("/authority/devolve").form("/authority/devolve"), **DEVOLVE))
    return int(page.heading.split()[1].rstrip(":"))


def moment(at: datetime) -> str:
    return f"{at.day} {at:%B %Y at %H:%M} (UTC)"


def commands(page: Page) -> list[list[str]]:
    """The commands that the page gives, as a shell would read them."""
    blocks = [text for part in page.root.iter("pre") if (text := "".join(part.itertext())).startswith("commonpurse")]
    return [shlex.split(line) for block in blocks for line in block.replace("\\\n", " ").splitlines()]


def test_before_anything_is_signed_each_page_says_so(visitor: InspectingClient) -> None:
    for address in WHERE:
        assert "Nothing of this log is signed yet, so nobody outside can witness it." in visitor.page(address).text
    assert "Nothing of this log is signed yet, so there is no proof to keep." in visitor.page("/ledger/42").text


def test_that_nobody_has_witnessed_the_log_is_said_plainly(site: Flask, visitor: InspectingClient) -> None:
    sign(site)
    for address in WHERE:
        assert "Nobody outside has witnessed this log yet." in visitor.page(address).text


def test_who_witnessed_when_and_how_much_is_said(site: Flask, visitor: InspectingClient) -> None:
    size = sign(site, WITNESS, SECOND, days_ago=3)
    first, second = NOW - timedelta(days=3), NOW - timedelta(days=3) + timedelta(minutes=1)
    for address in WHERE:
        text = visitor.page(address).text
        assert f"Witnessed by {WITNESS.name} on {moment(first)}, {size} entries." in text
        assert f"Witnessed by {SECOND.name} on {moment(second)}, {size} entries." in text
        assert text.index(SECOND.name) < text.index(WITNESS.name)  # the newest first
        assert "older than a week" not in text
        assert "Nobody outside" not in text
    assert str(WITNESS.verifier) in visitor.page("/verify").text


@pytest.mark.parametrize(("days_ago", "stale"), [(6.9, 0), (7.1, 1)])
def test_a_witness_older_than_a_week_is_said_plainly(
    site: Flask, visitor: InspectingClient, days_ago: float, stale: int
) -> None:
    sign(site, WITNESS, days_ago=days_ago)
    for address in WHERE:
        assert visitor.page(address).text.count("The newest witness is older than a week.") == stale


def test_a_log_that_ended_is_named_with_what_is_kept_and_why(site: Flask, visitor: InspectingClient) -> None:
    size = sign(site, WITNESS, days_ago=2)
    begin_again(database_of(site), origin=AFTER.name, reason="The key <was> stolen.", lost=None, clock=lambda: NOW)
    ended = f"The log {LOG.name} could not go on, and ended on {moment(NOW)}. It had published {size} entries; of them, all are"
    for _ in range(2):  # between the two logs, and with the new one signed
        text = visitor.page("/verify").text
        assert ended in text
        assert "The reason given: “The key <was> stolen.”" in text
        assert str(LOG.verifier) in text  # the old one's key, for proofs that were kept
        for address in ("/", "/ledger"):
            assert "It continues a log that ended, and says why." in visitor.page(address).text
        sign(site, key=AFTER)
    assert "Nobody outside has witnessed this log yet." in text
    assert str(AFTER.verifier) in text


def test_the_log_is_described_as_it_stands(site: Flask, visitor: InspectingClient) -> None:
    size = sign(site, days_ago=1)
    page = visitor.page("/verify")
    root = Note.parse(visitor.get("/log/checkpoint").data).text.split("\n")[2]
    for words in (LOG.name, f"{size} entries, signed on {moment(NOW - timedelta(days=1))}", str(LOG.verifier)):
        assert words in page.text
    assert root in [text_of(code) for code in page.root.iter("code")]


def test_the_commands_of_the_page_run_as_they_stand(site: Flask, visitor: InspectingClient, tmp_path: Path) -> None:
    """All but the names of the files and of the witness is filled in: what the page gives is what the program takes."""
    sign(site, WITNESS)
    given = [*commands(visitor.page("/verify")), *commands(visitor.page("/ledger/42"))]
    assert [words[1:3] for words in given] == [
        ["verify-proof", "entry-42.tlog-proof"], ["witness", "init-key"], ["witness", "run"],
        ["verify-proof", "entry-42.tlog-proof"],
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        for kind in ("tlog-proof", "json"):
            Path(f"entry-42.{kind}").write_bytes(visitor.get(f"/ledger/42.{kind}").data)
        for words in (given[0], given[3], given[1]):
            answer = CliRunner().invoke(main, words[1:])
            assert (answer.exit_code, answer.stderr) == (0, ""), words
    read = run.make_context("run", given[2][3:]).params
    assert (read["log"], read["log_key"], read["every"]) == ("http://localhost/log", str(LOG.verifier), 60)


def test_an_entrys_page_says_under_what_its_proof_stands(site: Flask, visitor: InspectingClient) -> None:
    size = sign(site, WITNESS, SECOND)
    page = visitor.page("/ledger/42")
    assert (
        f"This entry is in the checkpoint of {size} entries that we signed on {moment(NOW)}, that {WITNESS.name} witnessed on "
        f"{moment(NOW)} and that {SECOND.name} witnessed on {moment(NOW + timedelta(minutes=1))}." in page.text
    )
    assert page.links["The proof (entry-42.tlog-proof)"] == "/ledger/42.tlog-proof"
    assert page.links["The entry’s exact bytes (entry-42.json)"] == "/ledger/42.json"
    assert page.links["Check the record yourself"] == "/verify"
    (command,) = commands(page)
    assert [command[at + 1] for at, word in enumerate(command) if word == "--witness"] == [
        str(WITNESS.verifier), str(SECOND.verifier),
    ]  # fmt: skip


def test_an_entry_that_is_not_signed_yet_says_so_and_that_it_takes_a_second(site: Flask, visitor: InspectingClient) -> None:
    sign(site, days_ago=1)
    index = devolve(site)
    page = visitor.page(f"/ledger/{index}")
    assert (
        "This entry is recorded, and no signed checkpoint holds it yet. That takes about a second: load this page again"
        in page.text
    )
    assert commands(page) == []
    assert "wait to be signed" not in visitor.page("/verify").text
    sign(site)
    assert "The proof (entry-" in visitor.page(f"/ledger/{index}").text


def test_an_entry_that_waits_for_longer_says_that_something_is_wrong(site: Flask, visitor: InspectingClient) -> None:
    sign(site, days_ago=1)
    with database_of(site).unit_of_work(lambda: NOW - timedelta(minutes=2)) as unit:
        entry = devolve_now(
            unit, authority="marlmoor", partnership="upper-weir", title="Winter", power="Minute 31", money=100, minutes=0,
            limits={"GBP": 100}, begins=unit.today(), ends=unit.today(), leader=LEADER, idempotency_key="two minutes ago",
        )  # fmt: skip
        unit.commit()
    assert "and has taken longer: the log was last signed on" in visitor.page(f"/ledger/{entry.index}").text
    assert "Newer entries wait to be signed, for longer than that takes." in visitor.page("/verify").text
