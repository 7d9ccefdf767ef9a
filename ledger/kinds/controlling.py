"""Stops and corrections: a pot is frozen with a public reason, a period is closed, an entry is reversed."""

from datetime import date

from ledger.errors import LedgerError
from ledger.kinds.payload import Digest, Payload, mandate_of, no_movements
from ledger.records import Book, Draft, Kind, Movement, Recorded
from ledger.roles import Role


class AlreadyFrozen(LedgerError):
    """This pot is {state} already. Nothing was recorded."""


class PeriodsOutOfOrder(LedgerError):
    """{problem} Nothing was recorded."""


class CannotReverse(LedgerError):
    """Entry {index} cannot be reversed: {problem}. Nothing was recorded."""


def is_frozen(book: Book, place: str) -> bool:
    """Whether the last word on the place's pot is a freeze."""
    words = list(book.where(Kind.FREEZE, Kind.UNFREEZE, place=place))
    return bool(words) and words[-1].kind is Kind.FREEZE


def closed_through(book: Book, authority: str) -> date | None:
    """The last day of the closed periods of an authority; none when nothing is closed."""
    through: date | None = None
    for entry in book.where(Kind.PERIOD_CLOSE, Kind.REOPEN, authority=authority):
        match entry.payload:
            case PeriodClose() as closed:
                through = closed.through
            case Reopen() as reopened:
                through = reopened.through
            case _:
                raise AssertionError(f"entry {entry.index} neither closes nor reopens a period")
    return through


class Freeze(Payload):
    """The chief finance officer stops a pot, and says why in public."""

    kind = Kind.FREEZE
    roles = frozenset({Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.DEVOLUTION})

    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """A pot is frozen once."""
        no_movements(draft)
        if draft.place is not None and is_frozen(book, draft.place):
            raise AlreadyFrozen(state="frozen")


class Unfreeze(Payload):
    """A frozen pot is released."""

    kind = Kind.UNFREEZE
    roles = frozenset({Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.FREEZE})

    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """Only a frozen pot can be released."""
        no_movements(draft)
        if draft.place is not None and not is_frozen(book, draft.place):
            raise AlreadyFrozen(state="open")


class PeriodClose(Payload):
    """Everything up to and including a day is final: late facts enter the open period."""

    kind = Kind.PERIOD_CLOSE
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.CONSTITUTION})

    through: date

    def check(self, draft: Draft, book: Book) -> None:
        """For the whole authority, later than what is closed already, and never in the future."""
        no_movements(draft)
        _whole_authority(draft)
        closed = closed_through(book, draft.authority)
        if closed is not None and self.through <= closed:
            raise PeriodsOutOfOrder(problem=f"Everything to {closed} is closed already.")
        if self.through >= draft.effective_on:
            raise PeriodsOutOfOrder(problem="A period can be closed only when it is over.")


class Reopen(Payload):
    """A closed period is opened again by a second person, back to a day."""

    kind = Kind.REOPEN
    roles = frozenset({Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.PERIOD_CLOSE})

    through: date | None
    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """By somebody other than who closed it; what stays closed is less than before."""
        no_movements(draft)
        _whole_authority(draft)
        closing = mandate_of(draft, book)
        newest = list(book.where(Kind.PERIOD_CLOSE, authority=draft.authority))[-1]
        if newest.index != closing.index:
            raise PeriodsOutOfOrder(problem=f"The newest closing is entry {newest.index}. Reopen that one.")
        closed = closed_through(book, draft.authority)
        if closing.actor.person == draft.actor.person:
            raise PeriodsOutOfOrder(problem="Whoever closed a period cannot reopen it alone. Ask a colleague.")
        if closed is None or (self.through is not None and self.through >= closed):
            raise PeriodsOutOfOrder(problem="That period is open already.")


class Reversal(Payload):
    """The only correction: an entry's transfers run backwards, in a new entry that points at it."""

    kind = Kind.REVERSAL
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER, Role.AUTHORITY_LEADER})
    powers = frozenset(
        {
            Kind.DEVOLUTION,
            Kind.SECONDMENT,
            Kind.ALLOCATION,
            Kind.COMMITMENT,
            Kind.PAYMENT,
            Kind.TIME_WORKED,
            Kind.VIREMENT,
            Kind.HELP_GIVEN,
            Kind.RETURN,
            Kind.CLAWBACK,
            Kind.RISK_CALL,
            Kind.RISK_GAIN,
        }
    )

    reasons: Digest

    def check(self, draft: Draft, book: Book) -> None:
        """Exactly the mirror of an entry that moved something, once, by who may, while nothing that moved rests on it."""
        reversed_entry = mandate_of(draft, book)
        leaders = reversed_entry.kind in {Kind.DEVOLUTION, Kind.SECONDMENT, Kind.CLAWBACK}
        if leaders != (draft.actor.role is Role.AUTHORITY_LEADER):
            who = "the authority leader" if leaders else "a finance officer"
            raise CannotReverse(index=reversed_entry.index, problem=f"only {who} may reverse {reversed_entry.kind.one}")
        after = book.resting(reversed_entry.index)
        if after is not None:
            raise CannotReverse(index=reversed_entry.index, problem=f"entry {after} rests on it; reverse that first")
        if reversed_entry.kind in {Kind.RISK_CALL, Kind.RISK_GAIN}:
            _newest_shared(reversed_entry, book)
        if draft.movements != mirrored(reversed_entry.movements):
            raise CannotReverse(index=reversed_entry.index, problem="a reversal moves exactly what the entry moved, back")
        earlier = book.reversal(reversed_entry.index)
        if earlier is not None:
            raise CannotReverse(index=reversed_entry.index, problem=f"entry {earlier} has reversed it already")


def _newest_shared(shared: Recorded, book: Book) -> None:
    """A loss (or a gain) was split after those before it, so they are taken back in turn, the newest first."""
    what = "loss" if shared.kind is Kind.RISK_CALL else "gain"
    for later in book.where(shared.kind, subject=shared.payload.subject()):
        if later.index > shared.index and book.reversal(later.index) is None:
            problem = f"the {what} in entry {later.index} came on top; reverse that first"
            raise CannotReverse(index=shared.index, problem=problem)


def _whole_authority(draft: Draft) -> None:
    if draft.place is not None:
        raise PeriodsOutOfOrder(problem="A period is closed or opened for the whole authority, not for one place.")


def mirrored(movements: tuple[Movement, ...]) -> tuple[Movement, ...]:
    """The movements run backwards."""
    return tuple(
        Movement(
            from_account=movement.to_account,
            to_account=movement.from_account,
            resource=movement.resource,
            amount=movement.amount,
        )
        for movement in movements
    )
