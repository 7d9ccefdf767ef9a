"""One or several processes that record the workload together, as the program that measures sees them."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.bench.peers import Job

ROOT = Path(__file__).parents[2]
_PATIENCE = 900  # seconds after which a process that hangs is ended


class PeerFailed(RuntimeError):
    """A peer did not answer; the message is its own."""


class Client:
    """One process with one peer in it."""

    def __init__(self, job: Job, environment: Mapping[str, str]) -> None:
        """Start it; it answers when it is asked."""
        self._name = job["peer"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.worker"],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._patience = threading.Timer(_PATIENCE, self._process.kill)
        self._patience.daemon = True
        self._patience.start()
        self.send(job)

    def send(self, message: Mapping[str, Any]) -> None:
        """Ask, without waiting for the answer."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError as fault:
            raise PeerFailed(f"{self._name} ended before it was asked; its own words are above") from fault

    def answer(self) -> Any:  # noqa: ANN401 - whatever the peer says, as JSON
        """Wait for the answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise PeerFailed(f"{self._name} ended without an answer; its own words are above")
        told = json.loads(line)
        if "failed" in told:
            raise PeerFailed(f"{self._name} failed: {told['failed']}")
        return told["answer"]

    def end(self) -> None:
        """Let it end by itself, by the end of its pipe."""
        self._patience.cancel()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@dataclass
class Crew:
    """A peer in `processes` processes, each with its share of the chains. Use it in a `with`."""

    name: str
    job: Job
    processes: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    recorded: int = 0  # steps taken in so far
    rates: list[float] = field(default_factory=list)  # entries a second, round by round

    def __enter__(self) -> Self:
        shares = [{**self.job, "share": [which, self.processes]} for which in range(self.processes)]
        self._clients = [Client(job, self.environment) for job in shares]
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        for client in self._clients:
            client.end()

    def lay(self) -> None:
        """Have the tables and the mandates laid."""
        self._clients[0].send({"do": "lay"})
        self._clients[0].answer()

    def record(self, steps: int) -> float:
        """Have the next steps recorded, and return how many entries a second that came to."""
        self._all({"do": "prepare", "steps": steps})
        answers = self._all({"do": "run"})
        self.recorded += steps
        seconds = max(told["ended"] for told in answers) - min(told["began"] for told in answers)
        return float(sum(told["posts"] for told in answers) / max(seconds, 1e-9))

    def balances(self) -> dict[str, int] | None:
        """What its accounts hold now."""
        self._clients[0].send({"do": "balances"})
        told: dict[str, int] | None = self._clients[0].answer()
        return told

    def _all(self, message: Mapping[str, Any]) -> list[Any]:
        for client in self._clients:
            client.send(message)
        return [client.answer() for client in self._clients]
