"""The wire to PostgreSQL, held in the middle: it can be cut at a word, before or after it arrives, and drop what it is told to.

A real socket between two real ends, as a pooler or a broken network stands there. Nothing is answered in the server's place.
"""

import socket
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread

from sqlalchemy.engine import make_url

_SOCKET = ".s.PGSQL.5432"
_AT_ONCE = 1 << 16
COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"  # the message in which the driver asks for it


@dataclass
class Wire:
    """What happens on it. A cut happens once: who connects again gets through."""

    url: str
    cut_at: bytes = b""  # when these bytes pass towards the server …
    carried_out: bool = False  # … they arrive, and their answer does not; or they do not even arrive
    drops_options: bool = False  # of the startup message, as a pooler may
    cuts: int = 0
    _lock: Lock = field(default_factory=Lock)

    def cut(self, at: bytes, *, carried_out: bool) -> None:
        """Be ready to cut the wire at these bytes, once."""
        self.carried_out, self.cut_at = carried_out, at

    def taken(self, data: bytes) -> bool:
        """Whether the wire is cut at this."""
        with self._lock:
            if not self.cut_at or self.cut_at not in data:
                return False
            self.cut_at = b""
            self.cuts += 1
            return True


@contextmanager
def wire_to(url: str) -> Iterator[Wire]:
    """A wire to the server of this address; its own address is in `url`."""
    server = make_url(url)
    real = f"{server.query['host']}/{_SOCKET}"
    with (
        tempfile.TemporaryDirectory(prefix="wire-") as folder,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        listening.bind(str(Path(folder) / _SOCKET))
        listening.listen()
        made = server.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        wire, threads, ends = Wire(made), list[Thread](), list[socket.socket]()

        def accept() -> None:
            with suppress(OSError):  # the listening end was closed
                while True:
                    near, _ = listening.accept()
                    ends.append(near)
                    threads.append(Thread(target=_carry, args=(wire, near, real)))
                    threads[-1].start()

        accepting = Thread(target=accept)
        accepting.start()
        try:
            yield wire
        finally:
            for end in (listening, *ends):  # whoever still holds a connection after a test that failed holds nothing up
                _end(end)
            for thread in (accepting, *threads):
                thread.join()


def _carry(wire: Wire, near: socket.socket, real: str) -> None:
    with near, socket.socket(socket.AF_UNIX) as far, suppress(OSError):
        far.connect(real)
        back = Thread(target=_answers, args=(far, near, held := _Held()))
        back.start()
        first = True
        while data := near.recv(_AT_ONCE):
            sent = _without_options(data) if first and wire.drops_options else data
            first = False
            if wire.taken(data):
                if wire.carried_out:
                    held.answers = True
                    far.sendall(sent)
                    held.answered.acquire(timeout=10)
                break
            far.sendall(sent)
        _end(far)
        _end(near)
        back.join()


class _Held:
    """Whether answers are held back, and a lock that is free once one was."""

    def __init__(self) -> None:
        self.answers = False
        self.answered = Lock()
        self.answered.acquire()


def _answers(far: socket.socket, near: socket.socket, held: _Held) -> None:
    with suppress(OSError):
        while data := far.recv(_AT_ONCE):
            if held.answers:
                held.answered.release()
                return
            near.sendall(data)
    _end(near)


def _end(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


def _without_options(startup: bytes) -> bytes:
    """The startup message: its length, the protocol, then names and values that each end in a zero."""
    words = startup[8:].split(b"\x00")
    pairs = [pair for pair in zip(words[::2], words[1::2], strict=False) if pair[0] and pair[0] != b"options"]
    body = startup[4:8] + b"".join(name + b"\x00" + value + b"\x00" for name, value in pairs) + b"\x00"
    return struct.pack("!I", len(body) + 4) + body
