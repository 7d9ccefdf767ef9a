"""Who may vote in secret, and for whom it is sealed: the roll of hashes, lost codes, and the keyholders of a round.

The roll holds h = H("roll", round, s) and nothing else: whose it is never leaves the registrar's desk.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import UniqueConstraint, delete, insert
from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.ballot.codes import roll_mark
from ledger.ballot.files import Change, Roll, file_bytes
from ledger.ballot.marking import longest
from ledger.ballot.sealing import public_keys
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError, NotFound
from ledger.kinds.authority import holds
from ledger.kinds.deciding import Electorate, rules_of
from ledger.people import Role
from ledger.rounds.proposals import proposals_of, round_called
from ledger.unit_of_work import UnitOfWork

HASH = 64  # letters of a hash or a key in hexadecimal
AT_ONCE = 5_000
REASONS = ("lost", "never arrived", "spoiled")
OFFICERS = (Role.REGISTRAR, Role.CHAIR, Role.CONNECTOR)


class NotSecret(NotFound):
    """Round {round} has no secret ballot: its three keyholders' keys were not given before the vote. Nothing was recorded."""


class RollRefused(LedgerError):
    """{problem} The roll is as it was."""


class Keyring(SQLModel, table=True):
    """The secret ballot of a round: its keyholders' public keys, the public key of its receipts, and how long choices are."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    first: str = Field(max_length=HASH)
    second: str = Field(max_length=HASH)
    third: str = Field(max_length=HASH)
    promises: str = Field(max_length=HASH)
    length: int
    rerun_at: int = Field(description="so many complaints of missing ballots, and the vote is held again")
    backups_end: date = Field(description="the last day of any backup that still joins a credential to a sealed ballot")
    closed: bool = False

    @property
    def keyholders(self) -> tuple[str, str, str]:
        """The three public keys, in their places."""
        return (self.first, self.second, self.third)


class Eligible(SQLModel, table=True):
    """One code that may vote, by its h."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    mark: str = Field(primary_key=True, max_length=HASH)


class Reissue(SQLModel, table=True):
    """A lost code: its h revoked and another added, by two officers."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    revoked: str = Field(primary_key=True, max_length=HASH)
    added: str = Field(max_length=HASH)
    first: str = Field(max_length=80)
    second: str = Field(max_length=80)
    reason: str = Field(max_length=20)
    made_on: date


class Slip(SQLModel, table=True):
    """A used credential with its sealed ballot: what joins the two, until the result is certified.

    It holds no time, no address and no number: nothing says in which order people voted.
    """

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    credential: str = Field(primary_key=True, max_length=HASH)
    tracker: str = Field(max_length=HASH)
    sealed: str

    __table_args__ = (UniqueConstraint("tracker", name="slip_tracked_once"),)


class Stub(SQLModel, table=True):
    """A code whose strip came with a paper, by its s. It stands in no batch and beside no paper."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    credential: str = Field(primary_key=True, max_length=HASH)


class Spent(SQLModel, table=True):
    """A credential that was used, apart from any ballot: the published list."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    credential: str = Field(primary_key=True, max_length=HASH)


class Tracker(SQLModel, table=True):
    """A commitment that is in the log, and after the opening what it was to. All of it is published."""

    round: str = Field(foreign_key="round.ref", primary_key=True, max_length=80)
    tracker: str = Field(primary_key=True, max_length=HASH)
    entry: int = Field(foreign_key="entry.index")
    choices: str | None = None
    nonce: str | None = Field(default=None, max_length=32)
    digits: str | None = Field(default=None, max_length=6)
    standing: str = Field(default="counted", max_length=20)
    paper: int | None = Field(default=None, description="the number of a paper; none for what was cast online")

    __table_args__ = (UniqueConstraint("round", "paper", name="tracker_of_a_paper_once"),)


def keyring_of(session: Session, round_ref: str) -> Keyring | None:
    """The secret ballot of the round; none where it has none."""
    return session.get(Keyring, round_ref)


def needed_keyring(session: Session, round_ref: str) -> Keyring:
    """The secret ballot of the round. Raises NotFound, NotSecret."""
    round_called(session, round_ref)
    found = keyring_of(session, round_ref)
    if found is None:
        raise NotSecret(round=round_ref)
    return found


def set_up(
    unit: UnitOfWork, *, round_ref: str, keyholders: tuple[str, ...], promises: str, rerun_at: int, backups_end: date
) -> Keyring:
    """Give a residents' round its secret ballot, once and before the vote. The same again changes nothing.

    Raises NotFound, RollRefused, KeyholderBroken, FormNotOffered.
    """
    session = unit.session
    row = round_called(session, round_ref)
    public_keys(keyholders)
    if row.electorate == Electorate.PANEL.value or row.source is not None:
        raise RollRefused(problem="Only a round in which residents vote here has a secret ballot by code.")
    opened = entry_at(session, row.entry)
    rules = rules_of(opened, DatabaseBook(session))
    numbers = [proposal.number for proposal in proposals_of(session, round_ref)]
    wanted = Keyring(
        round=round_ref,
        first=keyholders[0],
        second=keyholders[1],
        third=keyholders[2],
        promises=promises,
        length=longest(rules.ballot, rules.most_choices, numbers),
        rerun_at=rerun_at,
        backups_end=backups_end,
    )
    there = keyring_of(session, round_ref)
    if there is not None:
        if there.model_dump() != wanted.model_dump():
            raise RollRefused(problem="This round has its keyholders already, and keeps them.")
        return there
    session.add(wanted)
    session.flush()
    return wanted


def load_roll(unit: UnitOfWork, *, round_ref: str, marks: Sequence[str]) -> int:
    """Put the sorted list of h on the roll, once and before anybody votes; how many. The same again changes nothing.

    Raises NotSecret, RollRefused.
    """
    session = unit.session
    keyring = needed_keyring(session, round_ref)
    if not marks:
        raise RollRefused(problem="The list is empty.")
    if any(len(mark) != HASH or not set(mark) <= set("0123456789abcdef") for mark in marks):
        raise RollRefused(problem="A line of the list is no hash of 64 letters.")
    if list(marks) != sorted(set(marks)):
        raise RollRefused(problem="The list is not sorted, or has a line twice.")
    there = marks_of(session, round_ref)
    if there:
        if there != list(marks):
            raise RollRefused(problem="This round has its roll already. A lost code is replaced by two officers.")
        return len(there)
    if keyring.closed:
        raise RollRefused(problem="The vote is over.")
    for start in range(0, len(marks), AT_ONCE):
        session.execute(insert(Eligible), [{"round": round_ref, "mark": mark} for mark in marks[start : start + AT_ONCE]])
    return len(marks)


def replace_code(
    unit: UnitOfWork, *, round_ref: str, revoked: str, added: str, officers: tuple[str, str], reason: str
) -> Reissue:
    """Take a lost code's h off the roll and put another on, by two officers. A code that was used stays. Safe to retry.

    Raises NotSecret, RollRefused.
    """
    session = unit.session
    keyring = needed_keyring(session, round_ref)
    earlier = session.get(Reissue, (round_ref, revoked))
    if earlier is not None and earlier.added == added:
        return earlier
    if keyring.closed:
        raise RollRefused(problem="The vote is over.")
    _two_officers(unit, round_ref, officers)
    if reason not in REASONS:
        raise RollRefused(problem=f"The reason is one of: {', '.join(REASONS)}.")
    if len(added) != HASH or not set(added) <= set("0123456789abcdef"):
        raise RollRefused(problem="What is added is no hash of 64 letters.")
    # The row is locked, so that no ballot is cast with the old code in this very moment.
    old = session.exec(
        select(Eligible).where(col(Eligible.round) == round_ref, col(Eligible.mark) == revoked).with_for_update()
    ).first()
    if old is None:
        raise RollRefused(problem="The old code is not on the roll.")
    if session.get(Eligible, (round_ref, added)) is not None or session.get(Reissue, (round_ref, added)) is not None:
        raise RollRefused(problem="The new code is on the roll already, or was revoked.")
    if _has_voted(session, round_ref, revoked):
        raise RollRefused(problem="The old code has voted, so it is not replaced.")
    session.execute(delete(Eligible).where(col(Eligible.round) == round_ref, col(Eligible.mark) == revoked))
    session.add(Eligible(round=round_ref, mark=added))
    made = Reissue(
        round=round_ref,
        revoked=revoked,
        added=added,
        first=officers[0],
        second=officers[1],
        reason=reason,
        made_on=unit.today(),
    )
    session.add(made)
    session.flush()
    return made


def marks_of(session: Session, round_ref: str) -> list[str]:
    """The roll, sorted as text is: by its letters, whatever order the database has."""
    return sorted(session.exec(select(Eligible.mark).where(col(Eligible.round) == round_ref)))


def roll_file(session: Session, round_ref: str) -> bytes:
    """roll.json as it stands now."""
    changes = session.exec(select(Reissue).where(col(Reissue.round) == round_ref)).all()
    return file_bytes(
        Roll(
            round_ref,
            tuple(marks_of(session, round_ref)),
            tuple(
                Change(row.revoked, row.added, (row.first, row.second), row.reason, row.made_on.isoformat())
                for row in sorted(changes, key=lambda row: row.revoked)
            ),
        )
    )


def logged(session: Session, round_ref: str) -> int:
    """How many sealed ballots are in the log."""
    return session.exec(select(func.count()).select_from(Tracker).where(col(Tracker.round) == round_ref)).one()


def let_go(session: Session, round_ref: str) -> None:
    """Delete what joined the credentials of a round to its ballots. For whoever has seen that its result is decided on."""
    session.execute(delete(Slip).where(col(Slip.round) == round_ref))
    session.execute(delete(Stub).where(col(Stub.round) == round_ref))


def _two_officers(unit: UnitOfWork, round_ref: str, officers: tuple[str, str]) -> None:
    row = round_called(unit.session, round_ref)
    book, authority = DatabaseBook(unit.session), entry_at(unit.session, row.entry).authority
    if officers[0] == officers[1]:
        raise RollRefused(problem="It takes two officers, and this would be one.")
    for officer in officers:
        held = (
            holds(book, person=officer, role=role, authority=authority, place=row.partnership, on=unit.today())
            for role in OFFICERS
        )
        if not any(held):
            raise RollRefused(problem=f"{officer} is neither a registrar nor a chair nor a connector of this round today.")


def _has_voted(session: Session, round_ref: str, mark: str) -> bool:
    online = session.exec(select(Slip.credential).where(col(Slip.round) == round_ref)).all()
    paper = session.exec(select(Stub.credential).where(col(Stub.round) == round_ref)).all()
    return any(roll_mark(round_ref, each) == mark for each in (*online, *paper))
