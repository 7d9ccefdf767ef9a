"""From a draft to the ballot: an idea is written, changed, shared, seconded, merged or withdrawn, asked about and commented on.

Each is allowed in its stage and to its people, asked here again after the page has asked; each is safe to send twice.
"""

from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import holds
from ledger.people import Role, person
from ledger.places import partnership
from ledger.rounds.freezing import locked_round, still_open
from ledger.rounds.ideas import (
    SIDE,
    Author,
    Backing,
    Credit,
    Idea,
    Photo,
    Question,
    Revision,
    State,
    Step,
    after,
    idea_called,
)
from ledger.rounds.proposals import Round
from ledger.rounds.reading import stage_now
from ledger.rounds.stages import BEFORE_THE_VOTE, SHAPED, TAKING_IDEAS, Stage
from ledger.unit_of_work import UnitOfWork

WRITERS = (Role.RESIDENT, Role.CONNECTOR)
COMMENTERS = (Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER)
_MOST_PHOTOS = 4


class NotYours(LedgerError):
    """Only {who} can do this. Ask one of them; nothing was changed."""


class NotInThisStage(LedgerError):
    """This round is {stage}, and {what} {when}. Nothing was changed."""


class Incomplete(LedgerError):
    """{problem} Nothing was changed, and what was written before is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What an idea says and asks for. `spot` is (east, north) on the neighbourhood's map."""

    title: str
    summary: str
    cost: int
    minutes: int = 0
    theme: str | None = None
    district: str | None = None
    spot: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnBehalf:
    """The resident whose idea is written down, by reference, and how they agreed to it."""

    resident: str
    consent: str


def write(
    unit: UnitOfWork, *, round_ref: str, words: Words, by: str, idempotency_key: str, for_: OnBehalf | None = None
) -> Idea:
    """Keep a draft; nobody but its authors sees it. A connector writes for a resident who agreed, and says how they did.

    Raises NotYours, NotInThisStage, Incomplete. Sent twice with one key it is one draft.
    """
    session = unit.session
    earlier = session.exec(select(Idea).where(col(Idea.idempotency_key) == idempotency_key)).first()
    if earlier is not None:
        return earlier
    row = locked_round(session, round_ref)
    _in_stage(unit, row, TAKING_IDEAS, "ideas are written", "while it gathers and shapes them")
    _must_hold(unit, row, by, WRITERS if for_ is None else (Role.CONNECTOR,))
    if for_ is not None:
        _agreed(session, for_)
    _whole(words)
    number = (session.exec(select(func.max(Idea.number)).where(col(Idea.round) == round_ref)).one() or 0) + 1
    idea = Idea(
        ref=f"{round_ref}-{number}", round=round_ref, number=number, title="", summary="", cost=0, made=unit.now(),
        written_for=for_.resident if for_ else "", consent=for_.consent.strip() if for_ else "",
        idempotency_key=idempotency_key,
    )  # fmt: skip
    _put(idea, words)
    session.add(idea)
    session.flush()
    if for_ is not None:
        session.add(Author(idea=idea.ref, person=for_.resident, credit=Credit.AUTHOR.value))
    session.add(Author(idea=idea.ref, person=by, credit=(Credit.WRITER if for_ else Credit.AUTHOR).value))
    _keep_revision(unit, idea, by)
    return idea


def change(unit: UnitOfWork, *, ref: str, words: Words, by: str) -> Idea:
    """Let the idea read otherwise, and keep how it read before. The same words again change nothing.

    Raises NotYours, NotInThisStage, NotInThisState, Incomplete.
    """
    idea, _ = _for_its_authors(unit, ref, by, "ideas change")
    after(State(idea.state), Step.WITHDRAW)  # what may still be withdrawn may still change
    _whole(words)
    before = _said(idea)
    _put(idea, words)
    if _said(idea) != before:
        unit.session.add(idea)
        _keep_revision(unit, idea, by)
    return idea


def share(unit: UnitOfWork, *, ref: str, by: str) -> Idea:
    """Let everybody read the idea; the officers' clock begins. Shared again, it stays as it is. Raises as `change`."""
    idea, _ = _for_its_authors(unit, ref, by, "ideas are shared")
    if idea.state == State.SHARED.value:
        return idea
    _step(unit, idea, Step.SHARE)
    idea.shared = unit.now()
    return idea


def withdraw_idea(unit: UnitOfWork, *, ref: str, reason: str, by: str) -> Idea:
    """Take the idea back, and say why; its page stays, with the reason. Raises as `change`."""
    idea, _ = _for_its_authors(unit, ref, by, "ideas are withdrawn", stages=SHAPED)
    if not reason.strip():
        raise Incomplete(problem="Say why the idea is withdrawn.")
    if idea.state != State.WITHDRAWN.value:
        _step(unit, idea, Step.WITHDRAW)
        idea.reason = reason.strip()
    return idea


def merge(unit: UnitOfWork, *, ref: str, into: str, by: str) -> Idea:
    """Merge one idea into another of the round: its authors are credited there, who seconds it seconds the other, and its
    questions are shown there too. Done by an author of both, or by the connector. Raises as `change`.
    """
    session = unit.session
    idea, row = _locked(unit, ref)
    other = idea_called(session, into)
    _in_stage(unit, row, SHAPED, "ideas are merged", "before its rules are frozen")
    if not (_is_author(session, ref, by) and _is_author(session, into, by)):
        _must_hold(unit, row, by, (Role.CONNECTOR,))
    if idea.state == State.MERGED.value and idea.merged_into == into:
        return other
    if other.round != idea.round or other.ref == idea.ref or other.state != State.SHARED.value:
        raise Incomplete(problem="An idea is merged into another one of its round that everybody can read.")
    _step(unit, idea, Step.MERGE)
    idea.merged_into = into
    for author in session.exec(select(Author).where(col(Author.idea) == ref)).all():
        if session.get(Author, (into, author.person)) is None:
            session.add(Author(idea=into, person=author.person, credit=Credit.MERGED.value, named=author.named))
    for backing in session.exec(select(Backing).where(col(Backing.idea) == ref)).all():
        if session.get(Backing, (into, backing.person)) is None:
            session.add(Backing(idea=into, person=backing.person, at=backing.at))
    session.flush()
    return other


def second(unit: UnitOfWork, *, ref: str, by: str) -> None:
    """Second an idea that everybody can read: one person counts once. Its own authors do not. Raises as `change`."""
    session = unit.session
    idea, row = _locked(unit, ref)
    _in_stage(unit, row, SHAPED, "ideas are seconded", "before its rules are frozen")
    person(session, by)
    if idea.state != State.SHARED.value:
        raise Incomplete(problem="Only an idea that everybody can read is seconded.")
    if _is_author(session, ref, by):
        raise NotYours(who="somebody who did not write this idea")
    if session.get(Backing, (ref, by)) is None:
        session.add(Backing(idea=ref, person=by, at=unit.now()))
        session.flush()


def add_co_author(unit: UnitOfWork, *, ref: str, other: str, by: str) -> None:
    """Give somebody else a part in the idea: they can change it from then on. Raises as `change`, and NotFound."""
    idea, row = _for_its_authors(unit, ref, by, "co-authors join")
    after(State(idea.state), Step.WITHDRAW)
    person(unit.session, other)
    _must_hold(unit, row, other, WRITERS)
    if unit.session.get(Author, (ref, other)) is None:
        unit.session.add(Author(idea=ref, person=other, credit=Credit.CO_AUTHOR.value))
        unit.session.flush()


def name_me(unit: UnitOfWork, *, ref: str, by: str, named: bool) -> None:
    """Say whether one's own name stands on the idea's page; without a yes it does not. Raises NotYours."""
    row = unit.session.get(Author, (ref, by))
    if row is None:
        raise NotYours(who="an author of this idea")
    row.named = named
    unit.session.add(row)
    unit.session.flush()


def ask_about(unit: UnitOfWork, *, ref: str, asked: str, by: str, idempotency_key: str) -> Question:
    """Ask something that stays with the idea. Raises NotInThisStage, Incomplete. Sent twice it is one question."""
    session = unit.session
    idea, row = _locked(unit, ref)
    earlier = session.get(Question, idempotency_key)
    if earlier is not None:
        return earlier
    _in_stage(unit, row, BEFORE_THE_VOTE | {Stage.VOTING}, "questions are asked", "until voting is over")
    person(session, by)
    if idea.shared is None or not asked.strip():
        raise Incomplete(problem="A question is about an idea that everybody can read, and asks something.")
    question = Question(ref=idempotency_key, idea=ref, asker=by, at=unit.now(), asked=asked.strip())
    session.add(question)
    session.flush()
    return question


def answer(unit: UnitOfWork, *, question: str, said: str, by: str) -> Question:
    """Answer a question, as an author or as the connector; the newest answer stands. Raises NotYours, Incomplete."""
    session = unit.session
    found = session.get(Question, question)
    if found is None:
        raise Incomplete(problem="There is no such question.")
    _, row = _locked(unit, found.idea)
    if not _is_author(session, found.idea, by):
        _must_hold(unit, row, by, (Role.CONNECTOR,))
    if not said.strip():
        raise Incomplete(problem="Write an answer.")
    if (found.answer, found.answerer) != (said.strip(), by):
        found.answer, found.answerer, found.answered = said.strip(), by, unit.now()
        session.add(found)
        session.flush()
    return found


def comment(unit: UnitOfWork, *, ref: str, feasibility: str, finance: str, by: str) -> Idea:
    """An officer says whether it can be done, and what it means for the money: the idea's clock stops with the first comment.

    Raises NotYours, NotInThisStage, Incomplete.
    """
    idea, row = _locked(unit, ref)
    _in_stage(unit, row, SHAPED, "officers comment", "before its rules are frozen")
    _must_hold(unit, row, by, COMMENTERS)
    if _is_author(unit.session, ref, by):
        raise NotYours(who="an officer who has no part in this idea")
    if idea.state != State.SHARED.value or not (feasibility.strip() and finance.strip()):
        raise Incomplete(problem="Say of a shared idea both whether it can be done and what it means for the money.")
    idea.feasibility, idea.finance, idea.officer = feasibility.strip(), finance.strip(), by
    idea.commented = idea.commented or unit.now()
    unit.session.add(idea)
    unit.session.flush()
    return idea


def show_photo(unit: UnitOfWork, *, ref: str, photo: Photo, by: str) -> None:
    """Put a picture on the idea; the same one twice is one. Raises as `change`."""
    idea, _ = _for_its_authors(unit, ref, by, "pictures are added", stages=SHAPED)
    after(State(idea.state), Step.WITHDRAW)
    session = unit.session
    if session.get(Photo, (ref, photo.name)) is None:
        if len(session.exec(select(Photo.name).where(col(Photo.idea) == ref)).all()) >= _MOST_PHOTOS:
            raise Incomplete(problem=f"An idea shows at most {_MOST_PHOTOS} pictures.")
        photo.idea = ref
        session.add(photo)
        session.flush()


def _for_its_authors(
    unit: UnitOfWork, ref: str, by: str, what: str, *, stages: frozenset[Stage] = TAKING_IDEAS
) -> tuple[Idea, Round]:
    idea, row = _locked(unit, ref)
    if not _is_author(unit.session, ref, by):
        raise NotYours(who="an author of this idea")
    when = "while it gathers and shapes them" if stages == TAKING_IDEAS else "before its rules are frozen"
    _in_stage(unit, row, stages, what, when)
    return idea, row


def _locked(unit: UnitOfWork, ref: str) -> tuple[Idea, Round]:
    """The idea and its round, which is locked: whoever freezes it waits, or is waited for."""
    idea = idea_called(unit.session, ref)
    row = locked_round(unit.session, idea.round)
    unit.session.refresh(idea)
    return idea, row


def _in_stage(unit: UnitOfWork, row: Round, stages: frozenset[Stage], what: str, when: str) -> None:
    stage = stage_now(unit.session, row, today=unit.today())
    if stage not in stages:
        raise NotInThisStage(stage=stage.value, what=what, when=when)
    if Stage.VOTING not in stages:
        still_open(unit.session, row)


def _must_hold(unit: UnitOfWork, row: Round, who: str, roles: tuple[Role, ...]) -> None:
    place = partnership(unit.session, row.partnership)
    authority, book, on = entry_at(unit.session, row.entry).authority, DatabaseBook(unit.session), unit.today()
    if not any(holds(book, person=who, role=role, authority=authority, place=place.slug, on=on) for role in roles):
        raise NotYours(who=f"a {' or '.join(roles)} of {place.name}")


def _agreed(session: Session, for_: OnBehalf) -> None:
    person(session, for_.resident)
    if not for_.consent.strip():
        raise Incomplete(problem="Say how the resident agreed to have their idea written down and shared.")


def _is_author(session: Session, ref: str, who: str) -> bool:
    return session.get(Author, (ref, who)) is not None


def _step(unit: UnitOfWork, idea: Idea, step: Step) -> None:
    idea.state = after(State(idea.state), step).value
    unit.session.add(idea)
    unit.session.flush()


def _whole(words: Words) -> None:
    if not words.title.strip() or not words.summary.strip():
        raise Incomplete(problem="An idea needs a title and a few words about it.")
    if words.cost < 0 or words.minutes < 0 or not words.cost + words.minutes:
        raise Incomplete(problem="Say what the idea would cost, in money or in staff time.")
    if words.spot is not None and not all(0 <= step <= SIDE for step in words.spot):
        raise Incomplete(problem=f"A place on the map is from 0 to {SIDE} east, and from 0 to {SIDE} north.")


def _put(idea: Idea, words: Words) -> None:
    idea.title, idea.summary = words.title.strip(), words.summary.strip()
    idea.theme, idea.district, idea.cost, idea.minutes = words.theme, words.district, words.cost, words.minutes
    idea.east, idea.north = words.spot if words.spot is not None else (None, None)


def _said(idea: Idea) -> tuple[object, ...]:
    return (
        idea.title, idea.summary, idea.theme, idea.district, idea.cost, idea.minutes, idea.east, idea.north,
    )  # fmt: skip


def _keep_revision(unit: UnitOfWork, idea: Idea, by: str) -> None:
    number = (unit.session.exec(select(func.max(Revision.number)).where(col(Revision.idea) == idea.ref)).one() or 0) + 1
    unit.session.add(
        Revision(
            idea=idea.ref, number=number, person=by, at=unit.now(), title=idea.title, summary=idea.summary, theme=idea.theme,
            district=idea.district, cost=idea.cost, minutes=idea.minutes, east=idea.east, north=idea.north,
        )
    )  # fmt: skip
    unit.session.flush()
