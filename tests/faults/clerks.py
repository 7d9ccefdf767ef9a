"""People at the site's forms, over real HTTP: the leader signs in as anyone does, and sends an instrument again and again."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from threading import Thread
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from tests.ledger.conftest import LEADER

_PATIENCE = 15.0  # seconds for one answer
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_PLACE = re.compile(r"/ledger/(\d+)$")
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True, slots=True)
class Said:
    """What the site said to one form: its status, the entry it led to, and the page."""

    status: int
    index: int | None
    page: str


@dataclass
class Clerk:
    """The leader at one of many desks, with a browser's cookies and the form's token."""

    address: str
    cookies: SimpleCookie = field(default_factory=SimpleCookie)  # that of the browser, and that of the session
    token: str = ""
    answers: dict[str, int] = field(default_factory=dict)  # by key: the entry that the site answered with
    faults: int = 0  # forms that were not answered, and sent again

    def sit_down(self) -> None:
        """Sign in, and open the form."""
        self._open("/sign-in")
        self._send("/sign-in", {"person": LEADER})
        self._open("/authority/devolve")

    def devolve(self, key: str) -> Said:
        """Send the form with this key: a pound for Glodbrook."""
        last = TODAY + timedelta(days=30)
        form = {
            "idempotency_key": key, "partnership": "glodbrook", "title": "An instrument", "power": "Minute 14", "money": "1",
            "award_money": "1", "begins": [f"{TODAY:%d}", f"{TODAY:%m}", f"{TODAY:%Y}"],
            "ends": [f"{last:%d}", f"{last:%m}", f"{last:%Y}"],
        }  # fmt: skip
        return self._send("/authority/devolve", form)

    def devolve_until_answered(self, key: str) -> Said:
        """As `devolve`; a form whose answer does not come is sent again, as people do."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                return self.devolve(key)
            except (OSError, HTTPException):
                self.faults += 1
                if time.monotonic() > until:
                    raise

    def work(self, until: float) -> None:
        """Send one form after another, each under a key of its own."""
        while time.monotonic() < until:
            key = str(uuid4())
            said = self.devolve_until_answered(key)
            if said.index is None:
                raise AssertionError(f"{said.status}: {said.page}")
            self.answers[key] = said.index

    def _open(self, path: str) -> None:
        found = _TOKEN.search(self._asked("GET", path, "").page)
        if found is None:
            raise AssertionError(f"{path} has no form")
        self.token = found[1]

    def _send(self, path: str, form: Mapping[str, str | Sequence[str]]) -> Said:
        return self._asked("POST", path, urlencode({"csrf_token": self.token, **form}, doseq=True))

    def _asked(self, method: str, path: str, body: str) -> Said:
        site = HTTPConnection(urlsplit(self.address).netloc, timeout=_PATIENCE)
        try:
            kept = "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in self.cookies.values())
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": kept}
            site.request(method, path, body, headers)
            answer = site.getresponse()
            page = answer.read().decode()
            for given in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(given)
            place = _PLACE.search(answer.getheader("Location", "") or "")
            return Said(answer.status, int(place[1]) if place else None, page)
        finally:
            site.close()


def all_at_work(clerks: Sequence[Clerk], until: float) -> list[Thread]:
    """Each in a thread of its own."""
    threads = [Thread(target=clerk.work, args=(until,)) for clerk in clerks]
    for thread in threads:
        thread.start()
    return threads
