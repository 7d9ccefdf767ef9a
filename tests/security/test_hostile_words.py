"""Whatever stands in the database or in an address is shown as text: on every page, to everybody, and in every file."""

import csv
import io
from urllib.parse import quote, urlencode

import html5lib
import pytest
from flask import Flask
from sqlmodel import AutoString, SQLModel, text
from werkzeug.test import TestResponse

from ledger.people import Role
from ledger.subject_requests import What
from ledger.subject_requests import ask as ask_registrar
from tests.pages.conftest import client_of, database_of
from tests.people.filled import filled
from tests.people.test_matrix import ask
from tests.people.two_authorities import MARLMOOR
from tests.security.everywhere import addresses, some

WORDS = "<evil-x onclick=evil()>'\"`{{7*7}}${7*7}</script><img src=evil:x onerror=evil()>"
FORMULA = '=cmd|"/c calc"!A1'
# Free text that people write, beside the log. What is an address, a key, a date or one of a few words is not among it.
STORED = {
    "person": ("name", "story"), "partnership": ("name", "summary", "source"), "organisation": ("name",), "district": ("name",),
    "authority": ("name", "source"), "round": ("title", "summary", "source"), "outcome": ("sentence",), "picture": ("words",),
    "proposal": ("title", "summary", "category", "objections", "finance_comment"), "invitation": ("name",),
    "visit": ("device",), "passkey": ("label",), "request": ("name",),
    "idea": ("title", "summary", "consent", "reason", "feasibility", "finance"), "revision": ("title", "summary"),
    "question": ("asked", "answer"), "photo": ("words",), "interest": ("what",),
    "meeting": ("agenda", "minutes"),
}  # fmt: skip
TYPED = {"narrative.text"}  # the database itself lets nobody rewrite these: they come in by a form
# Columns of text that no person's words can be in: each is a reference, a digest, a date, or one of a few words.
NO_WORDS = {
    "ref", "slug", "digest", "address", "currency", "ballot", "electorate", "code", "proposer", "choices", "nonce",
    "voter", "id", "kind", "authority", "place", "subject", "person", "role", "idempotency_key", "leaf_hash", "path",
    "owner", "account", "resource", "from_account", "to_account", "month", "edge", "root", "verifier", "origin", "note",
    "line", "witness", "reason", "kept", "inviter", "state", "browser", "way", "issuer", "salt", "secret", "what",
    "declined", "joint", "partnership", "district", "round", "proposal", "source_digest", "from_kind", "to_kind", "written",
    "nodes", "first", "second", "third", "promises", "mark", "revoked", "added", "credential", "tracker", "sealed", "digits",
    "drafted", "idea", "theme", "written_for", "merged_into", "officer", "credit", "asker", "answerer", "meeting",
    "standing", "clerk", "dice",
}  # fmt: skip
QUESTIONS = [WORDS, "' OR 1=1 --", "1) UNION SELECT name FROM person --", "%", "\x00", "٣", "9" * 400]
FILTERS = ("authority", "resource", "place", "kind", "subject", "page", "next", "anything")


def evil(page: str) -> list[str]:
    """What of the hostile words became a part of the page."""
    found = []
    for part in html5lib.parse(page, namespaceHTMLElements=False).iter():
        if str(part.tag).startswith("evil"):
            found.append(str(part.tag))
        found += [f"{part.tag} {name}" for name in part.attrib if name.startswith("on")]
        led = [value for name, value in part.attrib.items() if name in {"href", "src", "action"}]
        found += [f"{part.tag} {value}" for value in led if value.lower().startswith(("javascript:", "data:text", "evil:"))]
    return found


def shown(answer: TestResponse) -> str:
    """The page; nothing for what is none."""
    return answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""


def spoil(site: Flask, words: str) -> None:
    """Write the words into every column that holds words, past every form. Somebody has asked for another name."""
    with database_of(site).unit_of_work(appends=False) as unit:
        ask_registrar(unit, by=MARLMOOR.holder(Role.CHAIR), what=What.NAME, name="Another")
        unit.commit()
    with database_of(site).writer.connect() as connection:
        for table, columns in STORED.items():
            for column in columns:
                which = "what = 'name'" if table == "request" else "true"
                connection.execute(text(f"UPDATE {table} SET {column} = :words WHERE {which}"), {"words": words[:100]})
        connection.commit()


def test_every_column_of_words_is_among_them() -> None:
    """A new column of text fails this until somebody has said whether a person's words stand in it."""
    columns = [column for table in SQLModel.metadata.tables.values() for column in table.columns]
    there = {f"{column.table}.{column.name}" for column in columns if isinstance(column.type, AutoString)}
    spoiled = {f"{table}.{column}" for table, columns in STORED.items() for column in columns} | TYPED
    assert {name for name in there - spoiled if name.partition(".")[2] not in NO_WORDS} == {
        "checkpoint.name",
        "photo.name",
        "picture.name",
    } & there
    assert spoiled <= there


def test_what_is_stored_is_text_on_every_page_for_everybody(site: Flask) -> None:
    people = list(some(site))
    paths = addresses(site, "GET")
    spoil(site, WORDS)
    pages = 0
    for who, client in people:
        for path in paths:
            answer = ask(client, path, "GET")
            assert answer.status_code < 500, (who, path)
            assert evil(shown(answer)) == [], (who, path)
            pages += "&lt;evil-x" in shown(answer)
    assert pages > 20


def test_what_is_typed_into_a_form_is_text_on_every_page_for_everybody(site: Flask) -> None:
    """What the log's bytes hold for ever, and the words beside it."""
    for name, words in (
        ("authority.new_devolution", {"title": WORDS, "power": WORDS}),
        ("finance.decide", {"power": WORDS, "reasons": WORDS}),
        ("authority_risks.new", {"title": WORDS, "cause": WORDS, "event": WORDS, "effect": WORDS, "first_name": WORDS}),
        ("authority_risks.decide", {"harm_of_acting": WORDS, "harm_of_not_acting": f"{WORDS}!", "reasons": WORDS}),
        ("finance_risks.call", {"reasons": WORDS}),
        ("finance_risks.gain", {"reasons": WORDS}),
    ):
        form = filled(site)[name]
        client = client_of(site, form.person)
        sent = client.page(form.address).form(form.address)
        answer = client.post(sent.action, data={**sent.values, **form.values, **words})
        assert answer.status_code == 302
        page = shown(client.get(answer.headers["Location"], follow_redirects=True))
        assert evil(page) == []
    for who, other in some(site):
        for path in [*addresses(site, "GET"), *(f"/ledger/{index}" for index in range(40, 60))]:
            assert evil(shown(ask(other, path, "GET"))) == [], (who, path)


@pytest.mark.parametrize("words", QUESTIONS, ids=lambda words: repr(words)[:30])
def test_what_stands_in_an_address_is_text_and_no_question_to_the_database(site: Flask, words: str) -> None:
    """Each filter and each part of an address, on each route: no fault, and nothing of it in the page but as text."""
    query = urlencode(dict.fromkeys(FILTERS, words))
    for who, client in some(site):
        for path in {path.partition("?")[0] for path in addresses(site, "GET")}:
            answer = ask(client, f"{path}?{query}", "GET")
            assert answer.status_code < 500, (who, path)
            assert evil(shown(answer)) == [], (who, path)
    for rule in site.url_map.iter_rules():
        path = rule.rule
        for _ in rule.arguments:
            path = path.replace(path[path.index("<") : path.index(">") + 1], quote(words, safe=""), 1)
        answer = ask(client_of(site), path, "GET")
        assert answer.status_code < 500, path
        assert evil(shown(answer)) == [], path


def test_a_filter_never_widens_what_is_shown(site: Flask) -> None:
    """A quotation mark closes nothing: a place that is not there has no entries, whatever follows it."""
    client = client_of(site)

    def entries(place: str) -> int:
        return client.get("/ledger", query_string={"place": place}).text.count('href="/ledger/')

    assert entries("") > entries("nowhere") == 0
    for words in ("nowhere' OR '1'='1", "nowhere' --", 'nowhere" OR 1=1', "nowhere%' ESCAPE '", "%", "_"):
        assert entries(words) == 0


def test_a_cell_of_any_file_that_a_spreadsheet_would_run_is_plain_text(site: Flask) -> None:
    paths = [*addresses(site, "GET"), "/rounds/glodbrook-counted/result.csv"]
    spoil(site, FORMULA)
    files = 0
    for path in paths:
        answer = ask(client_of(site), path, "GET")
        if answer.status_code == 200 and answer.mimetype == "text/csv":
            files += 1
            cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
            assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "\t", "\r"}], path
    assert files > 1
