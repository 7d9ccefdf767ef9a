"""An idea from a doorstep to the ballot, in a real browser: a resident, a neighbour, an officer, a connector and the chair."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.database import open_database
from ledger.people import Role
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.browser.test_journeys import become
from tests.databases import SqliteFiles
from tests.people.two_authorities import MARLMOOR, NOBODY, tell_of_two

ROUND = "glodbrook-ideas"
RESIDENT, CHAIR, OFFICER, CONNECTOR = (
    rf"\({MARLMOOR.holder(role)}\)" for role in (Role.RESIDENT, Role.CHAIR, Role.FINANCE_OFFICER, Role.CONNECTOR)
)


@pytest.fixture(scope="module")
def gathering(sqlite_files: SqliteFiles) -> str:
    """A database in which a round of Glodbrook gathers ideas."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    tell_of_two(database, datetime.now(UTC).date())
    database.dispose()
    return url


@pytest.fixture
def ideas_site(gathering: str, sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[str]:
    url = sqlite_files.copy_of(gathering)
    with served(url, tmp_path / "gunicorn.log") as address:
        yield address
    sqlite_files.drop(url)


def write(page: Page, site: str) -> None:
    page.goto(f"{site}/rounds/{ROUND}")
    page.get_by_role("link", name="Write an idea", exact=True).click()
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("Your idea in a few words").fill("A warm room")
    page.get_by_label("What would happen, and for whom").fill("Tea and company on *Tuesdays*.")
    page.get_by_label("What it is about").select_option(label="Health and care")
    page.get_by_label("What it would cost in money").fill("£900")
    page.get_by_label("Hours of staff time it needs").fill("12:30")
    page.get_by_label("Place on the map: steps to the east").fill("200")
    page.get_by_label("Place on the map: steps to the north").fill("700")


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_an_idea_goes_from_a_doorstep_to_a_frozen_ballot(
    screen: str, ideas_site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    """Shared by its author, seconded by a neighbour, commented on by an officer, frozen by the chair; axe sees each page."""
    page: Page = request.getfixturevalue(screen)
    become(page, ideas_site, RESIDENT)
    write(page, ideas_site)
    check_access(page)
    page.get_by_role("button", name="Keep this").click()
    check_access(page)
    page.get_by_role("link", name="A warm room").click()
    check_access(page)
    page.get_by_role("button", name="Share it with everybody").click()
    expect(page.get_by_role("alert")).to_contain_text("Everybody can read your idea now.")
    idea = f"{ideas_site}/proposals/{ROUND}-3"

    become(page, ideas_site, rf"Nora Nobody|\({NOBODY}\)")
    page.goto(idea)
    for _ in range(2):
        page.get_by_role("button", name="Second this idea").click()
    expect(page.get_by_text("1 person", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ask about this idea").click()
    check_access(page)
    page.get_by_label("Your question").fill("Is it open on bank holidays?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Is it open on bank holidays?")).to_be_visible()
    check_access(page)

    become(page, ideas_site, OFFICER)
    page.goto(f"{ideas_site}/finance")
    page.get_by_role("link", name="A warm room").click()
    check_access(page)
    page.get_by_label("Can it be done?").fill("Yes, in the library.")
    page.get_by_label("What does it mean for the money?").fill("It costs this every year.")
    page.get_by_role("button", name="Publish this comment").click()
    expect(page.get_by_text("Answered after 0 days")).to_be_visible()

    become(page, ideas_site, CHAIR)
    page.goto(f"{ideas_site}/panel/rounds/{ROUND}/rules")
    page.get_by_label("Limits, one on each line").fill("theme care at most five pounds")
    page.get_by_role("button", name="Keep these rules").click()
    expect(page.get_by_text("Line 1 reads as no limit").first).to_be_visible()
    check_access(page)
    page.get_by_label("Limits, one on each line").fill("theme care at most £1,000")
    page.get_by_role("button", name="Keep these rules").click()
    page.get_by_role("button", name="Freeze the rules and the ballot").click()
    expect(page.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(page.get_by_text("At most £1,000 for Health and care")).to_be_visible()
    check_access(page)
    page.goto(f"{ideas_site}/panel/rounds/{ROUND}/rules")
    expect(page.get_by_text("stay as they are")).to_be_visible()


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_the_pages_of_a_round_that_gathers_ideas(
    screen: str, ideas_site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    for address in (f"/rounds/{ROUND}", f"/proposals/{ROUND}-1"):
        page.goto(f"{ideas_site}{address}")
        check_access(page)
    become(page, ideas_site, CONNECTOR)
    for address in ("/connector", f"/connector/rounds/{ROUND}/write", f"/connector/rounds/{ROUND}/merge", "/me/proposals"):
        page.goto(f"{ideas_site}{address}")
        check_access(page)
    become(page, ideas_site, CHAIR)
    for address in (
        "/panel/places/glodbrook/rounds/new", "/panel/rounds/glodbrook-open/vote", "/panel/rounds/glodbrook-open/meetings",
        "/panel/meetings/glodbrook-open-2026-01-01", "/panel/proposals/glodbrook-open-1/interest",
    ):  # fmt: skip
        page.goto(f"{ideas_site}{address}")
        check_access(page)


def test_a_connector_writes_for_a_resident_on_a_phone_without_scripts(ideas_site: str, scriptless: Page) -> None:
    page = scriptless
    become(page, ideas_site, CONNECTOR)
    page.goto(f"{ideas_site}/connector/rounds/{ROUND}/write")
    page.get_by_label("Your idea in a few words").fill("A tool library")
    page.get_by_label("What would happen, and for whom").fill("Drills to borrow.")
    page.get_by_label("What it would cost in money").fill("300")
    page.get_by_role("button", name="Keep this").click()
    expect(page.get_by_text("Say how they agreed").first).to_be_visible()
    expect(page.get_by_text("Choose whose idea it is").first).to_be_visible()
    page.get_by_label("Whose idea it is").select_option(index=1)
    page.get_by_label("How they agreed").fill("On the doorstep; read back.")
    page.get_by_role("button", name="Keep this").click()
    page.get_by_role("link", name="A tool library").click()
    expect(page.get_by_text("A resident, author")).to_be_visible()
