"""Whoever records is told on the next page which entry it became, and what is promised of it; a command says it in one line."""

import ast

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlmodel import func, select

from app.commands import main
from ledger.entries import Entry, tree_size
from ledger.publishing import publish
from tests.house.tree import ROOT
from tests.pages.conftest import client_of, database_of
from tests.pages.test_desks import CHAIR, CLOSE, DECIDE, DEVOLVE, FINANCE, IVY, LEADER, VOTE, close_the_round, vote
from tests.proving import LOG
from tests.web.inspecting import InspectingClient, Page

SOON = "It will be in the next signed checkpoint of the log, within about a second. Keep the proof from its page"


DECISION: dict[str, str | list[str]] = {"outcome": "ratified", "power": "Delegation 4.2", "reasons": "Read and weighed."}


def last_of(site: Flask, kind: str) -> int:
    """The index of the newest entry of the kind."""
    with database_of(site).reading() as session:
        return session.exec(select(func.max(Entry.index)).where(Entry.kind == kind)).one()


def banners(page: Page) -> list[str]:
    """What the page says was recorded."""
    titles = [part for part in page.root.iter("div") if part.get("aria-labelledby") == "recorded-title"]
    return [" ".join("".join(part.itertext()).split()) for part in titles]


def test_each_form_that_records_says_on_the_next_page_which_entry_it_became(site: Flask) -> None:
    publish(database_of(site), LOG)
    leader, chair, officer = (client_of(site, person) for person in (LEADER, CHAIR, FINANCE))
    vote(site, IVY, 1, 2)
    steps: list[tuple[InspectingClient, str, dict[str, str | list[str]], str]] = [
        (leader, "/authority/devolve", DEVOLVE, "devolution"),
        (chair, CLOSE, {}, "result"),
        (officer, DECIDE, DECISION, "ratification"),
    ]
    for client, address, filled, kind in steps:
        page = Page(client.submit(client.page(address).form(address), **filled))
        index = last_of(site, kind)
        assert banners(page) == [
            f"Done Recorded as entry {index} {SOON}: with it, anyone can check that this entry stays as it is."
        ]
        assert page.links[f"entry {index}"] == f"/ledger/{index}"
        assert page.links["Keep the proof"] == f"/ledger/{index}#proof"


def test_a_refusal_is_recorded_and_says_so_too(site: Flask) -> None:
    close_the_round(site)
    officer = client_of(site, FINANCE)
    answer = officer.submit(
        officer.page(DECIDE).form(DECIDE), outcome="refused", power="Delegation 4.2", reasons="Over the limit."
    )
    assert f"Recorded as entry {last_of(site, 'ratification')}" in Page(answer).text


def test_it_is_said_once_and_to_nobody_else(site: Flask, visitor: InspectingClient) -> None:
    leader = client_of(site, LEADER)
    form = leader.page("/authority/devolve").form("/authority/devolve")
    assert "Recorded as entry" not in visitor.page("/ledger").text
    page = Page(leader.submit(form, **DEVOLVE))
    assert len(banners(page)) == 1
    assert page.response.headers["Cache-Control"] == "no-store"
    assert banners(leader.page("/ledger")) == []
    assert banners(visitor.page(f"/ledger/{last_of(site, 'devolution')}")) == []


def test_a_form_that_is_sent_twice_says_the_same_entry_once(site: Flask) -> None:
    leader = client_of(site, LEADER)
    form = leader.page("/authority/devolve").form("/authority/devolve")
    for _ in range(2):  # a double click: the second is sent before the first one's page is there
        assert leader.post(form.action, data={**form.values, **DEVOLVE}).status_code == 302
    (told,) = banners(leader.page("/authority"))
    assert told.count("Recorded as entry") == 1
    again = Page(leader.submit(form, **DEVOLVE))
    assert banners(again)[0].startswith(f"Done Recorded as entry {last_of(site, 'devolution')} ")


def test_a_vote_is_kept_and_is_no_entry(site: Flask) -> None:
    client = client_of(site, IVY)
    page = Page(client.submit(client.page(VOTE).form(VOTE), choices=["1"]))
    assert "Your vote is kept" in page.text
    assert banners(page) == []


def test_the_promise_is_only_what_will_be_kept(site: Flask) -> None:
    """A log that nobody signs promises nothing; one that has signed the entry already says so."""
    leader = client_of(site, LEADER)
    unsigned = Page(leader.submit(leader.page("/authority/devolve").form("/authority/devolve"), **DEVOLVE))
    assert "Nothing of this log is signed yet, so there is no proof to keep." in banners(unsigned)[0]
    form = leader.page("/authority/devolve").form("/authority/devolve")
    leader.post(form.action, data={**form.values, **DEVOLVE})
    publish(database_of(site), LOG)
    assert "It is in the log’s newest signed checkpoint." in banners(leader.page("/authority"))[0]


def called(function: ast.FunctionDef) -> list[tuple[str, set[str]]]:
    """What a function calls by name, and with which keywords."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    return [(call.func.id, {str(word.arg) for word in call.keywords}) for call in calls if isinstance(call.func, ast.Name)]


def test_no_route_records_without_saying_which_entry() -> None:
    """A new desk breaks this until it answers with the entry. Whatever stands beside the log says so; a ballot waits there."""
    found = [node for path in (ROOT / "app").glob("*/*.py") for node in ast.walk(ast.parse(path.read_text()))
             if isinstance(node, ast.FunctionDef)]  # fmt: skip
    routes = [
        function for function in found
        if any(name == "record" or (name == "unit_of_work" and "appends" not in words) for name, words in called(function))
    ]  # fmt: skip
    silent = {function.name for function in routes if "recorded_then" not in dict(called(function))}
    assert silent == {"vote"}
    assert {"vote", "close", "decide", "new_devolution"} <= {function.name for function in routes}


def test_a_large_number_reads_as_people_write_it(site: Flask) -> None:
    leader = client_of(site, LEADER)
    with leader.session_transaction() as session:
        session["_flashes"] = [("recorded", "1234")]
    page = leader.page("/authority")
    assert page.links["entry 1,234"] == "/ledger/1234"


@pytest.mark.parametrize(
    ("times_signed", "promise"),
    [
        (0, "Nothing of this log is signed yet; “commonpurse doctor” says what is missing."),
        (1, "It will be in the log's next signed checkpoint; its proof is then at /ledger/{index}."),
    ],
)
def test_each_command_that_records_says_which_entry_in_one_line(
    site: Flask, monkeypatch: pytest.MonkeyPatch, times_signed: int, promise: str
) -> None:
    database = database_of(site)
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    monkeypatch.setenv("SECRET_KEY", "-" * 40)
    for _ in range(times_signed):
        publish(database, LOG)
    election = "tests/data/pabulib/Poland_Warszawa_2019_Sielce.pb"
    with database.reading() as session:
        size = tree_size(session)
    for words, kind in (
        (("round", "import", election, "--partnership", "sielce"), "round"),
        (("round", "count", "sielce-ff7ad637"), "result"),
        (("round", "ratify", "sielce-ff7ad637"), "ratification"),
        (("person", "erase", "p-demo-operator", "--reason", "asked_by_the_person", "--yes"), "erasure"),
    ):
        for _ in range(2):  # said again, it is the same entry
            answer = CliRunner().invoke(main, words)
            assert answer.exit_code == 0, answer.output
            index = last_of(site, kind)
            assert index >= size
            lines = [line for line in answer.stdout.splitlines() if line.startswith("Recorded as entry")]
            assert lines == [f"Recorded as entry {index:,}. {promise.format(index=index)}"]
