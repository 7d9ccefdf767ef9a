"""A prototype is started from another's agreement, decided on by a chair on a phone, and data is refused only when weighed."""

import re
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from tests.browser.test_journeys import become

TODAY = datetime.now(UTC).date()


def enter_day(page: Page, group: str, days: int) -> None:
    """A day so many days from now, into its three fields."""
    day = TODAY + timedelta(days=days)
    fields = page.get_by_role("group", name=group, exact=True)
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        fields.get_by_label(label).fill(str(value))


def test_a_chair_decides_on_a_phone_on_what_was_learned_and_a_resident_reads_it(
    phone: Page, own_site: str, check_access: Check
) -> None:
    become(phone, own_site, "Kofi Barraclough")
    phone.goto(f"{own_site}/panel")
    check_access(phone)
    waiting = phone.get_by_role("table", name="Prototypes, and whether one waits for a decision")
    expect(waiting).to_contain_text("Decision due")
    waiting.get_by_role("link", name="Warm visits on the lane").click()
    expect(phone.get_by_role("table", name="Agreements that this one started from")).to_contain_text(
        "Warm visits without a form"
    )
    phone.get_by_role("button", name="Decide on this prototype").or_(
        phone.get_by_role("link", name="Decide on this prototype")
    ).click()
    check_access(phone)
    phone.get_by_role("button", name="Record my decision").click()
    expect(phone.get_by_role("alert")).to_contain_text("Choose whether it is stopped, adapted or mainstreamed")
    check_access(phone)
    phone.get_by_label("Learned about practice and citizen experience").fill("The lane asks at the shop, not at the desk.")
    phone.get_by_label("Adapt: a changed one may start from this one").check()
    phone.get_by_label("Your reasons").fill("It works at the shop.")
    phone.get_by_role("button", name="Record my decision").dblclick()
    expect(phone.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(phone.get_by_text("It works at the shop.")).to_be_visible()
    check_access(phone)
    phone.goto(f"{own_site}/learning")
    expect(phone.get_by_text("The lane asks at the shop, not at the desk.")).to_have_count(1)
    check_access(phone)


def test_the_leader_adopts_a_prototype_and_cannot_start_it_with_a_blank(desk: Page, own_site: str, check_access: Check) -> None:
    become(desk, own_site, "Asha Brandt")
    desk.goto(f"{own_site}/prototypes")
    href = desk.get_by_role("link", name="Warm visits without a form").get_attribute("href") or ""
    desk.goto(f"{own_site}/authority")
    check_access(desk)
    desk.goto(f"{own_site}/authority/prototypes/upper-weir?adopt={href.rpartition('/')[2]}")
    expect(desk.get_by_label("What may it decide by itself?")).to_have_value(re.compile("without an assessment"))
    desk.get_by_label("What may it decide by itself?").fill("")
    desk.get_by_label("Who leads it?").select_option(index=1)
    enter_day(desk, "Learning date", 60)
    enter_day(desk, "Last day", 90)
    check_access(desk)
    desk.get_by_role("button", name="Start the prototype").click()
    expect(desk.get_by_role("alert")).to_contain_text("this leaves blank: its power.")
    check_access(desk)
    desk.get_by_label("What may it decide by itself?").fill("Help up to £100")
    desk.get_by_role("button", name="Start the prototype").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_role("table", name="Agreements that this one started from")).to_be_visible()
    check_access(desk)


def test_a_refusal_to_share_data_is_accepted_only_with_the_risk_of_not_sharing(
    desk: Page, own_site: str, check_access: Check
) -> None:
    become(desk, own_site, "Asha Brandt")
    desk.goto(f"{own_site}/authority/data-sharing")
    check_access(desk)
    desk.get_by_label("What is the data for?").fill("Who missed an appointment")
    desk.get_by_label("First party", exact=True).fill("Marlmoor Combined Authority")
    desk.get_by_label("Second party", exact=True).fill("aldmere health trust")
    desk.get_by_label("Second party is").select_option(label="Joint controller")
    desk.get_by_label("Harm if the data is shared: how likely?").select_option("3")
    desk.get_by_label("Harm if the data is shared: how grave?").select_option("4")
    desk.get_by_label("Refuse", exact=True).check()
    desk.get_by_label("Your reasons").fill("The trust can write to them itself.")
    enter_day(desk, "Review", 30)
    enter_day(desk, "Last day", 60)
    desk.get_by_role("button", name="Record the decision").click()
    expect(desk.get_by_role("alert")).to_contain_text("A refusal needs the risk of not sharing weighed")
    check_access(desk)
    desk.get_by_label("Harm if the data is not shared: how likely?").select_option("2")
    desk.get_by_label("Harm if the data is not shared: how grave?").select_option("2")
    desk.get_by_role("button", name="Record the decision").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    expect(desk.get_by_role("table", name="Both risks, weighed")).to_contain_text("4 of 25")
    check_access(desk)
