"""Signing in as people do it: passkeys in a real Chromium with a virtual device, and every page of it looked at by axe."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.credentials.mailboxes import add_mailbox
from ledger.database import open_database
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.mail_server import Letters, mail_server

RUTH = "ruth@marlmoor.example"


@pytest.fixture
def letters() -> Iterator[tuple[str, Letters]]:
    with mail_server() as found:
        yield found


@pytest.fixture
def here(told_story: str, sqlite_files: SqliteFiles, tmp_path: Path, letters: tuple[str, Letters]) -> Iterator[str]:
    """The site under a name, which passkeys need, with a mail server; Ruth, a finance officer, has an address."""
    url = sqlite_files.copy_of(told_story)
    database = open_database(url)
    with database.unit_of_work(appends=False) as unit:
        add_mailbox(unit, person="p-demo-finance", address=RUTH)
        unit.commit()
    database.dispose()
    with served(url, tmp_path / "gunicorn.log", SMTP_URL=letters[0]) as address:
        yield address.replace("127.0.0.1", "localhost")
    sqlite_files.drop(url)


def sign_in(page: Page, site: str, letters: Letters) -> None:
    """Ask for a link, and use it."""
    before = len(letters)
    page.goto(f"{site}/sign-in")
    page.get_by_label("Email address").fill(RUTH)
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    for _ in range(200):
        if len(letters) > before:
            break
        page.wait_for_timeout(50)
    found = re.search(r"^(http://localhost:\S+)", letters[-1].get_content(), flags=re.MULTILINE)
    assert found is not None
    page.goto(found.group(1).strip())
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def with_device(page: Page) -> None:
    """A virtual device in this browser that keeps passkeys and verifies its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_an_officer_makes_a_passkey_and_signs_in_with_it(
    desk: Page, here: str, letters: tuple[str, Letters], check_access: Check
) -> None:
    with_device(desk)
    sign_in(desk, here, letters[1])
    expect(desk.get_by_role("heading", level=1)).to_have_text("How you sign in")
    check_access(desk)
    desk.get_by_role("button", name="Add a passkey on this device").click()
    expect(desk.get_by_text("The passkey is kept.")).to_be_visible()
    check_access(desk)
    desk.get_by_role("button", name="Sign out").click()
    desk.goto(f"{here}/finance")
    desk.get_by_role("button", name="Sign in with a passkey").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Finance desk")
    desk.goto(f"{here}/me/sessions")
    expect(desk.get_by_text("Chrome on Linux (this browser)")).to_be_visible()
    check_access(desk)


def test_everything_but_passkeys_works_without_scripts_on_a_phone(
    scriptless: Page, here: str, letters: tuple[str, Letters]
) -> None:
    sign_in(scriptless, here, letters[1])
    expect(scriptless.get_by_text("Adding one needs a browser that runs scripts")).to_be_visible()
    expect(scriptless.get_by_role("button", name="Add a passkey on this device")).to_be_hidden()
    scriptless.get_by_role("button", name="Set up an app").click()
    expect(scriptless.get_by_role("img", name="A code to scan with your app")).to_be_visible()


def test_axe_finds_nothing_wrong_with_the_pages_of_signing_in(
    phone: Page, here: str, letters: tuple[str, Letters], check_access: Check
) -> None:
    phone.goto(f"{here}/sign-in")
    phone.get_by_label("Email address").fill("nobody")
    phone.get_by_role("button", name="Send me a link").click()
    expect(phone.get_by_role("alert").get_by_text("There is a problem")).to_be_visible()
    check_access(phone)
    sign_in(phone, here, letters[1])
    phone.get_by_role("button", name="Set up an app").click()
    check_access(phone)
    for path in ("/sign-in/sent", "/sign-in/link/abc", "/me/sessions"):
        phone.goto(here + path)
        check_access(phone)
    phone.get_by_role("button", name="Sign out").click()
    phone.goto(f"{here}/sign-in")
    phone.get_by_role("button", name=re.compile("Meredith Okafor")).click()
    for path in ("/registrar/invitations", "/registrar/invitations/new"):
        phone.goto(here + path)
        check_access(phone)
