"""A real Chromium on the real site, at the width of a phone and of a desk; every page it opens is watched."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Response, sync_playwright

from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.system_packages import CHROMIUM

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

Check = Callable[[Page], None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that asks for Chromium is marked so, and `-m "not browser"` leaves it out."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium. Its sandbox needs rights that a container often has not; it opens our own pages only."""
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(told_story: str, sqlite_files: SqliteFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with the demonstration, for tests that only read."""
    with served(sqlite_files.copy_of(told_story), tmp_path_factory.mktemp("site") / "gunicorn.log") as address:
        yield address


@pytest.fixture
def own_site(told_story: str, sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[str]:
    """The address of a site with the demonstration that belongs to this test alone: it may record."""
    url = sqlite_files.copy_of(told_story)
    with served(url, tmp_path / "gunicorn.log") as address:
        yield address
    sqlite_files.drop(url)


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone."""
    with watched(chromium, PHONE, touch=True) as page:
        yield page


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Page]:
    """A page on a desk's screen."""
    with watched(chromium, DESK) as page:
        yield page


@pytest.fixture
def scriptless(chromium: Browser) -> Iterator[Page]:
    """A page on a phone that runs no scripts."""
    with watched(chromium, PHONE, touch=True, scripts=False) as page:
        yield page


@pytest.fixture
def check_access() -> Check:
    """Look for what axe can find of WCAG 2.2 AA, and for a page wider than its screen."""

    def check(page: Page) -> None:
        page.wait_for_load_state("load")  # a click returns when the next page's head came; axe fails on one without a body
        found = Axe().run(page, options={"runOnly": _WCAG, "resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"
        width = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert width[0] <= width[1], f"{page.url} is {width[0]} px wide on a screen of {width[1]}"

    return check


@contextmanager
def watched(browser: Browser, screen: dict[str, int], *, touch: bool = False, scripts: bool = True) -> Iterator[Page]:
    """A page of a browser of its own. Fails when it wrote an error, broke the security policy or asked another host."""
    faults: list[str] = []
    with ExitStack() as leaving:
        context = browser.new_context(
            viewport={"width": screen["width"], "height": screen["height"]},
            has_touch=touch,
            java_script_enabled=scripts,
            locale="en-GB",
        )
        leaving.callback(context.close)
        context.on("weberror", lambda fault: faults.append(f"a script failed: {fault.error}"))
        context.on("request", lambda request: faults.extend(_elsewhere(request.url)))
        context.on("response", lambda response: faults.extend(_missing(response)))
        page = context.new_page()
        page.on("console", lambda line: faults.extend(_said(line)))
        yield page
    assert faults == []


def _said(line: ConsoleMessage) -> list[str]:
    """What Chromium says of a page's faults. Of a file that did not come it says too little: that is seen elsewhere."""
    return [line.text] if line.type == "error" and not line.text.startswith("Failed to load resource") else []


def _missing(response: Response) -> list[str]:
    """A part of a page that did not come; the page itself may be an error on purpose."""
    part = not response.request.is_navigation_request() and response.status >= 400
    return [f"{response.url} answered {response.status}"] if part else []


def _elsewhere(url: str) -> list[str]:
    parts = urlsplit(url)
    inside = parts.scheme in {"data", "blob"} or parts.hostname in {"127.0.0.1", "localhost"}
    return [] if inside else [f"asked another host: {url}"]
