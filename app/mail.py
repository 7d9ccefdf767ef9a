"""Mail that the site sends: through the server of SMTP_URL, or on somebody's own machine into a folder.

Nothing waits for it. A letter is made and sent after the page was answered, one after another, so that neither a slow server
nor who is known here shows in how long a page takes. What could not be sent is gone: whoever waits for it asks again.
"""

import logging
import os
import secrets
import smtplib
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr, make_msgid
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

from flask import Flask, current_app

from app.settings import LOOPBACK, Settings
from ledger.credentials.mailboxes import read_address

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXTENSION = "commonpurse.mail"
_PATIENCE = 20.0  # seconds that a mail server has for each answer
_MOST_WAITING = 500  # letters: what comes on top of them is not sent
_PORTS = {"smtp": 587, "smtps": 465}
_LOGGER = logging.getLogger("commonpurse.mail")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in plain text to one address."""

    to: str
    subject: str
    text: str


class PostOffice:
    """Sends the letters of one installation, in a thread of its own that begins with the first of them."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened yet."""
        self._settings = settings
        self._thread: ThreadPoolExecutor | None = None
        self._owner = 0
        self._room = BoundedSemaphore(_MOST_WAITING)

    @property
    def into_a_folder(self) -> Path | None:
        """The folder that letters go into, where there is no server and this is somebody's own machine."""
        return self._settings.outbox if not self._settings.smtp_url and not self._settings.secure else None

    @property
    def open(self) -> bool:
        """Whether letters go anywhere."""
        return bool(self._settings.smtp_url) or self.into_a_folder is not None

    def later(self, work: Callable[[], None]) -> None:
        """Do the work, which sends letters, when this request has been answered."""
        if not self._room.acquire(blocking=False):
            _LOGGER.error("too many letters are waiting, so one was not sent")
            return
        if self._thread is None or self._owner != os.getpid():  # a thread does not follow into a worker that was forked
            self._thread, self._owner = ThreadPoolExecutor(1, "mail"), os.getpid()
        self._thread.submit(self._carry_out, work)

    def settle(self) -> None:
        """Wait until everything that was handed in before is done."""
        if self._thread is not None:
            self._thread.submit(lambda: None).result(timeout=10 * _PATIENCE)

    def send(self, letter: Letter) -> None:
        """Send it now. Raises BadAddress, ValueError for a line break in a header, OSError and SMTPException."""
        message = self._written(letter)
        if self._settings.smtp_url:
            with _server(urlsplit(self._settings.smtp_url)) as server:
                server.send_message(message)
        elif self.into_a_folder is not None:
            _put(self.into_a_folder, message)

    def _carry_out(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - the next letter is to be sent, whatever befell this one
            # No trace and no words of the server: they may hold the address or the letter.
            _LOGGER.error("a letter was not sent: %s", type(fault).__name__)  # noqa: TRY400 - as said above
        finally:
            self._room.release()

    def _written(self, letter: Letter) -> EmailMessage:
        host = urlsplit(self._settings.site_address).hostname or "localhost"
        sender = self._settings.mail_from or f"no-reply@{host}"
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self._settings.site_name, sender))
        message["To"] = read_address(letter.to)
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = make_msgid(domain=host)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text, cte="quoted-printable")
        return message


def register(app: Flask, settings: Settings) -> None:
    """Give the application its post office."""
    app.extensions[_EXTENSION] = PostOffice(settings)


def post_office() -> PostOffice:
    """The post office of this application."""
    office = current_app.extensions[_EXTENSION]
    if not isinstance(office, PostOffice):
        raise AssertionError("every site has a post office")  # noqa: TRY004 - a broken invariant
    return office


@contextmanager
def _server(url: SplitResult) -> "Iterator[smtplib.SMTP]":
    """A mail server, over TLS; only one on this machine is spoken to without."""
    host, port = url.hostname or "", url.port or _PORTS[url.scheme]
    safe = ssl.create_default_context()
    made = (
        smtplib.SMTP_SSL(host, port, timeout=_PATIENCE, context=safe)
        if url.scheme == "smtps"
        else smtplib.SMTP(host, port, timeout=_PATIENCE)
    )
    try:
        if url.scheme == "smtp" and host not in LOOPBACK:
            made.starttls(context=safe)
        if url.username:
            made.login(unquote(url.username), unquote(url.password or ""))
        yield made
    finally:
        with suppress(smtplib.SMTPException, OSError):
            made.quit()


def _put(folder: Path, message: EmailMessage) -> None:
    """Each letter is a file that only its owner can read."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.eml"
    descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(message.as_bytes())
