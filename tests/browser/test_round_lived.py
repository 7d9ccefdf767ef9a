"""A round lived from its first day to its last: opened, written for, frozen, voted on, counted, ratified, and counted again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page, expect

from app.commands import main
from tests.browser.conftest import Check
from tests.browser.serving import served
from tests.browser.test_journeys import become
from tests.databases import SqliteFiles

CHAIR, RESIDENT, MEMBER, OFFICER = "Siân Obuya", "Cora Wexler", "Joan Mistry", "Ruth Amadi"
TITLE, LANTERNS, BENCH = "Millrace: winter round", "Lanterns on the lane", "A second bench"


@dataclass(frozen=True)
class Days:
    """One database that is served on one day after another."""

    url: str
    folder: Path

    @contextmanager
    def on(self, day: int) -> Iterator[str]:
        """The site so many days from now."""
        with served(
            self.url, self.folder / f"day-{day}.log", site="tests.browser.another_day:app", DAYS_ON=str(day)
        ) as address:
            yield address


@pytest.fixture
def days(told_story: str, sqlite_files: SqliteFiles, tmp_path: Path) -> Iterator[Days]:
    url = sqlite_files.copy_of(told_story)
    yield Days(url, tmp_path)
    sqlite_files.drop(url)


def open_the_round(desk: Page, site: str, check: Check) -> str:
    """The chair opens it with the days that are usual; its address."""
    become(desk, site, CHAIR)
    desk.get_by_role("link", name="Your panel").click()
    desk.get_by_role("link", name="Open a round at Millrace").click()
    check(desk)
    desk.get_by_label("Name of the round").fill(TITLE)
    desk.get_by_label("What it is for").fill("For the dark months.")
    desk.get_by_label("Money to share out").fill("£1,200")
    desk.get_by_label("Staff time to share out, in hours").fill("20")
    desk.get_by_label("The members of the panel").check()
    desk.get_by_role("button", name="Open this round").click()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_text("Gathering ideas", exact=True)).to_be_visible()
    check(desk)
    return desk.url.removeprefix(site)


def write_idea(phone: Page, address: str, title: str, pounds: str, check: Check) -> None:
    phone.goto(address)
    phone.get_by_role("link", name="Write an idea", exact=True).click()
    phone.get_by_label("Your idea in a few words").fill(title)
    phone.get_by_label("What would happen, and for whom").fill("So that people meet after dark.")
    phone.get_by_label("What it would cost in money").fill(pounds)
    phone.get_by_label("Hours of staff time it needs").fill("4")
    check(phone)
    phone.get_by_role("button", name="Keep this").click()
    phone.get_by_role("link", name=title).click()
    phone.get_by_role("button", name="Share it with everybody").click()
    expect(phone.get_by_role("alert")).to_contain_text("Everybody can read your idea now.")
    check(phone)


def comment(desk: Page, site: str, title: str, check: Check) -> None:
    become(desk, site, OFFICER)
    desk.goto(f"{site}/finance")
    desk.get_by_role("link", name=title).click()
    desk.get_by_label("Can it be done?").fill("Yes, from the poles that are there.")
    desk.get_by_label("What does it mean for the money?").fill("Nothing beyond its price.")
    check(desk)
    desk.get_by_role("button", name="Publish this comment").click()


def declare_and_freeze(phone: Page, desk: Page, site: str, address: str, check: Check) -> None:
    """In deliberation a member of the panel says what she would gain, and the chair freezes rules and ballot."""
    become(phone, site, MEMBER)
    phone.goto(f"{site}{address}")
    phone.get_by_role("link", name=LANTERNS).click()
    phone.get_by_role("link", name="Declare an interest in this").click()
    phone.get_by_label("What is your interest?").fill("My brother makes them.")
    check(phone)
    phone.get_by_role("button", name="Declare this interest").click()
    become(desk, site, CHAIR)
    desk.goto(f"{site}{address}")
    desk.get_by_role("link", name="Set and freeze its rules").click()
    check(desk)
    desk.get_by_role("button", name="Freeze the rules and the ballot").click()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_text("My brother makes them.")).to_be_visible()
    check(desk)


def vote(page: Page, site: str, address: str, who: str, *titles: str) -> None:
    become(page, site, who)
    page.goto(f"{site}/panel{address}/vote")
    for title in titles:
        page.get_by_label(title).check()
    page.get_by_role("button", name="Keep my vote").click()
    expect(page.get_by_role("alert")).to_contain_text("Your vote is kept")


def count_and_ratify(desk: Page, site: str, address: str, check: Check) -> None:
    """The chair counts; a finance officer who did not decides on the result."""
    become(desk, site, CHAIR)
    desk.goto(f"{site}/panel{address}/vote")
    check(desk)
    desk.get_by_role("link", name="Count the ballots").click()
    check(desk)
    desk.get_by_role("button", name="Close and count").click()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    become(desk, site, OFFICER)
    desk.goto(f"{site}/finance")
    desk.get_by_role("link", name=TITLE).click()
    check(desk)
    desk.get_by_label("Ratify").check()
    desk.get_by_label("The power you rely on").fill("Scheme of delegation, paragraph 4.2")
    desk.get_by_label("Your reasons").fill("Within the limits, and quorate for each item.")
    desk.get_by_role("button", name="Record my decision").click()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")


def test_a_round_is_lived_from_an_idea_on_a_phone_to_a_result_that_anyone_recounts(
    days: Days, phone: Page, desk: Page, check_access: Check, tmp_path: Path
) -> None:
    """One member has an interest, so four count for the lanterns; the officer who ratifies did not count."""
    with days.on(0) as site:
        address = open_the_round(desk, site, check_access)
        become(phone, site, RESIDENT)
        write_idea(phone, f"{site}{address}", LANTERNS, "£900", check_access)
        write_idea(phone, f"{site}{address}", BENCH, "£600", check_access)
        comment(desk, site, LANTERNS, check_access)
    with days.on(50) as site:
        phone.goto(f"{site}{address}")
        expect(phone.get_by_text("In deliberation", exact=True)).to_be_visible()
        declare_and_freeze(phone, desk, site, address, check_access)
    with days.on(57) as site:
        become(phone, site, MEMBER)
        phone.goto(f"{site}/panel{address}/vote")
        expect(phone.get_by_label(LANTERNS)).to_be_disabled()
        check_access(phone)
        vote(phone, site, address, MEMBER, BENCH)
        for who, titles in (
            (CHAIR, [LANTERNS]), ("Dev Larkin", [LANTERNS, BENCH]), ("Hetty Moon", [LANTERNS]), ("Carl Abiola", [LANTERNS]),
        ):  # fmt: skip
            vote(desk, site, address, who, *titles)
    with days.on(78) as site:
        count_and_ratify(desk, site, address, check_access)
    with days.on(96) as site:
        phone.goto(f"{site}{address}")
        expect(phone.get_by_text("Being delivered", exact=True)).to_be_visible()
        expect(phone.get_by_text("Within the limits, and quorate for each item.")).to_be_visible()
        check_access(phone)
        with phone.expect_download() as taken:
            phone.get_by_role("link", name="Every proposal and every ballot, without names (Pabulib .pb)").click()
        taken.value.save_as(tmp_path / "round.pb")
    again = CliRunner().invoke(main, ["tally", str(tmp_path / "round.pb"), "--rule", "greedy", "--json"])
    assert again.exit_code == 0
    assert json.loads(again.output)["winners"] == ["1"]
