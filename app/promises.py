"""What was recorded answers with its place in the log: which entry it is, and the promise that a signed checkpoint holds it.

A route that records ends with `recorded_then(entry, address)`; the page at that address says it, once. Sent twice, a form
finds the entry that is there already, and says the same.
"""

from dataclasses import dataclass

from flask import flash, get_flashed_messages, redirect
from sqlmodel import Session
from werkzeug.wrappers import Response

from app.store import reading
from ledger.checkpoints import newest
from ledger.records import Recorded

_RECORDED = "recorded"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands in the log, and what can be promised of it."""

    index: int
    signed: bool  # a signed checkpoint holds it
    promised: bool  # this log is signed, so the next checkpoint will hold it


def place_of(session: Session, index: int) -> Place:
    """Where the entry stands now."""
    last = newest(session)
    return Place(index, signed=last is not None and index < last.size, promised=last is not None)


def recorded_then(entry: Recorded, address: str) -> Response:
    """Go on to the address, whose page says which entry was recorded."""
    flash(str(entry.index), _RECORDED)
    return redirect(address)


def just_recorded() -> list[Place]:
    """What this visitor recorded since the last page they saw, each entry once. A template asks once: then it is told."""
    indexes = dict.fromkeys(int(str(index)) for index in get_flashed_messages(category_filter=[_RECORDED]))
    return [place_of(reading(), index) for index in indexes]
