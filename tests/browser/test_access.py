"""Every kind of page that everybody may read, looked at by axe on a phone and on a desk."""

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Check

# Where a link follows, the first whose address begins so is opened from there.
PAGES = [
    ("/", ""),
    ("/?resource=TIME", ""),
    ("/?authority=wieliczka-city", ""),
    ("/flows?place=glodbrook", ""),
    ("/places", ""),
    ("/places/glodbrook", ""),
    ("/places/stonecross?resource=TIME", ""),
    ("/rounds/glodbrook-open", ""),
    ("/places/glodbrook", "/rounds/"),
    ("/places/glodbrook", "/proposals/"),
    ("/ledger", ""),
    ("/ledger/0", ""),
    ("/ledger/200", ""),
    ("/sign-in", ""),
    ("/accessibility", ""),
    ("/privacy", ""),
    ("/verify", ""),
    ("/rounds/glodbrook-first", ""),
    ("/how-we-count", ""),
    ("/accountability", ""),
    ("/risk", ""),
    ("/risk", "/risk/"),
    ("/risk/ferrybank-quay-wall?amount=lots&what=gain", ""),
    ("/prototypes", ""),
    ("/prototypes", "/prototypes/"),
    ("/learning", ""),
    ("/learning", "/prototypes/"),
    ("/data-sharing", ""),
    ("/data-sharing", "/data-sharing/"),
    ("/rounds/millrace-spring", ""),
    ("/proposals/millrace-spring-1", ""),
    ("/rounds/northgate-quay-residents", ""),
    ("/joint-rounds/marlmoor/marlmoor-in-spring", ""),
    ("/nowhere", ""),
]


@pytest.mark.parametrize("path", PAGES, ids="".join)
@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_a_page(
    path: tuple[str, str], screen: str, site: str, check_access: Check, request: pytest.FixtureRequest
) -> None:
    address, onward = path
    page: Page = request.getfixturevalue(screen)
    page.goto(site + address)
    if onward:
        page.goto(site + (page.locator(f'main a[href^="{onward}"]').first.get_attribute("href") or ""))
        assert onward in page.url
    page.wait_for_function("() => [...document.querySelectorAll('figure[data-chart]')].every(chart => chart.dataset.chart)")
    closed = page.locator("details:not([open]) > summary")
    for _ in range(closed.count()):
        closed.first.click()
    check_access(page)


def test_the_check_sees_a_fault(site: str, phone: Page, check_access: Check) -> None:
    phone.goto(f"{site}/accessibility")
    phone.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/mark.svg\">')")
    with pytest.raises(AssertionError, match="image-alt"):
        check_access(phone)


def test_the_check_sees_a_page_wider_than_the_phone(site: str, phone: Page, check_access: Check) -> None:
    phone.goto(f"{site}/accessibility")
    phone.evaluate(
        "document.querySelector('h1').textContent = 'x'.repeat(9); document.querySelector('h1').style.width = '900px'"
    )
    with pytest.raises(AssertionError, match="px wide"):
        check_access(phone)
