"""What people come to do, done as they do it: in a real Chromium, on a phone or at a desk."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Check


def become(page: Page, site: str, name: str) -> None:
    """Sign in as one of the demonstration's people."""
    page.goto(f"{site}/sign-in")
    page.get_by_role("button", name=re.compile(name)).click()
    expect(page.get_by_text("Signed in as")).to_be_visible()


def test_a_resident_follows_a_pound_from_the_home_chart_to_the_instrument_that_moved_it(
    phone: Page, site: str, check_access: Check
) -> None:
    phone.goto(site)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Where the money goes")
    phone.get_by_text("The same numbers as a table").click()
    phone.get_by_role("table", name="From whom to whom").get_by_role("link", name="Mill Bridge path lights").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Mill Bridge path lights")
    check_access(phone)
    paid = phone.get_by_role("row").filter(has_text="was paid").first
    paid.get_by_role("rowheader").get_by_role("link").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Payment")
    chain = phone.locator(".cp-chain").get_by_role("listitem")
    expect(chain).to_have_count(8)
    for place, words in enumerate(
        ("Devolution", "Terms", "Round", "Result", "Ratification", "Allocation", "Commitment", "This entry")
    ):
        expect(chain.nth(place)).to_contain_text(words)
    check_access(phone)
    phone.get_by_role("link", name=re.compile("^Devolution, entry")).click()
    expect(phone.get_by_text("This is the instrument itself")).to_contain_text("Localism Act 2011")


def vote_as_a_panel_member(phone: Page, own_site: str, check_access: Check) -> None:
    """Ivy votes with two minutes and a thumb, forgets to choose, and changes her mind."""
    become(phone, own_site, "Ivy Rookwood")
    phone.get_by_role("link", name="Your panel").click()
    check_access(phone)
    phone.get_by_role("link", name="Glodbrook: third round").click()
    check_access(phone)

    phone.get_by_role("button", name="Keep my vote").click()
    expect(phone.get_by_role("alert")).to_contain_text("Choose at least one proposal")
    check_access(phone)
    phone.get_by_label("Safe crossing at Mill Bridge").check()
    phone.get_by_role("button", name="Keep my vote").dblclick()
    expect(phone.get_by_role("alert")).to_contain_text("Your vote is kept")
    phone.get_by_label("Night bus on Fridays").check()
    phone.get_by_role("button", name="Change my vote").click()
    expect(phone.get_by_role("alert")).to_contain_text("Your vote is kept")
    expect(phone.get_by_text("5 panel members have voted so far")).to_be_visible()
    check_access(phone)


def close_as_the_chair(desk: Page, own_site: str, check_access: Check) -> None:
    """Five of eight have voted: the quorum is met."""
    become(desk, own_site, "Dilys Hartono")
    desk.goto(f"{own_site}/panel/rounds/glodbrook-open/close")
    check_access(desk)
    desk.get_by_role("button", name="Close and count").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_text("Counted, waiting for ratification")).to_be_visible()
    check_access(desk)


def ratify_as_the_finance_officer(desk: Page, own_site: str, check_access: Check) -> None:
    """Powers, limits and funds on one page; the decision with its reasons."""
    become(desk, own_site, "Ruth Amadi")
    desk.get_by_role("link", name="Finance desk").click()
    check_access(desk)
    desk.get_by_role("table", name="Waiting for your decision").get_by_role("link", name="Glodbrook: third round").click()
    expect(desk.get_by_role("row").filter(has_text="Not in order")).to_have_count(0)
    desk.get_by_role("button", name="Record my decision").click()
    expect(desk.get_by_role("alert")).to_contain_text("Choose whether you ratify or refuse")
    check_access(desk)
    desk.get_by_label("Ratify: allocate to every winner").check()
    desk.get_by_label("The power you rely on").fill("Scheme of delegation, paragraph 4.2")
    desk.get_by_label("Your reasons").fill("Within limits, pot and powers.")
    desk.get_by_role("button", name="Record my decision").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_text("Ruth Amadi, finance officer")).to_be_visible()
    expect(desk.get_by_text("Within limits, pot and powers.")).to_be_visible()
    check_access(desk)


def test_a_panel_votes_the_chair_closes_and_the_finance_officer_ratifies(
    phone: Page, desk: Page, own_site: str, check_access: Check
) -> None:
    vote_as_a_panel_member(phone, own_site, check_access)
    close_as_the_chair(desk, own_site, check_access)
    ratify_as_the_finance_officer(desk, own_site, check_access)
    phone.goto(f"{own_site}/places/glodbrook")
    phone.get_by_text("The same numbers as a table").click()
    expect(phone.get_by_role("table", name="Projects and where their award stands")).to_contain_text(
        "Safe crossing at Mill Bridge"
    )
    phone.goto(f"{own_site}/ledger?kind=allocation")
    expect(phone.get_by_text("“Safe crossing at Mill Bridge”")).to_have_count(1)


def fill_in_an_instrument(page: Page) -> None:
    """£12,500.50 for Upper Weir, for a year."""
    page.get_by_label("Which partnership receives it?").select_option(label="Upper Weir")
    page.get_by_label("Name of the instrument").fill("Winter instrument")
    page.get_by_label("The decision or statute you act under").fill("Minute 31")
    page.get_by_label("Money to hand over").fill("£12,500.50")
    page.get_by_label("Most money that one award may take").fill("5000")
    today = datetime.now(UTC).date()
    for group, day in (("First day", today), ("Last day on which", today + timedelta(days=364))):
        fields = page.get_by_role("group", name=group)
        for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            fields.get_by_label(label).fill(str(value))


def test_the_authority_leader_devolves_and_reads_the_entry(desk: Page, own_site: str, check_access: Check) -> None:
    become(desk, own_site, "Asha Brandt")
    desk.get_by_role("link", name="Authority desk").click()
    check_access(desk)
    desk.get_by_role("button", name="Devolve money or staff time").or_(
        desk.get_by_role("link", name="Devolve money or staff time")
    ).click()
    desk.get_by_role("button", name="Record the instrument").click()
    expect(desk.get_by_role("alert")).to_contain_text("Give the instrument a name")
    check_access(desk)
    fill_in_an_instrument(desk)
    desk.get_by_role("button", name="Record the instrument").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_text("devolved £12,500.50 to Upper Weir")).to_be_visible()
    check_access(desk)
    desk.goto(f"{own_site}/ledger?kind=devolution&place=upper-weir")
    expect(desk.get_by_text("devolved £12,500.50 to Upper Weir")).to_have_count(1)


def test_everything_can_be_read_without_scripts(scriptless: Page, site: str) -> None:
    scriptless.goto(site)
    expect(scriptless.get_by_role("table", name="From whom to whom")).to_be_visible()
    scriptless.get_by_role("link", name="Staff time").click()
    expect(scriptless.get_by_role("heading", level=1)).to_have_text("Where the staff time goes")
    scriptless.get_by_role("link", name="Ledger", exact=True).click()
    scriptless.get_by_label("Kind").select_option(label="Clawback")
    scriptless.get_by_role("button", name="Show").click()
    expect(scriptless.get_by_text("took £6,000 back from Upper Weir")).to_be_visible()
