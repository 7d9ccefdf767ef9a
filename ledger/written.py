"""The exact bytes of an entry: written, and read again, with no database in sight."""

from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Any

from msgspec import Meta, Struct, json

from ledger.canonical import canonical_bytes, instant_text
from ledger.errors import LedgerError
from ledger.kinds import FIELDS
from ledger.kinds.payload import Payload
from ledger.money import LARGEST
from ledger.records import KEY_LENGTH, NAME_LENGTH, SCHEMA, Actor, Draft, Kind, Movement, Recorded
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


def encode(draft: Draft, *, index: int, recorded_at: datetime) -> bytes:
    """The exact bytes of an entry. Raises NotCanonical, EntryTooLong."""
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
