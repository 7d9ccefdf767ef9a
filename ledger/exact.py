"""An entry from bytes that somebody else kept: they must be its exact bytes, of a shape that the tables can hold.

`decode` trusts what the door wrote. Here nothing is trusted: a number must be a number and not `true`, a name must fit its
column, and writing the entry down again must give the very same bytes. What moves resource comes by the million, so there is
a quick way for it: its fields are all text, and where the bytes are plain ASCII, the encoder's own answer is the canonical
one. Everything else takes the long way, through the function that wrote it.
"""

from datetime import UTC

from msgspec import json

from ledger.canonical import LONGEST
from ledger.errors import LedgerError
from ledger.kinds import FIELDS, as_it_stands
from ledger.records import FLOWS, SCHEMA, Recorded
from ledger.tree import leaf_hash
from ledger.written import READER, Facts, encode, recorded_from

_FIRST_YEAR = 1000  # before it, a year is not written with four digits
_NUL = b"\\u0000"  # the one letter that no column of PostgreSQL can hold
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, AssertionError)
_WRITER = json.Encoder(order="sorted")


class NotExact(LedgerError):
    """This is not an entry: {problem}. Nothing was recorded."""


def exact_entry(written: bytes, leaf: bytes | None = None) -> Recorded:
    """The entry whose exact bytes these are; `leaf` is their leaf hash, if it is known. Raises NotExact."""
    if len(written) > LONGEST:
        raise NotExact(problem="it is longer than 65,535 bytes")
    try:
        facts = READER.decode(written)
        _check_shape(facts, written)
        entry = recorded_from(facts, FIELDS[facts.kind](facts.payload), leaf_hash(written) if leaf is None else leaf)
        same = _is_written_so(entry, facts, written)
    except NotExact:
        raise
    except LedgerError as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({fault.facts.get('problem', 'too long')})") from fault
    except _ODD as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({type(fault).__name__})") from fault
    if not same:
        raise NotExact(problem="its bytes are not in the canonical form")
    return entry


def known_entry(written: bytes) -> Recorded:
    """The entry of bytes that `exact_entry` has found right before; its leaf hash is not worked out again, and left empty."""
    facts = READER.decode(written)
    payload = as_it_stands(facts.kind, facts.payload) if facts.kind in FLOWS else FIELDS[facts.kind](facts.payload)
    return recorded_from(facts, payload, b"")


def _is_written_so(entry: Recorded, facts: Facts, written: bytes) -> bool:
    moment = facts.recorded_at
    if (
        facts.kind in FLOWS
        and written.isascii()
        and moment.tzinfo is UTC
        and moment.microsecond == 0
        and moment.year >= _FIRST_YEAR
    ):
        # The payload's fields are text as they were read, so the encoder writes what `encode` would.
        return vars(entry.payload) == facts.payload and _WRITER.encode(facts) == written
    return encode(entry, index=entry.index, recorded_at=moment) == written


def _check_shape(facts: Facts, written: bytes) -> None:
    if facts.schema != SCHEMA:
        raise NotExact(problem=f"its schema is {facts.schema} and this release reads {SCHEMA}")
    if facts.mandate is not None and facts.mandate >= facts.index:
        raise NotExact(problem=f"it rests on entry {facts.mandate}, which is not earlier")
    if _NUL in written and "\0" in f"{facts.authority}{facts.actor.person}{facts.place}{facts.idempotency_key}":
        raise NotExact(problem="a name in it is none")
