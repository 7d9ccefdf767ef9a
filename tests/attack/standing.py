"""The demonstration as it is served, a site of its own for each attack, and its people signed in as anybody signs in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from app.settings import Settings
from app.site import create_app
from app.store import database
from ledger.credentials.invitations import invite
from ledger.database import open_database
from ledger.holdings import holdings
from ledger.people import Role
from seeds.cast import AUTHORITY, OPEN_PLACE, REGISTRAR
from tests.browser.serving import served
from tests.house.tree import ROOT
from tests.signing_in import let_in

CHAIR = f"p-demo-{OPEN_PLACE}-0"
INVITED = "invited-to-marlmoor"
_PATIENCE = 15.0
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who attacks: in which role, and as which of the demonstration's people (none: without signing in)."""

    role: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a browser sends along: its cookies, and the token of its forms."""

    address: str
    cookie: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """For every request of a scanner; the token as our own scripts send it."""
        return {"Cookie": self.cookie, "X-CSRFToken": self.token}

    def is_still_signed_in(self) -> bool:
        """Whether the session lives: an attack that signed itself out has attacked nothing since."""
        return _ask(self.address, "GET", "/me/sessions", self.cookie)[0] == 200


def tell(folder: Path) -> Path:
    """A database file with the demonstration, by its own command, and one invitation that is open."""
    file = folder / "demonstration.db"
    environment = os.environ | {"DATABASE_URL": f"sqlite:///{file}"}
    environment |= {name: str(folder / name.lower()) for name in ("SECRET_KEY_FILE", "LOG_KEY_FILE", "PUBLISHED_CHECKPOINT")}
    for words in (["db", "upgrade"], ["seed"]):
        subprocess.run([sys.executable, "-m", "app", *words], cwd=ROOT, env=environment, check=True, capture_output=True)
    kept = open_database(f"sqlite:///{file}")
    with kept.unit_of_work(appends=False) as unit:
        invite(unit, ref=INVITED, authority=AUTHORITY, address="ines@example.org", name="Ines", inviter=REGISTRAR)
        unit.commit()
    kept.dispose()
    return file


def closed(told: Path) -> Path:
    """A copy in which the panel has voted and the chair has closed the round: a finance officer has a result to decide on."""
    file = told.with_name("closed.db")
    shutil.copy(told, file)
    site = create_app(Settings(database_url=f"sqlite:///{file}", secret_key="-" * 40, outbox=told.parent / "outbox"))
    site.config["WTF_CSRF_ENABLED"] = False
    form = {"idempotency_key": str(uuid4()), "choices": "1"}
    for person in [*(f"p-demo-{OPEN_PLACE}-{number}" for number in range(2, 9)), CHAIR]:  # enough for any quorum
        client = site.test_client()
        let_in(site, client, person)
        client.post(f"/panel/rounds/{OPEN_PLACE}-open/vote", data=form)
    answer = client.post(f"/panel/rounds/{OPEN_PLACE}-open/close", data=form)
    with site.app_context():
        database().dispose()
    if answer.status_code != 302:
        raise AssertionError(f"the chair could not close the round: {answer.status_code}")
    return file


def visitors(file: Path) -> list[Visitor]:
    """One without a name, and somebody for each role that is held: at the place whose round is open, where there is one."""
    kept = open_database(f"sqlite:///{file}")
    with kept.reading() as session:
        held = [row for row in holdings(session, authority=AUTHORITY, on=datetime.now(UTC).date()) if row.held]
    kept.dispose()
    by_role: dict[Role, str] = {}
    for row in sorted(held, key=lambda row: (row.place != OPEN_PLACE, row.entry)):
        by_role.setdefault(row.role, row.person)
    return [Visitor("a visitor"), *(Visitor(role.value, by_role[role]) for role in Role if role in by_role)]


@contextmanager
def site(told: Path, folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """The address of a site over a copy of the database, which belongs to one attack alone, and the site's log."""
    own = folder / name
    own.mkdir()
    shutil.copy(told, own / "site.db")
    log = own / "site.log"
    settings = {name: str(own / name.lower()) for name in ("SECRET_KEY_FILE", "LOG_KEY_FILE", "PUBLISHED_CHECKPOINT")}
    with served(f"sqlite:///{own / 'site.db'}", log, **settings) as address:
        yield address, log


def enter(address: str, visitor: Visitor) -> Signed:
    """Sign in through the picker, and open a page with a form. Raises AssertionError when that does not work."""
    cookies: SimpleCookie = SimpleCookie()
    token = _token_of(address, "/sign-in", cookies)
    if visitor.person:
        form = urlencode({"csrf_token": token, "person": visitor.person})
        status, _ = _ask(address, "POST", "/sign-in", _sent(cookies), body=form, keep=cookies)
        if status not in {302, 303}:
            raise AssertionError(f"{visitor.person} could not sign in: {status}")
        token = _token_of(address, "/me/sessions", cookies)
    return Signed(address, _sent(cookies), token)


def _token_of(address: str, path: str, cookies: SimpleCookie) -> str:
    found = _TOKEN.search(_ask(address, "GET", path, _sent(cookies), keep=cookies)[1])
    if found is None:
        raise AssertionError(f"{path} has no form")
    return found[1]


def _sent(cookies: SimpleCookie) -> str:
    return "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in cookies.values())


def _ask(
    address: str, method: str, path: str, cookie: str, *, body: str = "", keep: SimpleCookie | None = None
) -> tuple[int, str]:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=_PATIENCE)
    try:
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for given in answer.headers.get_all("Set-Cookie", []):
            (SimpleCookie() if keep is None else keep).load(given)
        return answer.status, page
    finally:
        connection.close()
