"""A shared risk on its pages: put to partners, signed at their desks, decided, called, and read by everybody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlmodel import col, func, select

from ledger.entries import Entry, tree_size
from tests.pages.conftest import client_of, database_of
from tests.web.inspecting import InspectingClient

LEADER, FINANCE, HOUSING, HEALTH = "p-demo-leader", "p-demo-finance", "p-demo-risk-housing", "p-demo-risk-health"
QUAY = "/risk/ferrybank-quay-wall"
NEW, TODAY = "/authority/risks/new", datetime.now(UTC).date()


def typed(day: date) -> list[str]:
    """A day as the three fields of a form send it."""
    return [str(day.day), str(day.month), str(day.year)]


AGREEMENT: dict[str, str | list[str]] = {
    "title": "Ice on the ferry steps", "place": "ferrybank", "cause": "A hard winter", "event": "The steps freeze",
    "effect": "The ferry stops", "inherent_likelihood": "4", "inherent_impact": "4", "residual_likelihood": "3",
    "residual_impact": "3", "target_likelihood": "2", "target_impact": "2", "most": "£3,000", "begins": typed(TODAY),
    "ends": typed(TODAY + timedelta(days=90)), "own_loss": "50", "own_gain": "40", "own_reserve": "£2,000",
    "organisation_1": "Brackenford housing", "signatory_1": HOUSING, "loss_1": "33.33 %", "gain_1": "30", "cap_1": "£500",
    "reserve_1": "£500", "organisation_2": "Aldmere Health  Trust", "signatory_2": HEALTH, "loss_2": "16.67", "gain_2": "30",
    "reserve_2": "£600", "residual": "0", "first_party": "0", "deciders": ["authority leader"],
}  # fmt: skip
DECISION: dict[str, str | list[str]] = {
    "harm_of_acting": "Somebody slips", "acting_likelihood": "3", "acting_impact": "3",
    "harm_of_not_acting": "Nobody crosses all winter", "not_acting_likelihood": "5", "not_acting_impact": "3",
    "outcome": "accepted", "reasons": "The crossing is the way to school.",
}  # fmt: skip
CALL: dict[str, str | list[str]] = {
    "loss": "£1,000.01",
    "payee": "Dray & Daughters, builders",
    "reasons": "The steps froze for a week.",
}


def size(site: Flask) -> int:
    with database_of(site).reading() as session:
        return tree_size(session)


def entries_of(site: Flask, kind: str) -> int:
    with database_of(site).reading() as session:
        return session.exec(select(func.count()).select_from(Entry).where(Entry.kind == kind)).one()


def put_to_partners(site: Flask, **changed: str | list[str]) -> str:
    """The reference of the agreement."""
    leader = client_of(site, LEADER)
    answer = leader.submit(leader.page(NEW).form(NEW), **{**AGREEMENT, **changed})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    with database_of(site).reading() as session:
        newest = select(Entry.subject).where(Entry.kind == "risk_agreement").order_by(col(Entry.index).desc()).limit(1)
        return str(session.exec(newest).one())


def sign(site: Flask, ref: str, *people: str) -> None:
    for person in people:
        address = f"/authority/risks/{ref}/sign" if person == LEADER else f"/partner/risks/{ref}/sign"
        client = client_of(site, person)
        form = client.page(address).form(address)
        for _ in range(2):  # a double click signs once
            answer = client.submit(form)
        assert answer.status_code in {200, 409}, answer.get_data(as_text=True)


def agreed(site: Flask) -> str:
    ref = put_to_partners(site)
    sign(site, ref, LEADER, HOUSING, HEALTH)
    return ref


def test_a_risk_is_put_to_partners_signed_decided_and_called(site: Flask, visitor: InspectingClient) -> None:
    """£1,000.01 by 50, 33.33 and 16.67 per cent."""
    ref = agreed(site)
    leader, decide = client_of(site, LEADER), f"/authority/risks/{ref}/decide"
    assert leader.submit(leader.page(decide).form(decide), **DECISION).status_code == 200
    officer, call = client_of(site, FINANCE), f"/finance/risks/{ref}/call"
    before = entries_of(site, "risk_call")
    form = officer.page(call).form(call)
    for _ in range(2):
        assert officer.submit(form, **CALL).status_code == 200
    assert entries_of(site, "risk_call") == before + 1
    page = visitor.page(f"/risk/{ref}")
    assert [row[2] for row in page.table("Who paid what of it")[1:]] == ["£500.01", "£333.30", "£166.70", "£1,000.01"]
    for words in ("The steps froze for a week.", "Nobody crosses all winter (15 of 25: almost certain, serious)"):
        assert words in page.text
    assert [row[3] for row in page.table("Who signed, and what is set aside now")[1:]] == ["£1,499.99", "£166.70", "£433.30"]


def test_a_gain_is_shared_at_the_finance_desk_and_everybody_reads_who_has_what(site: Flask, visitor: InspectingClient) -> None:
    """£300.01 by 40, 30 and 30 per cent: Brackenford housing has it in hand."""
    ref = agreed(site)
    leader, decide = client_of(site, LEADER), f"/authority/risks/{ref}/decide"
    leader.submit(leader.page(decide).form(decide), **DECISION)
    officer, gain = client_of(site, FINANCE), f"/finance/risks/{ref}/gain"
    form, before = officer.page(gain).form(gain), entries_of(site, "risk_gain")
    unsaid = officer.submit(form, gain="£300.01", reasons="It was dry.")
    assert "Choose the partner that has the gain in hand." in unsaid.get_data(as_text=True)
    assert entries_of(site, "risk_gain") == before
    answer = officer.submit(form, gain="£300.01", holder="brackenford-housing", reasons="It was dry.")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    page = visitor.page(f"/risk/{ref}")
    assert [row[2] for row in page.table("Who has what of it")[1:]] == ["£120.01", "£90", "£90", "£300.01"]
    assert "It was dry. Brackenford Housing had it in hand, kept its own part" in page.text


def test_everybody_reads_the_worked_table_lived(visitor: InspectingClient) -> None:
    """The demonstration's flood cost £10,000.01, as in the prose of `ledger.risk`."""
    page = visitor.page(QUAY)
    assert [row[2] for row in page.table("Who paid what of it")[1:]] == [
        "£4,700.01", "£1,800", "£1,500", "£1,500", "£500", "£10,000.01",
    ]  # fmt: skip
    assert "Flood during the works" in visitor.page("/risk").text


@pytest.mark.parametrize(
    ("query", "parts"),
    [
        ("", ["£4,700", "£1,800", "£1,500", "£1,500", "£500", "£10,000"]),
        ("?amount=%C2%A310,000.01&what=loss", ["£4,700.01", "£1,800", "£1,500", "£1,500", "£500", "£10,000.01"]),
        ("?amount=100&what=gain", ["£35", "£25", "£20", "£15", "£5", "£100"]),
        ("?amount=0", ["£0", "£0", "£0", "£0", "£0", "£0"]),
    ],
)
def test_a_reader_moves_the_scenario_without_a_script(visitor: InspectingClient, query: str, parts: list[str]) -> None:
    page = visitor.page(QUAY + query)
    caption = "A gain, shared" if "gain" in query else "A loss, shared"
    assert [row[1] for row in page.table(caption)[1:]] == parts


@pytest.mark.parametrize(
    ("amount", "words"),
    [("20000.01", "covers losses of up to £20,000"), ("-5", "without a minus"), ("lots", "Enter an amount in numbers")],
)
def test_a_scenario_that_cannot_be_is_answered_in_words(visitor: InspectingClient, amount: str, words: str) -> None:
    assert words in visitor.page(f"{QUAY}?amount={amount}").text


def test_a_party_sees_its_exposure_and_the_scenarios_before_it_signs(site: Flask) -> None:
    ref = put_to_partners(site)
    housing = client_of(site, HOUSING)
    waiting = housing.page("/partner").table("Waiting for your signature")
    assert waiting[1] == ["Ice on the ferry steps", "Brackenford Housing", "£500", "£500"]
    page = housing.page(f"/partner/risks/{ref}/sign")
    assert "is the most you can lose, in all" in page.text
    assert [row[-1] for row in page.table("What each partner would pay of losses that come to")] == [
        "Of £3,000", "£1,999.90", "£500", "£500.10",
    ]  # fmt: skip


def test_nobody_decides_before_all_have_signed(site: Flask) -> None:
    """The page says how it stands; the form, sent all the same, is refused."""
    ref = put_to_partners(site)
    sign(site, ref, LEADER, HOUSING)
    decide, before = f"/authority/risks/{ref}/decide", size(site)
    leader = client_of(site, LEADER)
    assert "waiting for signatures" in leader.page(decide).text
    token = leader.page("/authority/devolve").form("/authority/devolve").values
    assert leader.post(decide, data={**token, **DECISION}).status_code == 409
    assert size(site) == before


def test_a_decision_without_one_of_its_harms_is_refused_in_words(site: Flask) -> None:
    ref = agreed(site)
    decide = f"/authority/risks/{ref}/decide"
    leader, before = client_of(site, LEADER), size(site)
    for left_out in ("harm_of_acting", "harm_of_not_acting"):
        answer = leader.submit(leader.page(decide).form(decide), **{**DECISION, left_out: ""})
        assert answer.status_code == 422
        assert f"Say what harm could come of {'not ' if 'not' in left_out else ''}acting" in answer.get_data(as_text=True)
    for said in (" ", str(DECISION["harm_of_acting"])):
        answer = leader.submit(leader.page(decide).form(decide), **{**DECISION, "harm_of_not_acting": said})
        assert "weighed in both directions" in answer.get_data(as_text=True)
    assert size(site) == before


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"own_loss": "49"}, "come to 99 %, and not to 100 %"),
        ({"own_loss": "101"}, "no more than 100 %"),
        ({"residual": "1"}, "has no cap"),
        ({"residual": "3"}, "Choose a partner that is filled in"),
        ({"signatory_2": ""}, "Enter who signs of partner 2"),
        ({"gain_1": ""}, "Enter the share of partner 1"),
        ({"organisation_1": "", "organisation_2": ""}, "Choose at least one organisation"),
        ({"signatory_2": HOUSING}, "signs through somebody of its own"),
        ({"organisation_2": "Nobody & Co"}, "no organisation called “Nobody &amp; Co”"),
        ({"place_loss": "10", "place": ""}, "Choose which place it is about"),
        ({"place_loss": "10"}, "share of a loss and of a gain"),
        ({"title": ""}, "Give the risk a name"),
        ({"most": "-1"}, "cannot be below zero"),
        ({"deciders": []}, "Choose who decides"),
        ({"first_name": "Insurance", "first_most": "£600", "first_party": "1"}, "more than its own cap"),
        ({"first_name": "Insurance", "first_most": "£600", "first_party": "4"}, "borne by one of the parties"),
        ({"target_impact": "5", "target_likelihood": "5"}, "makes it no worse"),
    ],
)
def test_an_agreement_that_does_not_hold_together_is_answered_in_words(
    site: Flask, changed: dict[str, str | list[str]], words: str
) -> None:
    leader, before = client_of(site, LEADER), size(site)
    answer = leader.submit(leader.page(NEW).form(NEW), **{**AGREEMENT, **changed})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert size(site) == before


def test_a_loss_over_what_is_set_aside_is_answered_in_words(site: Flask) -> None:
    officer, call = client_of(site, FINANCE), "/finance/risks/ferrybank-quay-wall/call"
    before = size(site)
    for loss, words in (("£10,000", "covers losses of £20,000 in all"), ("£9,000", "has to set more aside first")):
        answer = officer.submit(officer.page(call).form(call), **{**CALL, "loss": loss})
        assert answer.status_code == 422
        assert words in answer.get_data(as_text=True)
    assert size(site) == before


def test_a_party_sets_more_aside_and_reads_what_it_can_still_lose(site: Flask) -> None:
    """The College has paid £1,500 of the flood, and set £1,500 aside since."""
    college, reserve = client_of(site, "p-demo-risk-college"), "/partner/risks/ferrybank-quay-wall/reserve"
    assert "is set aside now £1,500 " in college.page(reserve).text
    form = college.page(reserve).form(reserve)
    for _ in range(2):
        assert college.submit(form, amount="£12.50").status_code == 200
    assert "is set aside now £1,512.50" in college.page(reserve).text
    answer = college.submit(college.page(reserve).form(reserve), amount="0")
    assert answer.status_code == 422
    assert "an amount between" in answer.get_data(as_text=True)
    assert college.page("/partner").table("Signed")[1][2:5] == ["£1,500", "£1,512.50", "£1,500"]


def test_a_partnership_takes_part_and_its_chair_signs_at_the_panels_desk(site: Flask, visitor: InspectingClient) -> None:
    ref = put_to_partners(site, own_loss="40", place_loss="10", place_gain="0", place_cap="£250", place_reserve="£200")
    chair, address = client_of(site, "p-demo-ferrybank-0"), f"/panel/risks/{ref}/sign"
    assert "waits for your signature: Ice on the ferry steps" in chair.page("/panel").text
    assert chair.submit(chair.page(address).form(address)).status_code == 200
    assert visitor.page(f"/risk/{ref}").table("Who signed, and what is set aside now")[4][3] == "£200"
    assert "set aside for shared risks" in visitor.page("/flows?place=ferrybank").text


def test_what_is_left_is_taken_back_when_an_agreement_is_over(site: Flask) -> None:
    """Nothing happened to the summer stage, and the College has still to take its £400 back."""
    college, reserve = client_of(site, "p-demo-risk-college"), "/partner/risks/summer-stage/reserve"
    form = college.page(reserve).form(reserve)
    for _ in range(2):
        assert college.submit(form).status_code == 200
    again = college.submit(college.page(reserve).form(reserve))
    assert again.status_code == 422
    assert "an amount between source/coldharrow-college and its reserve" in again.get_data(as_text=True)
    assert "is set aside now £0" in college.page(reserve).text


def test_what_is_used_first_is_said_and_paid_first(site: Flask, visitor: InspectingClient) -> None:
    ref = put_to_partners(site, first_name="The trust’s insurance", first_most="£400", first_party="2")
    page = visitor.page(f"/risk/{ref}?amount=500")
    assert "The trust’s insurance: Aldmere Health Trust pays the first £400" in page.text
    assert [row[1] for row in page.table("A loss, shared")[1:]] == ["£50", "£33.33", "£416.67", "£500"]


def test_an_entry_about_a_shared_risk_leads_to_its_page(site: Flask, visitor: InspectingClient) -> None:
    with database_of(site).reading() as session:
        index = session.exec(select(Entry.index).where(Entry.kind == "risk_call")).one()
    assert "set aside for the risk “Flood during the works on Ferrybank’s quay wall”" in visitor.page(f"/ledger/{index}").text
