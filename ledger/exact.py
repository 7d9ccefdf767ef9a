"""An entry from bytes that came from outside: they must be its exact bytes, and of a shape that the tables can hold.

`decode` trusts what the door wrote. A file is somebody else's word, so here nothing is: a number must be a number and not
`true`, a name must fit its column, and writing the entry down again must give the very same bytes.
"""

from ledger.canonical import LONGEST
from ledger.entries import decode, encode
from ledger.errors import LedgerError
from ledger.money import LARGEST
from ledger.records import Recorded
from ledger.replay import draft_of

_LONGEST_NAME, _LONGEST_KEY = 80, 120  # characters, as the columns have them
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError)  # what odd bytes can bring about


class NotExact(LedgerError):
    """This is not an entry: {problem}. Nothing was recorded."""


def exact_entry(written: bytes) -> Recorded:
    """The entry whose exact bytes these are. Raises NotExact."""
    if len(written) > LONGEST:
        raise NotExact(problem="it is longer than 65,535 bytes")
    try:
        entry = decode(written)
        _shape(entry)
        again = encode(draft_of(entry), index=entry.index, recorded_at=entry.recorded_at)
    except NotExact:
        raise
    except LedgerError as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({fault.facts.get('problem', 'too long')})") from fault
    except _ODD as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({type(fault).__name__})") from fault
    if again != written:
        raise NotExact(problem="its bytes are not in the canonical form")
    return entry


def _shape(entry: Recorded) -> None:
    names = (entry.authority, entry.actor.person, *(() if entry.place is None else (entry.place,)))
    for name in names:
        _text(name, _LONGEST_NAME)
    _text(entry.idempotency_key, _LONGEST_KEY)
    _number(entry.index)
    if entry.mandate is not None:
        _number(entry.mandate)
        if entry.mandate >= entry.index:
            raise NotExact(problem=f"it rests on entry {entry.mandate}, which is not earlier")
    for movement in entry.movements:
        for name in (movement.from_account, movement.to_account, movement.resource):
            _text(name, 3 * _LONGEST_NAME)
        _number(movement.amount)


def _text(value: object, longest: int) -> None:
    if not isinstance(value, str) or not 0 < len(value) <= longest or "\0" in value:
        raise NotExact(problem="a name or a key in it is none")


def _number(value: object) -> None:
    # `true` would pass for 1 everywhere, and be stored as another thing than was hashed.
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise NotExact(problem="a number in it is none")
