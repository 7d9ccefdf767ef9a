"""A ballot cast with a code: no account, no name, no time. One credential, one ballot, whoever races.

The cast takes a share of the round's keyring and the lock of the code's own place on the roll, and no lock of the log: so
fifty thousand people do not wait for each other, and a thousand who send one code leave one ballot.
"""

from dataclasses import dataclass

from nacl.signing import SigningKey
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from ledger.ballot.codes import credential, read_code, roll_mark
from ledger.ballot.marking import BallotRefused, marked, padded
from ledger.ballot.receipts import Receipt, commitment, is_nonce, new_nonce, promise, six_digits
from ledger.ballot.sealing import Plain, public_keys, seal
from ledger.entries import DatabaseBook, entry_at
from ledger.errors import LedgerError
from ledger.kinds.deciding import rules_of
from ledger.rounds.proposals import proposals_of, round_called
from ledger.rounds.roll import Eligible, Keyring, Slip, Tracker, needed_keyring
from ledger.unit_of_work import UnitOfWork


class CodeRefused(LedgerError):
    """This code cannot be used. It may be mistyped, replaced by another, or used already. Check it against your letter. If it
    is right, ask the people named on the letter: a ballot that was cast with it is kept, and nothing else was recorded.
    """


class NotOurKey(LedgerError):
    """The site's key for receipts is not the one of this round, so it takes no votes. Tell whoever runs the site; nothing was
    recorded, and your code is not used.
    """


@dataclass(frozen=True, slots=True)
class Marked:
    """What a voter means to cast, held to the rules: the choices padded, the digits, and the nonce that the site drew."""

    round: str
    choices: str
    digits: str
    nonce: str

    @property
    def tracker(self) -> str:
        """The commitment."""
        return commitment(self.round, nonce=self.nonce, digits=self.digits, choices=self.choices)


def mark(session: Session, *, round_ref: str, chosen: frozenset[int], digits: str, nonce: str = "") -> Marked:
    """The ballot as it would be cast. A `nonce` that the site drew before is kept, so that sending twice is casting once.

    Raises NotSecret, BallotRefused, NotSixDigits.
    """
    keyring, row = needed_keyring(session, round_ref), round_called(session, round_ref)
    rules = rules_of(entry_at(session, row.entry), DatabaseBook(session))
    numbers = frozenset(proposal.number for proposal in proposals_of(session, round_ref))
    choices = marked(chosen, form=rules.ballot, most_choices=rules.most_choices, numbers=numbers)
    return Marked(round_ref, padded(choices, keyring.length), six_digits(digits), nonce if is_nonce(nonce) else new_nonce())


def cast_with_code(unit: UnitOfWork, *, code: str, ballot: Marked, key: SigningKey) -> Receipt:
    """Cast the ballot with the code. The same ballot sent again with the same code gives the same receipt.

    A wrong, used or revoked code and one that never was are refused in the same words after the same work. Raises CodeRefused,
    NotACode, BallotRefused, NotSecret, NotOurKey.
    """
    session = unit.session
    used = credential(ballot.round, read_code(code))
    keyring = _open(unit, ballot.round)
    if bytes(key.verify_key).hex() != keyring.promises:
        raise NotOurKey
    tracker = ballot.tracker
    # Sealed before anything is looked up: what takes time takes it for every code.
    sealed = seal(Plain(ballot.choices, ballot.nonce, ballot.digits), public_keys(keyring.keyholders)).hex()
    place = select(Eligible.mark).where(col(Eligible.round) == ballot.round)
    listed = session.exec(place.where(col(Eligible.mark) == roll_mark(ballot.round, used)).with_for_update()).first()
    there = select(Slip.tracker).where(col(Slip.round) == ballot.round, col(Slip.credential) == used)
    earlier = session.exec(there).first()
    if listed is None or earlier not in {None, tracker}:
        raise CodeRefused
    if earlier is None:
        make = sqlite.insert if unit.connection.dialect.name == "sqlite" else postgresql.insert
        row = {"round": ballot.round, "credential": used, "tracker": tracker, "sealed": sealed}
        session.execute(make(Slip).values(row).on_conflict_do_nothing())
        if session.exec(there).first() != tracker:  # two at once: the first one's ballot stands
            raise CodeRefused
    return Receipt(ballot.round, tracker, ballot.nonce, ballot.digits, promise(key, ballot.round, tracker))


def _open(unit: UnitOfWork, round_ref: str) -> Keyring:
    """The round's keyring, shared until the commit: whoever closes the round waits for this ballot, or it is refused."""
    session = unit.session
    row = round_called(session, round_ref)
    keyring = session.exec(select(Keyring).where(col(Keyring.round) == round_ref).with_for_update(read=True)).first()
    keyring = keyring or needed_keyring(session, round_ref)
    if keyring.closed or not row.opens_on <= unit.today() <= row.closes_on:
        raise BallotRefused(problem=f"Votes are taken from {row.opens_on} to {row.closes_on}.")
    return keyring


def where_logged(session: Session, round_ref: str, tracker: str) -> int | None:
    """The entry of the log that holds this commitment; none when it is not in the log, or not yet."""
    return session.exec(select(Tracker.entry).where(col(Tracker.round) == round_ref, col(Tracker.tracker) == tracker)).first()
