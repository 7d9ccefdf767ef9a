"""The site's server and the publisher of its log, side by side: two programs, one beginning and one end.

The publisher needs the key that signs, and the server must not have it: so they are processes of their own. When the server
ends, so does the publisher. When the publisher falls, that is said, and it is started again; when it refuses to sign, its own
sentence has said why, and it stays away.
"""

import os
import signal
import subprocess  # nosec B404  # runs our own interpreter only
import sys
import time
from collections.abc import Mapping, Sequence
from types import FrameType

import click

_REFUSED = (1, 2)  # exit codes of a command that said why it will not go on
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_GLANCE = 0.2  # seconds between two looks at the children
_PATIENCE = 40.0  # seconds that a server may take to finish what it answers
_LONGEST_WAIT = 60.0  # seconds before a publisher that keeps falling is started again


def serve_beside(server: Sequence[str], publisher: Sequence[str] | None, *, secret: str) -> int:
    """Run the server, with the publisher beside it if there is one; the server's exit code.

    `secret` is the setting that only the publisher may see.
    """
    both = os.environ.copy()
    ours = {name: value for name, value in both.items() if name != secret}
    running = subprocess.Popen(list(server), env=ours)  # noqa: S603 - our own interpreter
    beside = _Publisher(publisher, both) if publisher is not None else None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        running.send_signal(number)

    for number in _SIGNALS:
        signal.signal(number, pass_on)
    try:
        while (code := running.poll()) is None:
            if beside is not None:
                beside.look_after()
            time.sleep(_GLANCE)
    finally:
        if beside is not None:
            beside.end()
        if running.poll() is None:
            running.terminate()
            running.wait(timeout=_PATIENCE)
    return code


class _Publisher:
    """The publisher's process, started again when it falls: after a second, then later and later."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self._command, self._environment = list(command), environment
        self._wait, self._again_at = 1.0, 0.0
        self._running: subprocess.Popen[bytes] | None = None
        self._stays_away = False
        self._start()

    def look_after(self) -> None:
        """See whether it fell, and say so; start it again when its time has come."""
        if self._running is None:
            if not self._stays_away and time.monotonic() >= self._again_at:
                self._start()
            return
        code = self._running.poll()
        if code is None:
            return
        self._running = None
        if code in _REFUSED:
            self._stays_away = True
            click.echo("The log is not signed while that stands; the site goes on showing what is there.", err=True)
        else:
            click.echo(f"The publisher of the log fell (exit {code}); it is started again in {self._wait:g} seconds.", err=True)
            self._again_at, self._wait = time.monotonic() + self._wait, min(2 * self._wait, _LONGEST_WAIT)
        sys.stderr.flush()

    def end(self) -> None:
        """End it with the server."""
        if self._running is not None and self._running.poll() is None:
            self._running.terminate()
            self._running.wait(timeout=_PATIENCE)

    def _start(self) -> None:
        # In a group of its own, so that Ctrl-C reaches it through us, after the server.
        self._running = subprocess.Popen(self._command, env=self._environment, start_new_session=True)  # noqa: S603 - as above
