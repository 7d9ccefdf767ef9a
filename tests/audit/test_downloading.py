"""A log over the network: in any order of accidents, no file is fetched twice, and another past is refused."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from msgspec import json

from ledger.canonical import canonical_bytes
from ledger.records import Kind
from tests.audit.conftest import Audit, Lived
from tests.audit.living import first_of, lay
from tests.house.tree import ROOT
from tests.proving import LOG

KEY = ("--key", str(LOG.verifier))
NEVER_KEPT = {"/balances", "/checkpoint"}  # they say what is new
_PATIENCE = 30.0  # seconds


class Site:
    """A small server of files. `gate` says after how many answers it holds everybody who asks for a tile."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.answered, self.gate = folder, Counter[str](), -1
        self.held, self.opened = threading.Semaphore(0), threading.Event()

    def may_answer(self, path: str) -> bool:
        """Whether it is answered; whoever is held never is."""
        if path in NEVER_KEPT or self.gate < 0 or sum(self.tiles().values()) < self.gate:
            return True
        self.held.release()
        self.opened.wait(_PATIENCE)
        return False

    def tiles(self) -> Counter[str]:
        """How often each tile was given out."""
        return Counter({path: often for path, often in self.answered.items() if path not in NEVER_KEPT})


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """The address at which the site's folder can be fetched."""
    turns = threading.Lock()

    class Handler(SimpleHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __init__(self, *given: Any) -> None:  # noqa: ANN401 - the server's own signature
            super().__init__(*given, directory=str(site.folder))

        def do_GET(self) -> None:
            if not site.may_answer(self.path):
                self.close_connection = True
                return
            with turns:
                site.answered[self.path] += 1
            self.path = "/balances.json" if self.path == "/balances" else self.path
            super().do_GET()

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        site.opened.set()
        server.shutdown()
        server.server_close()
        thread.join(_PATIENCE)


def longer(entries: tuple[bytes, ...], count: int) -> tuple[bytes, ...]:
    """The log with so many more entries of help, of a penny each."""
    last, gift = json.decode(entries[-1]), first_of(entries, Kind.HELP_GIVEN)
    gift |= {"recorded_at": last["recorded_at"], "effective_on": last["effective_on"]}
    gift["transfers"] = [gift["transfers"][0] | {"amount": 1}]
    return entries + tuple(
        canonical_bytes(gift | {"index": index, "idempotency_key": f"more-{index}"})
        for index in range(len(entries), len(entries) + count)
    )


def test_a_download_that_was_killed_goes_on_and_fetches_no_tile_twice(lived: Lived, audit: Audit, tmp_path: Path) -> None:
    site, kept = Site(lay(tmp_path / "site", longer(lived.entries, 2_500), said=lived.said)), tmp_path / "kept"
    site.gate = 9
    with serving(site) as address:
        command = [sys.executable, "-m", "app", "audit", "--from", address, *KEY, "--keep", str(kept)]
        first = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4):  # every one of its threads has put away what it had, and waits for the next
            assert site.held.acquire(timeout=_PATIENCE)
        first.kill()
        first.communicate(timeout=_PATIENCE)
        assert sum(site.tiles().values()) >= 9
        assert not (kept / "checkpoint").exists()
        site.gate = -1
        site.opened.set()
        assert audit(address, "--keep", str(kept)).exit_code == 0  # the key is kept
        wanted = {f"/{file.relative_to(site.folder)}" for file in (site.folder / "tile").rglob("*") if file.is_file()}
        assert site.tiles() == Counter(wanted)
        assert audit(address, "--keep", str(kept)).exit_code == 0
        assert site.tiles() == Counter(wanted)


def test_a_log_that_grew_is_fetched_from_where_it_was(lived: Lived, audit: Audit, tmp_path: Path) -> None:
    site, kept = Site(lay(tmp_path / "site", lived.entries, said=lived.said)), ("--keep", str(tmp_path / "kept"))
    with serving(site) as address:
        assert audit(address, *KEY, *kept).exit_code == 0
        before = site.tiles()
        site.folder = lay(tmp_path / "grown", longer(lived.entries, 300), said=lived.said)
        assert audit(address, *kept).exit_code == 0
    fetched = set(site.tiles() - before)
    assert fetched == {
        "/tile/0/001", f"/tile/0/002.p/{len(lived.entries) + 300 - 512}", "/tile/1/000.p/2",
        "/tile/entries/001", f"/tile/entries/002.p/{len(lived.entries) + 300 - 512}",
    }  # fmt: skip
    partial = {str(file.relative_to(tmp_path / "kept")) for file in (tmp_path / "kept" / "tile").rglob("*.p/*")}
    assert partial == {path.removeprefix("/") for path in fetched if ".p/" in path}
    assert audit(tmp_path / "kept", *KEY).exit_code == 0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda entries: longer(entries[:-1], 400), "it forked"),
        (lambda entries: entries[:-1], "it shrank from"),
        (lambda entries: longer(entries[:-1], 1), "it signed two different logs"),
    ],
    ids=["a fork", "a log that shrank", "two logs of one length"],
)
def test_another_past_than_was_seen_before_is_refused_and_both_are_kept(
    lived: Lived, audit: Audit, tmp_path: Path, change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]], named: str
) -> None:
    site, kept = Site(lay(tmp_path / "site", lived.entries)), tmp_path / "kept"
    with serving(site) as address:
        assert audit(address, *KEY, "--keep", str(kept)).exit_code == 0
        seen = (kept / "checkpoint").read_bytes()
        site.folder = lay(tmp_path / "other", change(lived.entries))
        answer = audit(address, "--keep", str(kept))
    assert (answer.exit_code, named in answer.output) == (1, True), answer.output
    assert (kept / "checkpoint").read_bytes() == seen
    assert (kept / "checkpoint.refused").read_bytes() == (site.folder / "checkpoint").read_bytes()


def test_a_partial_tile_that_the_log_let_go_is_taken_from_the_full_one(lived: Lived, audit: Audit, tmp_path: Path) -> None:
    grown = lay(tmp_path / "site", longer(lived.entries, 300))
    shorter = lay(tmp_path / "shorter", lived.entries)
    (grown / "checkpoint").write_bytes((shorter / "checkpoint").read_bytes())
    width = len(lived.entries) - 256
    assert not (grown / f"tile/entries/001.p/{width}").exists()
    with serving(Site(grown)) as address:
        (grown / "tile/1/000.p/1").parent.mkdir(exist_ok=True)
        (grown / "tile/1/000.p/1").write_bytes((shorter / "tile/1/000.p/1").read_bytes())
        answer = audit(address, *KEY, "--keep", str(tmp_path / "kept"))
    assert answer.exit_code == 0, answer.output
    assert audit(tmp_path / "kept").exit_code == 0


def test_what_cannot_be_fetched_is_one_sentence_and_what_was_fetched_is_kept(
    lived: Lived, audit: Audit, tmp_path: Path
) -> None:
    site, kept = Site(lay(tmp_path / "site", lived.entries)), tmp_path / "kept"
    (site.folder / "tile/entries/000").unlink()
    with serving(site) as address:
        answer = audit(address, *KEY, "--keep", str(kept))
        assert (answer.exit_code, "does not have tile/entries/000" in answer.output) == (1, True), answer.output
    assert (kept / "tile/0/000").exists()
    away = audit(address, *KEY, "--keep", str(kept))
    assert (away.exit_code, "cannot be fetched" in away.output) == (1, True)
