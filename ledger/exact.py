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
from ledger.kinds import FIELDS
from ledger.records import FLOWS, SCHEMA, Recorded
from ledger.tree import leaf_hash
from ledger.written import FIRST_YEAR, READER, Facts, encode, recorded_from

_NUL = b"\\u0000"  # the one letter that no column of PostgreSQL can hold
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, AssertionError)
_WRITER = json.Encoder(order="sorted")
NOT_IN_FORM = "its bytes are not in the canonical form"


class NotExact(LedgerError):
    """This is not an entry: {problem}. Nothing was recorded."""


def exact_entry(written: bytes, leaf: bytes | None = None, *, in_form: bool = False) -> Recorded:
    """The entry whose exact bytes these are; `leaf` is their leaf hash, if it is known. Raises NotExact.

    `in_form` says that `may_be_exact` has answered yes for these bytes.
    """
    if len(written) > LONGEST:
        raise NotExact(problem="it is longer than 65,535 bytes")
    try:
        facts = READER.decode(written)
        if facts.schema != SCHEMA or _NUL in written or (facts.mandate is not None and facts.mandate >= facts.index):
            _check_shape(facts)
        payload = FIELDS[facts.kind](facts.payload)
        entry = recorded_from(facts, payload, leaf_hash(written) if leaf is None else leaf)
        if _is_quick(facts, written):
            same = vars(payload) == facts.payload and (in_form or _WRITER.encode(facts) == written)
        else:
            same = encode(entry, index=entry.index, recorded_at=entry.recorded_at) == written
    except NotExact:
        raise
    except LedgerError as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({fault.facts.get('problem', 'too long')})") from fault
    except _ODD as fault:
        raise NotExact(problem=f"its bytes do not read as an entry ({type(fault).__name__})") from fault
    if not same:
        raise NotExact(problem=NOT_IN_FORM)
    return entry


def may_be_exact(written: bytes) -> bool:
    """Half of `exact_entry`: whether the encoder writes down what it reads in these bytes, where that says anything."""
    try:
        facts = READER.decode(written)
        return not _is_quick(facts, written) or _WRITER.encode(facts) == written
    except _ODD:
        return True  # the other half says what they are


def _is_quick(facts: Facts, written: bytes) -> bool:
    """Whether the payload's fields are text as they were read, so that the encoder writes what `encode` would."""
    moment = facts.recorded_at
    return (
        facts.kind in FLOWS and written.isascii()
        and moment.tzinfo is UTC and not moment.microsecond and moment.year >= FIRST_YEAR
    )  # fmt: skip


def _check_shape(facts: Facts) -> None:
    if facts.schema != SCHEMA:
        raise NotExact(problem=f"its schema is {facts.schema} and this release reads {SCHEMA}")
    if facts.mandate is not None and facts.mandate >= facts.index:
        raise NotExact(problem=f"it rests on entry {facts.mandate}, which is not earlier")
    if "\0" in f"{facts.authority}{facts.actor.person}{facts.place}{facts.idempotency_key}":
        raise NotExact(problem="a name in it is none")
