"""Who may do what, to whose things: each role × each route × each relation to the thing, from the URL map and the table.

A new route is in the matrix by being there. A new way to load a thing has to be told here (THINGS), or the matrix fails.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlmodel import col, func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.access import Declared, declared, the_authority
from app.permissions import CALLED, HELD, PERMISSIONS, WAITING, Scope
from app.things import (
    the_holding,
    the_idea,
    the_instrument,
    the_invitation,
    the_item,
    the_meeting,
    the_place,
    the_prototype,
    the_request,
    the_risk,
    the_round,
)  # fmt: skip
from ledger.credentials.invitations import invite
from ledger.entries import Entry, tree_size
from ledger.kinds.prototyping import Standing
from ledger.people import Role
from ledger.risk_register import RiskStage
from ledger.rounds.ballots import Ballot
from ledger.rounds.stages import Stage
from ledger.subject_requests import What
from ledger.subject_requests import ask as ask_registrar
from tests.pages.conftest import client_of, database_of
from tests.people.two_authorities import MARLMOOR, NOBODY, OVERVALE
from tests.web.inspecting import InspectingClient


class Whose(StrEnum):
    """Whose the thing is, seen from somebody of Marlmoor who acts at Glodbrook."""

    OWN = "their own place’s"
    NEXT = "the next place’s"
    OTHER = "the other authority’s"


PLACES = {Whose.OWN: MARLMOOR.places[0], Whose.NEXT: MARLMOOR.places[1], Whose.OTHER: OVERVALE.places[0]}
CHAIRS = {
    Whose.OWN: MARLMOOR.holder(Role.CHAIR),
    Whose.NEXT: MARLMOOR.holder(Role.CHAIR, 1),
    Whose.OTHER: OVERVALE.holder(Role.CHAIR),
}
AUTHORITIES = {Whose.OWN: MARLMOOR.slug, Whose.NEXT: MARLMOOR.slug, Whose.OTHER: OVERVALE.slug}


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of Marlmoor: their reference, their one role, and where; a visitor has no reference, Nora has no role."""

    ref: str
    role: Role | None = None
    place: str | None = None


PEOPLE = (Somebody(""), Somebody(NOBODY), *(Somebody(*post) for post in MARLMOOR.posts()))
REFUSED = {403: "not you", 404: "not there", 409: "not now"}


def expected(said: Declared, who: Somebody, whose: Whose, method: str) -> str:
    """The answer by the table, worked out from the words of its scopes. Rounds are open (an idea's own gathers them), roles
    are held, requests wait, risks are accepted, prototypes due.
    """
    permission = said.permission
    if not who.ref:
        return "in" if permission.scope is Scope.EVERYBODY else "sign in"
    if permission.scope in {Scope.EVERYBODY, Scope.OWN}:
        return "in"
    if permission.scope is not Scope.ANYWHERE and (who.role is None or whose is Whose.OTHER):
        return "not there"
    reaches: dict[Scope, set[str | None]] = {
        Scope.ANYWHERE: {who.place},
        Scope.PLACE: {None, PLACES[whose]},
        Scope.AUTHORITY: {None},
    }
    if who.role not in permission.roles or who.place not in reaches[permission.scope]:
        return "not you"
    stands = {Stage.IDEAS} if said.on is the_idea else {Stage.VOTING, HELD, WAITING, CALLED, RiskStage.ACCEPTED, Standing.DUE}
    wrong_state = permission.states is not None and not permission.states & stands
    return "not now" if method != "GET" and wrong_state else "in"


def answered(answer: TestResponse, said: Declared) -> str:
    """What came, in the words of the expectation."""
    assert answer.status_code != 500, answer.request.path
    if answer.status_code == 302:
        return "sign in" if answer.headers["Location"].partition("?")[0] == "/sign-in" else "in"
    if said.permission.scope in {Scope.EVERYBODY, Scope.OWN}:
        return "in"  # whatever the page says then: it is open to whoever asks
    return REFUSED.get(answer.status_code, "in")


class Matrix:
    """The addresses of every route, for things of each relation."""

    def __init__(self, site: Flask) -> None:
        self.site = site
        with database_of(site).reading() as session:
            query = select(Entry.subject, Entry.index).where(Entry.kind == "role")
            self.appointments = dict(session.exec(query).all())
            waits = select(Entry.place, Entry.index).where(Entry.kind == "devolution").order_by(col(Entry.index).desc())
            self.to_sign = dict(session.exec(waits).all())  # the first of each place
            tried = select(Entry.place, Entry.index).where(Entry.kind == "prototype")
            self.prototypes = dict(session.exec(tried).all())
        with database_of(site).unit_of_work(appends=False) as unit:
            for authority in (MARLMOOR, OVERVALE):
                ref, inviter = f"invited-{authority.slug}", authority.holder(Role.REGISTRAR)
                invite(unit, ref=ref, authority=authority.slug, address=f"{ref}@example.org", name="Ines", inviter=inviter)
            for chair in CHAIRS.values():
                ask_registrar(unit, by=chair, what=What.ERASURE)
            unit.commit()

    def routes(self) -> Iterator[tuple[Rule, str, Declared]]:
        """Every rule of the URL map with each of its methods. Raises AssertionError for one that declared nothing."""
        for rule in self.site.url_map.iter_rules():
            said = declared(self.site.view_functions[rule.endpoint])
            assert said is not None, f"{rule.rule} does not say who may"
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, said

    def address(self, rule: Rule, said: Declared, whose: Whose) -> str:
        """The address of the route about a thing of that relation."""
        things: dict[object, dict[str, object]] = {
            the_round: {"ref": f"{PLACES[whose]}-open"},
            the_idea: {"ref": f"{PLACES[whose]}-ideas-1"},
            the_meeting: {"ref": f"{PLACES[whose]}-open-2026-01-01"},
            the_item: {"ref": f"{PLACES[whose]}-open-2"},
            the_holding: {"index": self.appointments[CHAIRS[whose]]},
            the_authority: {"authority": AUTHORITIES[whose]},
            the_risk: {"ref": f"{PLACES[whose]}-risk"},
            the_place: {"slug": PLACES[whose]},
            the_instrument: {"index": self.to_sign[PLACES[whose]]},
            the_invitation: {"ref": f"invited-{AUTHORITIES[whose]}"},
            the_prototype: {"index": self.prototypes[PLACES[whose]]},
            the_request: {"ref": CHAIRS[whose], "what": What.ERASURE.value},
        }
        if said.on is not None:
            values = things[said.on]
        else:
            index = self.appointments[CHAIRS[whose]]
            by_name: dict[str, object] = {"slug": PLACES[whose], "index": index, "size": index}
            by_name |= {"name": "site.css", "rest": "0/000"}
            by_name["ref"] = f"{PLACES[whose]}-open" + ("-1" if rule.endpoint == "public.proposal" else "")
            if rule.endpoint == "shared_risks.risk":
                by_name["ref"] = f"{PLACES[whose]}-risk"
            by_name["what"] = What.NAME.value
            if rule.endpoint == "prototypes.one":
                by_name["index"] = self.prototypes[PLACES[whose]]
            values = {name: by_name.get(name, "none") for name in rule.arguments}
        with self.site.test_request_context():
            return url_for(rule.endpoint, **values)  # type: ignore[arg-type]  # names and values of the address

    def everything(self) -> Iterator[tuple[str, str, Declared, Whose]]:
        """Every address and method; where nothing in the address says whose, once."""
        for rule, method, said in self.routes():
            seen: set[str] = set()
            for whose in Whose:
                address = self.address(rule, said, whose)
                if address not in seen or said.on is not None:
                    yield address, method, said, whose
                seen.add(address)


def recorded(site: Flask) -> tuple[int, int]:
    """How long the log is, and how many ballots are in the box."""
    with database_of(site).reading() as session:
        return tree_size(session), session.exec(select(func.count()).select_from(Ballot)).one()


def entered(site: Flask, who: Somebody) -> InspectingClient:
    """Signed in through the site's own form; afterwards the guard, and not a missing token, is what answers."""
    site.config["WTF_CSRF_ENABLED"] = True
    client = client_of(site, who.ref)
    site.config["WTF_CSRF_ENABLED"] = False
    return client


def ask(client: InspectingClient, address: str, method: str) -> TestResponse:
    """As it comes, without inspecting the page: other tests do."""
    return FlaskClient.open(client, address, method=method)


def test_each_role_gets_from_each_route_what_the_table_says(site: Flask) -> None:
    matrix, before, wrong, asked = Matrix(site), recorded(site), [], Counter[str]()
    addresses = list(matrix.everything())
    for who in PEOPLE:
        client = entered(site, who)
        for address, method, said, whose in addresses:
            answer = ask(client, address, method)
            if method != "GET" and "Set-Cookie" in answer.headers:  # it may have ended their session
                client = entered(site, who)
            wanted, came = expected(said, who, whose, method), answered(answer, said)
            asked[wanted] += 1
            if came != wanted:
                wrong.append(f"{who.role or who.ref or 'a visitor'}: {method} {address} ({whose}): {came}, not {wanted}")
    assert wrong == []
    assert recorded(site) == before
    assert min(asked[answer] for answer in ("in", "sign in", "not you", "not there")) > 20
    assert asked["not now"] > 0


def test_a_new_route_without_a_declaration_is_found(site: Flask) -> None:
    site.add_url_rule("/new", "new", lambda: "anybody reads this")
    with pytest.raises(AssertionError, match="/new does not say who may"):
        list(Matrix(site).routes())


def test_a_round_of_another_authority_looks_like_one_that_is_not_there(site: Flask) -> None:
    """To whoever holds nothing over it, a page says the same of an existing thing as of none."""
    client = entered(site, Somebody(MARLMOOR.holder(Role.CHAIR)))
    there, nowhere = (ask(client, f"/panel/rounds/{ref}/vote", "GET") for ref in (f"{OVERVALE.places[0]}-open", "none"))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert OVERVALE.places[0] not in there.get_data(as_text=True)


@pytest.mark.parametrize(
    "address", ["/authority?authority=nowhere", "/registrar/roles?authority=nowhere", "/registrar/roles/0x/end"]
)
def test_an_address_that_names_nothing_is_not_there(site: Flask, address: str) -> None:
    for role in (Role.AUTHORITY_LEADER, Role.REGISTRAR):
        assert ask(entered(site, Somebody(MARLMOOR.holder(role))), address, "GET").status_code in {403, 404}


def test_an_entry_that_gave_no_role_cannot_be_ended(site: Flask) -> None:
    client = entered(site, Somebody(MARLMOOR.holder(Role.REGISTRAR)))
    with database_of(site).reading() as session:
        devolution = session.exec(select(Entry.index).where(Entry.kind == "devolution")).first()
    for index in (devolution, 999_999):
        assert ask(client, f"/registrar/roles/{index}/end", "GET").status_code == 404


def test_every_permission_that_needs_a_role_belongs_to_a_route(site: Flask) -> None:
    used = {said.permission.name for _, _, said in Matrix(site).routes()}
    assert {name for name, permission in PERMISSIONS.items() if permission.roles} <= used
