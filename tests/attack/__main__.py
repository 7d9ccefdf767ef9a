"""The code and the running site under the eyes of scanners: `python -m tests.attack`, or `make audit`.

    rules      semgrep reads the code by the rules in tests/security/rules
    materials  what the product is made of, as a CycloneDX document

Everything stays on this machine. One line for each part that found nothing; exits 1 with a list of what was found.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence

from tests.attack import code_read, materials

PARTS: dict[str, Callable[[argparse.Namespace], Iterable[str]]] = {
    "rules": lambda _: code_read.read(),
    "materials": lambda _: materials.listed(),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are asked for, one after another."""
    asked = _asked(arguments)
    found = []
    for part in asked.only or PARTS:
        begun = time.monotonic()
        mine = [f"{part}: {fault}" for fault in PARTS[part](asked)]
        found += mine
        sys.stdout.write(f"{part}: {len(mine) or 'nothing'} found, {time.monotonic() - begun:.0f} s\n")
        sys.stdout.flush()
    sys.stdout.write("".join(f"FOUND {fault}\n" for fault in found))
    return 1 if found else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description="Scan the code and the running site.")
    parser.add_argument("--only", action="append", choices=PARTS, help="this part only; may be repeated")
    parser.add_argument("--quick", action="store_true", help="fewer requests: minutes instead of a quarter of an hour")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
