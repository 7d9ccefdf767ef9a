"""What the public pages say of the log's checkpoint and of those who witness it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import current_app, request
from sqlmodel import Session, col, select

from ledger.checkpoints import Checkpoint, Ending, Witnessed, endings, key_of, newest, witnesses
from ledger.entries import Entry, tree_size
from ledger.note import encode_base64

A_WEEK = timedelta(days=7)
_A_MOMENT = timedelta(minutes=1)  # signing takes about a second: after this, something is wrong


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands before others: its newest checkpoint, the newest word of each witness, and logs it continues."""

    checkpoint: Checkpoint | None
    witnesses: tuple[Witnessed, ...]
    stale: bool  # the newest word of a witness is older than a week
    endings: tuple[tuple[Ending, str | None], ...]  # each with the public key it had, where that is still known
    late: bool  # entries wait to be signed, and for longer than signing takes

    @property
    def root(self) -> str:
        """The root of the newest checkpoint, as the checkpoint itself writes it."""
        return encode_base64(self.checkpoint.root) if self.checkpoint is not None else ""


def standing(session: Session) -> Standing:
    """How the log stands now."""
    words, now = witnesses(session), datetime.now(UTC)
    stale = bool(words) and now - words[0].at > A_WEEK
    last = newest(session)
    ended = tuple((row, key_of(session, row.origin)) for row in endings(session))
    return Standing(last, words, stale, ended, _is_late(session, last, now))


def _is_late(session: Session, last: Checkpoint | None, now: datetime) -> bool:
    """Whether the first entry that no checkpoint holds has waited for longer than signing takes."""
    if last is None or tree_size(session) <= last.size:
        return False
    waiting_since = session.exec(select(Entry.recorded_at).where(col(Entry.index) == last.size)).one()
    return now - waiting_since > _A_MOMENT


def log_address() -> str:
    """Where the log of this site is served, as whoever reads the page reached it."""
    scheme = "https" if current_app.config["SESSION_COOKIE_SECURE"] else request.scheme
    return f"{scheme}://{request.host}/log"
