"""The registrar's desk of roles: who holds what until when, somebody takes up a role, a role ends early."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from babel.dates import format_date
from flask import Flask

from ledger.entries import DatabaseBook, tree_size
from ledger.kinds.authority import Change, RoleChange, holds
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Kind, Recorded
from tests.pages.conftest import client_of, database_of
from tests.people.filled import APPOINTMENT, HERE, TODAY, appointment_of, day
from tests.people.two_authorities import MARLMOOR, NOBODY, OPERATOR
from tests.web.inspecting import InspectingClient, Page

DESK, APPOINT = "/registrar/roles", "/registrar/roles/appoint"
REGISTRAR, CHAIR = MARLMOOR.holder(Role.REGISTRAR), MARLMOOR.holder(Role.CHAIR)


@pytest.fixture
def registrar(site: Flask) -> InspectingClient:
    return client_of(site, REGISTRAR)


def size(site: Flask) -> int:
    with database_of(site).reading() as session:
        return tree_size(session)


def newest(site: Flask) -> Recorded:
    with database_of(site).reading() as session:
        return list(DatabaseBook(session).where(Kind.ROLE))[-1]


def _morning(of: date) -> datetime:
    return datetime.combine(of, time(9), tzinfo=UTC)


def is_chair(site: Flask, on: int = 0) -> bool:
    with database_of(site).reading() as session:
        return holds(
            DatabaseBook(session), person=CHAIR, role=Role.CHAIR, authority=MARLMOOR.slug, place=HERE,
            on=TODAY + timedelta(days=on),
        )  # fmt: skip


def test_the_desk_says_who_holds_what_where_and_until_when(registrar: InspectingClient) -> None:
    rows = registrar.page(DESK).table("Roles held today")[1:]
    assert len(rows) == len(list(MARLMOOR.posts()))
    assert [row[1:3] for row in rows[:2]] == [
        ["Partner organisation", MARLMOOR.name], ["Finance officer", MARLMOOR.name],
    ]  # fmt: skip
    assert {row[4] for row in rows} == {"Until further notice"}
    mine = next(row for row in rows if row[1] == "Registrar")
    assert mine[5] == "Ended by another registrar"


def test_an_appointment_is_an_entry_and_the_next_page_says_which(site: Flask, registrar: InspectingClient) -> None:
    page = Page(registrar.submit(registrar.page(APPOINT).form(), **APPOINTMENT))
    entry = newest(site)
    until = TODAY + timedelta(days=100)
    assert entry.payload == RoleChange(person=NOBODY, role=Role.PROJECT_LEAD, begins=TODAY, ends=until)
    assert (entry.actor.person, entry.actor.role, entry.place) == (REGISTRAR, Role.REGISTRAR, HERE)
    assert f"Recorded as entry {entry.index}" in page.text
    row = next(row for row in page.table("Roles held today") if row[0] == "Nora Nobody")
    assert row[1:3] == ["Project lead", "Glodbrook"]
    assert row[4] == format_date(until, "d MMMM yyyy", locale="en_GB")


def test_an_appointment_sent_twice_is_recorded_once(site: Flask, registrar: InspectingClient) -> None:
    form, before = registrar.page(APPOINT).form(), size(site)
    for _ in range(2):
        assert registrar.submit(form, **APPOINTMENT).status_code == 200
    assert size(site) == before + 1


def test_whoever_was_appointed_has_the_desk_of_the_role_and_loses_it_with_the_role(
    site: Flask, registrar: InspectingClient
) -> None:
    nora = client_of(site, NOBODY)
    assert nora.get("/panel").status_code == 403
    registrar.submit(registrar.page(APPOINT).form(), **{**APPOINTMENT, "role": Role.PANEL_MEMBER.value})
    assert nora.get("/panel").status_code == 200
    address = f"{DESK}/{newest(site).index}/end"
    registrar.submit(registrar.page(address).form())
    assert nora.get("/panel").status_code == 403


def test_a_role_without_a_last_day_lasts_until_further_notice(site: Flask, registrar: InspectingClient) -> None:
    registrar.submit(registrar.page(APPOINT).form(), **{**APPOINTMENT, "until": ["", " ", ""]})
    payload = newest(site).payload
    assert isinstance(payload, RoleChange)
    assert payload.ends is None


def test_a_role_is_ended_early_once_however_often_the_form_is_sent(site: Flask, registrar: InspectingClient) -> None:
    address = f"{DESK}/{appointment_of(site, CHAIR)}/end"
    page, before = registrar.page(address), size(site)
    for _ in range(2):
        answer = registrar.submit(page.form())
        assert answer.status_code == 200
        assert f"Recorded as entry {before}" in Page(answer).text
    assert size(site) == before + 1
    payload = newest(site).payload
    assert isinstance(payload, RoleChange)
    assert payload.change is Change.ENDED
    assert (is_chair(site, on=-1), is_chair(site)) == (True, False)
    over = registrar.page(address)
    assert "not held today" in over.text
    again = registrar.post(address, data=page.form().values | {"idempotency_key": ["9f0c8f2e-2f6b-4a52-8d2b-0c7b6a2d9a11"]})
    assert again.status_code == 409
    assert size(site) == before + 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reference": ""}, "Choose a person, or leave that and give one reference"),
        ({"person": CHAIR}, "Choose a person, or leave that and give one reference"),
        ({"reference": "p-not-here"}, "There is no person called “p-not-here”"),
        ({"reference": "p" * 81}, "A reference has at most 80 characters"),
        ({"reference": REGISTRAR}, "Nobody grants themselves a role"),
        ({"person": REGISTRAR, "reference": ""}, "Nobody grants themselves a role"),
        ({"role": ""}, "Choose a role"),
        ({"role": "king"}, "Not a valid choice"),
        ({"place": ""}, "is held at one place"),
        ({"role": Role.KEYHOLDER.value}, "is held for the whole authority"),
        ({"until": day(-1)}, "The last day is over already"),
        ({"until": ["31", "2", "2099"]}, "Enter a real date"),
        ({"until": ["", "3", "2099"]}, "Enter a real date"),
        ({"person": MARLMOOR.holder(Role.ADMINISTRATOR), "reference": ""}, "has no say over money"),
        ({"idempotency_key": "x"}, "was not sent whole"),
    ],
)
def test_an_appointment_with_a_fault_is_answered_in_words_and_not_recorded(
    site: Flask, registrar: InspectingClient, changed: dict[str, str | list[str]], words: str
) -> None:
    before = size(site)
    answer = registrar.submit(registrar.page(APPOINT).form(), **{**APPOINTMENT, **changed})
    assert answer.status_code == 422
    assert any(words in line for line in Page(answer).errors), Page(answer).errors
    assert size(site) == before


def test_nobody_ends_their_own_role(site: Flask, registrar: InspectingClient) -> None:
    with database_of(site).reading() as session:
        founded = next(DatabaseBook(session).where(Kind.CONSTITUTION, authority=MARLMOOR.slug)).index
    before = size(site)
    answer = registrar.submit(registrar.page(f"{DESK}/{founded}/end").form())
    assert answer.status_code == 422
    assert "Ask another registrar" in answer.get_data(as_text=True)
    assert size(site) == before


def test_a_second_registrar_can_end_the_first_ones_role(site: Flask, registrar: InspectingClient) -> None:
    whole = {**APPOINTMENT, "reference": OPERATOR, "role": Role.REGISTRAR.value, "place": "", "until": ["", "", ""]}
    assert registrar.submit(registrar.page(APPOINT).form(), **whole).status_code == 200
    second = client_of(site, OPERATOR)
    links = second.page(DESK).links
    address = next(href for words, href in links.items() if "registrar" in words and "End" in words)
    assert second.submit(second.page(address).form()).status_code == 200
    assert registrar.get(DESK).status_code == 403


def test_a_role_that_begins_later_is_listed_and_not_yet_held(site: Flask, registrar: InspectingClient) -> None:
    soon = TODAY + timedelta(days=3)
    with database_of(site).unit_of_work(lambda: _morning(soon)) as unit:
        appoint(
            unit, authority=MARLMOOR.slug, place=HERE, person=NOBODY, role=Role.RESIDENT, registrar=REGISTRAR,
            idempotency_key="soon",
        )  # fmt: skip
        unit.commit()
    row = next(row for row in registrar.page(DESK).table("Roles held today") if row[0] == "Nora Nobody")
    assert row[5] == "Not begun"
