"""A visitor tries a count of a real election, and greedy stands beside equal shares, on a phone and on a desk."""

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.bench.row_count import SIELCE
from tests.browser.conftest import Check


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_a_visitor_counts_a_file_and_sees_what_the_other_rule_would_have_done(
    screen: str, site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    page: Page = request.getfixturevalue(screen)
    page.goto(f"{site}/how-we-count")
    page.get_by_label("Or an election file of your own").set_input_files(str(SIELCE))
    page.get_by_label("The rule to count by").select_option("raised-shares")
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A count you tried")
    page.wait_for_function("() => [...document.querySelectorAll('figure[data-chart]')].every(chart => chart.dataset.chart)")
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    assert page.locator("figure[data-chart] [data-chart-picture] svg").count() >= 3
    closed = page.locator("details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click()
    check_access(page)


def test_what_is_wrong_with_a_file_is_said_beside_its_field(site: str, phone: Page, check_access: Check) -> None:
    phone.goto(f"{site}/how-we-count")
    broken = FilePayload(name="mine.pb", mimeType="text/plain", buffer=b"META\nkey;value\nbudget;ten\n")
    phone.get_by_label("Or an election file of your own").set_input_files(broken)
    phone.get_by_role("button", name="Count").click()
    expect(phone.get_by_role("alert")).to_contain_text("your-file.pb, line")
    check_access(phone)
