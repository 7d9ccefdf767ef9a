"""Every route says who may, and the answer to everybody else is in plain words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from werkzeug.test import TestResponse

from app import static_files
from app.access import Misdeclared, Undeclared, anyone, guard, may, signed_in, the_authority, who_may
from app.settings import Settings
from app.site import create_app
from app.store import unit_of_work
from ledger.people import Role, add_person, person
from ledger.places import Authority
from ledger.powers import appoint, open_books
from tests.web.inspecting import InspectingClient, text_of

View = Callable[[], str]
Enter = Callable[..., TestResponse]


@pytest.fixture
def people(app: Flask) -> dict[str, str]:
    """Wren holds no role; Ruth is the finance officer of Marlmoor. By first name, their references."""
    with app.app_context(), unit_of_work() as unit:
        refs = {
            name: add_person(unit.session, name=f"{name} Okafor", invented=True).ref for name in ("Wren", "Ruth", "Reg", "Op")
        }
        marlmoor = Authority(slug="marlmoor", name="Marlmoor", currency="GBP", demonstration=True)
        open_books(unit, authority=marlmoor, registrar=refs["Reg"], operator=refs["Op"], idempotency_key="books")
        appoint(
            unit,
            authority="marlmoor",
            person=refs["Ruth"],
            role=Role.FINANCE_OFFICER,
            registrar=refs["Reg"],
            idempotency_key="ruth",
        )
        unit.commit()
    return refs


@pytest.fixture
def enter(client: InspectingClient, people: dict[str, str], asked: list[dict[str, object]]) -> Enter:
    """Sign in as one of the people, by first name, through the picker's own form."""
    assert asked == []

    def as_person(name: str, then: str = "/accessibility") -> TestResponse:
        page = client.page("/sign-in", status=200)
        token = next(field.get("value") for field in page.root.iter("input") if field.get("name") == "csrf_token")
        return client.post("/sign-in", data={"csrf_token": token, "person": people[name], "next": then})

    return as_person


def test_every_route_of_the_site_says_who_may(app: Flask) -> None:
    undeclared = [endpoint for endpoint, view in app.view_functions.items() if not who_may(view)]
    assert undeclared == []
    assert len(app.view_functions) > 15


def test_a_route_that_says_nothing_keeps_the_site_from_starting() -> None:
    site = Flask("site", static_folder=None)
    site.add_url_rule("/open", "left_open", lambda: "anybody reads this")
    with pytest.raises(Undeclared, match="left_open"):
        guard(site)


def test_create_app_itself_refuses_a_route_that_says_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    careless = Blueprint("careless", __name__)
    careless.add_url_rule("/open", "left_open", lambda: "anybody reads this")
    monkeypatch.setattr("app.site._AUDIENCES", (static_files.blueprint, careless))
    with pytest.raises(Undeclared, match=r"careless\.left_open"):
        create_app(Settings(database_url=f"sqlite:///{tmp_path}/site.db", secret_key="-" * 40))


@pytest.mark.parametrize(
    ("declare", "said"),
    [
        (anyone, ("anyone",)),
        (signed_in, ("signed in",)),
        (may("open the panel’s desk"), (Role.PANEL_MEMBER, Role.CHAIR)),
        (may("devolve", on=the_authority), (Role.AUTHORITY_LEADER,)),
    ],
)
def test_a_declaration_can_be_read_from_the_view(declare: Callable[[View], View], said: tuple[str, ...]) -> None:
    def view() -> str:
        return ""

    assert who_may(view) == ()
    assert declare(view) is view
    assert who_may(view) == said


@pytest.mark.parametrize("name", ["do as one likes", "vote", "devolve"])
def test_a_permission_that_is_not_in_the_table_or_lacks_its_thing_cannot_be_declared(name: str) -> None:
    with pytest.raises(Misdeclared, match=name):
        may(name)


def test_a_route_added_later_without_a_declaration_lets_nobody_in(app: Flask, client: InspectingClient) -> None:
    app.add_url_rule("/late", "late", lambda: "anybody reads this")
    answer = client.get("/late")
    assert answer.status_code == 500
    assert "anybody reads this" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("address", ["/rehearsal/members", "/rehearsal/officers"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_back(address: str, client: InspectingClient, asked: object) -> None:
    assert asked == []
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/sign-in?next={address}"


def test_whoever_is_signed_in_may_go_where_members_may(enter: Enter, client: InspectingClient) -> None:
    assert enter("Wren").status_code == 302
    assert client.get("/rehearsal/members").get_data(as_text=True) == "members"


def test_whoever_lacks_the_role_reads_that_they_lack_it(enter: Enter, client: InspectingClient) -> None:
    enter("Wren")
    page = client.page("/rehearsal/officers", status=403)
    assert page.heading == "You cannot do this"
    assert "Your role does not allow this." in page.text


def test_whoever_holds_the_role_may(enter: Enter, client: InspectingClient) -> None:
    enter("Ruth")
    assert client.get("/rehearsal/officers").get_data(as_text=True) == "officers"


def test_every_page_says_who_is_signed_in_and_lets_them_leave(enter: Enter, client: InspectingClient) -> None:
    enter("Wren")
    page = client.page("/accessibility")
    header = text_of(next(page.root.iter("header")))
    assert "Signed in as Wren Okafor" in header
    leave = next(form for form in page.root.iter("form") if form.get("action") == "/sign-out")
    token = next(field.get("value") for field in leave.iter("input"))
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 302
    assert client.get("/rehearsal/members").status_code == 302


def test_what_a_signed_in_person_sees_is_kept_by_nobody(enter: Enter, client: InspectingClient) -> None:
    enter("Wren")
    for address in ("/accessibility", "/rehearsal/members", "/"):
        assert client.get(address).headers["Cache-Control"] == "no-store", address


def test_a_person_who_is_removed_is_signed_out(
    enter: Enter, client: InspectingClient, app: Flask, people: dict[str, str]
) -> None:
    enter("Wren")
    with app.app_context(), unit_of_work() as unit:
        unit.session.delete(person(unit.session, people["Wren"]))
        unit.commit()
    assert client.get("/rehearsal/members").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "evil.example",
        "/\t/evil.example",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(elsewhere: str, enter: Enter) -> None:
    assert enter("Wren", then=elsewhere).headers["Location"] == "/"


def test_signing_in_leads_back_to_where_it_was_asked(enter: Enter) -> None:
    assert enter("Wren", then="/rehearsal/members?tab=2").headers["Location"] == "/rehearsal/members?tab=2"
