"""What is held about somebody, in a real browser: seen, corrected on request, answered by the registrar."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from tests.browser.test_journeys import become


def test_a_name_is_corrected_on_request_on_a_phone_without_scripts(own_site: str, scriptless: Page) -> None:
    page = scriptless
    become(page, own_site, "Bea Lindqvist")
    page.get_by_role("link", name="Bea Lindqvist").click()
    page.get_by_role("link", name="What is held about you").click()
    page.get_by_label("Your name, as it should be").fill("Bea Lindquist")
    page.get_by_role("button", name="Ask for this correction").click()
    expect(page.get_by_role("alert")).to_contain_text("Your registrar has been asked")
    page.get_by_role("button", name="Sign out").click()
    become(page, own_site, "Meredith Okafor")
    page.get_by_role("link", name="Requests").click()
    page.get_by_role("link", name="Answer").click()
    page.get_by_label("Correct the name").check()
    page.get_by_role("button", name="Record my answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Their name is corrected")
    expect(page.get_by_text("Nobody is waiting")).to_be_visible()


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_the_pages_about_ones_data(
    screen: str, own_site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    become(page, own_site, "Bea Lindqvist")
    page.goto(f"{own_site}/me/data")
    check_access(page)
    page.get_by_label("Your name, as it should be").fill(" ")
    page.get_by_role("button", name="Ask for this correction").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    check_access(page)
    page.get_by_role("button", name="Ask to be erased").click()
    check_access(page)
    page.get_by_role("button", name="Sign out").click()
    become(page, own_site, "Meredith Okafor")
    page.goto(f"{own_site}/registrar/requests")
    check_access(page)
    page.get_by_role("link", name="Answer").click()
    check_access(page)
    page.get_by_role("button", name="Record my answer").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    check_access(page)
