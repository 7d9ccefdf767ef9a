"""The process in which a peer is measured: `python -m tests.bench.worker`, asked line by line in JSON on its standard input.

The first line says which peer; then {"do": "lay" | "prepare" | "run" | "balances", …}, each answered with one line. Its clock
is the machine's monotonic one, so that what several processes did at once can be put together.
"""

import json
import sys
import time
import traceback
from itertools import islice
from typing import Any

from tests.bench.peers import make
from tests.bench.workload import steps


def main() -> None:
    """Serve until the pipe ends."""
    job = json.loads(sys.stdin.readline())
    peer, told = make(job), steps(job["entries"], places=job["places"])
    which, of = job.get("share", [0, 1])

    def answer(asked: dict[str, Any]) -> object:
        match asked["do"]:
            case "lay":
                peer.lay()
                return None
            case "prepare":
                peer.prepare([step for step in islice(told, asked["steps"]) if step.chain % of == which])
                return None
            case "run":
                began = time.monotonic()
                posts = peer.run()
                return {"began": began, "ended": time.monotonic(), "posts": posts}
            case "balances":
                return peer.balances()
            case _:
                raise AssertionError(f"nobody knows how to {asked['do']}")

    for line in sys.stdin:
        try:
            told_back: dict[str, Any] = {"answer": answer(json.loads(line))}
        except Exception as fault:  # noqa: BLE001 - whatever it is, whoever asked has to know it
            told_back = {"failed": _in_a_line(fault)}
        sys.stdout.write(json.dumps(told_back) + "\n")
        sys.stdout.flush()
    peer.close()


def _in_a_line(fault: Exception) -> str:
    """The first line of what it says, and where it happened."""
    where = traceback.extract_tb(fault.__traceback__)[-1]
    return f"{type(fault).__name__}: {str(fault).partition(chr(10))[0]} ({where.filename}:{where.lineno})"


if __name__ == "__main__":
    main()
