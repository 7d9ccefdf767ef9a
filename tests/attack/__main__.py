"""The code and the running site under the eyes of scanners: `python -m tests.attack`, or `make scan`.

    rules         semgrep reads the code by the rules in tests/security/rules
    materials     what the product is made of, as a CycloneDX document
    wapiti        attacks the pages and forms that it finds
    sqlmap        tries to inject SQL through every address and every form
    schemathesis  sends every route what no browser sends

The last three attack the demonstration, as a visitor and as somebody in each role, on this machine alone. One line for each
scanner and role; exits 1 with a list of what was found. What the scanners said is kept in `.make/attack`.
"""

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.attack import code_read, materials
from tests.attack.campaign import attacks, campaign, prepare

READERS: dict[str, Callable[[], Iterable[str]]] = {"rules": code_read.read, "materials": materials.listed}
PARTS = [*READERS, "wapiti", "sqlmap", "schemathesis"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are asked for, one after another."""
    asked, found = _asked(arguments), list[str]()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is ended
    with TemporaryDirectory() as place:
        ground = cache(partial(prepare, Path(place)))
        tools = attacks(quick=asked.quick)
        for part in asked.only or PARTS:
            begun = time.monotonic()
            lines = READERS[part]() if part in READERS else campaign(part, tools[part], ground())
            mine = [f"{part} {line}" for line in lines]
            found += mine
            sys.stdout.write(f"{part}: {len(mine) or 'nothing'} found, {time.monotonic() - begun:.0f} s\n")
            sys.stdout.flush()
    sys.stdout.write("".join(f"FOUND {line}\n" for line in found))
    return 1 if found else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description="Scan the code and attack the running site.")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="fewer requests: minutes instead of a quarter of an hour")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
