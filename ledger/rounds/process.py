"""A round from its opening to its awards: open, freeze the rules, close and count, ratify or refuse.

An imported city's round and a panel's own take the same steps through the same functions.
"""

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from ledger.accounts import AccountKind, account
from ledger.door import KeyUsedTwice, post, post_many, recorded
from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.awarding import Allocation
from ledger.kinds.deciding import (
    BallotsSealed,
    Counted,
    Electorate,
    Ratification,
    RoundOpened,
    TooFewVotes,
    rules_of,
)
from ledger.kinds.payload import RoundNotReady
from ledger.kinds.round_rules import Calendar, Cap, joint_ref
from ledger.money import TIME
from ledger.narratives import keep
from ledger.powers import founding_payload, terms_at
from ledger.records import Actor, Draft, Kind, Movement, Recorded
from ledger.rounds.ballots import Ballot, commitment, turnout
from ledger.rounds.counting import outcomes, tally_of
from ledger.rounds.freezing import Drafted, freeze_rules
from ledger.rounds.proposals import Proposal, Round, proposals_of, round_called
from ledger.rounds.roll import keyring_of, let_go
from ledger.tally.profile import thrown
from ledger.unit_of_work import UnitOfWork

BATCH = 850  # commitments in one entry: 850 × 67 bytes stay below the 65,535 of an entry


class NoTermsYet(RoundNotReady):
    """{partnership} has no terms of reference yet. Agree them first; nothing was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a new round is to be: its words, dates, budget by resource, and how ballots are marked."""

    ref: str
    partnership: str
    title: str
    summary: str
    budget: dict[str, int]
    opens_on: date
    closes_on: date
    electorate: Electorate
    ballot: str = "approval"
    most_choices: int = 0
    caps: tuple[Cap, ...] = ()
    calendar: Calendar | None = None
    source: str | None = None
    source_digest: str | None = None
    joint: str | None = None  # the name that rounds of several partnerships share


def announce_round(unit: UnitOfWork, *, opening: Opening, actor: Actor, idempotency_key: str) -> Round:
    """Open a round under the partnership's terms, with its days and its budget: ideas come, and its rules can still change.

    Safe to retry. Raises NoTermsYet, KeyUsedTwice, and the LedgerError of whatever forbids it.
    """
    session = unit.session
    earlier = recorded(session, idempotency_key)
    if earlier is not None:
        return _announced_before(session, earlier, opening)
    live = terms_at(session, opening.partnership, on=unit.today())
    if live is None:
        raise NoTermsYet(partnership=opening.partnership)
    opened = _draft(
        unit,
        mandate=live.entry,
        payload=RoundOpened(
            round=opening.ref,
            title=opening.title,
            budget=opening.budget,
            opens_on=opening.opens_on,
            closes_on=opening.closes_on,
            electorate=opening.electorate,
            source=opening.source,
            calendar=opening.calendar,
            joint=opening.joint,
        ),
        actor=actor,
        key=idempotency_key,
    )
    return _keep_words(session, opening, post(unit, opened))


def open_round(
    unit: UnitOfWork, *, opening: Opening, proposals: Sequence[Proposal], actor: Actor, idempotency_key: str
) -> Round:
    """Announce a round whose proposals are there already, and freeze its rules and proposals, in one unit.

    `proposals` come without their `round` and `ref`: both follow from the round's and the proposal's number. Safe to retry.
    """
    session = unit.session
    earlier = recorded(session, idempotency_key)
    if earlier is not None:
        return _opened_before(session, earlier, opening, proposals)
    row = announce_round(unit, opening=opening, actor=actor, idempotency_key=idempotency_key)
    for proposal in proposals:
        proposal.round, proposal.ref = opening.ref, f"{opening.ref}-{proposal.number}"
        session.add(proposal)
    session.flush()
    freeze_rules(unit, round_ref=row.ref, actor=actor, idempotency_key=f"{idempotency_key}/rules")
    return row


def _announced_before(session: Session, earlier: Recorded, opening: Opening) -> Round:
    row = session.get(Round, opening.ref)
    if row is None or row.entry != earlier.index:
        raise KeyUsedTwice(index=earlier.index)
    return row


def _opened_before(session: Session, earlier: Recorded, opening: Opening, proposals: Sequence[Proposal]) -> Round:
    """The round that this very request opened before. Raises KeyUsedTwice when it asks for another one."""
    row = _announced_before(session, earlier, opening)
    asked = [(proposal.number, proposal.cost, proposal.minutes) for proposal in proposals]
    kept = [(proposal.number, proposal.cost, proposal.minutes) for proposal in proposals_of(session, opening.ref)]
    if asked != kept:
        raise KeyUsedTwice(index=earlier.index)
    return row


def _keep_words(session: Session, opening: Opening, entry: Recorded) -> Round:
    row = Round(
        ref=opening.ref,
        partnership=opening.partnership,
        title=opening.title,
        summary=opening.summary,
        ballot=opening.ballot,
        electorate=opening.electorate.value,
        opens_on=opening.opens_on,
        closes_on=opening.closes_on,
        entry=entry.index,
        source=opening.source,
        source_digest=opening.source_digest,
        joint=joint_ref(opening.joint) if opening.joint else None,
        drafted=_drafted(opening).model_dump_json(),
    )
    session.add(row)
    session.flush()
    return row


def _drafted(opening: Opening) -> Drafted:
    ballot, most, caps = opening.ballot, opening.most_choices, opening.caps
    return Drafted.model_validate({"ballot": ballot, "most_choices": most, "caps": caps})


def close_round(
    unit: UnitOfWork,
    *,
    round_ref: str,
    actor: Actor,
    idempotency_key: str,
    lot: str = "",
    progress: Callable[[int, int], None] = lambda _done, _of: None,
) -> Recorded:
    """Close the vote: seal every ballot into the log in shuffled batches, count them, and record the result.

    `lot` are the figures of dice thrown in public once nobody votes any more: they break the last ties. All in one unit of
    work; when the result is there already it is given again. Raises TooFewVotes, RoundNotReady, UnsoundElection.
    """
    session = unit.session
    row = session.exec(select(Round).where(col(Round.ref) == round_ref).with_for_update()).first() or round_called(
        session, round_ref
    )
    book = DatabaseBook(session)
    for result in book.where(Kind.RESULT, mandate=row.entry):
        return result
    if keyring_of(session, round_ref) is not None:
        raise RoundNotReady(
            problem="The ballots of this round are sealed. Two keyholders open them, and then they are counted."
        )
    opened = entry_at(session, row.entry)
    rules, votes = rules_of(opened, book), turnout(session, round_ref)
    if votes < rules.quorum:
        raise TooFewVotes(votes=votes, quorum=rules.quorum)
    drafts = _sealed(unit, row, opened, actor=actor, key=idempotency_key)
    for done, draft in enumerate(drafts, start=1):
        post(unit, draft)
        progress(done, len(drafts))
    counted = tally_of(session, row, lot=thrown(lot))
    session.add_all(outcomes(counted))
    asks = {ask.project: ask for ask in rules.asks}
    payload = Counted(
        round=round_ref,
        votes=votes,
        winners=counted.winners,
        cost=sum(asks[ref].cost for ref in counted.winners),
        minutes=sum(asks[ref].minutes for ref in counted.winners),
        lot=thrown(lot) or None,
    )
    return post(unit, _draft(unit, mandate=opened, payload=payload, actor=actor, key=f"{idempotency_key}/result"))


def _sealed(unit: UnitOfWork, row: Round, opened: Recorded, *, actor: Actor, key: str) -> list[Draft]:
    """The batches of commitments, shuffled by the system's own randomness, so that their order tells nothing."""
    query = select(Ballot).where(col(Ballot.round) == row.ref)
    commitments = [commitment(ballot) for ballot in unit.session.exec(query)]
    secrets.SystemRandom().shuffle(commitments)
    batches: Iterable[list[str]] = (commitments[start : start + BATCH] for start in range(0, len(commitments), BATCH))
    return [
        _draft(
            unit,
            mandate=opened,
            payload=BallotsSealed(round=row.ref, batch=number, commitments=tuple(batch)),
            actor=actor,
            key=f"{key}/batch-{number}",
        )
        for number, batch in enumerate(batches)
    ]


def ratify(unit: UnitOfWork, *, round_ref: str, power: str, reasons: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Ratify the result and allocate to every winner what was voted for it, all in one unit of work or nothing.

    Raises the LedgerError of whatever forbids it: limits, funds, terms, the same person on two sides. Safe to retry.
    """
    session = unit.session
    row, result, counted = _result(session, round_ref)
    decision = _decision(
        unit, result, round_ref, outcome="ratified", power=power, reasons=reasons, actor=actor, key=idempotency_key
    )
    ratified = post(unit, decision)
    let_go(session, round_ref)
    currency = founding_payload(session, result.authority).currency
    asks = {ask.project: ask for ask in rules_of(entry_at(session, row.entry), DatabaseBook(session)).asks}
    pot = account(AccountKind.POT, row.partnership)
    drafts = []
    for ref in counted.winners:
        award = account(AccountKind.AWARD, ref)
        moves = (
            Movement(pot, award, currency, asks[ref].cost),
            Movement(pot, award, TIME, asks[ref].minutes),
        )
        moved = tuple(move for move in moves if move.amount)
        if moved:
            payload = Allocation(project=ref)
            key = f"{idempotency_key}/{ref.removeprefix(round_ref)}"
            drafts.append(_draft(unit, mandate=ratified, payload=payload, actor=actor, key=key, movements=moved))
    post_many(unit, drafts)
    return ratified


def refuse(unit: UnitOfWork, *, round_ref: str, power: str, reasons: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Refuse to ratify the result, with reasons in public; nothing is allocated. Safe to retry."""
    _, result, _ = _result(unit.session, round_ref)
    let_go(unit.session, round_ref)
    return post(
        unit,
        _decision(unit, result, round_ref, outcome="refused", power=power, reasons=reasons, actor=actor, key=idempotency_key),
    )


def _decision(
    unit: UnitOfWork, result: Recorded, round_ref: str, *, outcome: str, power: str, reasons: str, actor: Actor, key: str
) -> Draft:
    digest = keep(unit.session, reasons, idempotency_key=key)
    payload = Ratification.model_validate({"round": round_ref, "outcome": outcome, "power": power, "reasons": digest})
    return _draft(unit, mandate=result, payload=payload, actor=actor, key=key)


def _result(session: Session, round_ref: str) -> tuple[Round, Recorded, Counted]:
    row = round_called(session, round_ref)
    for entry in DatabaseBook(session).where(Kind.RESULT, mandate=row.entry):
        if isinstance(entry.payload, Counted):
            return row, entry, entry.payload
    raise RoundNotReady(problem="This round is not counted yet. Close it first.")


def _draft(
    unit: UnitOfWork,
    *,
    mandate: Recorded,
    payload: RoundOpened | BallotsSealed | Counted | Ratification | Allocation,
    actor: Actor,
    key: str,
    movements: tuple[Movement, ...] = (),
) -> Draft:
    return Draft(
        authority=mandate.authority,
        place=mandate.place,
        mandate=mandate.index,
        payload=payload,
        actor=actor,
        effective_on=unit.today(),
        movements=movements,
        idempotency_key=key,
    )
