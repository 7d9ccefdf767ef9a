"""A panel member declares an interest in one proposal, before the round is counted; nobody declares it for them."""

from sqlmodel import Session, col, select

from ledger.ballot.marking import read_choices, write_choices
from ledger.ballot.receipts import new_nonce
from ledger.entries import DatabaseBook, entry_at
from ledger.rounds.ballots import VOTING_ROLES, Ballot, may_vote
from ledger.rounds.freezing import locked_round
from ledger.rounds.ideas import Idea
from ledger.rounds.interests import Interest
from ledger.rounds.proposals import Proposal, proposals_of, round_called
from ledger.rounds.reading import stage_now
from ledger.rounds.shaping import Incomplete, NotInThisStage, NotYours
from ledger.rounds.stages import BEFORE_THE_VOTE, Stage
from ledger.unit_of_work import UnitOfWork

DECLARING = BEFORE_THE_VOTE | {Stage.VOTING}


def declare(unit: UnitOfWork, *, proposal: str, what: str, by: str) -> Interest:
    """Declare an interest in an idea or a proposal; a vote for it that was kept before goes. The newest words stand.

    Raises NotYours, NotInThisStage, Incomplete. Safe to send twice.
    """
    session = unit.session
    row = locked_round(session, _round_of(session, proposal))
    stage = stage_now(session, row, today=unit.today())
    if stage not in DECLARING:
        raise NotInThisStage(stage=stage.value, what="interests are declared", when="until voting is over")
    opened, book = entry_at(session, row.entry), DatabaseBook(session)
    if not may_vote(book, voter=by, authority=opened.authority, place=row.partnership, unit=unit):
        raise NotYours(who=f"a {' or '.join(VOTING_ROLES)} of this partnership")
    if not what.strip():
        raise Incomplete(problem="Say in a few words what the interest is.")
    found = session.get(Interest, (proposal, by))
    if found is None:
        found = Interest(proposal=proposal, person=by, round=row.ref, what="", declared=unit.now())
    found.what = what.strip()
    session.add(found)
    _take_off(unit, row.ref, proposal, by)
    session.flush()
    return found


def _round_of(session: Session, proposal: str) -> str:
    found = session.get(Proposal, proposal)
    idea = session.exec(select(Idea).where(col(Idea.ref) == proposal, col(Idea.shared).is_not(None))).first()
    row = found or idea
    if row is None:
        raise Incomplete(problem=f"There is no proposal called “{proposal}”.")
    return round_called(session, row.round).ref


def _take_off(unit: UnitOfWork, round_ref: str, proposal: str, voter: str) -> None:
    """The voter's kept ballot, without this proposal; one that names nothing any more stays as a blank vote."""
    session = unit.session
    ballot = session.get(Ballot, (round_ref, voter))
    number = next((each.number for each in proposals_of(session, round_ref) if each.ref == proposal), None)
    if ballot is None or number is None:
        return
    choices = read_choices(ballot.choices)
    if choices.pop(number, None) is None:
        return
    ballot.choices, ballot.nonce = write_choices(choices), new_nonce()
    session.add(ballot)
