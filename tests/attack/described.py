"""What the site takes: every route of its URL map, with the names that it reads from an address and from a form.

Nobody keeps a list. Each route is asked as each person, in a copy of the database, with values that exist; what it looks up in
`request.args`, `request.form` and `request.files` is noted, WTForms' fields among it. A route is described by being there.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

from flask import Flask, Request
from flask.testing import FlaskClient
from sqlmodel import Session, col, select
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Rule

from app.settings import Settings
from app.site import create_app
from app.store import database
from ledger.entries import Entry
from ledger.places import Partnership
from ledger.rounds.proposals import Proposal
from seeds.cast import AUTHORITY, OPEN_PLACE
from tests.attack.standing import INVITED, Visitor
from tests.signing_in import let_in

KEY = str(UUID(int=7))  # one key for all: whatever is recorded under it is recorded once
SOMEBODY = f"p-demo-{OPEN_PLACE}-4"
_LET_IN = {200, 302, 303, 400, 409, 422}
_FILE_FIELD = re.compile(r'<input(?=[^>]*type="file")[^>]*name="(\w+)"')
_EVERY = "*"  # a route that looks through all that an address says


@dataclass
class Operation:
    """A route with one of its methods: values of its address, the names it reads, how its form is sent, and who gets in."""

    rule: str
    method: str
    values: dict[str, list[str]]  # by the name of a part of the address
    numbers: frozenset[str]  # which of those parts are whole numbers
    query: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    reads: str = "form"  # or “json”, “bytes”
    open_to: dict[str, dict[str, str]] = field(default_factory=dict)  # by role: values of the address with which they got in

    @property
    def path(self) -> str:
        """As OpenAPI writes it."""
        return "".join(f"{{{part[1:-1].rpartition(':')[2]}}}" if part.startswith("<") else part for part in _parts(self.rule))

    def address(self, values: dict[str, str]) -> str:
        """With these values in it."""
        return self.path.format(**{name: quote(value, safe="/") for name, value in values.items()})


class _Noting(MultiDict[str, Any]):
    """What came with a request; notes what is looked up in it."""

    def __init__(self, came: MultiDict[str, Any], asked: set[str]) -> None:
        super().__init__(came)
        self._asked = asked

    def __contains__(self, key: object) -> bool:
        self._asked.add(str(key))
        return super().__contains__(key)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - Werkzeug's own
        self._asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - Werkzeug has three of it
        self._asked.add(key)
        return super().get(key, *rest, **options)

    def getlist(self, key: str, *rest: Any, **options: Any) -> list[Any]:  # noqa: ANN401 - as above
        self._asked.add(key)
        return super().getlist(key, *rest, **options)

    def keys(self) -> Any:  # noqa: ANN401 - as above
        self._asked.add(_EVERY)
        return super().keys()

    def items(self, multi: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002 - as above
        if not multi:  # with `multi`, words are only looked at, whatever their names
            self._asked.add(_EVERY)
        return super().items(multi)


class _Asked(Request):
    """A request that notes for its operation what is read of it."""

    @property
    def about(self) -> Operation:
        """The operation; one that nobody looks at where no route was found."""
        found: Operation = self.environ["attack.operation"]
        return found

    @property
    def args(self) -> Any:  # noqa: ANN401 - Werkzeug caches it
        return _Noting(super().args, self.about.query)

    @property
    def form(self) -> Any:  # noqa: ANN401 - as above
        return _Noting(super().form, self.about.fields)

    @property
    def files(self) -> Any:  # noqa: ANN401 - as above
        return _Noting(super().files, self.about.files)

    def get_json(self, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        self.about.reads = "json"
        return super().get_json(*rest, **options)

    def get_data(self, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as above
        if self.about.reads == "form":  # JSON is read as bytes, too
            self.about.reads = "bytes"
        return super().get_data(*rest, **options)


def describe(copy: Path, people: Iterable[Visitor]) -> list[Operation]:
    """Every operation of the site over this copy, asked as each of the people: whatever it records is recorded there."""
    site = create_app(Settings(database_url=f"sqlite:///{copy}", secret_key="-" * 40, outbox=copy.parent / "outbox"))
    site.config["WTF_CSRF_ENABLED"] = False
    site.request_class = _Asked
    with site.app_context():
        kept = database()
        with kept.reading() as session:
            operations = list(_operations(site, session))
    file_fields: set[str] = set()
    for operation in sorted(operations, key=lambda one: one.method != "GET"):  # what changes something, last
        for visitor in people:
            _ask(site, operation, visitor, file_fields)
    _settle(operations, file_fields)
    kept.dispose()
    return operations


def _ask(site: Flask, operation: Operation, visitor: Visitor, file_fields: set[str]) -> None:
    """Ask as this person with each value; the one by which they get furthest is the one to attack with."""
    furthest = -1
    for values in _choices(operation):
        client, noting = FlaskClient(site, site.response_class), replace(operation, query=set(), fields=set(), files=set())
        if visitor.person:
            let_in(site, client, visitor.person)
        answer = client.open(
            operation.address(values),
            method=operation.method,
            data=None if operation.method == "GET" else {"idempotency_key": KEY, "person": SOMEBODY},
            environ_overrides={"attack.operation": noting},
        )
        page = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        file_fields |= {match[1] for match in _FILE_FIELD.finditer(page)}
        _add(operation, noting)
        reached = len(noting.query | noting.fields | noting.files) + page.count("<form")
        away = answer.status_code == 302 and answer.headers["Location"].partition("?")[0] == "/sign-in"
        if answer.status_code in _LET_IN and not away and reached > furthest:
            furthest = reached
            operation.open_to[visitor.role] = values


def _settle(operations: list[Operation], file_fields: set[str]) -> None:
    """Tell files from fields, and what a route that looks through everything may find there."""
    everything = {name for operation in operations for name in operation.query} - {_EVERY}
    for operation in operations:
        operation.query = (operation.query | everything if _EVERY in operation.query else operation.query) - {_EVERY}
        operation.files = (operation.files | operation.fields & file_fields) - {_EVERY}
        operation.fields -= operation.files | {_EVERY, "csrf_token"}  # the token goes in a header


def _add(operation: Operation, noted: Operation) -> None:
    operation.query |= noted.query
    operation.fields |= noted.fields
    operation.files |= noted.files
    operation.reads = noted.reads if noted.reads != "form" else operation.reads


def _operations(site: Flask, session: Session) -> Iterator[Operation]:
    for rule in site.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            converters = rule._converters  # where Werkzeug keeps the kinds of the parts
            numbers = frozenset(name for name, kind in converters.items() if isinstance(kind, IntegerConverter))
            yield Operation(rule.rule, method, {name: _known(session, rule, name) for name in rule.arguments}, numbers)


def _known(session: Session, rule: Rule, name: str) -> list[str]:
    """Values that a part of an address has on this site."""
    if name == "index":
        roles = select(Entry.index).where(Entry.kind == "role").order_by(col(Entry.index).desc()).limit(3)
        return [str(index) for index in [*session.exec(roles), 0]]
    if name == "ref":
        if "invitations" in rule.rule:
            return [INVITED]
        if "proposals" in rule.rule:
            return list(session.exec(select(Proposal.ref).limit(3)))
        rounds = set(session.exec(select(Proposal.round)))
        return sorted(rounds, key=lambda ref: (OPEN_PLACE not in ref, ref))
    if name == "slug":
        return sorted(session.exec(select(Partnership.slug)), key=lambda slug: slug != OPEN_PLACE)[:3]
    return {"name": ["site.css"], "rest": ["0/000", "entries/000"]}.get(name, ["none"])


def _choices(operation: Operation) -> Iterator[dict[str, str]]:
    """One combination of values after another: here an address has one part, or parts of the same rank."""
    longest = max((len(values) for values in operation.values.values()), default=1)
    for number in range(longest):
        yield {name: values[min(number, len(values) - 1)] for name, values in operation.values.items()}


def _parts(rule: str) -> Iterator[str]:
    while rule:
        before, _, rest = rule.partition("<")
        yield before
        inside, closed, rule = rest.partition(">")
        if closed:
            yield f"<{inside}>"


def example_of(name: str) -> list[str]:
    """What somebody might type into a field of this name."""
    known = {
        "idempotency_key": [KEY], "authority": [AUTHORITY], "partnership": [OPEN_PLACE], "place": [OPEN_PLACE, ""],
        "resource": ["GBP", "TIME"], "page": ["1", "2"], "kind": ["payment", "role"], "money": ["£1,250.50", "1"],
        "award_money": ["500"], "hours": ["7:30"], "award_hours": ["7.5"], "begins": ["4", "3", "2026"],
        "ends": ["4", "3", "2027"], "until": ["4", "3", "2027"], "name": ["Ines"],
        "outcome": ["ratified", "refused"], "email": ["ines@example.org"],
        "next": ["/places"], "kept": ["yes"], "choices": ["1", "2"], "person": [SOMEBODY, ""], "role": ["panel member"],
    }  # fmt: skip
    return known.get(name, [f"Some {name}"])
