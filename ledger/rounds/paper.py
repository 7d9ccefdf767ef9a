"""Votes on paper: strips with codes taken in, papers numbered, each keyed blind by two people, and a third where they differ.

The order is what keeps a vote secret. The envelope is opened and its strip cut off; strips go on one pile, papers on another.
The strips' codes are entered, and only then are the papers numbered: no row joins a paper's number to a code. The code of a
strip counts as used, and an online ballot under it is not counted.

    envelopes → strips (codes) | papers 1…n → first entry + second entry → agree: settled
                                                                        → differ: a third person decides → settled

The database holds the people apart: one person has one entry of a paper, and who made an entry does not decide on it. No
function gives anybody an entry before both are there. At the close every paper has to be settled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import CheckConstraint, Column, Integer, UniqueConstraint, insert
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.ballot.codes import NotACode, credential, read_code, roll_mark
from ledger.ballot.marking import BallotRefused, marked, padded, read_choices, write_choices
from ledger.ballot.receipts import commitment, new_nonce
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.authority import holds
from ledger.kinds.deciding import rules_of
from ledger.kinds.payload import RoundNotReady
from ledger.people import Role
from ledger.rounds.proposals import proposals_of, round_called
from ledger.rounds.roll import Eligible, Keyring, Stub, needed_keyring
from ledger.unit_of_work import UnitOfWork

KEYING = (Role.CLERK, Role.REGISTRAR)
_ENTRIES = 2


class PaperRefused(LedgerError):
    """{problem} Nothing was recorded, and what was entered before is kept."""


class Batch(SQLModel, table=True):
    """Papers that were taken in together: their numbers, one after another, from `first`."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    number: int = Field(primary_key=True)
    first: int
    papers: int
    clerk: str = Field(max_length=80)
    made_on: date

    __table_args__ = (
        CheckConstraint("papers > 0 AND first > 0", name="batch_has_papers"),
        UniqueConstraint("round", "first", name="batch_numbered_once"),
    )


class Copy(SQLModel, table=True):
    """What one person read on a paper: the first entry or the second. `[]` is a paper without a valid choice."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    paper: int = Field(primary_key=True)
    turn: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    clerk: str = Field(max_length=80)
    choices: str

    __table_args__ = (
        UniqueConstraint("round", "paper", "clerk", name="copy_by_two_people"),
        CheckConstraint("turn IN (1, 2)", name="copy_first_or_second"),
    )


class Ruling(SQLModel, table=True):
    """What a third person read where two entries differ. The database refuses anybody who made one of them."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    paper: int = Field(primary_key=True)
    clerk: str = Field(max_length=80)
    choices: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the papers of a round are, by their numbers."""

    batches: tuple[Batch, ...]
    stubs: int
    papers: int
    untouched: tuple[int, ...]
    once: tuple[int, ...]  # one entry
    differ: tuple[int, ...]  # two entries that differ, and no decision yet
    settled: int

    @property
    def done(self) -> bool:
        """Whether each paper may be counted."""
        return self.settled == self.papers


def take_in(unit: UnitOfWork, *, round_ref: str, codes: Iterable[str], papers: int, number: int, clerk: str) -> Batch:
    """Take in batch `number`: the codes of its strips, and how many papers there are. The papers are numbered after it.

    As many strips as papers, each code on the roll and taken in once. Sent again, it is the same batch. Raises PaperRefused.
    """
    session = unit.session
    used = [_stub(round_ref, place, code) for place, code in enumerate(codes, start=1)]
    earlier = session.get(Batch, (round_ref, number))
    if earlier is not None:
        if (earlier.papers, earlier.clerk) == (papers, clerk) and set(used) <= stubs_of(session, round_ref):
            return earlier
        raise PaperRefused(problem=f"Batch {number} was taken in already. Look at the list and take the next number.")
    _may_work(unit, round_ref, clerk)
    if len(used) != papers:
        raise PaperRefused(
            problem=f"The batch has {papers} papers and {len(used)} strips. Look into the envelopes again; a paper without a "
            "strip, or a strip without a paper, is put aside and not counted."
        )
    if len(set(used)) != len(used):
        raise PaperRefused(problem="The code of one strip stands there twice.")
    if set(used) & stubs_of(session, round_ref):
        raise PaperRefused(problem="The code of one of these strips was taken in before.")
    for place, each in enumerate(used, start=1):
        if session.get(Eligible, (round_ref, roll_mark(round_ref, each))) is None:
            raise PaperRefused(problem=f"The code on line {place} is not on the roll of this round.")
    before = batches_of(session, round_ref)
    if number != len(before) + 1 or papers < 1:
        raise PaperRefused(problem=f"The next batch is batch {len(before) + 1}, of one paper or more.")
    first = sum(batch.papers for batch in before) + 1
    batch = Batch(round=round_ref, number=number, first=first, papers=papers, clerk=clerk, made_on=unit.today())
    session.add(batch)
    session.execute(insert(Stub), [{"round": round_ref, "credential": each} for each in sorted(used)])
    session.flush()
    return batch


def _stub(round_ref: str, place: int, code: str) -> str:
    try:
        return credential(round_ref, read_code(code))
    except NotACode as fault:
        raise PaperRefused(problem=f"Line {place} is no code of 24 letters and numbers.") from fault


def key_paper(unit: UnitOfWork, *, round_ref: str, paper: int, chosen: frozenset[int], clerk: str) -> int:
    """Enter what stands on a paper: as the first entry, or as the second by somebody else; which. Safe to repeat.

    No choice means that the paper names none that is valid. Raises PaperRefused.
    """
    session = unit.session
    written = _written(session, round_ref, chosen)
    _may_work(unit, round_ref, clerk)
    there = _copies(session, round_ref).get(paper, [])
    for copy in there:
        if copy.clerk == clerk:
            if copy.choices == written:
                return copy.turn
            raise PaperRefused(problem=f"You have entered paper {paper} already. Somebody else enters it a second time.")
    if not any(batch.first <= paper < batch.first + batch.papers for batch in batches_of(session, round_ref)):
        raise PaperRefused(problem=f"There is no paper {paper} in this round.")
    if len(there) == _ENTRIES:
        raise PaperRefused(problem=f"Paper {paper} has both of its entries.")
    turn = len(there) + 1
    session.add(Copy(round=round_ref, paper=paper, turn=turn, clerk=clerk, choices=written))
    session.flush()
    return turn


def adjudicate(unit: UnitOfWork, *, round_ref: str, paper: int, chosen: frozenset[int], clerk: str) -> Ruling:
    """Decide as a third person, with the paper in hand, what stands on it, where its two entries differ. Safe to repeat.

    Raises PaperRefused.
    """
    session = unit.session
    written = _written(session, round_ref, chosen)
    earlier = session.get(Ruling, (round_ref, paper))
    if earlier is not None and (earlier.clerk, earlier.choices) == (clerk, written):
        return earlier
    _may_work(unit, round_ref, clerk)
    there = _copies(session, round_ref).get(paper, [])
    if earlier is not None or len(there) != _ENTRIES or there[0].choices == there[1].choices:
        raise PaperRefused(problem=f"There is nothing to decide about paper {paper}: its entries are not both there, or agree.")
    if clerk in {copy.clerk for copy in there}:
        raise PaperRefused(problem=f"You have entered paper {paper} yourself. A third person decides.")
    made = Ruling(round=round_ref, paper=paper, clerk=clerk, choices=written)
    session.add(made)
    session.flush()
    return made


def next_paper(session: Session, round_ref: str, clerk: str) -> int | None:
    """The lowest number of a paper that this person may enter: not by them before, and not twice by others."""
    copies = _copies(session, round_ref)
    for paper in _numbers(session, round_ref):
        there = copies.get(paper, [])
        if len(there) < _ENTRIES and clerk not in {copy.clerk for copy in there}:
            return paper
    return None


def next_to_decide(session: Session, round_ref: str, clerk: str) -> int | None:
    """The lowest number of a paper whose entries differ and that this person entered neither time."""
    copies = _copies(session, round_ref)
    differ = progress_of(session, round_ref).differ
    return next((paper for paper in differ if clerk not in {copy.clerk for copy in copies[paper]}), None)


def difference(session: Session, round_ref: str, paper: int) -> tuple[frozenset[int], frozenset[int]] | None:
    """The two entries of a paper that differ, in an order that says nothing of who made which; none while one is missing."""
    there = _copies(session, round_ref).get(paper, [])
    if len(there) != _ENTRIES or there[0].choices == there[1].choices:
        return None
    first, second = sorted(copy.choices for copy in there)
    return frozenset(read_choices(first)), frozenset(read_choices(second))


def progress_of(session: Session, round_ref: str) -> Progress:
    """How far the papers are. It says nothing of what anybody entered."""
    copies, ruled = _copies(session, round_ref), _rulings(session, round_ref)
    untouched, once, differ, settled = [], [], [], 0
    numbers = _numbers(session, round_ref)
    for paper in numbers:
        there = copies.get(paper, [])
        if not there:
            untouched.append(paper)
        elif len(there) < _ENTRIES:
            once.append(paper)
        elif there[0].choices != there[1].choices and paper not in ruled:
            differ.append(paper)
        else:
            settled += 1
    stubs = len(stubs_of(session, round_ref))
    batches = tuple(batches_of(session, round_ref))
    return Progress(batches, stubs, len(numbers), tuple(untouched), tuple(once), tuple(differ), settled)


def settled_papers(session: Session, keyring: Keyring) -> dict[str, dict[str, object]]:
    """At the close: each paper as a ballot for the log, by a new tracker. Raises RoundNotReady while one is not settled."""
    round_ref = keyring.round
    progress = progress_of(session, round_ref)
    if not progress.done:
        raise RoundNotReady(
            problem=f"{progress.papers - progress.settled} papers are not settled: "
            f"{len(progress.untouched) + len(progress.once)} are not entered twice, {len(progress.differ)} differ."
        )
    copies, ruled = _copies(session, round_ref), _rulings(session, round_ref)
    made: dict[str, dict[str, object]] = {}
    for paper in _numbers(session, round_ref):
        written = ruled[paper].choices if paper in ruled else copies[paper][0].choices
        choices, nonce, digits = read_choices(written), new_nonce(), f"{paper:06d}"
        tracker = commitment(round_ref, nonce=nonce, digits=digits, choices=padded(choices, keyring.length))
        standing = "counted" if choices else "blank"
        made[tracker] = {"choices": written, "nonce": nonce, "digits": digits, "paper": paper, "standing": standing}
    return made


def batches_of(session: Session, round_ref: str) -> list[Batch]:
    """The batches in their order."""
    return list(session.exec(select(Batch).where(col(Batch.round) == round_ref).order_by(col(Batch.number))))


def stubs_of(session: Session, round_ref: str) -> set[str]:
    """The s of each code that voted on paper."""
    return set(session.exec(select(Stub.credential).where(col(Stub.round) == round_ref)))


def papers_in(session: Session, round_ref: str) -> int:
    """How many papers there are."""
    return session.exec(select(func.coalesce(func.sum(Batch.papers), 0)).where(col(Batch.round) == round_ref)).one()


def _numbers(session: Session, round_ref: str) -> range:
    return range(1, papers_in(session, round_ref) + 1)


def _copies(session: Session, round_ref: str) -> dict[int, list[Copy]]:
    found: dict[int, list[Copy]] = {}
    for copy in session.exec(select(Copy).where(col(Copy.round) == round_ref).order_by(col(Copy.turn))):
        found.setdefault(copy.paper, []).append(copy)
    return found


def _rulings(session: Session, round_ref: str) -> dict[int, Ruling]:
    return {ruling.paper: ruling for ruling in session.exec(select(Ruling).where(col(Ruling.round) == round_ref))}


def _written(session: Session, round_ref: str, chosen: frozenset[int]) -> str:
    """The choices as written, held to the round's rules; `[]` for none. Raises PaperRefused."""
    if not chosen:
        return write_choices({})
    rules = rules_of(entry_at(session, round_called(session, round_ref).entry), DatabaseBook(session))
    numbers = frozenset(proposal.number for proposal in proposals_of(session, round_ref))
    try:
        return write_choices(marked(chosen, form=rules.ballot, most_choices=rules.most_choices, numbers=numbers))
    except BallotRefused as fault:
        raise PaperRefused(
            problem="A ballot of this round cannot say this. A paper that does is entered as “no valid choice”."
        ) from fault


def _may_work(unit: UnitOfWork, round_ref: str, clerk: str) -> None:
    """The person is a clerk or a registrar there today, and the round is not closed. Its keyring is locked until the commit."""
    session = unit.session
    needed_keyring(session, round_ref)
    row = round_called(session, round_ref)
    # Whoever else takes in or enters papers of this round waits, and so does the close.
    locked = select(Keyring).where(col(Keyring.round) == round_ref).with_for_update()
    keyring = session.exec(locked.execution_options(populate_existing=True)).one()
    if keyring.closed:
        raise PaperRefused(problem="This round is closed: its papers are in the log.")
    if unit.today() < row.opens_on:
        raise PaperRefused(problem=f"Votes are taken from {row.opens_on}.")
    book, authority = DatabaseBook(session), entry_at(session, row.entry).authority
    if not any(
        holds(book, person=clerk, role=role, authority=authority, place=row.partnership, on=unit.today()) for role in KEYING
    ):
        raise PaperRefused(problem=f"{clerk} is neither a clerk nor a registrar of this round today.")
