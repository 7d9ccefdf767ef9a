"""Each scanner over the demonstration, as a visitor and as somebody in every role; first over a site with planted holes.

Every attack has a site of its own, over a copy of the same database: what one breaks, another does not stumble over. Afterwards
the attacker has to be signed in still, and the site's own log has to tell of no fault.
"""

import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ledger.people import Role
from tests.attack.children import end_all
from tests.attack.described import Operation, describe
from tests.attack.planted import FOUND_BY, OPERATIONS, served_holes
from tests.attack.scanners import Target, by_schemathesis, by_sqlmap, by_wapiti
from tests.attack.standing import Visitor, closed, enter, site, tell, visitors

Attack = Callable[[Target], Iterator[str]]

_ENDS_THE_SESSION = frozenset({"/sign-in", "/sign-out"})  # for whoever has one: a visitor attacks them
_DECIDING = {Role.FINANCE_OFFICER.value, Role.CHIEF_FINANCE_OFFICER.value}  # they need a round that is closed
_FAULT = re.compile(r"^.*(?:\bERROR\b|Traceback).*$", flags=re.MULTILINE)
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Ground:
    """The demonstration with an open round and with a closed one, each described; its people; a folder for copies."""

    folder: Path
    told: Path
    closed: Path
    people: list[Visitor]
    operations: list[Operation]
    when_closed: list[Operation]


def prepare(folder: Path) -> Ground:
    """Tell the demonstration and describe the site."""
    told = tell(folder)
    after, people = closed(told), visitors(told)
    copies = [Path(shutil.copy(file, folder / f"described-{file.name}")) for file in (told, after)]
    return Ground(folder, told, after, people, *(describe(copy, people) for copy in copies))


def attacks(*, quick: bool) -> dict[str, Attack]:
    """By the scanner's name; each bounded in time."""
    examples, seconds = (2, 12) if quick else (10, 45)
    return {
        "wapiti": lambda target: by_wapiti(target, seconds=seconds),
        "sqlmap": lambda target: by_sqlmap(target, seconds=300),
        "schemathesis": lambda target: by_schemathesis(target, examples=examples, seconds=420),
    }


def prove(tool: str, attack: Attack) -> Iterator[str]:
    """What the scanner did not find among the holes that are planted for it."""
    with served_holes() as address:
        found = list(attack(Target(address=address, role="a visitor", name="planted", operations=OPERATIONS)))
    for hole in FOUND_BY[tool]:
        if not any(hole in line for line in found):
            yield f"{tool} did not find what is planted: {hole}"


def campaign(tool: str, attack: Attack, ground: Ground) -> Iterator[str]:
    """What one scanner finds as anybody, two at a time; a line on the screen for each as it ends."""
    yield from prove(tool, attack)

    def as_one(visitor: Visitor) -> list[str]:
        begun = time.monotonic()
        found = [f"as {visitor.role}: {line}" for line in _attacked(tool, attack, ground, visitor)]
        _say(tool, visitor, len(found), time.monotonic() - begun)
        return found

    with ThreadPoolExecutor(_AT_ONCE) as both:
        try:
            for found in both.map(as_one, ground.people):
                yield from found
        except BaseException:  # an interruption, too: nothing goes on behind it
            both.shutdown(wait=False, cancel_futures=True)
            end_all()
            raise


def _attacked(tool: str, attack: Attack, ground: Ground, visitor: Visitor) -> Iterable[str]:
    deciding, name = visitor.role in _DECIDING, f"{tool}-{visitor.role.replace(' ', '-')}"
    told, operations = (ground.closed, ground.when_closed) if deciding else (ground.told, ground.operations)
    with site(told, ground.folder, name) as (address, log):
        signed = enter(address, visitor)
        spared = _ENDS_THE_SESSION if visitor.person else frozenset()
        target = Target(
            address=address, role=visitor.role, name=visitor.role.replace(" ", "-"), operations=operations,
            headers=signed.headers, spared=spared,
        )  # fmt: skip
        yield from attack(target)
        if visitor.person and not signed.is_still_signed_in():
            yield "the session ended during the attack, so a part of it attacked nothing"
    yield from dict.fromkeys(f"the site's log: {line[:300]}" for line in _FAULT.findall(log.read_text()))


def _say(tool: str, visitor: Visitor, found: int, seconds: float) -> None:
    sys.stdout.write(f"{tool} as {visitor.role}: {found or 'nothing'} found, {seconds:.0f} s\n")
    sys.stdout.flush()
