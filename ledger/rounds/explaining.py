"""A counted round explained: its ballots counted again by its own rule, and greedy beside equal shares.

A round that is counted changes no more, so a process remembers what it worked out, by the fingerprint of the result's entry.
"""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from sqlmodel import Session

from ledger.rounds.counting import election_of, lot_of, tally_of
from ledger.rounds.reading import RoundView
from ledger.tally import Result
from ledger.tally.explaining import Beside, beside

_MOST = 64  # rounds; each is some kilobytes


@dataclass(frozen=True, slots=True)
class RoundExplained:
    """The result as the engine tells it, by the codes on the ballot, and the two rules side by side."""

    result: Result
    beside: Beside


_known: OrderedDict[bytes, RoundExplained] = OrderedDict()
_alone = Lock()


def round_explained(session: Session, view: RoundView) -> RoundExplained | None:
    """What the count of a round did for its voters; none before it is counted, or where its ballots are not kept here."""
    if view.result is None:
        return None
    key = view.result.leaf_hash
    with _alone:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    lot = lot_of(view.result)
    election = election_of(session, view.row, lot=lot)
    if not election.groups:
        return None
    result = tally_of(session, view.row, lot=lot).result
    found = RoundExplained(result, beside(election, result))
    with _alone:
        _known[key] = found
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return found
