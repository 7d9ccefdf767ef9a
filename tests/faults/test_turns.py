"""The queue of SQLite's writers: in the order in which they came, and never stuck behind who is gone."""

import fcntl
import signal
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest

from ledger.turns import Turns
from tests.house.tree import ROOT

PATIENCE = 20.0  # seconds


def has_the_turn(turns: Turns, name: str, done: list[str], *, until: Event) -> Thread:
    """A thread that waits for its turn and keeps it until the event; returns once it is in the queue."""
    arrived = Event()

    def attempt() -> bool:
        arrived.set()
        return until.wait(PATIENCE)

    def work() -> None:
        assert turns.wait(attempt, PATIENCE)
        done.append(name)

    thread = Thread(target=work)
    before = len(turns._waiting)
    thread.start()
    while not arrived.is_set() and len(turns._waiting) == before:
        pass
    return thread


def test_threads_have_their_turns_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    turns, done, go = Turns(str(tmp_path / "turns")), list[str](), Event()
    threads = [has_the_turn(turns, name, done, until=go) for name in ("Bea", "Owen", "Nasreen", "Pat")]
    go.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert done == ["Bea", "Owen", "Nasreen", "Pat"]
    turns.close()


def test_who_gives_up_leaves_the_queue_and_those_behind_move_up(tmp_path: Path) -> None:
    turns, done, go = Turns(str(tmp_path / "turns")), list[str](), Event()
    first = has_the_turn(turns, "Bea", done, until=go)
    assert not turns.wait(lambda: True, 0.01)
    last = has_the_turn(turns, "Pat", done, until=go)
    go.set()
    first.join(PATIENCE)
    last.join(PATIENCE)
    assert done == ["Bea", "Pat"]
    assert turns.wait(lambda: True, PATIENCE)
    turns.close()


def test_a_fault_of_who_has_the_turn_passes_it_on(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "turns"))
    with pytest.raises(ZeroDivisionError):
        turns.wait(lambda: bool(1 // 0), PATIENCE)
    assert turns.wait(lambda: True, PATIENCE)
    turns.close()


def test_a_killed_process_takes_nobodys_turn_with_it(tmp_path: Path) -> None:
    """Another process is at the turnstile and would be for ever."""
    path = tmp_path / "turns"
    story = f"from ledger.turns import Turns; Turns({str(path)!r}).wait(lambda: print('here', flush=True), 600)"
    with subprocess.Popen([sys.executable, "-c", story], cwd=ROOT, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "here\n"
        with path.open() as turnstile, pytest.raises(BlockingIOError):
            fcntl.flock(turnstile, fcntl.LOCK_EX | fcntl.LOCK_NB)
        other.kill()
    turns = Turns(str(path))
    assert turns.wait(lambda: True, PATIENCE)
    turns.close()


def test_without_a_file_for_the_turnstile_the_threads_still_have_their_turns(tmp_path: Path) -> None:
    turns = Turns(str(tmp_path / "missing" / "turns"))
    assert turns.wait(lambda: True, PATIENCE)


def test_who_is_stopped_while_waiting_leaves_the_queue(tmp_path: Path) -> None:
    """As a server stops the thread of a request that takes too long."""
    turns, done, go = Turns(str(tmp_path / "turns")), list[str](), Event()
    first = has_the_turn(turns, "Bea", done, until=go)

    def stop(*_: object) -> None:
        raise InterruptedError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(InterruptedError):
            turns.wait(lambda: True, PATIENCE)
    finally:
        signal.signal(signal.SIGALRM, before)
    last = has_the_turn(turns, "Pat", done, until=go)
    go.set()
    first.join(PATIENCE)
    last.join(PATIENCE)
    assert done == ["Bea", "Pat"]
    turns.close()
