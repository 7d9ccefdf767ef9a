"""Several authorities on one site: nothing of one reaches a desk, a choice, a list or a file of the other."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlmodel import select

from app.access import declared
from app.permissions import Scope
from ledger.entries import tree_size
from ledger.people import Role
from ledger.powers import appoint
from ledger.rounds.ballots import Ballot
from tests.pages.conftest import client_of, database_of
from tests.people.filled import APPOINTMENT, DECISION, DEVOLUTION, appointment_of
from tests.people.test_matrix import Matrix, Whose
from tests.people.two_authorities import MARLMOOR, OVERVALE
from tests.web.inspecting import InspectingClient, Page

THERE = OVERVALE.places[0]
HOLDERS = sorted({ref for ref, _, _ in MARLMOOR.posts()})


def foreign(page: str) -> list[str]:
    """What a page says of Overvale."""
    return re.findall(r".{0,40}overvale.{0,20}", page, flags=re.IGNORECASE)


def desk_addresses(site: Flask) -> set[str]:
    """Every page behind a role, about the first authority's own things and without naming the authority."""
    matrix = Matrix(site)
    found = set()
    for rule, method, said in matrix.routes():
        if method == "GET" and said.permission.scope not in {Scope.EVERYBODY, Scope.OWN}:
            found |= {matrix.address(rule, said, whose).partition("?")[0] for whose in (Whose.OWN, Whose.NEXT)}
    return found


def crawl(client: InspectingClient, site: Flask, begin: set[str]) -> Iterator[tuple[str, str]]:
    """Every page behind a role that this client reaches from there, with what it says."""
    waiting, seen = sorted(begin), set(begin)
    adapter = site.url_map.bind("localhost")
    while waiting:
        address = waiting.pop()
        answer = client.get(address)
        if answer.status_code != 200 or answer.mimetype != "text/html":
            continue
        yield address, answer.get_data(as_text=True)
        for link in Page(answer).links.values():
            path, _, query = link.partition("?")
            endpoint = adapter.match(path.partition("#")[0])[0] if link.startswith("/") else ""
            said = declared(site.view_functions[endpoint]) if endpoint else None
            if said is not None and said.permission.roles and link not in seen:
                seen.add(link)
                waiting.append(f"{path}?{query}" if query else path)


@pytest.mark.parametrize("ref", HOLDERS)
def test_no_page_of_a_desk_says_anything_of_the_other_authority(site: Flask, ref: str) -> None:
    pages = dict(crawl(client_of(site, ref), site, desk_addresses(site)))
    assert {address: foreign(page) for address, page in pages.items() if foreign(page)} == {}


def test_the_crawl_finds_the_desks_and_would_see_the_other_authority(site: Flask) -> None:
    """The same search, as somebody of Overvale: every page of every desk says whose it is."""
    found = set()
    for role in (Role.CHAIR, Role.FINANCE_OFFICER, Role.AUTHORITY_LEADER, Role.REGISTRAR):
        pages = dict(
            crawl(client_of(site, OVERVALE.holder(role)), site, {"/panel", "/finance", "/authority", "/registrar/roles"})
        )
        found |= set(pages)
        assert all(foreign(page) for page in pages.values())
    assert {"/panel", "/finance", "/authority", "/authority/devolve", "/registrar/roles", "/registrar/roles/appoint"} <= found
    assert f"/finance/rounds/{THERE}-counted" in found


PUBLIC = (
    "/places/glodbrook", "/rounds/glodbrook-ratified", "/proposals/glodbrook-ratified-1",
    "/flows.csv?authority=marlmoor", "/flows.csv?authority=marlmoor&resource=TIME",
    f"/flows.csv?authority=marlmoor&place={THERE}", f"/flows?authority=marlmoor&place={THERE}",
    "/places?authority=marlmoor", "/flows?authority=marlmoor", "/?authority=marlmoor", "/ledger?place=glodbrook",
)  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
@pytest.mark.parametrize("ref", ["", MARLMOOR.holder(Role.CHAIR)])
def test_what_is_public_of_one_authority_shows_that_one_alone(site: Flask, address: str, ref: str) -> None:
    """Save where somebody chooses between the two: “Whose books”, and the places by which the ledger is narrowed."""
    page = client_of(site, ref).get(address).get_data(as_text=True)
    page = re.sub(
        r'<nav[^>]*aria-label="Whose books">.*?</nav>|<select[^>]*id="filter-place".*?</select>', "", page, flags=re.DOTALL
    )
    assert foreign(page.replace(f"place={THERE}", "")) == []


def test_where_places_of_both_are_listed_each_stands_under_its_own_authority(site: Flask) -> None:
    page = client_of(site).page("/ledger")
    choices = [
        option.text for field in page.root.iter("select") if field.get("name") == "place" for option in field.iter("option")
    ]
    assert "Glodbrook (Marlmoor Combined Authority)" in choices
    assert "Glodbrook in Overvale (Marlmoor Combined Authority of Overvale)" in choices


def test_the_picker_lists_people_under_their_own_authority(site: Flask) -> None:
    page = client_of(site).page("/sign-in")
    headings = [" ".join("".join(part.itertext()).split()) for level in ("h2", "h3") for part in page.root.iter(level)]
    assert {"Marlmoor Combined Authority", "Marlmoor Combined Authority of Overvale"} <= set(headings)
    assert "Marlmoor Combined Authority: Glodbrook" in headings


def size(site: Flask) -> tuple[int, int]:
    with database_of(site).reading() as session:
        return tree_size(session), len(session.exec(select(Ballot.voter)).all())


@pytest.mark.parametrize(
    ("role", "address", "values", "status"),
    [
        (Role.AUTHORITY_LEADER, "/authority/devolve", {**DEVOLUTION, "partnership": THERE}, 422),
        (Role.REGISTRAR, "/registrar/roles/appoint", {**APPOINTMENT, "place": THERE}, 422),
        (
            Role.REGISTRAR, "/registrar/roles/appoint",
            {**APPOINTMENT, "person": OVERVALE.holder(Role.CHAIR), "reference": ""}, 422,
        ),
        (Role.REGISTRAR, "/registrar/roles/appoint", {**APPOINTMENT, "reference": f"pot/{THERE}"}, 422),
    ],
)  # fmt: skip
def test_what_is_the_other_authoritys_cannot_be_typed_into_a_form(
    site: Flask, role: Role, address: str, values: dict[str, str | list[str]], status: int
) -> None:
    before, client = size(site), client_of(site, MARLMOOR.holder(role))
    answer = client.submit(client.page(address).form(address), **values)
    assert answer.status_code == status
    assert size(site) == before


def test_a_form_that_is_sent_to_the_other_authoritys_address_is_not_there(site: Flask) -> None:
    """The chair’s, the officer’s, the leader’s and the registrar’s own forms, with another round, authority or role."""
    before = size(site)
    role_there = appointment_of(site, OVERVALE.holder(Role.CHAIR))
    for role, own, other, values in (
        (Role.CHAIR, "/panel/rounds/glodbrook-open/vote", f"/panel/rounds/{THERE}-open/vote", {"choices": ["1"]}),
        (Role.CHAIR, "/panel/rounds/glodbrook-open/close", f"/panel/rounds/{THERE}-open/close", {}),
        (Role.FINANCE_OFFICER, "/finance/rounds/glodbrook-counted", f"/finance/rounds/{THERE}-counted", DECISION),
        (Role.AUTHORITY_LEADER, "/authority/devolve", f"/authority/devolve?authority={OVERVALE.slug}", DEVOLUTION),
        (Role.REGISTRAR, "/registrar/roles/appoint", f"/registrar/roles/appoint?authority={OVERVALE.slug}", APPOINTMENT),
        (Role.REGISTRAR, "/registrar/roles/appoint", f"/registrar/roles/{role_there}/end", {}),
    ):
        client = client_of(site, MARLMOOR.holder(role))
        answer = client.post(other, data={**client.page(own).form(own).values, **values})
        assert answer.status_code == 404, other
        assert foreign(answer.get_data(as_text=True)) == []
    assert size(site) == before


def test_who_acts_for_both_has_a_desk_of_each_and_mixes_nothing(site: Flask) -> None:
    leader = MARLMOOR.holder(Role.AUTHORITY_LEADER)
    with database_of(site).unit_of_work() as unit:
        appoint(
            unit, authority=OVERVALE.slug, person=leader, role=Role.AUTHORITY_LEADER,
            registrar=OVERVALE.holder(Role.REGISTRAR), idempotency_key="both",
        )  # fmt: skip
        unit.commit()
    client = client_of(site, leader)
    first = client.page("/authority")
    assert first.links[OVERVALE.name] == f"/authority?authority={OVERVALE.slug}"
    assert [row[0] for row in first.table("Devolved, by place")[1:]] == ["Ferrybank", "Glodbrook"]
    second = client.page(first.links[OVERVALE.name])
    assert [row[0] for row in second.table("Devolved, by place")[1:]] == ["Ferrybank in Overvale", "Glodbrook in Overvale"]
    form = client.page(second.links["Devolve money or staff time"]).form()
    assert form.action == f"/authority/devolve?authority={OVERVALE.slug}"
    assert client.submit(form, **DEVOLUTION).status_code == 422
    assert "devolved £1,000 to Glodbrook in Overvale" in client.submit(
        form, **{**DEVOLUTION, "partnership": THERE}
    ).get_data(as_text=True)  # fmt: skip
