"""A witness signs only what begins with what it signed before, remembers before it speaks, and keeps what proves a lie."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledger import witness
from ledger.note import Checkpoint, Note, NoteBroken, Signature, SigningKey, VerifierKey, cosigned_at, sign
from ledger.tiles import Bundle, TileMissing, pack_entries, parse_path
from ledger.tree import leaf_hash, root_of
from ledger.witness import (
    KeyNeeded,
    LogRefused,
    Memory,
    NotRemembered,
    Observed,
    OtherLogKey,
    StateBroken,
    StateInUse,
    observe,
)
from tests.log.conftest import NOON, synthetic
from tests.proving import LOG, OTHER, WITNESS


@dataclass
class Served:
    """A log as somebody's server gives it, from leaves in memory; `changed` replaces what a path gives."""

    size: int
    word: str = "leaf"
    from_entry: int = 0  # entries before this one are those of the true log
    key: SigningKey = LOG
    changed: dict[str, bytes | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def entries(self) -> list[bytes]:
        return [synthetic(index, self.word if index >= self.from_entry else "leaf") for index in range(self.size)]

    def checkpoint(self) -> Note:
        leaves = [leaf_hash(entry) for entry in self.entries()]
        return sign(Checkpoint(self.key.name, self.size, root_of(leaves)), self.key)

    def fetch(self, path: str) -> bytes:
        self.asked.append(path)
        if path in self.changed:
            found = self.changed[path]
            if found is None:
                raise TileMissing(path=path)
            return found
        return self.true(path)

    def true(self, path: str) -> bytes:
        if path == "checkpoint":
            return str(self.checkpoint()).encode()
        tile, entries = parse_path(path), self.entries()
        if tile.needs > self.size:
            raise TileMissing(path=path)
        if isinstance(tile, Bundle):
            return pack_entries(entries[tile.first : tile.needs])
        leaves = [leaf_hash(entry) for entry in entries]
        return b"".join(root_of(leaves[number << level : (number + 1) << level]) for level, number in tile.nodes())


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "state")


def look(
    log: Served, memory: Memory, *, log_key: VerifierKey | None = LOG.verifier, now: datetime = NOON, key: SigningKey = WITNESS
) -> Observed:
    return observe(log.fetch, memory, key, log_key=log_key, now=now)


@pytest.mark.parametrize("sizes", [(0, 0, 1), (1, 2, 3, 255), (255, 256, 257), (7, 513, 600), (0, 300)])
def test_a_log_that_grows_is_signed_at_every_length(sizes: tuple[int, ...], memory: Memory) -> None:
    seen = -1
    for size in sizes:
        log = Served(size)
        word = look(log, memory)
        assert word.fresh == (size > seen)
        assert word.checkpoint == Checkpoint.parse(log.checkpoint().text)
        assert cosigned_at(word.note, WITNESS.verifier) == NOON
        assert (memory.folder / "checkpoint").read_bytes() == str(word.note).encode()
        seen = size
    assert not (memory.folder / "evidence").exists()


def test_only_the_tiles_of_the_edges_are_fetched(memory: Memory) -> None:
    look(Served(600), memory)
    longer = Served(700)
    look(longer, memory)
    assert set(longer.asked) == {"checkpoint", "tile/0/002.p/188", "tile/1/000.p/2"}


LIES: dict[str, tuple[Callable[[], Served], str]] = {
    "a fork": (lambda: Served(700, "forged", from_entry=300), "it forked: its 700 entries do not begin with the 500"),
    "a fork in the last entry": (lambda: Served(700, "forged", from_entry=499), "it forked"),
    "the same size with another root": (lambda: Served(500, "forged", from_entry=499), "two different logs of 500 entries"),
    "a log that shrank": (lambda: Served(499), "it shrank from 500 entries to 499"),
    "another key of the same name": (lambda: Served(700, key=OTHER), "is not signed by"),
    "another log": (
        lambda: Served(700, key=SigningKey("elsewhere.example/log", LOG.algorithm, LOG.seed)), "is not signed by",
    ),
    "a broken signature": (lambda: forged(700), "The signature of"),
    "a tile cut short": (
        lambda: Served(700, changed={"tile/0/002.p/188": Served(700).true("tile/0/002.p/188")[:-1]}), "wrong tile/0/002.p/188",
    ),
    "a tile cut to nothing": (lambda: Served(700, changed={"tile/0/002.p/188": b""}), "wrong tile/0/002.p/188"),
    "a tile with a hash changed": (lambda: Served(700, changed={"tile/1/000.p/2": bytes(64)}), "does not lead to the root"),
    "a full tile that is another": (lambda: Served(700, changed={"tile/0/001": bytes(8192)}), "wrong tile/0/001"),
    "a tile that is not there": (lambda: Served(700, changed={"tile/0/002.p/188": None}), "does not have tile/0/002.p/188"),
}  # fmt: skip


def forged(size: int) -> Served:
    note = Served(size).checkpoint()
    bent = Signature(LOG.name, LOG.verifier.key_id, bytes(64))
    return Served(size, changed={"checkpoint": str(Note(note.text, (bent,))).encode()})


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_refused_in_one_sentence_and_what_proves_it_is_kept(lie: str, memory: Memory) -> None:
    make, words = LIES[lie]
    look(Served(500), memory)
    before = (memory.folder / "checkpoint").read_bytes()
    log = make()
    with pytest.raises(LogRefused) as refused:
        look(log, memory)
    assert words in refused.value.sentence
    assert (memory.folder / "checkpoint").read_bytes() == before
    (folder,) = (memory.folder / "evidence").iterdir()
    assert str(folder) in refused.value.sentence
    assert (folder / "seen/checkpoint").read_bytes() == before
    assert words in (folder / "what-is-wrong.txt").read_text()
    for path in tuple(log.asked):
        if lie != "a tile that is not there" or path == "checkpoint":
            assert (folder / "given" / path).read_bytes() == log.fetch(path)
    with pytest.raises(LogRefused):
        look(make(), memory)
    assert len(list((memory.folder / "evidence").iterdir())) == 1
    assert look(Served(501), memory).fresh  # the true log goes on


def test_a_forged_log_is_refused_at_first_sight_when_its_tiles_do_not_lead_to_its_root(memory: Memory) -> None:
    """Nothing was seen before, so only the log's own word can be held against it."""
    with pytest.raises(LogRefused):
        look(Served(700, changed={"tile/1/000.p/2": bytes(64)}), memory)
    assert not (memory.folder / "checkpoint").exists()


def test_the_logs_key_is_needed_once_and_then_pinned(memory: Memory) -> None:
    with pytest.raises(KeyNeeded):
        look(Served(3), memory, log_key=None)
    assert look(Served(3), memory).fresh
    assert look(Served(4), memory, log_key=None).fresh
    with pytest.raises(OtherLogKey):
        look(Served(5, key=OTHER), memory, log_key=OTHER.verifier)


def test_what_is_no_checkpoint_at_all_is_said_and_nothing_is_lost(memory: Memory) -> None:
    """A page of a hotel's network, say: no evidence against the log."""
    look(Served(3), memory)
    with pytest.raises(NoteBroken):
        look(Served(4, changed={"checkpoint": b"<html>Welcome to the hotel</html>"}), memory)
    assert not (memory.folder / "evidence").exists()
    assert look(Served(4), memory).fresh


def test_the_checkpoint_is_remembered_before_anybody_gets_the_signature(
    memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(Served(3), memory)

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(witness, "write_durably", full)
        with pytest.raises(NotRemembered, match="No space left on device"):
            look(Served(9), memory)
    seen = look(Served(3), memory)
    assert not seen.fresh
    assert seen.checkpoint.size == 3


def test_the_same_checkpoint_is_signed_again_after_a_day_and_never_with_an_earlier_time(memory: Memory) -> None:
    first = look(Served(3), memory)
    same = look(Served(3), memory, now=NOON + timedelta(hours=23))
    assert (same.fresh, same.note, same.at) == (False, first.note, NOON)
    later = look(Served(3), memory, now=NOON + timedelta(hours=24))
    assert (later.fresh, later.at) == (True, NOON + timedelta(hours=24))
    back = look(Served(4), memory, now=NOON - timedelta(days=3))
    assert (back.fresh, back.at) == (True, NOON + timedelta(hours=24))


def test_it_is_seen_whether_the_log_shows_our_word(memory: Memory) -> None:
    word = look(Served(3), memory)
    assert not look(Served(3), memory).told
    showing = Served(3, changed={"checkpoint": str(word.note).encode()})
    assert look(showing, memory).told


def test_other_witnesses_lines_are_not_vouched_for(memory: Memory) -> None:
    other = SigningKey("other.example/witness", WITNESS.algorithm, bytes(32))
    note = Served(3).checkpoint().plus(Signature(other.name, other.verifier.key_id, bytes(72)))
    word = look(Served(3, changed={"checkpoint": str(note).encode()}), memory)
    assert [made.name for made in word.note.signatures] == [LOG.name, WITNESS.name]


@pytest.mark.parametrize("broken", ["", "nonsense", str(Served(9).checkpoint())], ids=["empty", "nonsense", "unsigned by us"])
def test_a_memory_that_was_tampered_with_is_not_trusted(broken: str, memory: Memory) -> None:
    look(Served(3), memory)
    (memory.folder / "checkpoint").write_text(broken)
    with pytest.raises(StateBroken, match="it could sign a second history"):
        look(Served(9), memory)


def test_two_witnesses_never_work_with_one_memory(memory: Memory) -> None:
    with memory.alone(), pytest.raises(StateInUse):
        look(Served(3), memory)
    assert look(Served(3), memory).at == datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
