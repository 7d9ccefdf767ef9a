"""What was published holds the database to its past: a restored backup never goes on as if nothing had been lost.

Outside the database stands a small file with the newest checkpoint that was signed. A database that is behind it, or that
holds other entries, would be a second history under the same name: whoever kept the first could show the two, and would be
right. So before anything is written, the tree is compared with that file, and nothing is recorded or signed until they agree.
"""

from pathlib import Path

from sqlalchemy import event
from sqlmodel import Session

from ledger.checkpoints import Ending
from ledger.database import Database
from ledger.durable import write_durably
from ledger.entries import stored_nodes, tree_size
from ledger.errors import CheckFailed
from ledger.note import Checkpoint, CheckpointBroken, Note, NoteBroken
from ledger.tree import cover, root_at


class Behind(CheckFailed):
    """The log {origin} has published {published} entries, and this database holds {held}: an older backup was restored, or
    this is another database. Restore a newer backup. If those entries are lost for good, run “commonpurse ledger begin-again”,
    which says so in public; if this is another log on purpose, set LOG_KEY_FILE and PUBLISHED_CHECKPOINT to files of its own.
    Nothing was recorded.
    """


class Forked(CheckFailed):
    """This database does not begin with the {published} entries that the log {origin} has published: it holds others. Restore
    the backup that does. If those entries are lost for good, run “commonpurse ledger begin-again”, which says so in public; if
    this is another log on purpose, set LOG_KEY_FILE and PUBLISHED_CHECKPOINT to files of its own. Nothing was recorded.
    """


class Unusable(CheckFailed):
    """{path}, where the newest published checkpoint is kept, cannot be read: {problem}. Put it back from a copy, or from a
    witness’s; nothing was recorded.
    """


class NotKept(CheckFailed):
    """The newest checkpoint cannot be written to {path}: {problem}. Make room there, or make it writable; nothing was
    signed.
    """


def root_of_first(session: Session, size: int) -> bytes:
    """The root of the log's first `size` entries, from the nodes that are stored. Raises NoSuchEntry when it has fewer."""
    nodes = stored_nodes(session, cover(0, size))
    return root_at(size, nodes.__getitem__)


def compare(session: Session, published: Checkpoint) -> None:
    """Raise Behind or Forked unless the database's log begins with what was published, or its end was made public."""
    ended = session.get(Ending, published.origin)
    if ended is not None and published.size <= ended.size:
        return
    held = tree_size(session)
    if held < published.size:
        raise Behind(origin=published.origin, published=f"{published.size:,}", held=f"{held:,}")
    if root_of_first(session, published.size) != published.root:
        raise Forked(origin=published.origin, published=f"{published.size:,}")


def kept(path: Path) -> Note | None:
    """The newest published checkpoint, as it was kept in the file; none when there is no file. Raises Unusable."""
    try:
        note = Note.parse(path.read_bytes())
        Checkpoint.parse(note.text)
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise Unusable(path=path, problem=fault.strerror or "the disk does not give it") from fault
    except (NoteBroken, CheckpointBroken) as fault:
        raise Unusable(path=path, problem="it does not hold a signed checkpoint") from fault
    return note


def keep(path: Path, note: Note) -> None:
    """Write the file so that, whatever happens, it holds the old checkpoint or the new one, whole and on the disk.

    Raises NotKept.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_durably(path, str(note).encode())
    except OSError as fault:
        raise NotKept(path=path, problem=fault.strerror or "the disk does not take it") from fault


class GuardedDatabase(Database):
    """A database whose every connection that could write is first held to what was published."""

    def __init__(self, url: str, published: Path) -> None:
        """`published` is the file with the newest published checkpoint; where there is none, nothing holds."""
        super().__init__(url)
        self._published = published
        self._upgrading = False
        # A connection is made at the first write of a process, and again after the server or the file came back.
        event.listen(self.writer, "connect", lambda _connection, _record: self._before_writing())

    def compare(self) -> None:
        """Raise Behind, Forked or Unusable unless the database agrees with what was published."""
        note = kept(self._published)
        if note is not None:
            with self.reading() as session:
                compare(session, Checkpoint.parse(note.text))

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to a migration. That records nothing, so it may come before the comparison can."""
        self._upgrading = True
        try:
            super().upgrade(revision)
        finally:
            self._upgrading = False
            self.writer.dispose()  # its connections were let in unseen

    def _before_writing(self) -> None:
        if not self._upgrading:
            self.compare()
