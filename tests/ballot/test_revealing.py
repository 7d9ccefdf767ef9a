"""From sealed ballots to a result that anybody recounts; and nothing that is stored joins a code to a choice."""

from datetime import timedelta
from itertools import combinations, permutations
from pathlib import Path

import pytest
from msgspec.structs import replace
from nacl.exceptions import CryptoError
from nacl.public import SealedBox
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, SQLModel, col, select

from ledger.ballot.codes import credential, roll_mark
from ledger.ballot.opening import BallotsBroken, Box, InTheBox, open_box
from ledger.ballot.receipts import Receipt
from ledger.ballot.recount import read_all, recount
from ledger.ballot.sealing import PAIRS, WRAPPED, Holder, NotOpened, unseal
from ledger.entries import Entry
from ledger.errors import LedgerError
from ledger.kinds.deciding import BallotsSealed, TooFewVotes
from ledger.people import Role
from ledger.records import Actor
from ledger.rounds.ballots import turnout
from ledger.rounds.casting import cast_with_code, mark, where_logged
from ledger.rounds.publication import published
from ledger.rounds.reading import round_view
from ledger.rounds.revealing import (
    NotCertified,
    OpeningsRefused,
    box_of,
    count_openings,
    forget_slips,
    published_files,
    seal_waiting,
)
from ledger.rounds.roll import Slip
from ledger.traces import wipe
from ledger.verify import verify
from ledger.verify.chunks import LedgerWrong
from tests.ballot.living import REF, SecretRound
from tests.ledger.conftest import CHAIR, World, ratify_result


def commitments(entry: object) -> tuple[str, ...]:
    payload = getattr(entry, "payload", None)
    assert isinstance(payload, BallotsSealed)
    return payload.commitments


def files(world: World) -> dict[str, bytes]:
    with world.database.reading() as session:
        return published_files(session, REF)


def test_ballots_enter_the_log_in_shuffled_batches_of_at_least_ten_and_the_rest_at_the_close(secret_round: SecretRound) -> None:
    trackers = [secret_round.cast(number).commitment for number in range(9)]
    assert secret_round.seal() == ()
    trackers.append(secret_round.cast(9).commitment)
    (batch,) = secret_round.seal()
    assert commitments(batch) == tuple(sorted(trackers))
    late = [secret_round.cast(number).commitment for number in range(10, 13)]
    assert secret_round.seal() == (), "three wait until there are ten, or for the close"
    with pytest.raises(LedgerError, match="Votes are taken until"):
        secret_round.seal(closing=True)
    (last,) = secret_round.close()
    assert commitments(last) == tuple(sorted(late))
    assert secret_round.seal(closing=True) == (), "sealing again records nothing twice"
    with secret_round.world.database.reading() as session:
        assert where_logged(session, REF, late[0]) == last.index
        assert where_logged(session, REF, "0" * 64) is None
        assert turnout(session, REF) == 13
        verify(session)


def test_two_keyholders_open_and_the_result_is_recounted_from_the_published_files(secret_round: SecretRound) -> None:
    receipts = [secret_round.cast(number) for number in range(25)]
    secret_round.close()
    result = secret_round.count()
    assert getattr(result.payload, "winners", None) == (f"{REF}-1", f"{REF}-2")
    assert secret_round.count() == result, "counting again gives the result that is there"
    found = recount(read_all(files(secret_round.world)))
    assert found.findings == ()
    assert (found.result.votes, found.result.winners) == (25, ("1", "2"))
    opened = {each.tracker: each for each in read_all(files(secret_round.world)).openings.openings}
    assert {receipt.commitment for receipt in receipts} == set(opened)
    assert all(opened[each.commitment].digits == each.digits for each in receipts)
    with secret_round.world.database.reading() as session:
        view = round_view(session, REF, today=secret_round.world.today)
        assert len(published(session, view).ballots) == view.turnout == 25
        verify(session)


def test_the_files_stay_the_same_to_the_byte_after_the_table_that_joined_them_is_gone(secret_round: SecretRound) -> None:
    for number in range(12):
        secret_round.cast(number)
    secret_round.close()
    secret_round.count()
    before = files(secret_round.world)
    ratify_result(secret_round.world, REF)
    assert files(secret_round.world) == before
    assert recount(read_all(before)).findings == ()


def test_a_round_is_counted_only_once_it_is_closed_and_has_its_quorum(secret_round: SecretRound) -> None:
    secret_round.cast(0)
    with secret_round.world.database.reading() as session, pytest.raises(LedgerError, match="not closed"):
        box_of(session, REF)
    secret_round.close()
    with pytest.raises(TooFewVotes, match="1 have voted"):
        secret_round.count()
    with pytest.raises(LedgerError):
        secret_round.cast(1)


def test_openings_that_are_not_those_of_the_log_are_not_counted(secret_round: SecretRound) -> None:
    for number in range(12):
        secret_round.cast(number)
    secret_round.close()
    with secret_round.world.database.reading() as session:
        box = box_of(session, REF)
    whole = open_box(box, *secret_round.holders[:2])
    first, *rest = whole.openings
    lies = (
        (replace(whole, openings=tuple(rest)), "one for one"),
        (replace(whole, openings=(first, first, *rest[1:])), "one for one"),
        (replace(whole, openings=(replace(first, choices=((3, 1),)), *rest)), "was altered"),
        (replace(whole, openings=(replace(first, digits="000000"), *rest)), "was altered"),
    )
    for openings, words in lies:
        with secret_round.world.unit() as unit, pytest.raises(OpeningsRefused, match=words):
            count_openings(unit, openings=openings, actor=Actor(CHAIR, Role.CHAIR))
    swapped = Box(REF, tuple(InTheBox(a.tracker, b.sealed) for a, b in zip(box.ballots, reversed(box.ballots), strict=True)))
    with pytest.raises(BallotsBroken, match="do not open to what the log holds"):
        open_box(swapped, *secret_round.holders[:2])


def everything_stored(world: World) -> str:
    """Every value of every table, and every byte of SQLite's files, as one text."""
    stored = []
    with world.database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            stored += [repr(tuple(row)) for row in session.connection().execute(table.select())]
    if world.database.url.get_backend_name() == "sqlite":
        path = Path(world.database.url.database or "")
        stored += [each.read_bytes().decode("latin-1") for each in sorted(path.parent.glob(f"{path.name}*"))]
    return "\n".join(stored)


def test_a_stolen_database_with_its_files_and_one_key_opens_no_ballot(secret_round: SecretRound) -> None:
    """Every seal that is stored, tried with each keyholder's key alone, in each place and for each layer."""
    for number in range(12):
        secret_round.cast(number)
    secret_round.seal()
    dump = everything_stored(secret_round.world)
    assert not any(code in dump for code in secret_round.codes), "no code is stored"
    assert "408153" not in dump, "what is inside a ballot is nowhere outside it"
    assert "[[1,1],[2,1]]" not in dump
    with secret_round.world.database.reading() as session:
        seals = [bytes.fromhex(each) for each in session.exec(select(Slip.sealed))]
    assert len(seals) == 12
    for sealed in seals:
        for holder in secret_round.holders:
            for place in range(3):
                with pytest.raises(NotOpened):
                    unseal(sealed, holder, Holder(place, holder.key))
            for start in range(len(PAIRS)):
                wrapped = sealed[start * WRAPPED : (start + 1) * WRAPPED]
                layers = [wrapped]
                while layers:
                    try:
                        inner = SealedBox(holder.key).decrypt(layers.pop())
                    except CryptoError:
                        continue
                    assert len(inner) > 32, "the key itself came out for one holder"
                    layers.append(inner)


def joined(world: World, secret_round: SecretRound, receipts: list[Receipt]) -> list[str]:
    """What joins a code to its ballot: both in one row of the database, or a row's bytes that hold both in SQLite's files."""
    found = []
    pairs = [(secret_round.codes[number], receipt) for number, receipt in enumerate(receipts)]
    marks = [
        ((code, credential(REF, code), roll_mark(REF, credential(REF, code))), (receipt.commitment, receipt.nonce))
        for code, receipt in pairs
    ]
    with world.database.reading() as session:
        for table in SQLModel.metadata.sorted_tables:
            for row in session.connection().execute(table.select()):
                said = repr(tuple(row))
                found += [table.name for whose, what in marks if any(w in said for w in whose) and any(w in said for w in what)]
    if world.database.url.get_backend_name() == "sqlite":
        path = Path(world.database.url.database or "")
        for file in sorted(path.parent.glob(f"{path.name}*")):
            content = file.read_bytes().decode("latin-1")
            for (_, used, _), (tracker, _) in marks:
                near = f"{used}{tracker}"  # as the row's record holds them, one behind the other
                found += [file.name] * (near in content)
    return found


def test_after_certification_nothing_that_is_stored_joins_a_code_to_a_choice(secret_round: SecretRound) -> None:
    """Before it, the search finds them, so it would find them after it."""
    world = secret_round.world
    receipts = [secret_round.cast(number) for number in range(12)]
    secret_round.close()
    secret_round.count()
    with world.unit() as unit, pytest.raises(NotCertified):
        forget_slips(unit.session, REF)
    before = joined(world, secret_round, receipts)
    assert "slip" in before
    assert len(set(before)) > 1 or world.database.url.get_backend_name() != "sqlite", "also in SQLite's own files"
    ratify_result(world, REF)
    with world.unit() as unit:
        assert forget_slips(unit.session, REF) == 0, "the ratification deleted them"
        unit.commit()
    assert wipe(world.database)
    assert joined(world, secret_round, receipts) == []
    sealed_left = everything_stored(world)
    assert all(receipt.commitment in sealed_left for receipt in receipts), "the openings stay"
    assert recount(read_all(files(world))).findings == ()


def test_no_order_that_is_stored_is_that_of_casting(secret_round: SecretRound) -> None:
    """Openings, used-list and roll each stand by their own hashes: the first to vote is not first in any of them."""
    receipts = [secret_round.cast(number) for number in range(20)]
    secret_round.close()
    secret_round.count()
    found = read_all(files(secret_round.world))
    used = [credential(REF, code) for code in secret_round.codes[:20]]
    assert list(found.used.used) == sorted(used)
    assert [each.tracker for each in found.openings.openings] == sorted(receipt.commitment for receipt in receipts)
    columns = {column.name for name in ("slip", "spent", "tracker") for column in SQLModel.metadata.tables[name].columns}
    assert not columns & {"at", "cast_at", "made", "number", "id", "address"}


def test_any_two_keyholders_give_the_same_openings_and_one_gives_none(secret_round: SecretRound) -> None:
    for number in range(10):
        secret_round.cast(number)
    secret_round.close()
    with secret_round.world.database.reading() as session:
        box = box_of(session, REF)
    assert len({open_box(box, *pair) for pair in permutations(secret_round.holders, 2)}) == 1
    for holder, _ in combinations(secret_round.holders, 2):
        with pytest.raises(BallotsBroken, match="10 of the sealed ballots do not open"):
            open_box(box, holder, holder)


def test_a_ballot_that_is_changed_after_the_opening_is_found_by_the_ledgers_own_check(secret_round: SecretRound) -> None:
    for number in range(12):
        secret_round.cast(number)
    secret_round.close()
    secret_round.count()
    world = secret_round.world
    for column, value in (("choices", "[[3,1]]"), ("nonce", "0" * 32), ("standing", "superseded")):
        with world.database.writer.connect() as connection, connection.begin() as change:
            connection.execute(text(f"UPDATE tracker SET {column} = :value"), {"value": value})
            with Session(connection) as session:
                assert recount(read_all(published_files(session, REF))).findings
                if column != "standing":
                    with pytest.raises(LedgerWrong, match="not those that were sealed"):
                        verify(session)
            change.rollback()


def test_sealing_a_batch_waits_for_nobody_who_is_voting_and_the_close_does(secret_round: SecretRound) -> None:
    """On PostgreSQL: somebody's cast is not committed yet. SQLite has one writer, and there both wait in its queue."""
    world = secret_round.world
    for number in range(10):
        secret_round.cast(number)
    if world.database.url.get_backend_name() == "sqlite":
        assert len(secret_round.seal()) == 1
        return
    with world.database.unit_of_work(world.clock, appends=False) as voting:
        ballot = mark(voting.session, round_ref=REF, chosen=frozenset({1}), digits="408153")
        cast_with_code(voting, code=secret_round.codes[10], ballot=ballot, key=secret_round.key)
        with world.unit() as unit:
            unit.session.connection().execute(text("SET LOCAL lock_timeout = '5s'"))
            assert len(seal_waiting(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR))) == 1
            unit.commit()
        world.today += timedelta(days=22)
        with world.unit() as unit:
            unit.session.connection().execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                seal_waiting(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR), closing=True)
        voting.commit()
    (last,) = secret_round.seal(closing=True)
    assert commitments(last) == (ballot.tracker,), "who was voting at the close is in the last batch"


def test_a_batch_that_was_recorded_stays_where_the_round_goes_on(secret_round: SecretRound) -> None:
    """Two workers seal at once: the second finds nothing left to seal."""
    for number in range(10):
        secret_round.cast(number)
    with secret_round.world.unit() as unit:
        assert len(seal_waiting(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR))) == 1
    (batch,) = secret_round.seal()  # the first unit was not committed
    secret_round.world.today += timedelta(days=1)
    assert secret_round.seal() == ()
    with secret_round.world.database.reading() as session:
        kept = session.exec(select(Entry.index).where(col(Entry.kind) == "ballots_sealed")).all()
    assert kept == [batch.index]
