"""A real mail server on this machine, which keeps what it is given."""

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.browser.serving import free_port


class Letters(list[EmailMessage]):
    """The letters that came, the oldest first."""

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take one."""
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, _class=EmailMessage, policy=default)
        message["X-Envelope"] = ",".join(envelope.rcpt_tos)
        self.append(message)
        return "250 kept"


@contextmanager
def mail_server() -> Iterator[tuple[str, Letters]]:
    """Its address, as SMTP_URL says it, and the letters that come."""
    letters = Letters()
    controller = Controller(letters, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}", letters
    finally:
        controller.stop()
