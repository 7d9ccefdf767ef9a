"""The day after a sunset: nothing new is allocated through any door, and what was awarded before is still paid through each.

The doors are the finance officer's page, the commands, `post`, `post_many`, the import of a log, its replay (verifier and
auditor ask that), and the import of an election. The API reads, and has no address that records anything.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session

from app import store
from app.settings import Settings
from app.site import create_app
from ledger.canonical import canonical_bytes
from ledger.database import Database, open_database
from ledger.door import post, post_many
from ledger.entries import DatabaseBook, Entry, tree_size
from ledger.errors import LedgerError
from ledger.exports import FORMATS, Log
from ledger.kinds.awarding import Allocation, Payment
from ledger.kinds.deciding import Ratification
from ledger.kinds.devolving import TermsNotLive, VotingRule
from ledger.mandates import check
from ledger.money import TIME
from ledger.pabulib import read
from ledger.people import Person, Role
from ledger.places import Authority
from ledger.powers import agree_terms, devolve
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.replay import ReplayedBook
from ledger.restoring import restore
from ledger.rounds.importing import import_election
from ledger.written import decode, encode
from tests.databases import Databases
from tests.house.tree import ROOT
from tests.ledger.conftest import (
    FINANCE,
    LEADER,
    PAYER,
    World,
    close,
    found_marlmoor,
    open_a_round,
    ratify_result,
    vote,
)
from tests.ledger.steps import committed

TODAY = datetime.now(UTC).date()
YESTERDAY, BEGAN = TODAY - timedelta(days=1), TODAY - timedelta(days=40)
SAID = f"run from {BEGAN} to {YESTERDAY}, and this would take effect on {TODAY}"
WAITING, RATIFIED = "glodbrook-two", "glodbrook-three"


@pytest.fixture
def after(databases: Databases) -> Iterator[World]:
    """Today. The terms ended yesterday: one round has its awards, one waits for its ratification, one for its allocations."""
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    world = World(database, BEGAN)
    found_marlmoor(world)
    _empower(world)
    for ref in ("glodbrook-one", WAITING, RATIFIED):
        open_a_round(world, ref=ref)
        vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
        close(world, ref, key=f"close-{ref}")
    ratify_result(world, "glodbrook-one")
    committed(world)
    _ratify_alone(world)
    world.today = TODAY
    yield world
    database.dispose()
    databases.drop(url)


def _empower(world: World) -> None:
    limits = {"GBP": 1_000_000, TIME: 6_000}
    with world.unit() as unit:
        instrument = devolve(
            unit,
            authority="marlmoor",
            partnership="glodbrook",
            title="Glodbrook instrument",
            power="Minute 14",
            money=5_000_000,
            minutes=60_000,
            limits=limits,
            begins=BEGAN,
            ends=TODAY + timedelta(days=90),
            leader=LEADER,
            idempotency_key="devolve",
        )
        agree_terms(
            unit,
            devolution=instrument.index,
            begins=BEGAN,
            review_on=YESTERDAY,
            sunset=YESTERDAY,
            panel=5,
            quorum=3,
            limits=limits,
            voting_rule=VotingRule(minimum_votes=1),
            actor=Actor(LEADER, Role.AUTHORITY_LEADER),
            idempotency_key="terms",
        )
        for ref in (FINANCE, PAYER):
            person = unit.session.get(Person, ref)
            assert person is not None
            person.invented = True
        authority = unit.session.get(Authority, "marlmoor")
        assert authority is not None
        authority.demonstration = True  # so that anybody may sign in as one of its people
        unit.commit()


def _ratify_alone(world: World) -> None:
    """A ratification whose allocations were never made."""
    with world.database.reading() as session:
        result = next(iter(DatabaseBook(session).where(Kind.RESULT, subject=RATIFIED)))
    payload = Ratification(round=RATIFIED, outcome="ratified", power="4.2", reasons="0" * 64)
    with world.unit() as unit:
        post(unit, _draft(result, payload, day=BEGAN, officer=FINANCE, key="alone"))
        unit.commit()


def _draft(
    mandate: Recorded,
    payload: Ratification | Allocation | Payment,
    *,
    officer: str,
    key: str,
    day: date = TODAY,
    movements: tuple[Movement, ...] = (),
) -> Draft:
    return Draft(
        authority="marlmoor",
        place="glodbrook",
        mandate=mandate.index,
        payload=payload,
        actor=Actor(officer, Role.FINANCE_OFFICER),
        effective_on=day,
        movements=movements,
        idempotency_key=key,
    )


def _allocation(session: Session) -> Draft:
    """The benches of the third round, as voted."""
    ratified = next(iter(DatabaseBook(session).where(Kind.RATIFICATION, subject=RATIFIED)))
    project = f"{RATIFIED}-1"
    route = ("pot/glodbrook", f"award/{project}")
    moves = (Movement(*route, "GBP", 400_000), Movement(*route, TIME, 600))
    return _draft(ratified, Allocation(project=project), officer=FINANCE, key="late", movements=moves)


def _payment(session: Session) -> Draft:
    """£1,000 of what was promised for the benches of the first round."""
    order = next(iter(DatabaseBook(session).where(Kind.COMMITMENT, subject="glodbrook-one-1")))
    payload = Payment(project="glodbrook-one-1", payee="spade", purpose="Timber")
    moves = (Movement("committed/glodbrook-one-1", "payee/spade", "GBP", 100_000),)
    return _draft(order, payload, officer=PAYER, key="paid", movements=moves)


def _lines(world: World, drafted: Callable[[Session], Draft]) -> list[bytes]:
    """The log as its file, with one more entry of today at its end, in its exact bytes."""
    with world.database.reading() as session:
        lines = [piece.removesuffix(b"\n") for piece in FORMATS["jsonl"](Log(session))]
        written = encode(drafted(session), index=tree_size(session), recorded_at=world.clock())
    return [*lines, canonical_bytes(json.loads(written))]


def _through_post(world: World, drafted: Callable[[Session], Draft]) -> None:
    with world.unit() as unit:
        post(unit, drafted(unit.session))
        unit.commit()


def _through_post_many(world: World, drafted: Callable[[Session], Draft]) -> None:
    with world.unit() as unit:
        post_many(unit, [drafted(unit.session)])
        unit.commit()


def _through_replay(world: World, drafted: Callable[[Session], Draft]) -> None:
    with world.database.reading() as session:
        entries = [decode(session.get_one(Entry, index).written) for index in range(tree_size(session))]
        draft = drafted(session)
    book = ReplayedBook(lambda index: entries[index])
    for entry in entries:
        book.add(entry)
    check(draft, book, recorded=world.clock())


DOORS = {"post": _through_post, "post_many": _through_post_many, "replay": _through_replay}


@pytest.mark.parametrize("door", DOORS)
def test_a_new_allocation_is_refused_and_nothing_is_recorded(after: World, door: str) -> None:
    size = after.size()
    with pytest.raises(TermsNotLive) as refused:
        DOORS[door](after, _allocation)
    assert SAID in refused.value.sentence
    assert refused.value.sentence.endswith("nothing was recorded. Awards already made are still paid.")
    assert (after.size(), after.balance(f"award/{RATIFIED}-1")) == (size, 0)


@pytest.mark.parametrize("door", DOORS)
def test_a_payment_on_an_existing_award_goes_through(after: World, door: str) -> None:
    DOORS[door](after, _payment)
    if door != "replay":  # a replay takes in what others recorded, and records nothing
        assert after.balance("payee/spade") == 100_000


def test_a_log_that_holds_an_allocation_after_the_sunset_is_not_imported_and_one_with_a_payment_is(
    after: World, databases: Databases
) -> None:
    url = databases.empty()
    database = open_database(url)
    database.upgrade()
    try:
        with database.unit_of_work(after.clock) as unit, pytest.raises(LedgerError) as refused:
            restore(unit, _lines(after, _allocation))
        assert SAID in refused.value.sentence
        assert _size(database) == 0
        lines = _lines(after, _payment)
        with database.unit_of_work(after.clock) as unit:
            restore(unit, lines)
            unit.commit()
        assert _size(database) == len(lines)
    finally:
        database.dispose()
        databases.drop(url)


def _size(database: Database) -> int:
    with database.reading() as session:
        return tree_size(session)


def test_an_election_is_not_imported_into_a_partnership_whose_terms_are_over(after: World) -> None:
    file = read(Path(__file__).parents[1] / "data" / "pabulib" / "Netherlands_Assen_2024.pb")
    size = after.size()
    with after.unit() as unit, pytest.raises(LedgerError):
        import_election(unit, file, partnership="glodbrook")
    assert after.size() == size


def test_the_finance_officers_page_refuses_and_says_why(after: World) -> None:
    size, address = after.size(), f"/finance/rounds/{WAITING}"
    with _site(after) as site:
        client = _signed_in(site, FINANCE)
        hidden = _hidden(client, address)
        said = client.post(address, data={**hidden, "outcome": "ratified", "power": "4.2", "reasons": "As voted."})
    assert said.status_code == 422
    assert SAID in said.get_data(as_text=True)
    assert after.size() == size


def test_the_command_refuses_and_says_why(after: World) -> None:
    size, said = after.size(), _command(after, "round", "ratify", WAITING)
    assert (said.returncode, said.stdout) == (2, "")
    assert SAID in " ".join(said.stderr.split())
    assert after.size() == size


def test_the_api_has_no_address_that_records(after: World) -> None:
    with _site(after) as site:
        rules = [rule for rule in site.url_map.iter_rules() if rule.rule.startswith("/api")]
    assert not [rule for rule in rules if (rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}]


@contextmanager
def _site(world: World) -> Iterator[Flask]:
    site = create_app(Settings(database_url=_url(world), secret_key="-" * 40))
    yield site
    with site.app_context():
        store.database().dispose()


def _url(world: World) -> str:
    return world.database.url.render_as_string(hide_password=False)


def _command(world: World, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": _url(world), "SECRET_KEY": "-" * 40}
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _signed_in(site: Flask, person: str) -> FlaskClient:
    client = site.test_client()
    client.post("/sign-in", data={**_hidden(client, "/sign-in"), "person": person})
    return client


def _hidden(client: FlaskClient, address: str) -> dict[str, str]:
    page = client.get(address).get_data(as_text=True)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]+)"', page))
