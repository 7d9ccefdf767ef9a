"""What a ballot says: proposals by number with their points, written in one way, and padded so that none is longer.

`[[1,1],[3,1]]` approves proposals 1 and 3. Behind it follow blanks up to the round's length, which is that of the longest
ballot that its rules allow: so neither a sealed ballot's length nor its commitment tells how many proposals it names.
"""

import json
from collections.abc import Iterable, Mapping

from ledger.errors import LedgerError

FORMS = ("approval", "choose-1")  # what the booth offers; the other forms are imported and counted


class BallotRefused(LedgerError):
    """{problem} Change your choices; nothing was recorded, and your code is not used."""


class FormNotOffered(LedgerError):
    """A secret ballot is marked as “approval” or “choose-1”, and this round's is “{form}”. Nothing was recorded."""


def write_choices(choices: Mapping[int, int]) -> str:
    """{3: 1, 1: 1} → '[[1,1],[3,1]]': the same choices always read the same."""
    return json.dumps(sorted(choices.items()), separators=(",", ":"))


def read_choices(written: str) -> dict[int, int]:
    """What `write_choices` wrote, blanks behind it or not."""
    return {number: points for number, points in json.loads(written)}  # noqa: C416 - pairs of a list, into a typed dict


def most_named(form: str, most_choices: int, proposals: int) -> int:
    """How many proposals one ballot may name. Raises FormNotOffered."""
    match form:
        case "choose-1":
            return 1
        case "approval":
            return min(most_choices or proposals, proposals)
        case _:
            raise FormNotOffered(form=form)


def longest(form: str, most_choices: int, numbers: Iterable[int]) -> int:
    """How long the choices of every ballot of a round are once they are padded. Raises FormNotOffered."""
    widest = sorted(numbers, key=lambda number: (-len(str(number)), number))
    return len(write_choices(dict.fromkeys(widest[: most_named(form, most_choices, len(widest))], 1)))


def padded(choices: Mapping[int, int], length: int) -> str:
    """The choices at the round's length. What does not fit is a broken invariant: `marked` has held it to the rules."""
    written = write_choices(choices).ljust(length)
    if len(written) != length:
        raise AssertionError("choices that the round's rules allow fit its length")
    return written


def marked(chosen: frozenset[int], *, form: str, most_choices: int, numbers: frozenset[int]) -> dict[int, int]:
    """The choices of a ballot that names these proposals. Raises BallotRefused, FormNotOffered."""
    most = most_named(form, most_choices, len(numbers))
    if not chosen:
        raise BallotRefused(problem="Choose at least one proposal.")
    if not chosen <= numbers:
        raise BallotRefused(problem="One of these proposals is not on the ballot.")
    if len(chosen) > most:
        several = f"{most} proposal{'' if most == 1 else 's'}"
        raise BallotRefused(problem=f"Choose no more than {several}; you chose {len(chosen)}.")
    return dict.fromkeys(chosen, 1)
