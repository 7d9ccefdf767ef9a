"""A whole log downloaded into a folder, a few files at a time, so that it can be stopped at any point and gone on with.

What is in the folder is not fetched again: every tile is checked anyway, against the root of the newest checkpoint, when the
folder is audited. A tile that was partial then is fetched again in the width that it has now.
"""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from app.fetching import NotThere, Remote
from ledger.auditing.folder import KEY, Folder
from ledger.auditing.said import Said
from ledger.auditing.signed_log import LogWrong
from ledger.errors import CheckFailed, LedgerError
from ledger.note import LONGEST, Checkpoint, Note, VerifierKey, open_checkpoint
from ledger.tiles import WIDTH, Bundle, Tile, TileMissing, TileTree, bundles_of, tiles_of
from ledger.tree import HASH_SIZE, ProofWrong, consistency_proof, verify_consistency

AT_ONCE = 4  # files
_LONGEST_TILE = WIDTH * HASH_SIZE
_LONGEST_BUNDLE = WIDTH * 65_537
_LONGEST_BALANCES = 1 << 28
_PATIENCE = 15.0  # seconds that a publisher is given to sign what the site says


class KeyNeeded(LedgerError):
    """Nothing here knows the log's key yet. Give it once with --key, as the page /verify shows it and as somebody else you
    trust has it; nothing was downloaded.
    """


class OtherKey(CheckFailed):
    """{folder} holds the log {kept}, and the key you gave is {given}. Another log, or a log with another key, needs a folder of
    its own (--keep); nothing was changed.
    """


def pinned_key(folder: Folder, given: VerifierKey | None) -> VerifierKey | None:
    """The key that is kept with the log, or the one given now. Raises OtherKey."""
    kept = folder.key()
    if kept is not None and given is not None and kept != given:
        raise OtherKey(folder=folder.path, kept=kept, given=given)
    return kept or given


def download(
    address: str, folder: Folder, key: VerifierKey | None, progress: Callable[[int, int], None], patience: float = _PATIENCE
) -> None:
    """Fetch what the folder does not have yet of the log's newest checkpoint.

    Raises KeyNeeded, OtherKey, LogWrong, TileWrong, Unreachable.
    """
    key = pinned_key(folder, key)
    if key is None:
        raise KeyNeeded
    remote = _log_at(address)
    said = _said(remote)
    note, head = _newest(remote, key, said[1].size if said is not None else 0, patience)
    folder.put(KEY, f"{key}\n".encode())
    before = _kept(folder, key)
    _no_other_past(folder, note, head, before)
    _fetch_all(remote, folder, head.size, progress)
    _begins_with(folder, note, head, before)
    if said is not None:
        folder.put("balances.json", said[0])
    folder.put("checkpoint", str(note).encode())


def _log_at(address: str) -> Remote:
    """The log itself, when the address is that of its site."""
    remote = Remote(address, at_once=AT_ONCE)
    try:
        remote.get("checkpoint", longest=LONGEST, fresh=True)
    except NotThere:
        inside = Remote(f"{remote.prefix}/log", at_once=AT_ONCE)
        inside.get("checkpoint", longest=LONGEST, fresh=True)
        return inside
    return remote


def _said(remote: Remote) -> tuple[bytes, Said] | None:
    try:
        written = remote.get("balances", longest=_LONGEST_BALANCES, fresh=True)
    except NotThere:
        return None
    return written, Said.parse(written)


def _newest(remote: Remote, key: VerifierKey, size: int, patience: float) -> tuple[Note, Checkpoint]:
    """The newest checkpoint, of at least so many entries if that comes soon."""
    until = time.monotonic() + patience
    while True:
        note = Note.parse(remote.get("checkpoint", longest=LONGEST, fresh=True))
        head = open_checkpoint(note, key)
        if head.size >= size or time.monotonic() > until:
            return note, head
        time.sleep(0.5)


def _kept(folder: Folder, key: VerifierKey) -> Checkpoint | None:
    try:
        return open_checkpoint(Note.parse(folder.get("checkpoint")), key)
    except TileMissing:
        return None


def _no_other_past(folder: Folder, note: Note, head: Checkpoint, before: Checkpoint | None) -> None:
    if before is None:
        return
    if head.size < before.size:
        _refuse(folder, note, head, f"it shrank from {before.size:,} entries to {head.size:,}")
    if head.size == before.size and head.root != before.root:
        _refuse(folder, note, head, f"it signed two different logs of {head.size:,} entries")


def _begins_with(folder: Folder, note: Note, head: Checkpoint, before: Checkpoint | None) -> None:
    """Whoever audited this log before saw its beginning: it is still the same."""
    if before is None:
        return
    tree = TileTree(size=head.size, root=head.root, fetch=lambda tile: folder.get(tile.path))
    proof = consistency_proof(before.size, head.size, tree.node)
    try:
        verify_consistency(old=before.size, new=head.size, proof=proof, old_root=before.root, new_root=head.root)
    except ProofWrong:
        problem = f"it forked: its {head.size:,} entries do not begin with the {before.size:,} that it signed before"
        _refuse(folder, note, head, problem)


def _refuse(folder: Folder, note: Note, head: Checkpoint, problem: str) -> None:
    folder.put("checkpoint.refused", str(note).encode())
    raise LogWrong(origin=head.origin, problem=f"{problem}; both checkpoints are in {folder.path}")


def _fetch_all(remote: Remote, folder: Folder, size: int, progress: Callable[[int, int], None]) -> None:
    wanted = chain[Tile | Bundle](tiles_of(size), bundles_of(size))
    turns, state = threading.Lock(), {"done": 0, "stopped": False}
    total = sum(1 for _ in tiles_of(size)) + sum(1 for _ in bundles_of(size))

    def work() -> None:
        for tile in _in_turn(wanted, turns, state):
            if not _is_there(folder, tile):
                _fetch(remote, folder, tile)
            with turns:
                state["done"] += 1

    with ThreadPoolExecutor(AT_ONCE) as pool:
        working = [pool.submit(work) for _ in range(AT_ONCE)]
        try:
            while not all(job.done() for job in working):
                time.sleep(0.05)
                progress(state["done"], total)
                if any(job.done() and job.exception() for job in working):
                    break
        finally:
            state["stopped"] = True
    for job in working:
        job.result()
    progress(total, total)


def _in_turn(wanted: Iterator[Tile | Bundle], turns: threading.Lock, state: dict[str, int]) -> Iterator[Tile | Bundle]:
    while True:
        with turns:
            tile = None if state["stopped"] else next(wanted, None)
        if tile is None:
            return
        yield tile


def _is_there(folder: Folder, tile: Tile | Bundle) -> bool:
    """Whether it is in the folder, whole."""
    try:
        _require_whole(tile, folder.get(tile.path))
    except CheckFailed:
        return False
    return True


def _require_whole(tile: Tile | Bundle, data: bytes) -> None:
    """Raises TileWrong for a file that was cut short."""
    if isinstance(tile, Tile):
        tile.hashes(data)
    else:
        tile.entries(data)


def _fetch(remote: Remote, folder: Folder, tile: Tile | Bundle) -> None:
    full = Bundle(tile.number) if isinstance(tile, Bundle) else Tile(tile.level, tile.number)
    longest = _LONGEST_BUNDLE if isinstance(tile, Bundle) else _LONGEST_TILE
    try:
        data = remote.get(tile.path, longest=longest)
    except NotThere as fault:
        if tile == full:
            raise TileMissing(path=tile.path) from fault
        tile = full  # the log let the partial one go
        try:
            data = remote.get(tile.path, longest=longest)
        except NotThere:
            raise TileMissing(path=tile.path) from fault
    _require_whole(tile, data)
    partial = folder.path / f"{full.path}.p"
    if partial.is_dir():
        shutil.rmtree(partial, ignore_errors=True)  # what it was when the log was shorter
    folder.put(tile.path, data)
