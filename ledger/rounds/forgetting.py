"""What goes of ideas when a person is erased: their drafts, their words, their name on anything; what others wrote stays.

What stands on a ballot stays, without who brought it: people voted on those words. What an officer said in office stays too,
without who said it. Whoever seconded is counted under a new reference that belongs to nobody. Safe to repeat.
"""

from collections.abc import Mapping

from sqlmodel import Session, col, delete, select, update

from ledger.people import new_reference
from ledger.rounds.ideas import Author, Backing, Credit, Idea, Photo, Question, Revision, State
from ledger.rounds.interests import Interest
from ledger.rounds.meetings import Attendance

TAKEN_AWAY = "Taken away with its author’s data"


def forget_ideas(session: Session, ref: str, *, voted_as: Mapping[str, str]) -> None:
    """Take the person, and what only they wrote, out of every idea. `voted_as` is the reference of their ballot by round, under
    which their interests stay: an item's quorum goes on leaving out the same ballots.
    """
    for idea in session.exec(select(Idea).where(col(Idea.ref).in_(select(Author.idea).where(col(Author.person) == ref)))).all():
        _leave(session, idea, ref)
    session.execute(update(Revision).where(col(Revision.person) == ref).values(person=""))
    session.execute(update(Idea).where(col(Idea.written_for) == ref).values(written_for="", consent=""))
    session.execute(update(Idea).where(col(Idea.officer) == ref).values(officer=""))
    for name in session.exec(select(Backing.idea).where(col(Backing.person) == ref)).all():
        own = col(Backing.idea) == name, col(Backing.person) == ref
        session.execute(update(Backing).where(*own).values(person=new_reference()))
    for interest in session.exec(select(Interest).where(col(Interest.person) == ref)).all():
        own_interest = col(Interest.proposal) == interest.proposal, col(Interest.person) == ref
        reference = voted_as.get(interest.round) or new_reference()
        session.execute(update(Interest).where(*own_interest).values(person=reference, what=""))
    session.execute(delete(Attendance).where(col(Attendance.person) == ref))
    session.execute(update(Question).where(col(Question.asker) == ref).values(asker="", asked=""))
    session.execute(update(Question).where(col(Question.answerer) == ref).values(answerer="", answer=""))
    session.flush()


def _leave(session: Session, idea: Idea, ref: str) -> None:
    session.execute(delete(Author).where(col(Author.idea) == idea.ref, col(Author.person) == ref))
    others = session.exec(select(Author).where(col(Author.idea) == idea.ref)).all()
    if any(other.credit != Credit.WRITER.value for other in others):
        return  # their words too
    if idea.state == State.STANDING.value:
        _only_the_last(session, idea)
    elif idea.shared is None:
        _delete(session, idea)
    else:
        _empty(session, idea)


def _only_the_last(session: Session, idea: Idea) -> None:
    rows = session.exec(select(Revision).where(col(Revision.idea) == idea.ref).order_by(col(Revision.number).desc())).all()
    for row in rows[1:]:
        session.delete(row)
    session.flush()


def _delete(session: Session, idea: Idea) -> None:
    for table in (Revision, Author, Photo):
        session.execute(delete(table).where(col(table.idea) == idea.ref))
    session.delete(idea)
    session.flush()


def _empty(session: Session, idea: Idea) -> None:
    for table in (Revision, Photo):
        session.execute(delete(table).where(col(table.idea) == idea.ref))
    idea.title, idea.summary, idea.east, idea.north = TAKEN_AWAY, "", None, None
    if idea.state == State.SHARED.value:
        idea.state = State.WITHDRAWN.value
    idea.reason = TAKEN_AWAY if idea.state == State.WITHDRAWN.value else idea.reason
    session.add(idea)
    session.flush()
