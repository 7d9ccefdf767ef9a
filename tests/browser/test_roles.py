"""The registrar's desk in a real browser: on a phone without scripts, and looked at by axe at both widths."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from tests.browser.test_journeys import become


def test_a_registrar_appoints_and_ends_a_role_on_a_phone_without_scripts(own_site: str, scriptless: Page) -> None:
    """Bea leads a project to the end of 2099, and then no longer."""
    page = scriptless
    become(page, own_site, "Meredith Okafor")
    page.goto(f"{own_site}/registrar/roles")
    page.get_by_role("link", name="Appoint somebody").click()
    page.get_by_label("Who is it?").select_option(label="Bea Lindqvist")
    page.get_by_label("Which role?").select_option(label="Project lead")
    page.get_by_label("Where?").select_option(label="Glodbrook")
    for part, typed in (("Day", "31"), ("Month", "12"), ("Year", "2099")):
        page.get_by_label(part).fill(typed)
    page.get_by_role("button", name="Record the appointment").click()
    expect(page.get_by_role("alert")).to_contain_text("Recorded as entry")
    row = page.get_by_role("row").filter(has_text="Bea Lindqvist").filter(has_text="Project lead")
    expect(row).to_contain_text("31 December 2099")
    row.get_by_role("link", name="early").click()
    page.get_by_role("button", name="End this role today").click()
    expect(page.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(row).to_have_count(0)


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_the_desk_and_its_forms(
    screen: str, own_site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    become(page, own_site, "Meredith Okafor")
    page.goto(f"{own_site}/registrar/roles")
    check_access(page)
    page.get_by_role("link", name="early").first.click()
    check_access(page)
    page.goto(f"{own_site}/registrar/roles/appoint")
    check_access(page)
    page.get_by_role("button", name="Record the appointment").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    check_access(page)
