"""Everything that is held about one person, for that person to read.

What is about a person stands in seven places: their name; how they sign in; the entries they made and that name them; their
ballots; proposals; ideas, with what they seconded, asked and answered; what they asked of the registrar.
Somebody else's words that mention them cannot be found by a reference, so texts that hold their full name are listed too.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from ledger.accounts import AccountKind
from ledger.ballot.marking import read_choices
from ledger.credentials.held import HeldSignIn, held_to_sign_in
from ledger.database import instant_text
from ledger.door import recorded
from ledger.entries import Entry, Transfer, decode
from ledger.kinds.authority import RoleChange
from ledger.kinds.erasing import words_in
from ledger.markers import erased_person
from ledger.narratives import Narrative, words
from ledger.people import person
from ledger.records import Kind, Recorded
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.ideas import Author, Backing, Idea, Question, ideas_by
from ledger.rounds.interests import Interest
from ledger.rounds.meetings import Attendance
from ledger.rounds.proposals import Proposal, proposals_of
from ledger.subject_requests import requests_by

SHAPE = "commonpurse-person-4"


@dataclass(frozen=True, slots=True)
class HeldName:
    """The row about the person. `erased_in` is the entry that says when and why the name went."""

    reference: str
    name: str | None
    line_for_the_picker: str
    invented: bool
    erased_in: int | None
    erased_because: str | None


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role begun or ended, by the entry that says so."""

    entry: int
    role: str
    change: str
    authority: str
    place: str | None
    begins: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class HeldEntry:
    """An entry that carries the person's reference: they `made` it, or it `names` them. It stays for ever."""

    entry: int
    kind: str
    effective_on: date
    link: str
    acted_as: str | None


@dataclass(frozen=True, slots=True)
class HeldWords:
    """Words beside an entry: the person recorded them, or their full name stands in them. None where they were erased."""

    entry: int
    digest: str
    link: str
    text: str | None


@dataclass(frozen=True, slots=True)
class HeldBallot:
    """A ballot still tied to the person. `commitment` is what the log holds of it once the round is counted."""

    round: str
    cast_at: datetime
    choices: dict[str, int]
    commitment: str


@dataclass(frozen=True, slots=True)
class HeldProposal:
    """A proposal that the person brought."""

    proposal: str
    round: str
    title: str


@dataclass(frozen=True, slots=True)
class HeldIdea:
    """An idea in which the person has a part, as it reads now. `named` says whether their name stands on its page."""

    idea: str
    state: str
    credit: str
    named: bool
    title: str
    summary: str
    consent: str | None


@dataclass(frozen=True, slots=True)
class HeldQuestion:
    """A question that the person asked or answered about an idea, in their own words."""

    idea: str
    at: datetime
    asked: str | None
    answered: str | None


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """What the person asked of the registrar; `declined` is the reason, where it was not done."""

    what: str
    name: str
    made: datetime
    declined: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """All of it. `shape` names this form of the document; a later form has another name."""

    shape: str
    person: HeldName
    roles: tuple[HeldRole, ...]
    entries: tuple[HeldEntry, ...]
    words: tuple[HeldWords, ...]
    ballots: tuple[HeldBallot, ...]
    proposals: tuple[HeldProposal, ...]
    ideas: tuple[HeldIdea, ...]
    seconded: tuple[str, ...]
    interests: tuple[tuple[str, str], ...]
    meetings: tuple[str, ...]
    questions: tuple[HeldQuestion, ...]
    sign_in: HeldSignIn
    requests: tuple[HeldRequest, ...]


def held_about(session: Session, ref: str) -> Held:
    """All that is held about the person. Raises NotFound."""
    row = person(session, ref)
    made = _entries(session, col(Entry.person) == ref)
    naming = [entry for entry in _naming(session, ref) if entry.actor.person != ref]
    marker = erased_person(session, ref)
    links = [(entry, "made") for entry in made] + [(entry, "names") for entry in naming]
    return Held(
        shape=SHAPE,
        person=HeldName(
            reference=ref,
            name=row.name,
            line_for_the_picker=row.story,
            invented=row.invented,
            erased_in=row.erasure,
            erased_because=marker.reason.value if marker is not None else None,
        ),
        roles=tuple(_role(entry, entry.payload) for entry in naming if isinstance(entry.payload, RoleChange)),
        entries=tuple(_entry(entry, link) for entry, link in sorted(links, key=lambda pair: pair[0].index)),
        words=(*_words_of(session, made), *_words_with(session, row.name)),
        ballots=tuple(_ballot(session, kept) for kept in session.exec(select(Ballot).where(col(Ballot.voter) == ref))),
        proposals=tuple(
            HeldProposal(found.ref, found.round, found.title)
            for found in session.exec(select(Proposal).where(col(Proposal.proposer) == ref).order_by(col(Proposal.ref)))
        ),
        ideas=tuple(_idea(session, ref, idea) for idea in ideas_by(session, ref)),
        seconded=tuple(session.exec(select(Backing.idea).where(col(Backing.person) == ref).order_by(col(Backing.idea)))),
        interests=tuple(
            (row.proposal, row.what)
            for row in session.exec(select(Interest).where(col(Interest.person) == ref).order_by(col(Interest.proposal)))
        ),
        meetings=tuple(
            session.exec(select(Attendance.meeting).where(col(Attendance.person) == ref).order_by(col(Attendance.meeting)))
        ),
        questions=_questions(session, ref),
        sign_in=held_to_sign_in(session, ref),
        requests=tuple(HeldRequest(row.what, row.name, row.made, row.declined) for row in requests_by(session, ref)),
    )


def as_json(held: Held) -> str:
    """The document as the person takes it away."""
    return json.dumps(asdict(held), indent=2, ensure_ascii=False, default=_plain) + "\n"


def named_in(session: Session, name: str | None) -> tuple[int, ...]:
    """The entries beside which somebody's words hold this full name, and are kept."""
    return tuple(held.entry for held in _words_with(session, name))


def _entries(session: Session, which: ColumnElement[bool]) -> list[Recorded]:
    return [decode(written) for written in session.exec(select(Entry.written).where(which).order_by(col(Entry.index)))]


def _naming(session: Session, ref: str) -> list[Recorded]:
    """Entries about the person: roles, an erasure, payments, the founding that made them registrar, prototypes they lead, and
    what names them as somebody who signs.
    """
    paid = select(Transfer.entry).where(col(Transfer.to_account) == f"{AccountKind.PAYEE}/{ref}")
    found = _entries(session, or_(col(Entry.subject) == ref, col(Entry.index).in_(paid)))
    founded = _entries(session, col(Entry.kind) == Kind.CONSTITUTION.value)
    led = _entries(session, col(Entry.kind) == Kind.PROTOTYPE.value)
    agreed = _entries(session, col(Entry.kind).in_([kind.value for kind in (Kind.DEVOLUTION, Kind.TERMS, Kind.RISK_AGREEMENT)]))
    return [
        *found,
        *(entry for entry in founded if getattr(entry.payload, "registrar", None) == ref),
        *(entry for entry in led if ref in getattr(entry.payload, "leaders", ())),
        *(entry for entry in agreed if ref in _who_sign(entry)),
    ]


def _who_sign(entry: Recorded) -> set[str]:
    """Whom an instrument, terms of reference or a risk agreement names, whether they have signed or not."""
    named = (*getattr(entry.payload, "to_sign", ()), *getattr(entry.payload, "signed", ()))
    return {*named, *(share.signatory for share in getattr(entry.payload, "shares", ()))}


def _role(entry: Recorded, change: RoleChange) -> HeldRole:
    return HeldRole(
        entry.index, change.role.value, change.change.value, entry.authority, entry.place, change.begins, change.ends
    )


def _entry(entry: Recorded, link: str) -> HeldEntry:
    return HeldEntry(
        entry=entry.index,
        kind=entry.kind.value,
        effective_on=entry.effective_on,
        link=link,
        acted_as=entry.actor.role.value if link == "made" else None,
    )


def _words_of(session: Session, made: list[Recorded]) -> list[HeldWords]:
    digests = {found[1]: entry.index for entry in made if (found := words_in(entry)) is not None}
    texts = words(session, set(digests))
    return [HeldWords(index, digest, "recorded", texts.get(digest)) for digest, index in digests.items()]


def _words_with(session: Session, name: str | None) -> list[HeldWords]:
    if not name:
        return []
    rows = session.exec(select(Narrative).where(col(Narrative.text).icontains(name, autoescape=True)))
    found = [(recorded(session, row.idempotency_key), row) for row in rows]
    held = [HeldWords(entry.index, row.digest, "names", row.text) for entry, row in found if entry is not None]
    return sorted(held, key=lambda each: each.entry)


def _ballot(session: Session, kept: Ballot) -> HeldBallot:
    proposals = {proposal.number: proposal.ref for proposal in proposals_of(session, kept.round)}
    choices = {proposals[number]: points for number, points in read_choices(kept.choices).items()}
    return HeldBallot(kept.round, kept.cast_at, choices, commitment(kept))


def _idea(session: Session, ref: str, idea: Idea) -> HeldIdea:
    part = session.get_one(Author, (idea.ref, ref))
    own_consent = idea.consent if idea.written_for == ref else None
    return HeldIdea(idea.ref, idea.state, part.credit, part.named, idea.title, idea.summary, own_consent)


def _questions(session: Session, ref: str) -> tuple[HeldQuestion, ...]:
    own = or_(col(Question.asker) == ref, col(Question.answerer) == ref)
    return tuple(
        HeldQuestion(
            idea=row.idea,
            at=row.at,
            asked=row.asked if row.asker == ref else None,
            answered=row.answer if row.answerer == ref else None,
        )
        for row in session.exec(select(Question).where(own).order_by(col(Question.at), col(Question.ref)))
    )


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise AssertionError(f"what is held has a {type(value).__name__}")
