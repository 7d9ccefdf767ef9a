"""What stands beside the log and says what the log decided: texts, ballots, rounds, proposals, outcomes, authorities."""

from collections import Counter

from sqlmodel import Session, col, select

from ledger.kinds.authority import Constitution
from ledger.kinds.deciding import BallotsSealed, Counted, RoundOpened, RulesFrozen
from ledger.narratives import Narrative, digest_of
from ledger.places import Authority
from ledger.records import Kind, Recorded
from ledger.replay import ReplayedBook
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.proposals import Outcome, Proposal, Round, proposals_of
from ledger.verify.chunks import LedgerWrong, in_chunks


def check_authorities(session: Session, book: ReplayedBook) -> None:
    """Every authority on the site keeps the currency that its constitution gave it. Raises LedgerWrong."""
    founded = {
        entry.authority: entry.payload.currency
        for entry in book.where(Kind.CONSTITUTION)
        if isinstance(entry.payload, Constitution)
    }
    for row in session.exec(select(Authority)).all():
        if founded.get(row.slug) != row.currency:
            raise LedgerWrong(what=f"the authority {row.slug}", problem=f"its currency is stored as {row.currency}")


def check_rounds(session: Session, book: ReplayedBook) -> None:
    """Every opened round has its row, its proposals and, once counted, its outcomes, as its entries say. Raises LedgerWrong."""
    rows = {row.ref: row for row in session.exec(select(Round))}
    for entry in book.where(Kind.ROUND):
        opened = entry.payload
        if not isinstance(opened, RoundOpened):
            continue
        row = rows.pop(opened.round, None)
        if row is None:
            raise LedgerWrong(
                what=f"the round {opened.round}",
                problem="its row is missing (when a log was imported, it comes from a backup; --log-only leaves it out)",
            )
        kept = (row.partnership, row.entry, row.opens_on, row.closes_on, row.electorate)
        if kept != (entry.place, entry.index, opened.opens_on, opened.closes_on, opened.electorate.value):
            raise LedgerWrong(what=f"the round {opened.round}", problem="its row is not what its entry says")
        _check_proposals(session, opened.round, entry, book)
        _check_outcomes(session, opened.round, entry, book)
    for ref in rows:
        raise LedgerWrong(what=f"the round {ref}", problem="no entry opened it")


def _check_proposals(session: Session, ref: str, opened: Recorded, book: ReplayedBook) -> None:
    asks = [
        (ask.project, ask.cost, ask.minutes)
        for frozen in book.where(Kind.RULES_FROZEN, mandate=opened.index)
        if isinstance(frozen.payload, RulesFrozen)
        for ask in frozen.payload.asks
    ]
    kept = [(proposal.ref, proposal.cost, proposal.minutes) for proposal in proposals_of(session, ref)]
    if kept != asks:
        raise LedgerWrong(what=f"the proposals of {ref}", problem="they are not those that were frozen")


def _check_outcomes(session: Session, ref: str, opened: Recorded, book: ReplayedBook) -> None:
    winners = [
        winner
        for result in book.where(Kind.RESULT, mandate=opened.index)
        if isinstance(result.payload, Counted)
        for winner in result.payload.winners
    ]
    own = col(Outcome.proposal).in_(select(Proposal.ref).where(col(Proposal.round) == ref))
    chosen = session.exec(select(Outcome).where(own, col(Outcome.step).is_not(None)).order_by(col(Outcome.step))).all()
    if [row.proposal for row in chosen] != winners or [row.step for row in chosen] != list(range(1, len(chosen) + 1)):
        raise LedgerWrong(what=f"the outcomes of {ref}", problem="they are not those of its result")


def check_narratives(session: Session) -> int:
    """Every kept text has the digest that an entry may hold. Returns how many there are. Raises LedgerWrong."""
    checked = 0
    for rows in in_chunks(session, select(Narrative), Narrative.digest):
        for row in rows:
            try:
                right = digest_of(row.salt, row.text) == row.digest
            except ValueError:  # the salt is not hexadecimal
                right = False
            if not right:
                raise LedgerWrong(what=f"the text {row.digest}", problem="its words are not those that were recorded")
        checked += len(rows)
    return checked


def check_ballots(session: Session, book: ReplayedBook) -> int:
    """Every ballot of a counted round is under a sealed commitment, one for one. Returns how many. Raises LedgerWrong."""
    sealed: dict[str, Counter[str]] = {}
    for entry in book.where(Kind.BALLOTS_SEALED):
        if isinstance(entry.payload, BallotsSealed):
            sealed.setdefault(entry.payload.round, Counter()).update(entry.payload.commitments)
    checked = 0
    for ref, commitments in sealed.items():
        box = select(Ballot).where(col(Ballot.round) == ref)
        kept = Counter(commitment(ballot) for ballots in in_chunks(session, box, Ballot.voter) for ballot in ballots)
        if kept != commitments:
            raise LedgerWrong(what=f"the ballots of {ref}", problem="they are not those that were sealed")
        checked += kept.total()
    return checked
