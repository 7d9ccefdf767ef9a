"""What every kind's payload has in common: typed, frozen, exact fields, and the rule that stands beside them."""

import unicodedata
from collections.abc import Collection, Iterable
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
)

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.money import LARGEST
from ledger.records import Book, Draft, Kind, Movement, Recorded
from ledger.roles import Role

Amount = Annotated[int, Field(strict=True, gt=0, le=LARGEST)]
Count = Annotated[int, Field(strict=True, ge=0, le=LARGEST)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
    AfterValidator(lambda text: unicodedata.normalize("NFC", text)),
]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Limits = dict[str, Amount]  # resource → the most that one award may take

_PAYEE = AccountKind.PAYEE.value


class Exact(BaseModel):
    """Named fields, nothing more, and none of them changes."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Grown(Exact):
    """A shape that may be given more fields after its first entries were recorded."""

    written_without: ClassVar[frozenset[str]] = frozenset()  # fields added later: at their default, they are not in the bytes

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """As pydantic would, less the later fields that say nothing: an entry of an older release keeps its exact bytes."""
        fields: dict[str, Any] = handler(self)
        for name in self.written_without:
            if getattr(self, name) == type(self).model_fields[name].default:
                fields.pop(name, None)
        return fields


class Payload(Grown):
    """The fields of one kind of entry. A subclass says who may record it, by what power, and checks its own rule."""

    kind: ClassVar[Kind]
    roles: ClassVar[frozenset[Role]]
    powers: ClassVar[frozenset[Kind]] = frozenset()  # the kinds of entry that may be its mandate; none: it has no mandate
    draws: ClassVar[bool] = False  # whether it draws on what is left of the commitment that is its mandate

    def offered(self) -> None:
        """Raise a LedgerError where new entries may no longer take a form that old ones have. Not asked of what is there."""

    def subject(self) -> str | None:
        """What the entry is about, to find it by: a person, a round, a project; none when its kind is enough."""
        return None

    def check(self, draft: Draft, book: Book) -> None:
        """Raise a LedgerError unless everything decided so far allows this draft."""

    def measure(self, draft: Draft, book: Book) -> None:
        """Raise a LedgerError unless there is enough for this draft."""


class WrongMovement(LedgerError):
    """This ({kind}) moves {rule}, and it would move from {from_account} to {to_account}. Nothing was recorded."""


class NothingMoved(LedgerError):
    """This ({kind}) has to move money or time, and it moves none. Enter an amount; nothing was recorded."""


class MandateReversed(LedgerError):
    """Entry {index}, on which this rests, was reversed in entry {reversal}. Nothing was recorded."""


class RoundNotReady(LedgerError):
    """{problem} Nothing was recorded."""


class LimitExceeded(LedgerError):
    """{needed} is over the limit of {limit} that {source} sets for one award. Lower the amount; nothing was recorded."""


def mandate_of(draft: Draft, book: Book) -> Recorded:
    """The entry that gives the power. The general check has made sure that it is there."""
    found = book.entry(draft.mandate) if draft.mandate is not None else None
    if found is None:
        raise AssertionError("the general check lets no draft without its mandate through")
    return found


def require_route(draft: Draft, allowed: Collection[tuple[str, str]], *, rule: str) -> None:
    """Every movement goes from → to as one of `allowed`, and there is at least one. Raises WrongMovement, NothingMoved."""
    if not draft.movements:
        raise NothingMoved(kind=draft.payload.kind.heading.lower())
    for movement in draft.movements:
        if (movement.from_account, movement.to_account) not in allowed:
            raise WrongMovement(
                kind=draft.payload.kind.heading.lower(),
                rule=rule,
                from_account=movement.from_account,
                to_account=movement.to_account,
            )


def to_payee(draft: Draft, from_account: str, *, payee: str, rule: str) -> None:
    """Every movement goes from the account to the payee that the payload names."""
    require_route(draft, [(from_account, f"{_PAYEE}/{payee}")], rule=rule)


def no_movements(draft: Draft) -> None:
    """This kind decides and moves nothing. Raises WrongMovement."""
    for movement in draft.movements:
        raise WrongMovement(
            kind=draft.payload.kind.heading.lower(),
            rule="nothing",
            from_account=movement.from_account,
            to_account=movement.to_account,
        )


def amounts(movements: Iterable[Movement]) -> dict[str, int]:
    """Total moved by resource."""
    totals: dict[str, int] = {}
    for movement in movements:
        totals[movement.resource] = totals.get(movement.resource, 0) + movement.amount
    return totals
