"""A resident votes by code: on a phone without scripts, and looked at by axe at both widths."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.ballot.codes import printed
from tests.ballot.booths import a_round_today
from tests.ballot.living import REF, SecretRound
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.databases import SqliteFiles


@dataclass(frozen=True)
class Served:
    """The site's address, and the round lived behind it."""

    address: str
    living: SecretRound
    log: Path


@pytest.fixture
def booth(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Served]:
    """The site with a secret round under way today, of this test alone."""
    url, key, log = sqlite_files.empty(), tmp_path / "ballot_key", tmp_path / "gunicorn.log"
    living = a_round_today(url, key)
    with served(url, log, BALLOT_KEY_FILE=str(key)) as address:
        yield Served(address, living, log)
    living.world.database.dispose()
    sqlite_files.drop(url)


def fill(page: Page, booth: Served, number: int) -> None:
    page.goto(f"{booth.address}/rounds/{REF}")
    page.get_by_role("link", name="Vote with the code of your letter").click()
    page.get_by_label("The code of your letter").fill(printed(booth.living.codes[number]).lower())
    page.get_by_label("Benches").check()
    page.get_by_label("Tool library").check()
    page.get_by_label("Any six digits of your own").fill("408153")
    page.get_by_role("button", name="Look at my ballot").click()


def test_a_resident_votes_on_a_phone_without_scripts(booth: Served, scriptless: Page) -> None:
    page = scriptless
    fill(page, booth, 0)
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your ballot")
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_label("Benches")).to_be_checked()
    page.get_by_label("Benches").uncheck()
    page.get_by_role("button", name="Look at my ballot").click()
    expect(page.get_by_role("listitem").filter(has_text="Benches")).to_have_count(0)
    page.get_by_role("button", name="Cast my ballot").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your receipt")
    tracker = re.findall(r"\b[0-9a-f]{64}\b", page.content())[0]
    page.get_by_role("link", name="Where is my ballot?").click()
    expect(page.get_by_text("not in the log yet")).to_be_visible()
    for number in range(1, 10):
        booth.living.cast(number)
    booth.living.seal()
    page.get_by_label("The tracker on your receipt").fill(tracker)
    page.get_by_role("button", name="Find it").click()
    expect(page.get_by_text("in the log at entry")).to_be_visible()
    assert booth.living.codes[0] not in booth.log.read_text()
    assert not re.search(r"POST|/vote/", booth.log.read_text()), "no line of the server's log says that somebody voted"


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_any_page_of_the_booth(
    screen: str, booth: Served, check_access: Check, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page: Page = request.getfixturevalue(screen)
    page.goto(f"{booth.address}/vote/{REF}")
    check_access(page)
    page.get_by_role("button", name="Look at my ballot").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    check_access(page)
    fill(page, booth, 0)
    check_access(page)
    page.get_by_role("button", name="Cast my ballot").click()
    expect(page.get_by_text("Your ballot is cast and kept")).to_be_visible()
    check_access(page)
    page.screenshot(path=str(tmp_path / f"receipt-{screen}.png"), full_page=True)
    page.get_by_role("link", name="Where is my ballot?").click()
    check_access(page)
    page.goto(f"{booth.address}/rounds/{REF}")
    check_access(page)
