"""What the public pages say of the log's checkpoint and of those who witness it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session

from ledger.checkpoints import Checkpoint, Ending, Witnessed, endings, newest, witnesses

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the log stands before others: its newest checkpoint, the newest word of each witness, and logs it continues."""

    checkpoint: Checkpoint | None
    witnesses: tuple[Witnessed, ...]
    stale: bool  # the newest word of a witness is older than a week
    endings: tuple[Ending, ...]


def standing(session: Session) -> Standing:
    """How the log stands now."""
    words = witnesses(session)
    stale = bool(words) and datetime.now(UTC) - words[0].at > A_WEEK
    return Standing(newest(session), words, stale, endings(session))
