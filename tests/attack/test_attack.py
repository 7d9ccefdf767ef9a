"""How the scanners are led: what the site takes is found out and not listed, a scanner that finds nothing is not believed."""

import os
import shutil
import sys
import time
from pathlib import Path

import pytest

from app.settings import Settings
from app.site import create_app
from tests.attack.campaign import prove
from tests.attack.children import OVERTIME, run
from tests.attack.described import Operation, describe
from tests.attack.openapi import document
from tests.attack.planted import FOUND_BY
from tests.attack.standing import CHAIR, Visitor, closed, visitors

VISITOR, THE_CHAIR = Visitor("a visitor"), Visitor("chair", CHAIR)
LEADER = Visitor("authority leader", "p-demo-leader")


@pytest.fixture(scope="module")
def told(told_story: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the demonstration that belongs to these tests alone."""
    file = tmp_path_factory.mktemp("attack") / "told.db"
    shutil.copy(told_story.removeprefix("sqlite:///"), file)
    return file


@pytest.fixture(scope="module")
def operations(told: Path) -> dict[tuple[str, str], Operation]:
    """What the site takes, asked as three of its people."""
    copy = Path(shutil.copy(told, told.with_name("described.db")))
    return {(one.method, one.path): one for one in describe(copy, [VISITOR, THE_CHAIR, LEADER])}


def test_every_route_with_each_of_its_methods_is_described(operations: dict[tuple[str, str], Operation]) -> None:
    rules = list(create_app(Settings(database_url="sqlite://", secret_key="-" * 40)).url_map.iter_rules())
    asked = {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert {(one.method, one.rule) for one in operations.values()} == asked
    paths = document(operations.values(), role="chair")["paths"]
    assert {(method.upper(), path) for path, item in paths.items() for method in item} == set(operations)


def test_what_a_route_reads_is_found_by_asking_it(operations: dict[tuple[str, str], Operation]) -> None:
    assert operations["GET", "/ledger"].query >= {"kind", "place", "subject", "resource", "page"}
    assert operations["POST", "/authority/devolve"].fields >= {"partnership", "title", "money", "begins", "idempotency_key"}
    assert operations["POST", "/panel/rounds/{ref}/vote"].fields == {"choices", "idempotency_key"}
    assert operations["POST", "/sign-in"].fields == {"person", "next"}
    assert operations["POST", "/panel/places/{slug}/picture"].files == {"photo"}
    assert operations["POST", "/sign-in/passkey"].reads == "json"
    assert operations["POST", "/log/cosignatures"].reads == "bytes"
    assert operations["POST", "/sign-in/email"].reads == "form"


def test_whoever_attacks_begins_with_an_address_that_lets_them_in(operations: dict[tuple[str, str], Operation]) -> None:
    assert operations["POST", "/panel/rounds/{ref}/vote"].open_to == {"chair": {"ref": "glodbrook-open"}}
    assert set(operations["GET", "/authority/devolve"].open_to) == {"authority leader"}
    assert set(operations["GET", "/ledger/{index}"].open_to) == {"a visitor", "chair", "authority leader"}


def test_a_form_that_would_end_the_session_is_known_and_not_sent(operations: dict[tuple[str, str], Operation]) -> None:
    paths = document(operations.values(), role="chair", spared=frozenset({"/sign-in"}))["paths"]
    assert (paths["/sign-in"]["post"]["deprecated"], paths["/sign-in"]["get"]["deprecated"]) == (True, False)


def test_somebody_attacks_in_each_role_that_is_held(told: Path) -> None:
    roles = [visitor.role for visitor in visitors(told)]
    assert roles[0] == "a visitor"
    assert set(roles) > {"panel member", "chair", "finance officer", "authority leader", "registrar"}


def test_a_finance_officer_attacks_a_round_that_is_closed(told: Path) -> None:
    copy = closed(told)
    found = describe(copy, [Visitor("finance officer", "p-demo-finance")])
    form = next(one for one in found if (one.method, one.path) == ("POST", "/finance/rounds/{ref}"))
    assert form.open_to == {"finance officer": {"ref": "glodbrook-open"}}
    assert form.fields >= {"outcome", "power", "reasons"}


@pytest.mark.parametrize("tool", FOUND_BY)
def test_a_scanner_that_finds_nothing_where_holes_are_planted_is_not_believed(tool: str) -> None:
    assert len(list(prove(tool, lambda _: iter(())))) == len(FOUND_BY[tool])
    assert list(prove(tool, lambda _: iter(FOUND_BY[tool]))) == []


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    words = f"import subprocess; p = subprocess.Popen(['sleep', '60']); open({str(note)!r}, 'w').write(str(p.pid)); p.wait()"
    assert run([sys.executable, "-c", words], seconds=2, log="test").code == OVERTIME
    until = time.monotonic() + 10
    while _lives(int(note.read_text())):
        assert time.monotonic() < until
        time.sleep(0.05)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
