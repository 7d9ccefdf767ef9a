"""The exact bytes of an entry: written, and read again, with no database in sight."""

from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta, Struct, json

from ledger.canonical import LONGEST, canonical_bytes, instant_text
from ledger.errors import LedgerError
from ledger.kinds import FIELDS
from ledger.kinds.payload import Payload
from ledger.money import LARGEST
from ledger.records import FLOWS, KEY_LENGTH, NAME_LENGTH, SCHEMA, Actor, Draft, Kind, Movement, Recorded
from ledger.tree import leaf_hash

_DECODED = 8_192  # entries kept decoded: they never change, and the same mandates are asked for again and again


class Unreadable(LedgerError):
    """The stored bytes of an entry do not read as an entry: {problem}."""


Name = Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH)]
Index = Annotated[int, Meta(ge=0, le=LARGEST)]


class Facts(Struct, forbid_unknown_fields=True):
    """The fields of an entry's bytes, in the order of their names."""

    actor: Actor
    authority: Name
    effective_on: date
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=KEY_LENGTH)]
    index: Index
    kind: Kind
    mandate: Index | None
    payload: dict[str, Any]
    place: Name | None
    recorded_at: datetime
    schema: int
    transfers: tuple[Movement, ...]


READER = json.Decoder(Facts)
_WRITER = json.Encoder(order="sorted")
FIRST_YEAR = 1000  # before it, a year is not written with four digits


def encode(draft: Draft, *, index: int, recorded_at: datetime) -> bytes:
    """The exact bytes of an entry. Raises NotCanonical, EntryTooLong."""
    written = _written_quickly(draft, index, recorded_at)
    return _written_with_care(draft, index, recorded_at) if written is None else written


def _written_quickly(draft: Draft, index: int, recorded_at: datetime) -> bytes | None:
    """The same bytes from the encoder alone, where nothing but its order of keys decides them: plain ASCII, small numbers.

    Flows come by the thousand, and their payloads are text.
    """
    fields = vars(draft.payload)
    if draft.payload.kind not in FLOWS or any(type(value) is not str for value in fields.values()):
        return None
    if recorded_at.tzinfo is not UTC or recorded_at.microsecond or recorded_at.year < FIRST_YEAR:
        return None
    if index > LARGEST or any(not 0 <= movement.amount <= LARGEST for movement in draft.movements):
        return None
    facts = Facts(
        draft.actor, draft.authority, draft.effective_on, draft.idempotency_key, index, draft.payload.kind, draft.mandate,
        fields, draft.place, recorded_at, SCHEMA, draft.movements,
    )  # fmt: skip
    try:
        written = _WRITER.encode(facts)
    except UnicodeEncodeError:
        return None
    return written if written.isascii() and len(written) <= LONGEST else None


def _written_with_care(draft: Draft, index: int, recorded_at: datetime) -> bytes:
    return canonical_bytes(
        {
            "schema": SCHEMA,
            "index": index,
            "kind": draft.payload.kind.value,
            "recorded_at": instant_text(recorded_at),
            "effective_on": draft.effective_on.isoformat(),
            "authority": draft.authority,
            "place": draft.place,
            "mandate": draft.mandate,
            "actor": {"person": draft.actor.person, "role": draft.actor.role.value},
            "payload": draft.payload.model_dump(mode="json"),
            "transfers": [
                {
                    "from": movement.from_account,
                    "to": movement.to_account,
                    "resource": movement.resource,
                    "amount": movement.amount,
                }
                for movement in draft.movements
            ],
            "idempotency_key": draft.idempotency_key,
        }
    )


@lru_cache(maxsize=_DECODED)
def decode(written: bytes) -> Recorded:
    """The entry that these bytes are. Raises Unreadable."""
    try:
        facts = READER.decode(written)
        if facts.schema != SCHEMA:
            raise Unreadable(problem=f"its schema is {facts.schema} and this release reads {SCHEMA}")
        return recorded_from(facts, FIELDS[facts.kind](facts.payload), leaf_hash(written))
    except ValueError as fault:
        raise Unreadable(problem=type(fault).__name__) from fault


def recorded_from(facts: Facts, payload: Payload, leaf: bytes) -> Recorded:
    """The entry that these facts and this payload are."""
    return Recorded(
        index=facts.index,
        kind=facts.kind,
        recorded_at=facts.recorded_at,
        effective_on=facts.effective_on,
        authority=facts.authority,
        place=facts.place,
        mandate=facts.mandate,
        actor=facts.actor,
        payload=payload,
        movements=facts.transfers,
        idempotency_key=facts.idempotency_key,
        leaf_hash=leaf,
    )
