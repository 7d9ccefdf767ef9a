"""Before terms of reference are renewed: the review that reminds, and the evidence pack on which they are."""

from datetime import date, timedelta

from babel.dates import format_date
from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.kinds.evidence import Evidence, evidence_of, pack_bytes
from ledger.powers import terms_at
from ledger.records import Kind

REMIND_DAYS = 60  # before the review of terms of reference: two meetings of a panel that meets every month


def evidence_at(session: Session, place: str, *, tree_size: int) -> tuple[bytes, Evidence]:
    """The evidence pack of a partnership as of a tree size: its exact bytes, and what a renewing entry says of it."""
    gathered = DatabaseBook(session).gathered(place, below=tree_size)
    written = pack_bytes(gathered, place=place, tree_size=tree_size)
    return written, evidence_of(gathered, place=place, tree_size=tree_size)


def reminder(session: Session, partnership: str, *, on: date) -> str | None:
    """What has to be said of the review of a partnership's terms, from `REMIND_DAYS` before its day until they are renewed."""
    live, versions = terms_at(session, partnership, on=on), list(DatabaseBook(session).where(Kind.TERMS, place=partnership))
    if live is None or live.entry != versions[-1] or on < live.terms.review_on - timedelta(days=REMIND_DAYS):
        return None
    review, sunset = (format_date(day, "d MMMM yyyy", locale="en_GB") for day in (live.terms.review_on, live.terms.sunset))
    if on > live.terms.sunset:
        return (
            f"The terms of reference ended on {sunset}. Nothing new is allocated until they are renewed; awards are still paid."
        )
    if on > live.terms.review_on:
        return f"The review of the terms of reference was due on {review}. Unless they are renewed, they end on {sunset}."
    return f"The terms of reference are to be reviewed by {review}. Unless they are renewed, they end on {sunset}."
