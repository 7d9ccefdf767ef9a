"""A lawful log in which most kinds of entries occur, as files; and the same with one thing changed, honestly sealed again."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from msgspec import json
from sqlmodel import col, select

from ledger.awards import fill_purse, give_back
from ledger.canonical import canonical_bytes
from ledger.door import post_many
from ledger.entries import DatabaseBook, Entry
from ledger.kinds.purse import HelpGiven
from ledger.log_files import balances
from ledger.narratives import keep
from ledger.note import Checkpoint, SigningKey, sign
from ledger.people import Role
from ledger.powers import freeze
from ledger.records import Actor, Draft, Kind, Movement
from ledger.tiles import Bundle, bundles_of, pack_entries, tiles_of
from ledger.tree import leaf_hash, root_of
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import (
    CONNECTOR,
    FINANCE,
    World,
    agree_on_terms,
    close,
    devolve_to_glodbrook,
    open_a_round,
    ratify_result,
    vote,
)
from tests.ledger.steps import committed, done, paying, reversing
from tests.proving import LOG

HELPS = 300  # so many that the log has a full tile and a second level
Fields = dict[str, Any]


def live(world: World, *, helps: int = HELPS) -> None:
    """From the devolution to the street: promised, paid, reversed, helped, returned; and at last the pot is frozen."""
    devolution = devolve_to_glodbrook(world)
    terms = agree_on_terms(world, devolution)
    ref = open_a_round(world)
    vote(world, ref, bea={1, 2}, owen={1, 2}, nasreen={2, 3})
    close(world, ref)
    ratify_result(world, ref)
    order = committed(world)
    done(world, paying(order, 100_000, key="first instalment"))
    wrong = done(world, paying(order, 50_000, key="entered twice"))
    done(world, reversing(wrong.index, key="taken back"))
    officer = Actor(FINANCE, Role.FINANCE_OFFICER)
    purse = done(
        world,
        lambda unit: fill_purse(
            unit,
            terms=terms.index,
            resource="GBP",
            amount=500_000,
            purpose="Small help",
            actor=officer,
            idempotency_key="purse",
        ),
    )
    with world.unit() as unit:
        post_many(unit, [_help(world, unit, purse.index, number) for number in range(helps)])
        unit.commit()
    world.database.dispose()


def _help(world: World, unit: UnitOfWork, purse: int, number: int) -> Draft:
    story = keep(unit.session, f"Somebody was helped, {number}.", idempotency_key=f"help-{number}")
    return Draft(
        authority="marlmoor", place="glodbrook", mandate=purse, payload=HelpGiven(payee="corner-shop", story=story),
        actor=Actor(CONNECTOR, Role.CONNECTOR), effective_on=world.today, idempotency_key=f"help-{number}",
        movements=(Movement("connector/glodbrook", "payee/corner-shop", "GBP", 100 + number),),
    )  # fmt: skip


def end_the_story(world: World) -> None:
    """What was not needed goes back, and the pot is frozen."""
    with world.database.reading() as session:
        devolution = next(DatabaseBook(session).where(Kind.DEVOLUTION)).index
        warm_room = next(DatabaseBook(session).where(Kind.ALLOCATION, subject="glodbrook-one-2")).index
    connector = Actor(CONNECTOR, Role.CONNECTOR)
    done(
        world,
        lambda unit: give_back(
            unit, allocation=warm_room, resource="GBP", amount=1_000, reasons="Less.", actor=connector, idempotency_key="back",
        ),
    )  # fmt: skip
    done(
        world,
        lambda unit: freeze(unit, devolution=devolution, reasons="Audit.", officer="p-chief", idempotency_key="freeze"),
    )


def written_in(world: World) -> list[bytes]:
    """The exact bytes of all its entries."""
    with world.database.reading() as session:
        return list(session.exec(select(Entry.written).order_by(col(Entry.index))))


def said_by(world: World) -> bytes:
    """What its site would say of its balances."""
    with world.database.reading() as session:
        return balances(session)


def lay(folder: Path, entries: Sequence[bytes], *, key: SigningKey = LOG, said: bytes | None = None) -> Path:
    """The log of these entries as files, honestly computed and signed."""
    size, leaves = len(entries), [leaf_hash(entry) for entry in entries]
    for tile in tiles_of(size):
        hashes = [root_of(leaves[number << level : (number + 1) << level]) for level, number in tile.nodes()]
        _put(folder / tile.path, b"".join(hashes))
    for bundle in bundles_of(size):
        _put(folder / bundle.path, pack_entries(entries[bundle.first : bundle.needs]))
    _put(folder / "checkpoint", str(sign(Checkpoint(key.name, size, root_of(leaves)), key)).encode())
    if said is not None:
        _put(folder / "balances.json", said)
    return folder


def _put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def changed(entry: bytes, change: Callable[[Fields], object]) -> bytes:
    """The entry with something changed in it, in its canonical bytes."""
    fields: Fields = json.decode(entry)
    change(fields)
    return canonical_bytes(fields)


def first_of(entries: Sequence[bytes], kind: Kind) -> Fields:
    """The fields of the first entry of this kind."""
    return next(fields for entry in entries if (fields := json.decode(entry))["kind"] == kind)


def plus(entries: Sequence[bytes], kind: Kind, **changes: object) -> list[bytes]:
    """The log with a copy of its first entry of a kind at the end, under a new key and with these changes."""
    last: Fields = json.decode(entries[-1])
    own = {"index": len(entries), "idempotency_key": "one more", "recorded_at": last["recorded_at"]}
    return [*entries, canonical_bytes(first_of(entries, kind) | own | changes)]


def bundle_with(folder: Path, index: int, size: int) -> tuple[Path, list[bytes]]:
    """The file of the bundle with an entry, and its entries."""
    bundle = next(iter(bundles_of(size, begin=index)))
    file = folder / bundle.path
    return file, Bundle(bundle.number, bundle.width).entries(file.read_bytes())
