"""Opening the ballots after the close: a file of sealed ballots goes to two keyholders, and a file of openings comes back.

The box says of each ballot its commitment and its seal, and nothing of who cast it. What is inside has to hash to the
commitment: two keyholders together learn the choices and can change none.
"""

import secrets

from msgspec import Struct

from ledger.ballot.files import Opened, Openings
from ledger.ballot.marking import read_choices
from ledger.ballot.receipts import commitment
from ledger.ballot.sealing import Holder, NotOpened, unseal
from ledger.errors import CheckFailed


class BallotsBroken(CheckFailed):
    """{many} of the sealed ballots do not open to what the log holds of them: {which}. No file was written. Fetch the box
    again; if it stays so, the ballots were changed, and that has to be said in public.
    """


class InTheBox(Struct, frozen=True, forbid_unknown_fields=True):
    """A sealed ballot, in hexadecimal."""

    tracker: str
    sealed: str


class Box(Struct, frozen=True, forbid_unknown_fields=True):
    """Every sealed ballot of a round, sorted by tracker."""

    round: str
    ballots: tuple[InTheBox, ...]


def open_box(box: Box, first: Holder, second: Holder) -> Openings:
    """The openings, sorted by tracker. Raises BallotsBroken, which names each ballot that does not open."""
    opened, broken = [], []
    order = list(box.ballots)
    secrets.SystemRandom().shuffle(order)
    for ballot in order:
        try:
            plain = unseal(bytes.fromhex(ballot.sealed), first, second)
            choices = tuple(sorted(read_choices(plain.choices).items()))
        except (NotOpened, ValueError, TypeError):
            broken.append(ballot.tracker)
            continue
        if commitment(box.round, nonce=plain.nonce, digits=plain.digits, choices=plain.choices) != ballot.tracker:
            broken.append(ballot.tracker)
        else:
            opened.append(Opened(ballot.tracker, choices, plain.nonce, plain.digits))
    if broken:
        raise BallotsBroken(many=f"{len(broken):,}", which=", ".join(sorted(broken)[:10]))
    return Openings(box.round, tuple(sorted(opened, key=lambda each: each.tracker)))
