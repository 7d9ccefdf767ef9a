"""The authority leader renews terms and overrides a decision; a resident reads why. On a phone and on a desk."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from tests.browser.test_journeys import become

WHY = "The site is to be sold, which the panel could not know."


def _days(page: Page, **groups: int) -> None:
    today = datetime.now(UTC).date()
    for group, days in groups.items():
        fields = page.get_by_role("group", name=group.replace("_", " "))
        day = today + timedelta(days=days)
        for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            fields.get_by_label(label).fill(str(value))


def test_terms_are_renewed_with_the_evidence_on_the_page(desk: Page, own_site: str, check_access: Check) -> None:
    become(desk, own_site, "Asha Brandt")
    desk.goto(f"{own_site}/authority")
    expect(desk.get_by_text("The review of the terms of reference was due on").first).to_be_visible()
    desk.get_by_role("link", name="Renew the terms of Glodbrook").click()
    expect(desk.get_by_role("heading", name="Decided")).to_be_visible()
    check_access(desk)
    desk.get_by_role("button", name="Record the terms of reference").click()
    expect(desk.get_by_role("alert")).to_contain_text("Enter how many sit on the panel")
    check_access(desk)
    _days(desk, First_day=0, Day_by_which=70, Sunset=90)
    desk.get_by_label("Seats on the panel").fill("6")
    desk.get_by_label("Residents hold more than half of the seats").check()
    desk.get_by_label("How many must vote").fill("3")
    desk.get_by_label("Most money that one award may take").fill("500")
    desk.get_by_role("button", name="Record the terms of reference").click()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    check_access(desk)


def test_a_resident_reads_on_a_phone_why_a_decision_was_overridden(
    desk: Page, phone: Page, own_site: str, check_access: Check
) -> None:
    become(desk, own_site, "Asha Brandt")
    desk.goto(f"{own_site}/rounds/glodbrook-first")
    desk.get_by_role("link", name="Override this decision, in public").click()
    check_access(desk)
    desk.get_by_label("Set the decision aside").check()
    desk.get_by_label("Your reasons").fill(WHY)
    desk.get_by_role("button", name="Override in public").click()
    phone.goto(f"{own_site}/rounds/glodbrook-first")
    expect(phone.get_by_text(WHY)).to_be_visible()
    check_access(phone)
    phone.goto(f"{own_site}/places/glodbrook")
    expect(phone.get_by_text(WHY)).to_be_visible()
    check_access(phone)
    phone.get_by_role("link", name="The evidence pack").click()
    expect(phone.get_by_role("heading", name="Promised")).to_be_visible()
    check_access(phone)
