"""The files others read: beancount and hledger themselves find nothing wrong, and come to the balances that we hold."""

import csv
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import realization
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import text
from sqlmodel import select

from ledger.accounts import AccountKind, BadAccount, parse
from ledger.database import Database, open_database
from ledger.door import post
from ledger.entries import Balance, DatabaseBook, decode, tree_size
from ledger.errors import NotFound
from ledger.exports import FORMATS, Log
from ledger.exports.accounts import beancount_name, hledger_name, path_of
from ledger.exports.books import amount_text
from ledger.exports.table import COLUMNS
from ledger.kinds.awarding import Payment
from ledger.money import LARGEST, TIME
from ledger.people import Role
from ledger.records import Actor, Kind, Movement
from ledger.restoring import restore
from ledger.tree import leaf_hash
from tests.databases import SqliteFiles
from tests.ledger.conftest import PAYER, World, devolve_to_glodbrook
from tests.ledger.steps import committed, done, paying
from tests.ledger.test_kinds import draft
from tests.system_packages import HLEDGER

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
AWKWARD = (
    'Benches: "oak", 3 \\ x\n2; date:2020-13-45 [2020-01-01] {1} = 5 GBP | (x) 🪑\x1b[2J\0\n    assets:pot:glodbrook  9 GBP'
)
Holdings = dict[tuple[str, str], Decimal]


@pytest.fixture
def story(told_story: str, sqlite_files: SqliteFiles) -> Iterator[Database]:
    """A copy of the demonstration: an authority in pounds and hours, and a city in złoty."""
    url = sqlite_files.copy_of(told_story)
    database = open_database(url)
    yield database
    database.dispose()
    sqlite_files.drop(url)


def exported(database: Database, form: str, folder: Path, authority: str | None = None) -> Path:
    file = folder / f"ledger.{form}"
    with database.reading() as session, file.open("wb") as out:
        out.writelines(FORMATS[form](Log(session, authority)))
    return file


def ours(database: Database) -> Holdings:
    """Every balance that is not nought, in units of its currency or in minutes."""
    with database.reading() as session:
        rows = session.exec(select(Balance)).all()
    return {
        (row.account, "MIN" if row.resource == TIME else row.resource): Decimal(row.amount)
        / (1 if row.resource == TIME else 100)
        for row in rows
        if row.amount
    }


def hledger(file: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HLEDGER, "-f", file, *words], capture_output=True, text=True, check=False)


def bean_check(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BEAN_CHECK, "--no-cache", file], capture_output=True, text=True, check=False)


def by_hledger(file: Path) -> Holdings:
    """The balances that hledger itself computes."""
    checked = hledger(file, "check", "--strict")
    assert (checked.returncode, checked.stderr) == (0, "")
    rows, _ = json.loads(hledger(file, "bal", "--flat", "-N", "-O", "json").stdout)
    return {
        (path_of(name), amount["acommodity"]): Decimal(mantissa).scaleb(-amount["aquantity"]["decimalPlaces"])
        for name, _, _, amounts in rows
        for amount in amounts
        if (mantissa := amount["aquantity"]["decimalMantissa"])
    }


def by_beancount(file: Path) -> Holdings:
    """The balances that beancount itself computes."""
    checked = bean_check(file)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")
    entries, errors, _ = loader.load_file(str(file))
    assert errors == []
    held: Holdings = {}
    accounts = realization.realize(entries)
    for account in realization.iter_children(accounts, leaf_only=True):
        for position in realization.compute_balance(account):
            held[path_of(account.account), position.units.currency] = position.units.number
    return held


READERS = {"hledger": by_hledger, "beancount": by_beancount}


@pytest.mark.parametrize("form", READERS)
def test_the_real_tool_reads_the_story_and_comes_to_every_balance_of_ours(story: Database, tmp_path: Path, form: str) -> None:
    held = READERS[form](exported(story, form, tmp_path))
    assert {resource for _, resource in held} == {"GBP", "PLN", "MIN"}
    assert held == ours(story)


@pytest.mark.parametrize("form", READERS)
def test_the_books_of_each_authority_are_whole_by_themselves(story: Database, tmp_path: Path, form: str) -> None:
    parts = [READERS[form](exported(story, form, tmp_path, slug)) for slug in ("marlmoor", "wieliczka-city")]
    assert {resource for _, resource in parts[1]} == {"PLN"}
    assert parts[0] | parts[1] == ours(story)


@pytest.mark.parametrize("form", READERS)
def test_each_entry_is_a_transaction_with_its_number_its_hash_and_its_power(story: Database, tmp_path: Path, form: str) -> None:
    journal = exported(story, form, tmp_path).read_text()
    with story.reading() as session:
        assert len(re.findall(r", entry \d+\b", journal)) == tree_size(session)
        payment = list(DatabaseBook(session).where(Kind.PAYMENT))[-1]
    block = next(part for part in journal.split("\n\n") if f"payment, entry {payment.index}" in part)
    assert block.startswith(f"{payment.effective_on} * ")
    assert payment.leaf_hash.hex() in block
    assert re.search(rf"\bmandate: {payment.mandate}\b", block)
    assert payment.actor.person not in journal


@pytest.mark.parametrize("form", READERS)
def test_a_balance_of_ours_that_is_one_penny_off_is_found_by_the_tool(story: Database, tmp_path: Path, form: str) -> None:
    """What the tool asserts is the stored balance; what it computes comes from the entries."""
    with story.unit_of_work() as unit:
        unit.session.connection().execute(
            text("UPDATE balance SET amount = amount + 1 WHERE account = 'pot/glodbrook' AND resource = 'GBP'")
        )
        unit.commit()
    file = exported(story, form, tmp_path)
    found = hledger(file, "check") if form == "hledger" else bean_check(file)
    assert found.returncode != 0
    assert "pot:glodbrook" in found.stderr.lower()


@pytest.mark.parametrize("form", READERS)
def test_a_free_text_cannot_break_out_of_its_line(decided: World, tmp_path: Path, form: str) -> None:
    done(decided, paying(committed(decided, purpose=AWKWARD, amount=100_000), 100_000))
    committed(decided, purpose="It ends in a \\", amount=100_000)
    file = exported(decided.database, form, tmp_path)
    assert READERS[form](file) == ours(decided.database)
    journal = file.read_text()
    assert "oak" in journal
    assert "🪑" in journal
    assert journal.replace("\n", "").isprintable()


def test_hledger_takes_no_tag_and_no_date_out_of_a_free_text(decided: World, tmp_path: Path) -> None:
    committed(decided, purpose=AWKWARD)
    file = exported(decided.database, "hledger", tmp_path)
    assert set(hledger(file, "tags").stdout.split()) <= {"authority", "index", "leaf", "mandate", "place", "purpose"}
    assert hledger(file, "print", "tag:purpose=.*assets –pot.*").stdout.count(" * (") == 1


@pytest.mark.parametrize(("currency", "unit"), [("JPY", 1), ("KWD", 1000)])
def test_a_currency_with_no_decimals_or_with_three_is_read_exactly(
    world: World, sqlite_url: str, tmp_path: Path, currency: str, unit: int
) -> None:
    devolve_to_glodbrook(world, money=1_234_567)
    lines = exported(world.database, "jsonl", tmp_path).read_bytes().replace(b"GBP", currency.encode()).splitlines()
    database = open_database(sqlite_url)
    database.upgrade()
    with database.unit_of_work(world.clock) as unit_of_work:
        restore(unit_of_work, lines)
        unit_of_work.commit()
    for form, read in READERS.items():
        held = read(exported(database, form, tmp_path))
        assert held["pot/glodbrook", currency] == Decimal(1_234_567) / unit
        assert held["pot/glodbrook", "MIN"] == 60_000
    database.dispose()


@pytest.mark.parametrize("form", READERS)
def test_a_fact_entered_after_its_day_opens_its_account_on_that_day(decided: World, tmp_path: Path, form: str) -> None:
    order = committed(decided)
    decided.today = date(2026, 4, 20)
    early = decided.today - timedelta(days=18)
    done(decided, paying(order, 100))
    paid = Payment(project="glodbrook-one-1", payee="spade", purpose="Late invoice")
    way = Movement("committed/glodbrook-one-1", "payee/spade", "GBP", 100)
    late = draft(decided, paid, mandate=order.index, actor=Actor(PAYER, Role.FINANCE_OFFICER), movements=(way,))
    done(decided, lambda unit: post(unit, replace(late, effective_on=early)))
    file = exported(decided.database, form, tmp_path)
    assert READERS[form](file) == ours(decided.database)
    if form == "beancount":
        assert f"{early} open Expenses:Payee:Spade GBP" in file.read_text()


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_ledger_is_an_empty_book(database_url: str, tmp_path: Path, form: str) -> None:
    database = open_database(database_url)
    database.upgrade()
    file = exported(database, form, tmp_path)
    database.dispose()
    if form in READERS:
        assert READERS[form](file) == {}
    else:
        assert file.read_text() == ("" if form == "jsonl" else ",".join(COLUMNS) + "\n")


def test_an_authority_without_books_is_named(story: Database) -> None:
    with story.reading() as session, pytest.raises(NotFound, match="no authority called “nobody”"):
        Log(session, "nobody").size()


SLUG = st.from_regex(r"[a-z0-9][a-z0-9-]{0,79}", fullmatch=True)
PATHS = st.one_of(
    st.builds("{}/{}".format, st.sampled_from([kind for kind in AccountKind if kind is not AccountKind.RESERVE]), SLUG),
    st.builds("reserve/{}/{}".format, SLUG, SLUG),
)


@given(path=PATHS)
def test_an_accounts_name_in_either_tool_is_the_path_and_nothing_else(path: str) -> None:
    parse(path)
    assert path_of(hledger_name(path)) == path_of(beancount_name(path)) == path
    assert re.fullmatch(r"(Assets|Equity|Expenses)(:[A-Z0-9][A-Za-z0-9-]*)+", beancount_name(path))


@pytest.mark.parametrize(
    "name", ["Assets:Payee:Spade", "assets:Pot:glodbrook", "Pot:Glodbrook", "Assets", "Expenses:Payee:SPADE"]
)
def test_a_name_that_we_would_not_write_stands_for_no_path(name: str) -> None:
    with pytest.raises(BadAccount):
        path_of(name)


@given(amount=st.integers(-LARGEST, LARGEST), resource=st.sampled_from(["GBP", "JPY", "KWD", TIME]))
def test_an_amount_is_written_with_every_digit(amount: int, resource: str) -> None:
    number, unit = amount_text(amount, resource).split(" ")
    places = {"GBP": 2, "JPY": 0, "KWD": 3, TIME: 0}[resource]
    assert int(number.replace(".", "")) == amount
    assert len(number.partition(".")[2]) == places
    assert unit == ("MIN" if resource == TIME else resource)


def test_the_table_has_a_row_for_each_transfer_and_one_for_each_entry_without(story: Database, tmp_path: Path) -> None:
    file = exported(story, "csv", tmp_path)
    entries = [decode(line) for line in exported(story, "jsonl", tmp_path).read_bytes().splitlines()]
    assert file.read_bytes().count(b"\r\n") == 1 + sum(max(1, len(entry.movements)) for entry in entries)
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, strict=True))
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["amount"]:
            unit = "MIN" if row["resource"] == TIME else row["resource"]
            held[row["from_account"], unit] -= Decimal(row["amount"])
            held[row["to_account"], unit] += Decimal(row["amount"])
    assert {key: amount for key, amount in held.items() if amount} == ours(story)
    assert {int(row["entry"]) for row in rows} == {entry.index for entry in entries}
    last = rows[-1]
    assert (last["leaf_hash"], last["kind"]) == (entries[-1].leaf_hash.hex(), entries[-1].kind.value)
    assert datetime.fromisoformat(last["recorded_at"]) == entries[-1].recorded_at


def test_a_cell_of_the_table_that_a_spreadsheet_would_run_is_plain_text(decided: World, tmp_path: Path) -> None:
    committed(decided, purpose='=HYPERLINK("http://x", "y"), 2')
    with exported(decided.database, "csv", tmp_path).open(newline="", encoding="utf-8") as lines:
        assert list(csv.DictReader(lines))[-1]["purpose"] == '\'=HYPERLINK("http://x", "y"), 2'


def test_each_line_of_the_log_has_the_leaf_hash_of_its_entry(story: Database, tmp_path: Path) -> None:
    lines = exported(story, "jsonl", tmp_path).read_bytes().splitlines()
    with story.reading() as session:
        book = DatabaseBook(session)
        assert [leaf_hash(line) for line in lines] == [
            entry.leaf_hash for entry in map(book.entry, range(tree_size(session))) if entry is not None
        ]


def test_progress_is_told_to_the_end(story: Database) -> None:
    heard: list[tuple[int, int]] = []
    with story.reading() as session:
        size = tree_size(session)
        assert len(list(FORMATS["jsonl"](Log(session, progress=lambda done, of: heard.append((done, of)))))) == size
    assert heard[-1] == (size, size)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_read_seven_entries_at_a_time_is_the_same_file(
    story: Database, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = exported(story, form, tmp_path).read_bytes()
    monkeypatch.setattr("ledger.exports.log._AT_ONCE", 7)
    heard: list[int] = []
    with story.reading() as session:
        size = tree_size(session)
        assert b"".join(FORMATS[form](Log(session, progress=lambda done, _of: heard.append(done)))) == whole
    assert heard == [*range(7, size, 7), size]
