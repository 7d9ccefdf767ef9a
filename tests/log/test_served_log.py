"""The log over HTTP, as gunicorn serves it: an independent reader arrives at the signed root, and nothing else is given out."""

import ast
import gzip
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from ledger.database import Database
from ledger.note import Note, VerifierKey, cosign, cosigned_at
from ledger.publishing import publish
from tests.browser.serving import served
from tests.log import independent_reader
from tests.log.conftest import NOON, grow, synthetic
from tests.log.independent_reader import Answer, fetch, read_log
from tests.proving import LOG, WITNESS

KEY = str(LOG.verifier)


@pytest.fixture
def address(log: Database, tmp_path: Path) -> Iterator[str]:
    """Where the log is served, with one witness known."""
    url = log.url.render_as_string(hide_password=False)
    with served(url, tmp_path / "gunicorn.log", WITNESS_KEYS=str(WITNESS.verifier)) as site:
        yield f"{site}/log"


def publish_first(log: Database, size: int) -> None:
    grow(log, size)
    publish(log, LOG)


def refusal(address: str, data: bytes | None = None) -> tuple[int, str, Message]:
    with pytest.raises(HTTPError) as refused, urlopen(Request(address, data=data), timeout=30):  # noqa: S310 - our own address
        pass
    with refused.value as answer:
        return answer.code, answer.read().decode(), answer.headers


def test_the_reader_knows_nothing_of_ours() -> None:
    source = Path(independent_reader.__file__).read_text()
    modules = {
        node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert modules == {
        "base64", "gzip", "hashlib", "dataclasses", "http.client", "itertools", "urllib.request",
        "cryptography.hazmat.primitives.asymmetric.ed25519",
    }  # fmt: skip


def test_an_independent_reader_walks_the_log_and_arrives_at_its_root(log: Database, address: str) -> None:
    for size, tiles in ((0, 0), (1, 1), (2, 1), (255, 1), (256, 2), (257, 3), (513, 4)):
        publish_first(log, size)
        found = read_log(address, KEY)
        assert (found.origin, found.tiles) == (LOG.name, tiles)
        assert found.entries == [synthetic(index) for index in range(size)]


def test_a_log_of_three_levels_is_walked_too(sqlite_log: Database, tmp_path: Path) -> None:
    """65,537 entries: 256 full tiles of leaves and one that is 1 wide; one full tile above them; one 1 wide above that."""
    publish_first(sqlite_log, 65_537)
    with served(sqlite_log.url.render_as_string(hide_password=False), tmp_path / "gunicorn.log") as site:
        found = read_log(f"{site}/log", KEY)
    assert found.tiles == 257 + 1 + 1
    assert len(found.entries) == 65_537


def test_a_partial_tile_that_was_signed_for_stays_after_the_full_one_is_there(log: Database, address: str) -> None:
    partial = {}
    for size in (3, 100, 255):
        publish_first(log, size)
        for kind in ("0", "entries"):
            partial[kind, size] = fetch(f"{address}/tile/{kind}/000.p/{size}").data
    publish_first(log, 600)
    for (kind, size), data in partial.items():
        assert fetch(f"{address}/tile/{kind}/000.p/{size}").data == data
        assert fetch(f"{address}/tile/{kind}/000").data.startswith(data)


def test_nothing_past_the_newest_checkpoint_is_given_out(log: Database, address: str) -> None:
    publish_first(log, 255)
    grow(log, 300)
    for path in ("tile/0/000", "tile/entries/000", "tile/0/001.p/1", "tile/1/000.p/1"):
        code, words, _ = refusal(f"{address}/{path}")
        assert code == 404
        assert words.startswith(f"The log has no {path} yet: it is past the 255 entries")
    publish(log, LOG)
    for path in ("tile/0/000", "tile/entries/000", "tile/0/001.p/44", "tile/1/000.p/1"):
        assert fetch(f"{address}/{path}").data
    assert refusal(f"{address}/tile/0/001.p/45")[0] == 404


WRONG = (
    "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/000", "tile/0/1", "tile/00/000", "tile/01/000", "tile/64/000",
    "tile/63/000", "tile/-1/000", "tile/0/-01", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/",
    "tile/0/000.p", "tile/0/000.p/1/", "tile/0/000/", "tile/0//000", "tile//0/000", "tile/0/001", "tile/0/x001/000",
    "tile/0/X001/000", "tile/0/x001000", "tile/0/999999999999999999999", "tile/0/x999/x999/x999/x999/x999/x999/999",
    "tile/entries/0", "tile/entries/000.p/0", "tile/entries/000.p/256", "tile/data/000", "tile/0", "tile/", "tile",
    "tile/0/000.p/257", "tile/0/%D9%A0%D9%A0%D9%A0", "tile/0/000%0A", "Checkpoint", "checkpoint/", "",
)  # fmt: skip


def test_an_address_that_is_not_written_as_the_standard_writes_it_is_not_there(log: Database, address: str) -> None:
    publish_first(log, 256)
    for path in WRONG:
        code, _, headers = refusal(f"{address}/{path}")
        assert code == 404, path
        assert "Set-Cookie" not in headers
        assert "immutable" not in headers.get("Cache-Control", ""), path


def test_tiles_may_be_kept_for_a_year_and_the_checkpoint_for_a_moment(log: Database, address: str) -> None:
    publish_first(log, 300)
    answers = {path: fetch(f"{address}/{path}") for path in ("tile/0/000", "tile/0/001.p/44", "tile/entries/000", "checkpoint")}
    for path, answer in answers.items():
        expected = "public, max-age=2" if path == "checkpoint" else "public, max-age=31536000, immutable"
        assert answer.headers["Cache-Control"] == expected
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
        assert unchanged(f"{address}/{path}", answer)
    publish_first(log, 301)
    assert not unchanged(f"{address}/checkpoint", answers["checkpoint"])
    assert unchanged(f"{address}/tile/0/000", answers["tile/0/000"])


def unchanged(address: str, answer: Answer) -> bool:
    try:
        fetch(address, **{"If-None-Match": answer.headers["ETag"]})
    except HTTPError as fault:
        with fault:
            return fault.code == 304
    return False


def test_entries_are_compressed_for_whoever_can_unpack_them(log: Database, address: str) -> None:
    publish_first(log, 300)
    plain = fetch(f"{address}/tile/entries/000", **{"Accept-Encoding": "identity"})
    with urlopen(Request(f"{address}/tile/entries/000", headers={"Accept-Encoding": "gzip"}), timeout=30) as answer:  # noqa: S310 - ours
        packed = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.data
    assert len(packed) < len(plain.data)
    assert plain.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != answer.headers["ETag"]
    with urlopen(Request(f"{address}/tile/0/000", headers={"Accept-Encoding": "gzip"}), timeout=30) as tile:  # noqa: S310 - ours
        assert "Content-Encoding" not in tile.headers


def test_before_anything_is_signed_there_is_no_log_yet(log: Database, address: str) -> None:
    grow(log, 3)
    for path in ("checkpoint", "tile/0/000.p/3"):
        code, words, headers = refusal(f"{address}/{path}")
        assert code == 404
        assert headers["Content-Type"] == "text/plain; charset=utf-8"
        assert words.strip().endswith("nothing was recorded.")
    publish(log, LOG)
    assert read_log(address, KEY).entries == [synthetic(index) for index in range(3)]


def handed_in(address: str, note: Note | bytes) -> str:
    body = note if isinstance(note, bytes) else str(note).encode()
    with urlopen(Request(f"{address}/cosignatures", data=body), timeout=30) as answer:  # noqa: S310 - our own address
        assert "Set-Cookie" not in answer.headers
        return str(answer.read().decode())


def test_a_witnesss_word_is_taken_in_without_any_session_and_stands_under_the_checkpoint(log: Database, address: str) -> None:
    grow(log, 5)
    note = Note.parse(publish(log, LOG, clock=lambda: NOON).checkpoint.note)
    word = note.plus(cosign(note, WITNESS, NOON))
    for _ in range(2):
        assert handed_in(address, word) == f"{WITNESS.name} 5 2026-03-04T12:00:00Z\n"
    shown = Note.parse(fetch(f"{address}/checkpoint").data)
    assert shown == word
    assert cosigned_at(shown, WITNESS.verifier) == NOON
    assert read_log(address, KEY).root == independent_reader.checkpoint(str(word).encode(), KEY)[2]


def test_what_is_no_witnesss_word_is_refused_in_one_sentence(log: Database, address: str) -> None:
    grow(log, 5)
    note = Note.parse(publish(log, LOG, clock=lambda: NOON).checkpoint.note)
    for body, words in (
        (str(note).encode(), "None of these signatures is by a witness that this log knows."),
        (b"", "This is not a signed note:"),
        (b"\xff\xfe", "This is not a signed note:"),
    ):
        code, said, headers = refusal(f"{address}/cosignatures", body)
        assert (code, headers["Content-Type"]) == (400, "text/plain; charset=utf-8")
        assert said.startswith(words)
    assert refusal(f"{address}/cosignatures", b"x" * 20_000)[0] == 413
    assert refusal(f"{address}/cosignatures")[0] == 405
    assert len(Note.parse(fetch(f"{address}/checkpoint").data).signatures) == 1


def test_the_vector_of_the_standard_is_read_as_it_says() -> None:
    """signed-note's own example, by the reader that knows nothing of ours and by the key that the ledger reads."""
    key = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
    signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    note = f"This is an example message.\n\n— example.com/foo {signature}\n"
    with pytest.raises(ValueError, match="not enough values"):  # it is signed, and no checkpoint
        independent_reader.checkpoint(note.encode(), key)
    assert str(VerifierKey.parse(key)) == key
    assert [independent_reader.place(number, width) for number, width in ((1_234_067, 256), (0, 17), (273, 112))] == [
        "x001/x234/067", "000.p/17", "273.p/112",
    ]  # fmt: skip
    assert [len(independent_reader.widths(hashes)) for hashes in (70_000, 273, 1, 0)] == [274, 2, 1, 0]
