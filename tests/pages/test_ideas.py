"""The pages of ideas: drafts are nobody's but their authors', sending twice changes nothing, frozen rules answer 409."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image
from sqlmodel import select

from ledger.database import open_database
from ledger.entries import tree_size
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Actor
from ledger.rounds.declaring import declare
from ledger.rounds.freezing import freeze_rules
from ledger.rounds.ideas import Backing, Idea, Photo, Revision, State
from ledger.rounds.shaping import Words, write
from tests.databases import SqliteFiles
from tests.pages.conftest import client_of, database_of
from tests.people.conftest import over
from tests.people.filled import IDEA, filled
from tests.people.two_authorities import MARLMOOR, NOBODY, tell_of_two

ROUND = "glodbrook-ideas"
SHARED, DRAFT = f"{ROUND}-1", f"{ROUND}-3"
RESIDENT, CHAIR, CONNECTOR = (MARLMOOR.holder(role) for role in (Role.RESIDENT, Role.CHAIR, Role.CONNECTOR))


@pytest.fixture(scope="module")
def gathering(sqlite_files: SqliteFiles) -> str:
    """Two authorities, with rounds that gather ideas and one draft of the resident's."""
    url = sqlite_files.empty()
    database = open_database(url)
    database.upgrade()
    tell_of_two(database, datetime.now(UTC).date())
    with database.unit_of_work() as unit:
        words = Words(title="Unfinished benches", summary="Not yet.", cost=1)
        write(unit, round_ref=ROUND, words=words, by=RESIDENT, idempotency_key="draft")
        unit.commit()
    database.dispose()
    return url


@pytest.fixture
def site(gathering: str, sqlite_files: SqliteFiles) -> Iterator[Flask]:
    with over(gathering, sqlite_files) as made:
        yield made


def freeze(site: Flask) -> None:
    with database_of(site).unit_of_work() as unit:
        freeze_rules(unit, round_ref=ROUND, actor=Actor(CHAIR, Role.CHAIR), idempotency_key="freeze")
        unit.commit()


def size(site: Flask) -> int:
    with database_of(site).reading() as session:
        return tree_size(session)


@pytest.mark.parametrize("who", ["", NOBODY, CHAIR, CONNECTOR, MARLMOOR.holder(Role.FINANCE_OFFICER)])
def test_a_draft_is_there_for_nobody_but_its_authors(site: Flask, who: str) -> None:
    client = client_of(site, who)
    paths = (f"/proposals/{DRAFT}", f"/me/proposals/{DRAFT}", f"/me/proposals/{DRAFT}/change", f"/finance/proposals/{DRAFT}")
    for path in (*paths, f"/me/proposals/{DRAFT}/ask"):
        answer = client.get(path)
        assert answer.status_code in {302, 404} if who == "" else 404, path
        assert "Unfinished" not in answer.get_data(as_text=True)
    assert "Unfinished" not in client.get(f"/rounds/{ROUND}").get_data(as_text=True)
    assert "Unfinished benches" in client_of(site, RESIDENT).get(f"/me/proposals/{DRAFT}").get_data(as_text=True)


def test_seconding_twice_on_the_page_counts_once(site: Flask) -> None:
    client = client_of(site, NOBODY)
    for _ in range(2):
        form = client.page(f"/proposals/{SHARED}").form(f"/me/proposals/{SHARED}/second")
        assert client.submit(form).status_code == 200
    with database_of(site).reading() as session:
        assert session.exec(select(Backing.person)).all() == [NOBODY]


def test_the_same_idea_sent_twice_from_its_page_is_one(site: Flask) -> None:
    form = filled(site)["my_ideas.new"]
    client = client_of(site, form.person)
    sent = client.page(form.address).form(form.address)
    for _ in range(2):
        assert client.post(sent.action, data={**sent.values, **form.values}).status_code == 302
    with database_of(site).reading() as session:
        kept = session.exec(select(Idea).where(Idea.title == IDEA["title"])).all()
    assert [(idea.cost, idea.minutes, idea.east, idea.north, idea.state) for idea in kept] == [
        (90_000, 750, 200, 700, State.DRAFT.value)
    ]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "Give the idea a title"),
        ({"cost": "", "hours": ""}, "Enter what it would cost"),
        ({"cost": "some"}, "Enter an amount"),
        ({"east": "1001"}, "whole number from 0 to 1000"),
        ({"north": "9" * 400}, "whole number from 0 to 1000"),
        ({"east": ""}, "Enter both numbers of the place"),
        ({"north": ""}, "Enter both numbers of the place"),
        ({"theme": "gold"}, "choice"),
    ],
)
def test_an_idea_with_a_mistake_is_shown_again_with_a_sentence(site: Flask, changed: dict[str, str], words: str) -> None:
    form = filled(site)["my_ideas.new"]
    client = client_of(site, form.person)
    sent = client.page(form.address).form(form.address)
    answer = client.post(sent.action, data={**sent.values, **form.values, **changed})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_an_idea_comes_back_into_its_form_as_it_was_typed(site: Flask) -> None:
    client = client_of(site, RESIDENT)
    address = f"/me/proposals/{SHARED}/change"
    form = client.page(address).form(address)
    assert [form.values[name] for name in ("cost", "hours", "east")] == [["£4,000"], ["1:00"], ["9"]]
    assert client.submit(form).status_code == 200
    with database_of(site).reading() as session:
        assert len(session.exec(select(Revision).where(Revision.idea == SHARED)).all()) == 1


def test_after_the_freeze_any_edit_of_the_rules_is_answered_with_409_and_the_entry_that_froze_them(site: Flask) -> None:
    client = client_of(site, CHAIR)
    address = f"/panel/rounds/{ROUND}/rules"
    rules = client.page(address).form(address)
    freezing = client.page(address).form(f"/panel/rounds/{ROUND}/freeze")
    freeze(site)
    before = size(site)
    for form in (rules, freezing):
        answer = client.post(form.action, data=form.values)
        assert answer.status_code == 409
        assert "were frozen already, in entry" in answer.get_data(as_text=True)
    assert size(site) == before
    assert "stay as they are" in client.get(address).get_data(as_text=True)


def test_a_picture_of_an_idea_is_drawn_anew_and_served_once_the_idea_is_shared(site: Flask) -> None:
    client, photo = client_of(site, RESIDENT), BytesIO()
    Image.new("RGB", (40, 30), "green").save(photo, "PNG")
    for ref in (SHARED, DRAFT):
        form = client.page(f"/me/proposals/{ref}").form(f"/me/proposals/{ref}/pictures")
        file = {"photo": (BytesIO(photo.getvalue()), "brook.png"), "words": "The brook"}
        assert client.post(form.action, data={**form.values, **file}).status_code == 302
    with database_of(site).reading() as session:
        rows = session.exec(select(Photo)).all()
    assert {row.jpeg[:2] for row in rows} == {b"\xff\xd8"}
    visitor = client_of(site)
    found = {row.idea: visitor.get(f"/proposals/{row.idea}/pictures/{row.name}.jpg").status_code for row in rows}
    assert found == {SHARED: 200, DRAFT: 404}


@pytest.mark.parametrize("part", ["withdraw", "pictures", "merge", "co-authors"])
def test_what_is_missing_on_ones_own_idea_is_said_in_words(site: Flask, part: str) -> None:
    client = client_of(site, RESIDENT)
    form = client.page(f"/me/proposals/{SHARED}").form(f"/me/proposals/{SHARED}/withdraw")
    answer = client.post(f"/me/proposals/{SHARED}/{part}", data={**form.values, "reason": "", "into": "x", "other": "x"})
    assert answer.status_code == 422
    assert "There is a problem" in answer.get_data(as_text=True)


MEETING = "glodbrook-open-2026-01-01"
MEMBER = MARLMOOR.holder(Role.PANEL_MEMBER)


def test_a_meeting_shows_the_quorum_of_each_item_as_members_come_and_its_minutes_stay(site: Flask) -> None:
    """Its terms ask for one, more than half of them residents: the member who comes is made one."""
    chair, address = client_of(site, CHAIR), f"/panel/meetings/{MEETING}"
    assert "Not quorate" in chair.get(address).get_data(as_text=True)
    with database_of(site).unit_of_work() as unit:
        appoint(
            unit, authority=MARLMOOR.slug, place="glodbrook", person=MEMBER, role=Role.RESIDENT,
            registrar=MARLMOOR.holder(Role.REGISTRAR), idempotency_key="lives-here",
        )  # fmt: skip
        declare(unit, proposal="glodbrook-open-2", what="I chair the hall.", by=MEMBER)
        unit.commit()
    member = client_of(site, MEMBER)
    assert member.submit(member.page(address).form(f"{address}/here")).status_code == 200
    page = chair.get(address).get_data(as_text=True)
    assert (page.count(">Quorate<"), page.count(">Not quorate<")) == (2, 1)
    form = chair.page(address).form(f"{address}/end")
    assert chair.post(form.action, data={**form.values, "minutes": ""}).status_code == 422
    assert chair.post(form.action, data={**form.values, "minutes": "Benches were discussed."}).status_code == 302
    assert chair.post(form.action, data={**form.values, "minutes": "Otherwise."}).status_code == 409
    assert "Benches were discussed." in client_of(site).get("/rounds/glodbrook-open").get_data(as_text=True)


def test_a_recused_member_sees_the_item_and_cannot_mark_it(site: Flask) -> None:
    client, address = client_of(site, MEMBER), "/panel/rounds/glodbrook-open/vote"
    form = client.page("/panel/proposals/glodbrook-open-1/interest").form("/panel/proposals/glodbrook-open-1/interest")
    assert client.submit(form, what="My sister runs it.").status_code == 200
    form = client.page(address).form(address)
    answer = client.post(address, data={**form.values, "choices": ["1"]})
    assert answer.status_code == 422
    assert "You declared an interest in" in answer.get_data(as_text=True)
    assert "My sister runs it." in client_of(site).get("/rounds/glodbrook-open").get_data(as_text=True)
