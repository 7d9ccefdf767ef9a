"""The stable addresses, what they show, and what they never do."""

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlmodel import select

from app.access import who_may
from app.signin.addresses import on_this_site
from ledger.entries import Balance, DatabaseBook, Entry, tree_size
from ledger.exports.table import safe_cell
from ledger.flows import overview
from ledger.money import TIME
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient

ADDRESSES = (
    "/", "/?resource=TIME", "/?authority=wieliczka-city", "/?authority=nobody&resource=YYY", "/flows", "/flows?place=glodbrook",
    "/places", "/places?resource=TIME", "/places?authority=wieliczka-city", "/places/glodbrook",
    "/places/glodbrook?resource=TIME", "/places/glodbrook/evidence/60", "/places/wieliczka/evidence/1",
    "/places/stonecross", "/places/wieliczka", "/rounds/glodbrook-open", "/rounds/glodbrook-first", "/rounds/hazel-row-second",
    "/proposals/glodbrook-first-1", "/proposals/glodbrook-open-1", "/ledger", "/ledger?kind=payment&page=2",
    "/ledger?kind=nonsense&page=0", "/ledger?page=99999999999", "/ledger?place=nowhere", "/ledger?resource=TIME",
    "/ledger?subject=glodbrook-first", "/sign-in", "/accessibility", "/privacy", "/verify", "/how-we-count",
    "/accountability", "/risk", "/risk/ferrybank-quay-wall", "/risk/ferrybank-quay-wall?amount=12.50&what=gain",
    "/prototypes", "/prototypes?place=glodbrook", "/prototypes?place=nowhere", "/learning", "/data-sharing",
    "/data-sharing?place=glodbrook", "/rounds/millrace-spring", "/proposals/millrace-spring-1", "/proposals/millrace-spring-4",
    "/rounds/northgate-quay-residents", "/vote/northgate-quay-residents", "/joint-rounds/marlmoor/marlmoor-in-spring",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_everybody_can_read_it(visitor: InspectingClient, address: str) -> None:
    assert "Demonstration" in visitor.page(address).response.get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "/places/nowhere",
        "/rounds/none",
        "/proposals/none",
        "/risk/none",
        "/ledger/999999",
        "/ledger/x",
        "/nope",
        "/prototypes/0",
        "/data-sharing/0",
    ],
)
def test_what_is_not_there_says_so(visitor: InspectingClient, address: str) -> None:
    page = visitor.page(address, status=404)
    assert page.heading == "Page not found"
    assert "Traceback" not in page.text


def test_every_entry_of_the_story_has_a_page(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        kinds = {kind: index for index, kind in session.exec(select(Entry.index, Entry.kind))}
    for kind, index in kinds.items():
        page = visitor.page(f"/ledger/{index}")
        assert page.heading.startswith(f"Entry {index}"), kind


def test_the_exact_bytes_of_an_entry_are_what_was_hashed(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        row = session.get(Entry, 42)
        assert row is not None
        written, leaf = row.written, row.leaf_hash
    answer = visitor.get("/ledger/42.json")
    assert answer.get_data() == written
    assert hashlib.sha256(b"\x00" + answer.get_data()).digest() == leaf
    assert json.loads(answer.get_data())["index"] == 42


@pytest.mark.parametrize("resource", ["GBP", TIME])
def test_chart_table_and_file_show_the_ledgers_own_numbers(site: Flask, visitor: InspectingClient, resource: str) -> None:
    with database_of(site).reading() as session:
        view = overview(session, authority="marlmoor", resource=resource)
        pots = [
            row.amount for row in session.exec(select(Balance)) if row.account.startswith("pot/") and row.resource == resource
        ]
    rows = list(csv.DictReader(io.StringIO(visitor.get(f"/flows.csv?resource={resource}").get_data(as_text=True))))
    scale = 1 if resource == TIME else 100
    assert sum(round(float(row["amount"]) * scale) for row in rows if row["to_kind"] == "project") == view.awarded
    assert sum(round(float(row["amount"]) * scale) for row in rows if row["to_kind"] == "unallocated") == sum(pots)
    table = visitor.page(f"/?resource={resource}").table("From whom to whom")
    assert len(table) - 1 == len(rows) == len(view.links)
    assert view.devolved + view.lent == view.awarded + view.purses + view.taken_back + view.set_aside + view.unallocated
    given = {
        sort: sum(link.amount for link in view.links if link.source.sort == sort) for sort in ("authority", "organisation")
    }
    assert given == {"authority": view.devolved, "organisation": view.lent}
    with database_of(site).reading() as session:
        returned = DatabaseBook(session).balance("returned/marlmoor", resource)
    assert returned == view.taken_back + view.given_back


def test_a_cell_that_a_spreadsheet_would_run_is_plain_text() -> None:
    assert [safe_cell(cell) for cell in ("=1+1", "+1", "-1", "@x", "\tx", "plain", -5)] == [
        "'=1+1", "'+1", "'-1", "'@x", "'\tx", "plain", -5,
    ]  # fmt: skip


def test_an_unchanged_ledger_answers_304_and_a_signed_in_person_is_never_cached(site: Flask, visitor: InspectingClient) -> None:
    first = visitor.get("/places")
    again = visitor.get("/places", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert client_of(site, "p-demo-finance").get("/places").headers["Cache-Control"] == "no-store"


def test_reading_changes_nothing(site: Flask) -> None:
    path = Path(str(database_of(site).url.database))

    def fingerprint() -> list[object]:
        with database_of(site).reading() as session:
            raw = session.connection().connection.driver_connection
            return list(raw.iterdump())  # type: ignore[union-attr]  # sqlite3's own

    clients = [client_of(site, person) for person in ("", "p-demo-finance", "p-demo-leader", "p-demo-glodbrook-0")]
    before = fingerprint()
    for client in clients:
        for address in (
            *ADDRESSES,
            "/me/sessions",
            "/panel",
            "/panel/rounds/glodbrook-open/vote",
            "/finance",
            "/authority/devolve",
            "/registrar/roles",
        ):
            client.get(address)
    assert path.exists()
    assert fingerprint() == before


def test_every_view_declares_who_may(site: Flask) -> None:
    assert [name for name, view in site.view_functions.items() if name != "static" and not who_may(view)] == []


ROUTES = {
    "/panel": {"chair", "panel"},
    "/panel/rounds/glodbrook-open/vote": {"chair", "panel"},
    "/panel/rounds/glodbrook-open/close": {"chair"},
    "/panel/rounds/tarn-lane-first/vote": set(),
    "/panel/rounds/tarn-lane-first/close": set(),
    "/finance": {"finance"},
    "/finance/rounds/glodbrook-first": {"finance"},
    "/finance/rounds/wieliczka-3ed2eb4c": set(),
    "/authority": {"leader"},
    "/authority/devolve": {"leader"},
    "/registrar/roles": {"registrar"},
    "/registrar/roles/appoint": {"registrar"},
}
PEOPLE = {
    "chair": "p-demo-glodbrook-0",
    "panel": "p-demo-glodbrook-2",
    "finance": "p-demo-finance",
    "leader": "p-demo-leader",
    "registrar": "p-demo-registrar",
    "operator": "p-demo-operator",
}


@pytest.mark.parametrize("address", ROUTES)
def test_a_desk_opens_only_to_those_it_is_for(site: Flask, address: str) -> None:
    if "wieliczka" in address:
        with database_of(site).reading() as session:
            rounds = session.exec(select(Entry.subject).where(Entry.kind == "round", Entry.place == "wieliczka")).all()
        address = f"/finance/rounds/{rounds[0]}"
        allowed: set[str] = set()
    else:
        allowed = ROUTES[address]
    let_in = {name for name, ref in PEOPLE.items() if client_of(site, ref).get(address).status_code == 200}
    assert let_in == allowed
    assert client_of(site).get(address).headers["Location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\\b", "/a\r\nSet-Cookie: x", ""],
)
def test_after_sign_in_one_stays_on_this_site(site: Flask, address: str) -> None:
    with site.test_request_context():
        assert on_this_site(address) == "/"
        assert on_this_site("/panel/rounds/x/vote") == "/panel/rounds/x/vote"


def test_only_the_demonstrations_own_people_can_be_picked(site: Flask) -> None:
    client = client_of(site, "p-wieliczka-finance-officer")
    assert client.get("/finance").status_code == 302


def test_the_site_says_that_it_is_ready_and_how_long_the_log_is(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        size = tree_size(session)
    assert visitor.get("/readyz").get_data(as_text=True) == f"ok {size}\n"
    assert visitor.get("/healthz").get_data(as_text=True) == "ok\n"


@pytest.mark.parametrize("place", ["nowhere", "G\x91\U000dc71e", 'x"; filename="y.exe', "a\r\nSet-Cookie: b=c", "../../etc"])
def test_a_place_that_is_not_there_is_in_no_name_of_a_file(visitor: InspectingClient, place: str) -> None:
    answer = visitor.get("/flows.csv", query_string={"place": place})
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flows-marlmoor-GBP.csv"'
    assert "Set-Cookie" not in answer.headers
    assert answer.data == visitor.get("/flows.csv").data


def test_the_file_of_a_place_is_named_after_it(visitor: InspectingClient) -> None:
    answer = visitor.get("/flows.csv?place=glodbrook")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="flows-marlmoor-glodbrook-GBP.csv"'
