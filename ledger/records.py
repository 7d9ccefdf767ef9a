"""What an entry is made of, before it is recorded and after, with no database in sight.

A `Draft` is what somebody asks to record. The rule of its kind reads a `Book` (all that was recorded before) and either
lets it pass or raises. What was recorded is a `Recorded`: the draft with its place in the log.
"""

from collections.abc import Hashable, Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Protocol

from msgspec import Meta, Struct, field

from ledger.errors import LedgerError
from ledger.money import LARGEST
from ledger.roles import Role

if TYPE_CHECKING:
    from ledger.kinds.evidence import Gathered
    from ledger.kinds.payload import Payload

NAME_LENGTH, KEY_LENGTH = 80, 120  # characters of a reference, and of an idempotency key: as wide as their columns
SCHEMA = 1  # in every entry's bytes, so that an old entry is readable forever


class Kind(StrEnum):
    """What sort of fact an entry records. The order is the order in which a partnership meets them."""

    CONSTITUTION = "constitution"
    ROLE = "role"
    DEVOLUTION = "devolution"
    SECONDMENT = "secondment"
    TERMS = "terms"
    ROUND = "round"
    RULES_FROZEN = "rules_frozen"
    BALLOTS_SEALED = "ballots_sealed"
    RESULT = "result"
    RATIFICATION = "ratification"
    ALLOCATION = "allocation"
    COMMITMENT = "commitment"
    PAYMENT = "payment"
    TIME_WORKED = "time_worked"
    VIREMENT = "virement"
    HELP_GIVEN = "help_given"
    RETURN = "return"
    CLAWBACK = "clawback"
    PROTOTYPE = "prototype"
    REFLECTION = "reflection"
    PROTOTYPE_DECISION = "prototype_decision"
    DATA_SHARING = "data_sharing"
    FREEZE = "freeze"
    UNFREEZE = "unfreeze"
    PERIOD_CLOSE = "period_close"
    REOPEN = "reopen"
    REVERSAL = "reversal"
    ERASURE = "erasure"
    RISK_AGREEMENT = "risk_agreement"
    RISK_SIGNATURE = "risk_signature"
    RISK_RESERVE = "risk_reserve"
    RISK_DECISION = "risk_decision"
    RISK_CALL = "risk_call"
    RISK_GAIN = "risk_gain"
    OVERRIDE = "override"
    SIGNATURE = "signature"

    @property
    def decides(self) -> bool:
        """Whether what was lawful may cease to be, or rules ask for it when they check others."""
        return self not in QUIET

    @property
    def heading(self) -> str:
        """The kind as a heading: “Time worked”."""
        return self.value.replace("_", " ").capitalize()

    @property
    def one(self) -> str:
        """The kind in a sentence: “an allocation”, “a payment”."""
        words = self.heading.lower()
        return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


# What flows by powers given before: however many there are, no rule asks for more of them than what they come to.
FLOWS = frozenset({Kind.COMMITMENT, Kind.PAYMENT, Kind.TIME_WORKED, Kind.HELP_GIVEN, Kind.RETURN})

# A virement fills a purse: who helps from it names it as the mandate, and no rule asks for it otherwise.
QUIET = frozenset({*FLOWS, Kind.VIREMENT})

# What is agreed, signed, set aside, decided and called about a risk that is shared; each is about one agreement.
SHARED_RISK = frozenset(
    {Kind.RISK_AGREEMENT, Kind.RISK_SIGNATURE, Kind.RISK_RESERVE, Kind.RISK_DECISION, Kind.RISK_CALL, Kind.RISK_GAIN}
)

# What moves resource by the power of an entry that can itself be reversed.
MOVING = frozenset({*FLOWS, Kind.SECONDMENT, Kind.CLAWBACK})


class Actor(Struct, frozen=True, forbid_unknown_fields=True):
    """Who acts, by opaque reference, and the role they act in."""

    person: Annotated[str, Meta(min_length=1, max_length=NAME_LENGTH)]
    role: Role


class Movement(Struct, frozen=True, forbid_unknown_fields=True):
    """One transfer: `amount` (pence or minutes, always > 0) from one account to another."""

    from_account: str = field(name="from")
    to_account: str = field(name="to")
    resource: str
    amount: Annotated[int, Meta(ge=0, le=LARGEST)]


class Draft(Struct, frozen=True, kw_only=True):
    """What somebody asks to record. `mandate` is the index of the earlier entry that gives the power."""

    authority: str
    payload: "Payload"
    actor: Actor
    effective_on: date
    idempotency_key: str
    place: str | None = None
    mandate: int | None = None
    movements: tuple[Movement, ...] = ()


class Recorded(Draft, frozen=True, kw_only=True):
    """An entry as it stands in the log: the draft, and its place there."""

    index: int
    kind: Kind
    recorded_at: datetime
    leaf_hash: bytes

    def total(self, resource: str) -> int:
        """How much of `resource` its transfers move in all."""
        return sum(movement.amount for movement in self.movements if movement.resource == resource)


class Book(Protocol):
    """All that was recorded so far, as the rules ask about it: the database's, or one replayed from entries alone."""

    @property
    def lawful(self) -> set[Hashable]:
        """Questions of power that were answered with yes, and that hold until the next decision is recorded."""

    def entry(self, index: int) -> Recorded | None:
        """The entry at `index`, if there is one."""

    def balance(self, account: str, resource: str) -> int:
        """What the account holds of the resource now; 0 for an account never used."""

    def left(self, commitment: int, resource: str) -> int:
        """What is left of a commitment: promised, less what was paid, worked or reversed."""

    def reversal(self, index: int) -> int | None:
        """The entry that reversed this one, if there is one."""

    def resting(self, index: int) -> int | None:
        """The first entry that moved something by the power of this one and was not reversed, if there is one."""

    def gathered(self, place: str) -> "Gathered":
        """What all entries of the place come to so far. Asked for a renewal only."""

    def where(
        self,
        *kinds: Kind,
        authority: str | None = None,
        place: str | None = None,
        subject: str | None = None,
        mandate: int | None = None,
    ) -> Iterator[Recorded]:
        """Entries of the kinds that match everything given, oldest first. Rules ask for decisions only, never for flows."""


class NoSuchEntry(LedgerError):
    """There is no entry {index} in the ledger. Check the number; nothing was recorded."""
