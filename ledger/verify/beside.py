"""What stands beside the log and says what the log decided: texts, names, ballots, rounds, proposals, outcomes, authorities."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet

from sqlmodel import Session, col, func, select

from ledger.ballot.receipts import commitment as secret_commitment
from ledger.entries import Entry, decode
from ledger.kinds.authority import Constitution, RoleChange
from ledger.kinds.deciding import BallotsSealed, Counted, RoundOpened, RulesFrozen
from ledger.kinds.erasing import Erasure, Removed, words_in
from ledger.narratives import Narrative, digest_of
from ledger.people import Person
from ledger.places import Authority
from ledger.records import Kind, Recorded
from ledger.replay import ReplayedBook
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.proposals import Outcome, Proposal, Round, proposals_of
from ledger.rounds.roll import Tracker, keyring_of
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


class Words:
    """The texts that entries answer for, looked at as the entries come: no more of them is kept than what was erased."""

    def __init__(self, session: Session) -> None:
        """Nothing was looked at yet."""
        self._session = session
        self._matched = 0
        self._problems: list[tuple[str, int]] = []  # digests, with their entries, that an erasure has to explain

    def look(self, entries: Iterable[Recorded]) -> None:
        """Compare the texts of the next entries."""
        answered = {found[1]: entry.index for entry in entries if (found := words_in(entry)) is not None}
        rows = self._session.exec(select(Narrative).where(col(Narrative.digest).in_(answered))).all() if answered else []
        self._matched += len(rows)
        for row in rows:
            index = answered.pop(row.digest)
            if row.erasure is not None or not _is_text_of(row):
                self._problems.append((row.digest, index))
        self._problems += answered.items()
        self._session.expunge_all()

    def finish(self, book: ReplayedBook) -> int:
        """Every text is kept as it was recorded, or was erased by an entry that says so, and none belongs to no entry.

        Returns how many are kept. Raises LedgerWrong.
        """
        erased = _erased(book, Removed.STORY, Removed.REASONS, Removed.CONDITIONS)
        for digest, index in self._problems:
            self._explain(digest, index, erased.get(digest))
        for digest in erased:
            row = self._session.get(Narrative, digest)
            if row is not None and row.erasure is None:
                _check_words(row, "its entry", erased[digest])
        total = self._session.exec(select(func.count()).select_from(Narrative)).one()
        if total != self._matched:
            self._name_the_stray()
        return total - len(erased)

    def _explain(self, digest: str, index: int, erasure: int | None) -> None:
        row = self._session.get(Narrative, digest)
        if row is None:
            missing = "its words, which no entry erased," if erasure is None else "the marker of its erased words"
            raise LedgerWrong(what=f"entry {index}", problem=f"{missing} cannot be found")
        _check_words(row, f"entry {index}", erasure)

    def _name_the_stray(self) -> None:
        answered = set[str]()
        for chunk in in_chunks(self._session, select(Entry), Entry.index):
            answered |= {found[1] for row in chunk if (found := words_in(decode(row.written))) is not None}
            self._session.expunge_all()
        for rows in in_chunks(self._session, select(Narrative), Narrative.digest):
            for row in rows:
                if row.digest not in answered:
                    raise LedgerWrong(what=f"the text {row.digest}", problem="no entry answers for it")


def _check_words(row: Narrative, whose: str, erasure: int | None) -> None:
    problem = None
    if row.erasure != erasure:
        kept = "it is still kept" if row.erasure is None else f"it is marked as erased by entry {row.erasure}"
        said = "no entry erased it" if erasure is None else f"entry {erasure} erased it"
        problem = f"{said}, and {kept}"
    elif row.erasure is not None:
        problem = None if row.text is None and row.salt is None else f"entry {erasure} erased it, and some of it is still there"
    elif not _is_text_of(row):
        problem = "its words are not those that were recorded"
    if problem is not None:
        raise LedgerWrong(what=f"the text {row.digest} of {whose}", problem=problem)


def _is_text_of(row: Narrative) -> bool:
    try:
        return row.salt is not None and row.text is not None and digest_of(row.salt, row.text) == row.digest
    except ValueError:  # the salt is not hexadecimal
        return False


def _erased(book: ReplayedBook, *removed: Removed) -> dict[str, int]:
    """What was erased, each with the entry that says so."""
    return {
        entry.payload.erased: entry.index
        for entry in book.where(Kind.ERASURE)
        if isinstance(entry.payload, Erasure) and entry.payload.what in removed
    }


def check_people(session: Session, book: ReplayedBook, actors: AbstractSet[str]) -> None:
    """Whoever the log names by reference has a name, or a marker and an entry that erased the name. Raises LedgerWrong."""
    missing = {*actors}
    missing |= {entry.payload.person for entry in book.where(Kind.ROLE) if isinstance(entry.payload, RoleChange)}
    missing |= {entry.payload.registrar for entry in book.where(Kind.CONSTITUTION) if isinstance(entry.payload, Constitution)}
    erased = _erased(book, Removed.PERSON)
    missing |= erased.keys()
    for rows in in_chunks(session, select(Person), Person.ref):
        for row in rows:
            missing.discard(row.ref)
            _check_name(row, erased.get(row.ref))
    for ref in sorted(missing):
        raise LedgerWrong(what=f"the person {ref}", problem="neither a name nor the marker of an erased one can be found")
    for table, reference in ((Ballot, Ballot.voter), (Proposal, Proposal.proposer)):
        linked = select(col(Person.ref)).join(table, col(reference) == col(Person.ref)).where(col(Person.erasure).is_not(None))
        for ref in session.exec(linked):
            name = str(table.__tablename__)
            raise LedgerWrong(what=f"the person {ref}", problem=f"the name was erased, and a {name} still says whose it is")


def _check_name(row: Person, erasure: int | None) -> None:
    problem = None
    if row.erasure != erasure:
        kept = "the name is still kept" if row.erasure is None else f"the name is marked as erased by entry {row.erasure}"
        said = "no entry erased it" if erasure is None else f"entry {erasure} erased it"
        problem = f"{kept}, and {said}"
    elif row.erasure is not None and (row.name is not None or row.story):
        problem = f"entry {erasure} erased the name, and some of it is still there"
    elif row.erasure is None and not row.name:
        problem = "there is no name, and no entry erased it"
    if problem is not None:
        raise LedgerWrong(what=f"the person {row.ref}", problem=problem)


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
        kept.update(_trackers(session, ref))
        if kept != commitments:
            raise LedgerWrong(what=f"the ballots of {ref}", problem="they are not those that were sealed")
        checked += kept.total()
    return checked


def _trackers(session: Session, ref: str) -> Iterator[str]:
    """The commitments of a secret round's ballots: of each that is opened, made anew from what it says. Raises LedgerWrong."""
    keyring = keyring_of(session, ref)
    if keyring is None:
        return
    rows = in_chunks(session, select(Tracker).where(col(Tracker.round) == ref), Tracker.tracker)
    for row in (row for some in rows for row in some):
        if row.choices is None:
            yield row.tracker
            continue
        if row.nonce is None or row.digits is None:
            raise LedgerWrong(what=f"the ballot {row.tracker}", problem="it is opened, and its nonce or digits are not there")
        yield secret_commitment(ref, nonce=row.nonce, digits=row.digits, choices=row.choices.ljust(keyring.length))
