"""The evidence pack of a partnership: what was decided, spent, learned and promised, worked out from its entries alone.

Guarantee: terms of reference are renewed only by an entry that holds the SHA-256 of the pack, and the ledger works the same
pack out for itself. Whoever replays the log does so again, so a pack cannot be made up, and nobody renews on an old one.

The check, exactly: the renewing entry names a tree size N and a digest. The pack at N is a function of N and of the entries
of the partnership below N. The entry is refused unless N is no more than the log's size, no entry of this partnership was
recorded at N or after, and the digest equals. What others record elsewhere meanwhile does not stand in the way; what is
recorded about the partnership does, and the leader reads the pack again.

| log                                      | pack read at N | renewed at | outcome                       |
|------------------------------------------|----------------|------------|-------------------------------|
| entry 40 is the partnership's newest     | 50             | 50         | recorded                      |
| 50–59 are about other places             | 50             | 60         | recorded                      |
| 55 is a payment of this partnership      | 50             | 60         | refused: read the pack again  |

Drawback: while payments are made every minute, reading and renewing is a race. Words are in the pack by their digest alone,
so that somebody's words can be erased and the pack still proves itself.
"""

import hashlib
from collections import defaultdict
from typing import Any

from ledger.accounts import AccountKind, parse
from ledger.canonical import canonical_bytes
from ledger.kinds.payload import Count, Digest, Exact
from ledger.money import LARGEST
from ledger.records import Kind, Recorded

VERSION = 1  # of the pack's own form, in its bytes
_WORDS = ("reasons", "story")


class Evidence(Exact):
    """The pack on which terms are renewed: at which tree size it was read, and its SHA-256."""

    tree_size: Count
    digest: Digest


class Gathered:
    """What the entries of one place come to, taken in one after another. It grows with decisions, not with payments."""

    __slots__ = ("authority", "decided", "entries", "last", "leaf", "told", "totals")

    def __init__(self) -> None:
        """Nothing yet."""
        self.authority, self.entries, self.last, self.leaf = "", 0, -1, b""
        self.totals: dict[tuple[str, str, str], int] = defaultdict(int)
        self.decided: list[dict[str, Any]] = []
        self.told: dict[str, int] = defaultdict(int)

    def add(self, entry: Recorded) -> None:
        """Take in the place's next entry."""
        self.authority, self.last, self.leaf = entry.authority, entry.index, entry.leaf_hash
        self.entries += 1
        for movement in entry.movements:
            ends = parse(movement.from_account)[0].value, parse(movement.to_account)[0].value
            self.totals[movement.resource, *ends] += movement.amount
        if entry.kind in _DECISIONS:
            self.decided.append(_decision(entry))
        for field in _WORDS:
            if hasattr(entry.payload, field):
                self.told[entry.kind.value] += 1

    def net(self, resource: str, source: AccountKind, target: AccountKind) -> int:
        """What went from one kind of account to another, less what came back."""
        return self.totals.get((resource, source.value, target.value), 0) - self.totals.get(
            (resource, target.value, source.value), 0
        )


_DECISIONS = frozenset(
    {
        Kind.DEVOLUTION, Kind.TERMS, Kind.RESULT, Kind.RATIFICATION, Kind.CLAWBACK, Kind.FREEZE, Kind.UNFREEZE, Kind.OVERRIDE,
        Kind.PROTOTYPE, Kind.PROTOTYPE_DECISION, Kind.DATA_SHARING,
    }
)  # fmt: skip
_SAID = ("round", "votes", "winners", "outcome", "effect", "version", "review_on", "sunset", "title", "reasons", "choice")


def _decision(entry: Recorded) -> dict[str, Any]:
    """What an entry decided, with its number, so that everybody can look it up."""
    fields = entry.payload.model_dump(mode="json", include=set(_SAID))
    return {"entry": entry.index, "kind": entry.kind.value, "on": entry.effective_on.isoformat(), **fields}


def pack(gathered: Gathered, *, place: str, tree_size: int) -> dict[str, Any]:
    """The evidence pack of a place as plain values: whole numbers (pence, minutes), texts, lists. `decided` oldest first."""
    resources = sorted({resource for resource, _, _ in gathered.totals})
    return {
        "version": VERSION,
        "place": place,
        "authority": gathered.authority,
        "tree_size": tree_size,
        "entries": gathered.entries,
        "last_entry": gathered.last,
        "last_leaf": gathered.leaf.hex(),
        "decided": gathered.decided,
        "spent": {resource: _spent(gathered, resource) for resource in resources},
        "learned": dict(sorted(gathered.told.items())),
        "promised": {
            resource: gathered.net(resource, AccountKind.AWARD, AccountKind.COMMITTED)
            - gathered.net(resource, AccountKind.COMMITTED, AccountKind.PAYEE)
            for resource in resources
        },
    }


def _spent(gathered: Gathered, resource: str) -> dict[str, int]:
    net = gathered.net
    return {
        "handed_over": net(resource, AccountKind.SOURCE, AccountKind.POT) + net(resource, AccountKind.STAFF, AccountKind.POT),
        "allocated": net(resource, AccountKind.POT, AccountKind.AWARD),
        "paid_or_worked": net(resource, AccountKind.COMMITTED, AccountKind.PAYEE),
        "small_help": net(resource, AccountKind.CONNECTOR, AccountKind.PAYEE),
        "given_back": net(resource, AccountKind.AWARD, AccountKind.RETURNED),
        "taken_back": net(resource, AccountKind.POT, AccountKind.RETURNED),
    }


def pack_bytes(gathered: Gathered, *, place: str, tree_size: int) -> bytes:
    """The canonical bytes (RFC 8785) of the pack."""
    return canonical_bytes(pack(gathered, place=place, tree_size=tree_size), longest=LARGEST)


def evidence_of(gathered: Gathered, *, place: str, tree_size: int) -> Evidence:
    """What a renewing entry says of the pack."""
    written = pack_bytes(gathered, place=place, tree_size=tree_size)
    return Evidence(tree_size=tree_size, digest=hashlib.sha256(written).hexdigest())
