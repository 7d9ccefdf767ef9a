"""The audit of a round's papers: dice thrown in public draw a sample, and each drawn paper is read once more.

It begins when the papers are in the log, so nobody can choose what is recorded by what will be looked at. What is read again is
compared with what the log holds, and published: the dice, the size, each paper with whether it agrees.
"""

from dataclasses import dataclass

from msgspec import Struct
from sqlmodel import Field, Session, SQLModel, col, select

from ledger.ballot.files import file_bytes
from ledger.ballot.marking import read_choices
from ledger.ballot.sampling import drawn, explained
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import holds
from ledger.rounds.paper import KEYING
from ledger.rounds.proposals import round_called
from ledger.rounds.roll import Tracker, needed_keyring
from ledger.tally.profile import thrown
from ledger.unit_of_work import UnitOfWork

AUDIT = "audit.json"


class AuditRefused(LedgerError):
    """{problem} Nothing was recorded, and what was compared before is kept."""


class Throw(SQLModel, table=True):
    """The dice of a round's audit, and how many wrong papers its sample is made to notice."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    dice: str = Field(max_length=200)
    wrong: int
    clerk: str = Field(max_length=80)


class Comparison(SQLModel, table=True):
    """A drawn paper, read once more: whether it says what the log holds of it."""

    round: str = Field(foreign_key="throw.round", primary_key=True, max_length=80)
    paper: int = Field(primary_key=True)
    agrees: bool
    clerk: str = Field(max_length=80)


class Compared(Struct, frozen=True):
    """One line of audit.json."""

    paper: int
    agrees: bool


class Published(Struct, frozen=True):
    """audit.json."""

    round: str
    papers: int
    wrong: int
    dice: str
    sample: tuple[int, ...]
    compared: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class Audit:
    """How far the audit of a round is."""

    papers: int
    throw: Throw | None
    sample: tuple[int, ...]
    compared: dict[int, bool]

    @property
    def waiting(self) -> tuple[int, ...]:
        """What is drawn and not compared yet, in the order of the draw."""
        return tuple(paper for paper in self.sample if paper not in self.compared)

    @property
    def wrong(self) -> tuple[int, ...]:
        """The papers that do not say what was recorded."""
        return tuple(sorted(paper for paper, agrees in self.compared.items() if not agrees))

    @property
    def said(self) -> str:
        """Its size in words; nothing before the dice."""
        return explained(self.papers, self.throw.wrong) if self.throw is not None else ""


def audit_of(session: Session, round_ref: str) -> Audit:
    """The audit as it stands."""
    numbers = select(Tracker.paper).where(col(Tracker.round) == round_ref, col(Tracker.paper).is_not(None))
    papers, throw = len(session.exec(numbers).all()), session.get(Throw, round_ref)
    rows = session.exec(select(Comparison).where(col(Comparison.round) == round_ref)).all()
    sample = drawn(papers, throw.wrong, throw.dice) if throw is not None else ()
    return Audit(papers, throw, sample, {row.paper: row.agrees for row in rows})


def audited(session: Session, round_ref: str) -> Audit | None:
    """The audit for the round's own page; none before the dice."""
    return audit_of(session, round_ref) if session.get(Throw, round_ref) is not None else None


def draw(unit: UnitOfWork, *, round_ref: str, dice: str, wrong: int, clerk: str) -> Audit:
    """Write down the dice, once, after the papers are in the log. The same again changes nothing.

    Raises AuditRefused, NoSample, UnsoundElection.
    """
    session, figures = unit.session, thrown(dice)
    there = audit_of(session, round_ref)
    if there.throw is not None:
        if (there.throw.dice, there.throw.wrong) == (figures, wrong):
            return there
        raise AuditRefused(problem="The dice of this round are written down already, and stay.")
    _may_audit(unit, round_ref, clerk)
    if not there.papers:
        raise AuditRefused(problem="No papers of this round are in the log. The dice are thrown after that.")
    drawn(there.papers, wrong, figures)
    session.add(Throw(round=round_ref, dice=figures, wrong=wrong, clerk=clerk))
    session.flush()
    return audit_of(session, round_ref)


def compare(unit: UnitOfWork, *, round_ref: str, paper: int, chosen: frozenset[int], clerk: str) -> bool:
    """Read a drawn paper once more; whether the log says the same. The same again changes nothing. Raises AuditRefused."""
    session = unit.session
    _may_audit(unit, round_ref, clerk)
    if paper not in audit_of(session, round_ref).sample:
        raise AuditRefused(problem=f"Paper {paper} is not in the sample.")
    row = session.exec(select(Tracker).where(col(Tracker.round) == round_ref, col(Tracker.paper) == paper)).one()
    agrees = frozenset(read_choices(row.choices or "[]")) == chosen
    earlier = session.get(Comparison, (round_ref, paper))
    if earlier is None:
        session.add(Comparison(round=round_ref, paper=paper, agrees=agrees, clerk=clerk))
        session.flush()
    elif earlier.agrees != agrees:
        raise AuditRefused(problem=f"Paper {paper} was compared already, and what was found stays.")
    return agrees


def audit_file(session: Session, round_ref: str) -> bytes | None:
    """audit.json; nothing before the dice."""
    audit = audit_of(session, round_ref)
    if audit.throw is None:
        return None
    compared = tuple(Compared(paper, agrees) for paper, agrees in sorted(audit.compared.items()))
    return file_bytes(Published(round_ref, audit.papers, audit.throw.wrong, audit.throw.dice, audit.sample, compared))


def _may_audit(unit: UnitOfWork, round_ref: str, clerk: str) -> None:
    """A clerk or registrar of the round, once it is closed."""
    session = unit.session
    if not needed_keyring(session, round_ref).closed:
        raise AuditRefused(problem="This round is not closed. Papers are audited when all of them are in the log.")
    row, book = round_called(session, round_ref), DatabaseBook(session)
    authority, day = entry_at(session, row.entry).authority, unit.today()
    if not any(holds(book, person=clerk, role=role, authority=authority, place=row.partnership, on=day) for role in KEYING):
        raise AuditRefused(problem=f"{clerk} is neither a clerk nor a registrar of this round today.")
