"""A risk that is shared, from the proposal to the day on which it happens, and a resident who reads why."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from tests.browser.conftest import Check
from tests.browser.test_journeys import become

TITLE = "Ice on the ferry steps"
PARTNERS = (("Brackenford Housing", "Imran Vale", "33.33", "£500"), ("Aldmere Health Trust", "Carys Benn", "16.67", ""))


def fill_in_what_may_go_wrong(page: Page) -> None:
    page.get_by_label("Name of the risk").fill(TITLE)
    page.get_by_label("Which place is it about?").select_option(label="Ferrybank")
    page.get_by_label("Cause").fill("A hard winter")
    page.get_by_label("What may happen").fill("The steps freeze")
    page.get_by_label("What would come of it").fill("The ferry stops")
    for when, likely in (("before anything is done", "4"), ("with what is done about it", "3")):
        page.get_by_label(f"How likely, {when}").select_option(likely)
        page.get_by_label(f"How bad, {when}").select_option("3")
    page.get_by_label("How likely you want it to become").select_option("2")
    page.get_by_label("How bad you want it to become").select_option("2")
    page.get_by_label("Largest loss that it covers").fill("£3,000")
    today = datetime.now(UTC).date()
    for group, day in (("First day", today), ("Last day", today + timedelta(days=90))):
        fields = page.get_by_role("group", name=group)
        for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            fields.get_by_label(label).fill(str(value))


def fill_in_who_shares_it(page: Page) -> None:
    """The authority takes 50 %, and the rest above a cap."""
    page.get_by_label("The authority’s share of a loss").fill("50")
    page.get_by_label("The authority’s share of a gain").fill("50")
    page.get_by_label("What the authority sets aside").fill("£2,000")
    for number, (name, person, share, cap) in enumerate(PARTNERS, start=1):
        page.get_by_label(f"Organisation {number}", exact=True).fill(name)
        page.get_by_label(f"Who signs for organisation {number}").select_option(label=f"{person}, Marlmoor Combined Authority")
        page.get_by_label(f"Organisation {number}’s share of a loss").fill(share)
        page.get_by_label(f"Organisation {number}’s share of a gain").fill(share)
        page.get_by_label(f"The most that organisation {number} bears").fill(cap)
        page.get_by_label(f"What organisation {number} sets aside").fill("£500")


def put_to_partners(desk: Page, own_site: str, check_access: Check) -> None:
    """Councillor Brandt writes it down, forgets who decides, and signs for the authority."""
    become(desk, own_site, "Asha Brandt")
    desk.get_by_role("link", name="Authority desk").click()
    check_access(desk)
    desk.get_by_role("link", name="Risks that the authority shares").click()
    check_access(desk)
    desk.get_by_role("link", name="Put a shared risk to partners").click()
    check_access(desk)
    fill_in_what_may_go_wrong(desk)
    fill_in_who_shares_it(desk)
    desk.get_by_role("button", name="Put it to the partners").click()
    expect(desk.get_by_role("alert")).to_contain_text("Choose who decides")
    check_access(desk)
    desk.get_by_label("Authority leader").check()
    desk.get_by_role("button", name="Put it to the partners").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    check_access(desk)
    desk.get_by_role("button", name="Sign for Marlmoor Combined Authority").dblclick()
    expect(desk.get_by_text("1 of 3")).to_be_visible()


def sign_as_the_partners(page: Page, own_site: str, check_access: Check) -> None:
    """Each sees its exposure first, on a phone."""
    for number, (name, person, _, _) in enumerate(PARTNERS, start=2):
        become(page, own_site, person)
        page.get_by_role("link", name="Partner desk").click()
        check_access(page)
        page.get_by_role("table", name="Waiting for your signature").get_by_role("link", name=TITLE).click()
        expect(page.get_by_text("is the most you can lose, in all")).to_be_visible()
        check_access(page)
        page.get_by_role("button", name=f"Sign for {name}").dblclick()
        expect(page.get_by_text(f"{number} of 3")).to_be_visible()
    page.get_by_role("link", name="Partner desk").click()
    expect(page.get_by_role("table", name="Signed")).to_contain_text(TITLE)
    check_access(page)
    page.get_by_role("row").filter(has_text=TITLE).get_by_role("link", name="Set more aside").click()
    check_access(page)
    page.get_by_role("button", name="Set it aside").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter how much more you set aside")
    check_access(page)


def decide_as_the_leader(desk: Page, own_site: str, check_access: Check) -> None:
    """Need against risk, in both directions."""
    desk.goto(f"{own_site}/authority/risks")
    row = desk.get_by_role("row").filter(has_text=TITLE)
    row.get_by_role("link", name="Decide").click()
    check_access(desk)
    desk.get_by_label("What harm could come of acting?").fill("Somebody slips")
    for question, answer in (("How likely is that?", "3"), ("How bad would that be?", "3")):
        desk.get_by_label(question).select_option(answer)
    desk.get_by_label("How likely is it if you do not act?").select_option("5")
    desk.get_by_label("How bad would it be if you do not act?").select_option("3")
    desk.get_by_label("Accept the risk").check()
    desk.get_by_label("Your reasons").fill("The crossing is the way to school.")
    desk.get_by_role("button", name="Record my decision").click()
    expect(desk.get_by_role("alert")).to_contain_text("Say what harm could come of not acting")
    check_access(desk)
    desk.get_by_label("What harm could come of not acting?").fill("Nobody crosses all winter")
    desk.get_by_role("button", name="Record my decision").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")


def call_as_the_finance_officer(desk: Page, own_site: str, check_access: Check) -> None:
    """The steps froze; £1,000.01 moves out of three reserves in one entry."""
    address = desk.url.partition("#")[0]
    become(desk, own_site, "Ruth Amadi")
    desk.goto(address)
    desk.get_by_role("link", name="Call a loss").click()
    check_access(desk)
    desk.get_by_label("How much was lost?").fill("£1,000.01")
    desk.get_by_label("Who bore the loss").fill("dray & daughters, builders")
    desk.get_by_label("What happened?").fill("The steps froze for a week.")
    desk.get_by_role("button", name="Call this loss").dblclick()
    expect(desk.get_by_role("alert")).to_contain_text("Recorded as entry")
    check_access(desk)


def read_as_a_resident(phone: Page, own_site: str, check_access: Check) -> None:
    """What was lost, who paid what, who decided it and why; and the one entry that moved it all."""
    phone.get_by_role("button", name="Sign out").click()
    phone.goto(f"{own_site}/risk")
    check_access(phone)
    phone.get_by_role("link", name=TITLE).click()
    paid = phone.get_by_role("table", name="Who paid what of it")
    for part in ("£500.01", "£333.30", "£166.70", "£1,000.01"):
        expect(paid).to_contain_text(part)
    expect(phone.get_by_text("The steps froze for a week.")).to_be_visible()
    expect(phone.get_by_text("Nobody crosses all winter")).to_be_visible()
    check_access(phone)
    phone.get_by_label("Amount, up to £3,000").fill("2,000")
    phone.get_by_role("button", name="Show what each would bear").click()
    expect(phone.get_by_role("table", name="A loss, shared")).to_contain_text("£1,166.60")
    check_access(phone)
    phone.get_by_role("link", name="entry", exact=False).first.click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Risk call")
    expect(phone.get_by_role("table", name="What it moved").get_by_role("row")).to_have_count(4)
    check_access(phone)


def test_partners_sign_a_risk_happens_the_call_is_decided_and_a_resident_reads_why(
    phone: Page, desk: Page, own_site: str, check_access: Check
) -> None:
    put_to_partners(desk, own_site, check_access)
    sign_as_the_partners(phone, own_site, check_access)
    decide_as_the_leader(desk, own_site, check_access)
    call_as_the_finance_officer(desk, own_site, check_access)
    read_as_a_resident(phone, own_site, check_access)


def test_a_scenario_moves_without_scripts(scriptless: Page, site: str) -> None:
    scriptless.goto(f"{site}/risk/ferrybank-quay-wall")
    scriptless.get_by_label("Amount, up to £20,000").fill("£10,000.01")
    scriptless.get_by_label("Loss or gain").select_option("gain")
    scriptless.get_by_role("button", name="Show what each would bear").click()
    expect(scriptless.get_by_role("table", name="A gain, shared")).to_contain_text("£4,700.01")
