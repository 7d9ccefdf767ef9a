"""From a form to a proof in one's own hands: recorded, signed by the site's own publisher, downloaded, checked without it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.cosigning import take
from ledger.database import open_database, system_clock
from ledger.note import Note, SigningKey, cosign
from ledger.publishing import begin_again, publish
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.browser.test_journeys import become, fill_in_an_instrument
from tests.databases import SqliteFiles
from tests.house.tree import ROOT
from tests.log.test_serve import serving, until
from tests.proving import LOG, WITNESS


@pytest.fixture
def signing_site(told_story: str, sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[str]:
    """The demonstration as `commonpurse serve` serves it: its publisher signs beside it, with a key of its own."""
    url = sqlite_files.copy_of(told_story)
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "-" * 40}
    with serving(environment, tmp_path, "--sign-every", "0.1") as site:
        until(lambda: site.size() > 0, site)
        yield site.address
    sqlite_files.drop(url)


def keep_both_files(page: Page, folder: Path) -> list[Path]:
    """Download the proof and the entry, as the links of the page offer them."""
    saved = []
    for link in ("The proof", "The entry’s exact bytes"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=link).click()
        saved.append(folder / waiting.value.suggested_filename)
        waiting.value.save_as(saved[-1])
    return saved


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_what_is_recorded_is_proved_in_the_browser_and_offline(
    screen: str, signing_site: str, tmp_path: Path, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    become(page, signing_site, "Asha Brandt")
    page.goto(f"{signing_site}/authority/devolve")
    fill_in_an_instrument(page)
    page.get_by_role("button", name="Record the instrument").dblclick()
    told = page.get_by_role("alert")
    expect(told).to_contain_text("Recorded as entry")
    index = re.findall(r"entry (\d+)", told.inner_text())[0]
    check_access(page)
    told.get_by_role("link", name="Keep the proof").click()
    page.reload()
    expect(page.get_by_role("alert")).to_have_count(0)  # it is said once
    while page.get_by_role("link", name="The proof").count() == 0:  # the test's own time limit ends it
        page.reload()
    check_access(page)
    proof, entry = keep_both_files(page, tmp_path)
    assert [proof.name, entry.name] == [f"entry-{index}.tlog-proof", f"entry-{index}.json"]
    command = page.get_by_label("The command").inner_text()

    page.get_by_role("main").get_by_role("link", name="Check the record yourself").click()
    page.get_by_label("The proof").set_input_files(proof)
    page.get_by_label("The entry").set_input_files(entry)
    page.get_by_role("button", name="Check the proof").click()
    expect(page.get_by_role("status")).to_contain_text(f"The proof holds. This is entry {index} of the log localhost/log")
    check_access(page)

    words = command.replace("\\\n", " ").split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "app", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "DATABASE_URL": "nonsense://nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"The proof holds: this is entry {index} of the log localhost/log")


@pytest.fixture(scope="module")
def watched_site(
    story_of_last_month: str, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A log that goes on from one that ended, and whose newest witness is older than a week."""
    url, long_ago = sqlite_files.copy_of(story_of_last_month), system_clock() - timedelta(days=9)
    database = open_database(url)
    publish(database, LOG, clock=lambda: long_ago)
    begin_again(database, origin="after.example/log", reason="A disk broke.", lost=None, clock=lambda: long_ago)
    after = SigningKey("after.example/log", LOG.algorithm, bytes(32))
    note = Note.parse(publish(database, after, clock=lambda: long_ago).checkpoint.note)
    with database.unit_of_work(appends=False) as unit:
        take(unit, str(note.plus(cosign(note, WITNESS, long_ago))).encode(), (WITNESS.verifier,), now=long_ago)
        unit.commit()
    database.dispose()
    with served(url, tmp_path_factory.mktemp("site") / "gunicorn.log") as address:
        yield address


@pytest.mark.parametrize("screen", ["phone", "desk", "scriptless"])
def test_who_watches_the_log_is_read_by_everybody(
    screen: str, watched_site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    for address in ("/", "/ledger", "/verify"):
        page.goto(watched_site + address)
        expect(page.get_by_role("main")).to_contain_text(f"Witnessed by {WITNESS.name} on ")
        expect(page.get_by_role("main")).to_contain_text("The newest witness is older than a week.")
    if screen != "scriptless":  # axe is a script
        for address in ("/ledger", "/verify", "/ledger/42"):
            page.goto(watched_site + address)
            for summary in page.locator("details:not([open]) > summary").all():
                summary.click()
            check_access(page)
    page.goto(f"{watched_site}/verify")
    expect(page.get_by_text("The reason given: “A disk broke.”")).to_be_visible()
    page.goto(f"{watched_site}/ledger/42")
    expect(page.get_by_role("link", name="The proof (entry-42.tlog-proof)")).to_be_visible()
