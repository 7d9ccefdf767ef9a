"""Where an authority stepped in: decisions that it overrode, took back, stopped or reversed, with the reasons it gave."""

from dataclasses import dataclass

from sqlmodel import Session

from ledger.entries import DatabaseBook
from ledger.kinds.controlling import Freeze, Reversal, Unfreeze
from ledger.kinds.devolving import Clawback
from ledger.kinds.overriding import Override
from ledger.markers import Told, told
from ledger.records import Kind, Recorded


@dataclass(frozen=True, slots=True)
class Intervention:
    """One entry by which the authority stepped in, and its public reasons."""

    entry: Recorded
    reasons: Told


@dataclass(frozen=True, slots=True)
class Accounted:
    """Every intervention of an authority, the newest first; how many results of rounds were recorded, and overridden."""

    interventions: tuple[Intervention, ...]
    results: int
    overridden: int


def accounted(session: Session, authority: str) -> Accounted:
    """What the authority answers for."""
    book = DatabaseBook(session)
    kinds = (Kind.OVERRIDE, Kind.CLAWBACK, Kind.FREEZE, Kind.UNFREEZE, Kind.REVERSAL)
    found = [
        Intervention(entry, told(session, entry.payload.reasons))
        for entry in book.where(*kinds, authority=authority)
        if isinstance(entry.payload, Override | Clawback | Freeze | Unfreeze | Reversal)
    ]
    results = len(list(book.where(Kind.RESULT, authority=authority)))
    overridden = len({each.entry.payload.subject() for each in found if each.entry.kind is Kind.OVERRIDE})
    return Accounted(tuple(reversed(found)), results, overridden)
