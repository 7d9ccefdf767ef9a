"""The log as files, as C2SP tlog-tiles and tlog-proof have them: made of what the database keeps, and of nothing else.

A tile, a bundle and a proof read as many rows as they have hashes or entries, however long the log is. Nothing past the
newest signed checkpoint is given out: what is not signed yet is not published.
"""

from msgspec import json
from sqlmodel import Session, col, select

from ledger.checkpoints import Signed, newest, proving, published_size, with_witnesses
from ledger.entries import Balance, Entry, Head, stored_nodes
from ledger.errors import NotFound
from ledger.proofs import Proof
from ledger.records import NoSuchEntry
from ledger.tiles import Bundle, Tile, pack_entries, parse_path
from ledger.tree import inclusion_path, inclusion_proof


class NotPublished(NotFound):
    """The log has no {path} yet: it is past the {size} entries of the newest signed checkpoint. Fetch the checkpoint first, and
    only the tiles that it needs; nothing was recorded.
    """


class NotSignedYet(NotFound):
    """Entry {index} is recorded, and no signed checkpoint holds it yet. Try again in a few seconds; nothing was lost."""


class NothingSigned(NotFound):
    """The log has not signed a checkpoint yet. Try again in a few seconds; nothing was recorded."""


def newest_checkpoint(session: Session) -> Signed:
    """The newest signed checkpoint with its witnesses' lines. Raises NothingSigned."""
    row = newest(session)
    if row is None:
        raise NothingSigned
    return with_witnesses(session, row)


def file_at(session: Session, path: str) -> bytes:
    """The bytes of the tile or bundle at this address under the log's prefix. Raises NotATile, NotPublished."""
    tile = parse_path(path)
    size = published_size(session)
    if tile.needs > size:
        raise NotPublished(path=path, size=f"{size:,}")
    return _bundle(session, tile) if isinstance(tile, Bundle) else _tile(session, tile)


def balances(session: Session) -> bytes:
    """What every account holds after the log's newest entry, as JSON: what an auditor holds against their own replay.

    {"size": how many entries, "root": of their tree, "balances": {"pot/glodbrook": {"GBP": 1250, "TIME": 90}, …}}; pence and
    minutes. Read in one reading, so it is of exactly so many entries; they may be signed a moment later.
    """
    size, root = session.exec(select(Head.size, Head.root)).one()
    held: dict[str, dict[str, int]] = {}
    for account, resource, amount in session.exec(select(Balance.account, Balance.resource, Balance.amount)):
        held.setdefault(account, {})[resource] = amount
    return json.encode({"size": size, "root": root.hex(), "balances": held}, order="sorted")


def proof_of(session: Session, index: int) -> Proof:
    """The proof that an entry is in the log. Raises NoSuchEntry, NotSignedYet."""
    signed = proving(session, index)
    if signed is None:
        written_at(session, index)
        raise NotSignedYet(index=index)
    size = signed.row.size
    wanted = {node for nodes in inclusion_path(index, size) for node in nodes}
    hashes = inclusion_proof(index, size, stored_nodes(session, wanted).__getitem__)
    return Proof(index, tuple(hashes), signed.note)


def written_at(session: Session, index: int) -> bytes:
    """The exact bytes of an entry: what was hashed. Raises NoSuchEntry."""
    written = session.exec(select(Entry.written).where(col(Entry.index) == index)).first()
    if written is None:
        raise NoSuchEntry(index=index)
    return written


def _tile(session: Session, tile: Tile) -> bytes:
    wanted = tile.nodes()
    found = stored_nodes(session, wanted)
    return b"".join(found[node] for node in wanted)


def _bundle(session: Session, bundle: Bundle) -> bytes:
    query = select(Entry.written).where(col(Entry.index).between(bundle.first, bundle.needs - 1)).order_by(col(Entry.index))
    return pack_entries(session.exec(query).all())
