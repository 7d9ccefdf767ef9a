"""A clerk with paper: a batch taken in, papers entered by two, decided by a third; looked at by axe at both widths."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from ledger.ballot.codes import printed
from tests.ballot.booths import a_round_today
from tests.ballot.living import REF
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.paper.hall import ANA, BEN, CAT, Hall, a_hall


@dataclass(frozen=True)
class Served:
    """The site's address, and the hall behind it."""

    address: str
    hall: Hall

    @property
    def papers(self) -> str:
        """Where the papers of the round are handled."""
        return f"{self.address}/clerk/rounds/{REF}"


@pytest.fixture
def counting(sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Served]:
    """The site with a secret round under way today and three clerks."""
    url, key = sqlite_files.empty(), tmp_path / "ballot_key"
    living = a_round_today(url, key)
    with served(url, tmp_path / "gunicorn.log", BALLOT_KEY_FILE=str(key)) as address:
        yield Served(address, a_hall(living))
    living.world.database.dispose()
    sqlite_files.drop(url)


NAMES = {ANA: "Ana Marsh", BEN: "Ben Okoro", CAT: "Cat Lowe"}


def enter_as(page: Page, counting: Served, who: str) -> None:
    """Leave, and come in as this clerk."""
    page.context.clear_cookies()
    page.goto(f"{counting.address}/sign-in?next=/clerk/rounds/{REF}")
    page.get_by_role("button", name=NAMES[who]).or_(page.get_by_label(NAMES[who])).first.click()
    if page.get_by_role("button", name="Continue").count():
        page.get_by_role("button", name="Continue").click()
    page.goto(counting.papers)


def take_in(page: Page, counting: Served, many: int) -> None:
    page.get_by_role("button", name="Take in a batch").or_(page.get_by_role("link", name="Take in a batch")).first.click()
    page.get_by_label("How many papers").fill(str(many))
    page.get_by_label("The codes of the strips").fill("\n".join(printed(code) for code in counting.hall.living.codes[:many]))
    page.get_by_role("button", name="Take in batch 1").click()


def test_three_clerks_settle_papers_without_scripts(counting: Served, scriptless: Page) -> None:
    page = scriptless
    enter_as(page, counting, ANA)
    take_in(page, counting, 1)
    expect(page.get_by_text("Number its papers now: 1 to 1.")).to_be_visible()
    for who, title in ((ANA, "Benches"), (BEN, "Tool library")):
        enter_as(page, counting, who)
        page.goto(f"{counting.papers}/enter")
        page.get_by_label(title).check()
        page.get_by_role("button", name="This is what paper 1 says").click()
    enter_as(page, counting, CAT)
    page.goto(f"{counting.papers}/decide")
    expect(page.get_by_text("Two people read it differently")).to_be_visible()
    page.get_by_label("Benches").check()
    page.get_by_role("button", name="This is what paper 1 says").click()
    expect(page.get_by_text("Paper 1 is decided.")).to_be_visible()


@pytest.mark.parametrize("screen", ["phone", "desk"])
def test_axe_finds_nothing_wrong_with_any_page_of_the_clerks(
    screen: str, counting: Served, check_access: Check, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    page: Page = request.getfixturevalue(screen)

    def look(name: str) -> None:
        check_access(page)
        page.screenshot(path=tmp_path / f"{name}-{screen}.png", full_page=True)

    enter_as(page, counting, ANA)
    page.goto(f"{counting.papers}/strips")
    page.get_by_role("button", name="Take in batch 1").click()
    look("refused")
    page.goto(counting.papers)
    take_in(page, counting, 3)
    look("papers")
    page.goto(f"{counting.papers}/enter")
    look("enter")
    counting.hall.key(1, {1}, BEN)
    counting.hall.key(1, {2}, CAT)
    page.goto(f"{counting.papers}/decide")
    look("decide")
    page.goto(f"{counting.address}/clerk")
    look("desk")
    for paper, chosen in ((1, {1}), (2, {2}), (3, set())):
        if paper == 1:
            counting.hall.decide(1, chosen, ANA)
        else:
            counting.hall.twice(paper, chosen)
    counting.hall.living.close()
    page.goto(counting.papers)
    look("closed")
    page.get_by_role("button", name="The dice of the audit").or_(page.get_by_role("link", name="The dice of the audit")).click()
    page.get_by_label("How many wrong papers").fill("2")
    page.get_by_label("The dice, as they were read out").fill("4 1 6 2 5 3 3 1 2 6 4 4")
    look("dice")
    page.get_by_role("button", name="Draw the sample").click()
    look("compare")
    page.goto(f"{counting.address}/rounds/{REF}")
    look("round")
