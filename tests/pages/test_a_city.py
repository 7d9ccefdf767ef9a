"""Łódź 2022, 90,494 ballots: from the file to its public page by the command line, its totals the ledger's to the penny."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import select

from app.commands import main
from app.settings import Settings
from app.site import create_app
from ledger.database import open_database
from ledger.entries import Balance, Entry
from ledger.money import format_money
from ledger.pabulib import read
from tests.databases import SqliteFiles
from tests.web.inspecting import InspectingClient

LODZ = Path(__file__).parents[1] / "data" / "pabulib" / "Poland_Lodz_2022.pb"


def command(*words: str) -> str:
    answer = CliRunner().invoke(main, list(words))
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_the_largest_file_ends_on_a_page_whose_totals_are_the_ledgers(
    sqlite_files: SqliteFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite_files.empty()
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("SECRET_KEY", "-" * 40)
    command("db", "upgrade")
    said = command("round", "import", str(LODZ), "--partnership", "lodz")
    assert "160 proposals and 90,494 ballots were recorded" in said
    ref = said.split()[1].rstrip(":")
    assert "nothing was recorded twice" in command("round", "import", str(LODZ), "--partnership", "lodz")
    command("round", "count", ref)
    command("round", "ratify", ref)
    assert "90,494 sealed ballots" in command("ledger", "verify")

    database = open_database(url)
    with database.reading() as session:
        awards = [row.amount for row in session.exec(select(Balance)) if row.account.startswith("award/")]
        allocations = session.exec(select(Entry.index).where(Entry.kind == "allocation")).all()
    published = [project for project in read(LODZ).projects if project.selected == 1]
    total = 100 * sum(int(project.cost) for project in published)
    assert (sum(awards), len(allocations)) == (total, len(published))

    site = create_app(Settings(database_url=url, secret_key="-" * 40))
    site.test_client_class = InspectingClient
    client = site.test_client()
    assert isinstance(client, InspectingClient)
    page = client.page(f"/rounds/{ref}")
    assert f"chosen, for {format_money(total, 'PLN')}".replace("\u00a0", " ") in page.text.replace("\u00a0", " ")
    rows = page.table("Proposals")[1:]
    assert sum(row[3].startswith("Chosen") for row in rows) == len(published)
    assert len(rows) == 160
    database.dispose()
    sqlite_files.drop(url)
