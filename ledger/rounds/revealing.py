"""From the sealed ballots to the result: batches into the log, the box for the keyholders, the openings counted, and the table
that joined a credential to its ballot deleted.

    cast → batches of ten or more → the rest at the close → box → two keyholders → openings → result → certified → deleted
"""

import hashlib
from collections.abc import Callable, Iterable

from msgspec import UNSET
from sqlalchemy import insert, update
from sqlmodel import Session, col, func, select

from ledger.ballot.files import Bound, Logged, Openings, Outcome, Sealed, Terms, Told, Used, file_bytes
from ledger.ballot.files import Item as Listed
from ledger.ballot.files import Opened as OpenedBallot
from ledger.ballot.marking import read_choices, write_choices
from ledger.ballot.opening import Box, InTheBox
from ledger.ballot.recount import unsound
from ledger.door import post
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError, NotFound
from ledger.kinds.deciding import BallotsSealed, Counted, TooFewVotes, rules_of
from ledger.kinds.payload import RoundNotReady
from ledger.log_files import NothingSigned, NotSignedYet, proof_of, written_at
from ledger.powers import founding_payload
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.rounds.counting import election_of, lot_of, outcomes, rule_of, tally_of
from ledger.rounds.paper import settled_papers, stubs_of
from ledger.rounds.paper_audit import AUDIT, audit_file
from ledger.rounds.process import BATCH
from ledger.rounds.proposals import Round, proposals_of, round_called
from ledger.rounds.roll import Keyring, Slip, Spent, Stub, Tracker, let_go, logged, needed_keyring, roll_file
from ledger.tally.profile import thrown
from ledger.unit_of_work import UnitOfWork

LEAST = 10  # ballots in a batch before the close: fewer, and a neighbour could tell whose is whose by the clock
_AT_ONCE = 5_000
_ONLINE = {"choices": None, "nonce": None, "digits": None, "paper": None, "standing": "counted"}


class OpeningsRefused(LedgerError):
    """{problem} Nothing was counted. Open the box of this round again with two of its keyholders."""


class NotCertified(LedgerError):
    """Round {round} has no decision on its result yet, so its sealed ballots are kept. Nothing was deleted."""


def seal_waiting(unit: UnitOfWork, *, round_ref: str, actor: Actor, closing: bool = False) -> tuple[Recorded, ...]:
    """Put the commitments that wait into the log, in shuffled batches of at least ten; with `closing`, whatever is left too.

    A batch is sorted by commitment: an order that chance decided, and that anybody can check. Safe to repeat: what is in the
    log already is not put there again. Raises NotSecret, RoundNotReady.
    """
    session = unit.session
    # The log's own lock, which this unit holds, keeps two who seal apart; who votes is made to wait at the close alone.
    row, keyring = (
        round_called(session, round_ref),
        _hold(session, round_ref) if closing else needed_keyring(session, round_ref),
    )
    if closing and unit.today() <= row.closes_on:
        raise RoundNotReady(problem=f"Votes are taken until {row.closes_on}, so the last batch is sealed after that day.")
    keyring.closed = keyring.closed or closing
    session.add(keyring)
    session.flush()
    there = select(Tracker.tracker).where(col(Tracker.round) == round_ref)
    waits = select(Slip.tracker).where(col(Slip.round) == round_ref, col(Slip.tracker).not_in(there))
    papers = settled_papers(session, keyring) if closing and not sealed_papers(session, round_ref) else {}
    waiting = sorted([*session.exec(waits), *papers])
    if not waiting or (len(waiting) < LEAST and not keyring.closed):
        return ()
    opened = entry_at(session, row.entry)
    number = len(list(DatabaseBook(session).where(Kind.BALLOTS_SEALED, mandate=opened.index)))
    roll = hashlib.sha256(roll_file(session, round_ref)).hexdigest()
    made = []
    for batch in _batches(waiting):
        payload = BallotsSealed(round=round_ref, batch=number, commitments=batch, roll=roll)
        entry = post(unit, _draft(unit, opened, payload, actor, f"{round_ref}/batch-{number}"))
        session.execute(
            insert(Tracker),
            [
                {"round": round_ref, "tracker": tracker, "entry": entry.index, **papers.get(tracker, _ONLINE)}
                for tracker in batch
            ],
        )
        made.append(entry)
        number += 1
    return tuple(made)


def _batches(waiting: list[str]) -> Iterable[tuple[str, ...]]:
    """As few batches as fit, all of nearly one size: none is so small that its ballots stand out."""
    many = -(-len(waiting) // BATCH)
    return (tuple(waiting[len(waiting) * n // many : len(waiting) * (n + 1) // many]) for n in range(many))


def box_of(session: Session, round_ref: str) -> Box:
    """Every sealed ballot of a closed round, without who cast it. Raises NotSecret, RoundNotReady."""
    if not needed_keyring(session, round_ref).closed:
        raise RoundNotReady(problem="This round is not closed. Seal its last batch first.")
    slips = session.exec(select(Slip.tracker, Slip.sealed).where(col(Slip.round) == round_ref)).all()
    return Box(round_ref, tuple(InTheBox(tracker, sealed) for tracker, sealed in sorted(slips)))


def count_openings(unit: UnitOfWork, *, openings: Openings, actor: Actor, lot: str = "") -> Recorded:
    """Take in what two keyholders opened, count it by the one function that counts, and record the result. `lot` are the
    figures of dice thrown in public after the seal: they break the last ties.

    Each opening has to hash to a commitment in the log, and each commitment to have its opening. Safe to retry. Raises
    OpeningsRefused, TooFewVotes, NotSecret, RoundNotReady.
    """
    session, round_ref = unit.session, openings.round
    row, keyring = round_called(session, round_ref), _hold(session, round_ref)
    opened, book = entry_at(session, row.entry), DatabaseBook(session)
    for result in book.where(Kind.RESULT, mandate=opened.index):
        return result
    if not keyring.closed:
        raise RoundNotReady(problem="This round is not closed. Seal its last batch first.")
    rules = rules_of(opened, book)
    _held_to_the_log(session, row, keyring, openings)
    _supersede(session, round_ref)
    votes = len(stubs_of(session, round_ref)) + len(openings.openings) - standing_as(session, round_ref, "superseded")
    if votes < rules.quorum:
        raise TooFewVotes(votes=votes, quorum=rules.quorum)
    for ballot in openings.openings:
        session.execute(
            update(Tracker)
            .where(col(Tracker.round) == round_ref, col(Tracker.tracker) == ballot.tracker)
            .values(choices=write_choices(dict(ballot.choices)), nonce=ballot.nonce, digits=ballot.digits)
        )
    _spend(session, round_ref)
    counted = tally_of(session, row, lot=thrown(lot))
    session.add_all(outcomes(counted))
    asks = {ask.project: ask for ask in rules.asks}
    payload = Counted(
        round=round_ref,
        votes=logged(session, round_ref),
        winners=counted.winners,
        cost=sum(asks[ref].cost for ref in counted.winners),
        minutes=sum(asks[ref].minutes for ref in counted.winners),
        files={name: hashlib.sha256(make()).hexdigest() for name, make in _bound(session, row).items()},
        lot=thrown(lot) or None,
    )
    return post(unit, _draft(unit, opened, payload, actor, f"{round_ref}/close/result"))


def _supersede(session: Session, round_ref: str) -> None:
    """What was cast online with a code whose strip came with a paper is opened and not counted."""
    on_paper = select(Stub.credential).where(col(Stub.round) == round_ref)
    cast = select(Slip.tracker).where(col(Slip.round) == round_ref, col(Slip.credential).in_(on_paper))
    session.execute(
        update(Tracker).where(col(Tracker.round) == round_ref, col(Tracker.tracker).in_(cast)).values(standing="superseded")
    )


def sealed_papers(session: Session, round_ref: str) -> int:
    """How many papers are in the log."""
    query = select(func.count()).select_from(Tracker).where(col(Tracker.round) == round_ref, col(Tracker.paper).is_not(None))
    return session.exec(query).one()


def standing_as(session: Session, round_ref: str, standing: str) -> int:
    """How many ballots in the log stand like this."""
    query = select(func.count()).select_from(Tracker).where(col(Tracker.round) == round_ref, col(Tracker.standing) == standing)
    return session.exec(query).one()


def _held_to_the_log(session: Session, row: Round, keyring: Keyring, openings: Openings) -> None:
    online = select(Tracker.tracker).where(col(Tracker.round) == row.ref, col(Tracker.paper).is_(None))
    there = sorted(session.exec(online))
    if [ballot.tracker for ballot in openings.openings] != there:
        raise OpeningsRefused(problem="The openings are not, one for one, of the ballots that are in the log.")
    wrong = next(unsound(terms_of(session, row, keyring), openings), None)
    if wrong is not None:
        raise OpeningsRefused(problem=wrong)


def _spend(session: Session, round_ref: str) -> None:
    """Write down which credentials were used, online or on paper, sorted and apart from any ballot."""
    online = session.exec(select(Slip.credential).where(col(Slip.round) == round_ref))
    used = sorted(stubs_of(session, round_ref) | set(online))
    for start in range(0, len(used), _AT_ONCE):
        session.execute(insert(Spent), [{"round": round_ref, "credential": each} for each in used[start : start + _AT_ONCE]])


def forget_slips(session: Session, round_ref: str) -> int:
    """Delete, once its result is decided on, what joined the credentials of a round to its ballots; how many. Safe to repeat.

    The used-list and the openings stay, each sorted by itself. Raises NotSecret, NotCertified.
    """
    needed_keyring(session, round_ref)
    book = DatabaseBook(session)
    result = next(book.where(Kind.RESULT, mandate=round_called(session, round_ref).entry), None)
    if result is None or not list(book.where(Kind.RATIFICATION, mandate=result.index)):
        raise NotCertified(round=round_ref)
    many = session.exec(select(func.count()).select_from(Slip).where(col(Slip.round) == round_ref)).one()
    let_go(session, round_ref)
    return many


def terms_of(session: Session, row: Round, keyring: Keyring) -> Terms:
    """round.json: the frozen rules as a recount needs them."""
    entry = entry_at(session, row.entry)
    rules, election = rules_of(entry, DatabaseBook(session)), election_of(session, row)
    numbers = {proposal.code: proposal.number for proposal in proposals_of(session, row.ref)}
    return Terms(
        round=row.ref,
        title=row.title,
        form=rules.ballot,
        most_choices=rules.most_choices,
        length=keyring.length,
        currency=founding_payload(session, entry.authority).currency,
        unit=election.unit,
        budget=election.budget,
        minutes_budget=election.minutes_budget,
        rule=rule_of(rules.rule),
        proposals=tuple(Listed(numbers[each.id], each.id, each.cost, each.minutes) for each in election.candidates),
        keyholders=keyring.keyholders,
        promises=keyring.promises,
        limits=tuple(Bound(limit.name, limit.most, tuple(sorted(limit.among))) for limit in election.limits),
    )


def published_files(session: Session, round_ref: str) -> dict[str, bytes]:
    """The files of a secret round that are published by now, by name: rules and roll at once, the log's entries as they come,
    openings, used-list and result after the count. Raises NotFound, NotSecret.
    """
    return {name: make() for name, make in _makers(session, round_ref).items()}


def published_file(session: Session, round_ref: str, name: str) -> bytes:
    """One of the published files; no other is made for it. Raises NotFound, NotSecret."""
    make = _makers(session, round_ref).get(name)
    if make is None:
        raise NotFound(what="published file of this round", name=name)
    return make()


def _makers(session: Session, round_ref: str) -> dict[str, Callable[[], bytes]]:
    row = round_called(session, round_ref)
    needed_keyring(session, round_ref)
    bound = _bound(session, row)
    result = next(DatabaseBook(session).where(Kind.RESULT, mandate=row.entry), None)
    if result is None:
        return {
            "round.json": bound["round.json"],
            "roll.json": bound["roll.json"],
            "sealed.json": lambda: _sealed(session, row),
        }
    audit = audit_file(session, round_ref)
    return {
        **bound,
        "sealed.json": lambda: _sealed(session, row),
        "result.json": lambda: _outcome(session, row, result),
        **({AUDIT: lambda: audit} if audit is not None else {}),
    }


def _bound(session: Session, row: Round) -> dict[str, Callable[[], bytes]]:
    """How to make the files whose SHA-256 the result's entry holds."""
    return {
        "round.json": lambda: file_bytes(terms_of(session, row, needed_keyring(session, row.ref))),
        "roll.json": lambda: roll_file(session, row.ref),
        "openings.json": lambda: _openings(session, row),
        "used.json": lambda: _used(session, row),
    }


def _openings(session: Session, row: Round) -> bytes:
    opened = session.exec(select(Tracker).where(col(Tracker.round) == row.ref)).all()
    openings = [
        OpenedBallot(
            each.tracker,
            tuple(sorted(read_choices(each.choices).items())),
            each.nonce or "",
            each.digits or "",
            each.standing,  # type: ignore[arg-type]  # one of three words: this module alone writes them
            UNSET if each.paper is None else each.paper,
        )
        for each in opened
        if each.choices is not None
    ]
    return file_bytes(Openings(row.ref, tuple(sorted(openings, key=lambda each: each.tracker))))


def _used(session: Session, row: Round) -> bytes:
    used = session.exec(select(Spent.credential).where(col(Spent.round) == row.ref))
    return file_bytes(Used(row.ref, tuple(sorted(used))))


def _sealed(session: Session, row: Round) -> bytes:
    batches = DatabaseBook(session).where(Kind.BALLOTS_SEALED, mandate=row.entry)
    return file_bytes(Sealed(row.ref, tuple(_logged(session, entry.index) for entry in batches)))


def _outcome(session: Session, row: Round, result: Recorded) -> bytes:
    tally = tally_of(session, row, lot=lot_of(result)).result
    told = {code: Told.of(why) for code, why in tally.why.items()}
    logged = _logged(session, result.index)
    return file_bytes(Outcome(row.ref, logged, tally.votes, tally.winners, tally.cost, told))


def _logged(session: Session, index: int) -> Logged:
    """An entry with its proof; without one as long as no signed checkpoint holds it."""
    try:
        proof = str(proof_of(session, index))
    except (NotSignedYet, NothingSigned):
        proof = None
    return Logged(index, written_at(session, index).decode(), proof)


def _hold(session: Session, round_ref: str) -> Keyring:
    """The keyring, locked: nobody casts while the round is sealed or counted."""
    needed_keyring(session, round_ref)
    return session.exec(
        select(Keyring).where(col(Keyring.round) == round_ref).with_for_update().execution_options(populate_existing=True)
    ).one()


def _draft(unit: UnitOfWork, opened: Recorded, payload: BallotsSealed | Counted, actor: Actor, key: str) -> Draft:
    return Draft(
        authority=opened.authority,
        place=opened.place,
        mandate=opened.index,
        payload=payload,
        actor=actor,
        effective_on=unit.today(),
        idempotency_key=key,
    )
