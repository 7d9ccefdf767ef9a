"""The table of permissions itself: it agrees with the ledger's own rules, and the README says the same."""

import ast
import re

import pytest
from flask import Flask

from app.acting import Acting, Post
from app.permissions import PERMISSIONS, Answer, Permission, Scope, Thing, answer
from ledger.kinds import PAYLOADS
from ledger.people import Role
from ledger.rounds.stages import Stage
from tests.house.tree import ROOT
from tests.pages.conftest import client_of
from tests.people.filled import Filled, filled
from tests.people.test_matrix import recorded
from tests.people.two_authorities import STAGES

STAGE_OF = {
    "coming": Stage.COMING, "open": Stage.VOTING, "closing": Stage.VOTED, "counted": Stage.COUNTED, "ratified": Stage.RATIFIED,
}  # fmt: skip


@pytest.mark.parametrize("permission", [p for p in PERMISSIONS.values() if p.records], ids=lambda p: p.name)
def test_nobody_is_let_in_whom_the_ledger_would_refuse(permission: Permission) -> None:
    assert permission.records is not None
    assert set(permission.roles) <= PAYLOADS[permission.records].roles


def test_administrators_run_the_machine_and_no_desk_is_theirs() -> None:
    assert [name for name, permission in PERMISSIONS.items() if Role.ADMINISTRATOR in permission.roles] == []


@pytest.mark.parametrize(
    ("name", "role", "at", "came"),
    [
        ("devolve", Role.AUTHORITY_LEADER, None, Answer.YES),
        ("devolve", Role.AUTHORITY_LEADER, "glodbrook", Answer.NOT_YOU),
        ("appoint", Role.REGISTRAR, "glodbrook", Answer.NOT_YOU),
        ("vote", Role.CHAIR, "glodbrook", Answer.YES),
        ("vote", Role.CHAIR, None, Answer.YES),
        ("vote", Role.CHAIR, "ferrybank", Answer.NOT_YOU),
    ],
)
def test_a_role_reaches_as_far_as_it_is_held(name: str, role: Role, at: str | None, came: Answer) -> None:
    """A leader of one place, as an old entry may name one, does not act for the whole authority."""
    person = Acting("p-asha", "Asha", (Post(role, "marlmoor", at),))
    thing = Thing(authority="marlmoor", place="glodbrook", state=Stage.VOTING)
    assert answer(PERMISSIONS[name], person, thing) is came


def test_roles_are_asked_for_where_a_scope_needs_them_and_nowhere_else() -> None:
    roleless = {Scope.EVERYBODY, Scope.OWN}
    assert [p.name for p in PERMISSIONS.values() if bool(p.roles) == (p.scope in roleless)] == []


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("endpoint", "name"),
    [("panel.vote", "vote"), ("panel.close", "close a round"), ("finance.decide", "decide on a result")],
)
def test_what_the_state_does_not_allow_is_shown_in_words_and_records_nothing(
    site: Flask, endpoint: str, name: str, stage: str
) -> None:
    """Whoever may do it in another state sees the page; the form, sent all the same, is refused."""
    form, states = filled(site)[endpoint], PERMISSIONS[name].states
    assert states is not None
    address = form.address.replace("-open", f"-{stage}").replace("-counted", f"-{stage}")
    before = recorded(site)
    status = send(site, form, address)
    assert (status == 302) == (STAGE_OF[stage] in states)
    assert status in {302, 409}
    if status != 302:
        assert recorded(site) == before


def send(site: Flask, form: Filled, address: str) -> int:
    """The status that a filled form gets at the address; its key and token are from a page that has one."""
    client = client_of(site, form.person)
    assert client.page(address).heading
    values = {**client.page(form.address).form(form.address).values, **form.values}
    return client.post(address, data=values).status_code


def test_no_page_looks_at_roles_by_itself() -> None:
    """Only `app.permissions` reads somebody's posts, and no route names a role or answers 403 of its own."""
    found = []
    for path in sorted((ROOT / "app").glob("*/*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            named = node.attr if isinstance(node, ast.Attribute) else ""
            if named in {"posts", "holds", "holds_at"} or (named in Role.__members__ and "commands" not in path.parts):
                found.append(f"{path.name}: {named}")
            if isinstance(node, ast.Call) and ast.unparse(node) == "abort(403)":
                found.append(f"{path.name}: abort(403)")
    assert found == []
    pages = [
        path.name for path in (ROOT / "templates").rglob("*.html") if re.search(r"acting\.(holds|posts)", path.read_text())
    ]
    assert pages == []


def test_the_readme_lists_every_role_with_what_it_may_do() -> None:
    rows = [line.strip("| \n").split(" | ") for line in (ROOT / "README.md").read_text().splitlines()]
    told = {row[0]: row[2:] for row in rows if row[0] in set(Role)}
    assert list(told) == [role.value for role in Role]
    for role, words in told.items():
        kinds = ", ".join(kind.heading.lower() for kind, payload in PAYLOADS.items() if role in payload.roles)
        desks = "; ".join(permission.name for permission in PERMISSIONS.values() if role in permission.roles)
        assert words == [kinds or "–", desks or "–"], role
