"""A round, step by step: opened under live terms, rules frozen, ballots sealed, counted, ratified or refused."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import currency_of
from ledger.kinds.devolving import OutsideScope, VotingRule, live_power, newest_power, terms_of, within
from ledger.kinds.living import require_live
from ledger.kinds.overriding import require_standing
from ledger.kinds.payload import (
    Amount,
    Count,
    Digest,
    Exact,
    Limits,
    Payload,
    RoundNotReady,
    Slug,
    Text,
    mandate_of,
    no_movements,
)
from ledger.money import TIME, format_amount
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role


class BudgetOverPot(LedgerError):
    """The round would share out {needed} and the pot holds {available}. Lower the budget; nothing was recorded."""


class TooFewVotes(LedgerError):
    """{votes} have voted and the terms of reference ask for {quorum}. Wait for more votes; every vote cast is kept."""


class SamePerson(LedgerError):
    """{first} and {second} have to be two different people, and this would be one. Ask a colleague; nothing was recorded."""


def _not_said(value: object) -> bool:
    """Left out of the bytes where nothing is said: entries of rounds without it stay, to the byte, what they were."""
    return value is None


class Electorate(StrEnum):
    """Who votes in a round."""

    PANEL = "panel"
    RESIDENTS = "residents"


class RoundOpened(Payload):
    """A round is opened: what it may share out, and the days on which votes are taken."""

    kind = Kind.ROUND
    roles = frozenset({Role.CHAIR, Role.CONNECTOR, Role.REGISTRAR})
    powers = frozenset({Kind.TERMS})

    round: Slug
    title: Text
    budget: dict[str, Amount]
    opens_on: date
    closes_on: date
    electorate: Electorate
    source: Text | None = Field(default=None, description="where an imported round was published, with its file's SHA-256")

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Under live terms, within scope, with the money in the pot."""
        no_movements(draft)
        terms = newest_power(mandate_of(draft, book), book, on=draft.effective_on)
        require_live(mandate_of(draft, book), terms, book, on=draft.effective_on)
        if self.closes_on < self.opens_on:
            raise RoundNotReady(problem=f"The round would close on {self.closes_on}, before it opens on {self.opens_on}.")
        for earlier in book.where(Kind.ROUND, subject=self.round):
            raise RoundNotReady(problem=f"The round “{self.round}” was opened already, in entry {earlier.index}.")
        for resource, amount in self.budget.items():
            if resource not in terms.limits:
                raise OutsideScope(resource=resource, instrument="the terms of reference", index=draft.mandate)
            held = book.balance(f"{AccountKind.POT}/{draft.place}", resource)
            if amount > held:
                raise BudgetOverPot(needed=format_amount(amount, resource), available=format_amount(held, resource))


class Ask(Exact):
    """One proposal as it stands on the ballot: what it asks for, fixed before anyone votes."""

    project: Slug
    cost: Count
    minutes: Count = 0


class RulesFrozen(Payload):
    """The rules and the proposals of a round, fixed before voting; the order of proposals breaks the last ties."""

    kind = Kind.RULES_FROZEN
    roles = frozenset({Role.CHAIR, Role.CONNECTOR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    ballot: Literal["approval", "choose-1", "cumulative", "ordinal", "scoring"]
    most_choices: Count = Field(default=0, description="the most proposals one ballot may name; 0 for no limit")
    rule: VotingRule
    quorum: Count
    asks: tuple[Ask, ...]

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Once, for the round's own mandate, with the rule that the terms prescribe."""
        no_movements(draft)
        opened = round_of(mandate_of(draft, book))
        _same_round(self.round, opened)
        _, terms = terms_of(mandate_of(draft, book), book)
        if self.rule != terms.voting_rule or self.quorum != terms.quorum:
            raise RoundNotReady(problem="The rule and the quorum of a round are those of its terms of reference.")
        if not self.asks or len({ask.project for ask in self.asks}) != len(self.asks):
            raise RoundNotReady(problem="A round needs proposals, each with a reference of its own.")
        for ask in self.asks:
            # Its own round's name and a number: no two rounds can name the same project, and so share its award.
            own, number = ask.project.startswith(f"{self.round}-"), ask.project.removeprefix(f"{self.round}-")
            if not (own and number.isascii() and number.isdecimal()):
                raise RoundNotReady(problem=f"The project “{ask.project}” does not belong to the round “{self.round}”.")
            _can_be_awarded(ask, opened, terms.limits, currency_of(book, draft.authority))
        for earlier in book.where(Kind.RULES_FROZEN, mandate=draft.mandate):
            raise RoundNotReady(problem=f"The rules of this round were frozen already, in entry {earlier.index}.")


class BallotsSealed(Payload):
    """A shuffled batch of ballot commitments: each shows later that its ballot was there, and says nothing of its choices."""

    kind = Kind.BALLOTS_SEALED
    roles = frozenset({Role.CHAIR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    batch: Count
    commitments: tuple[Digest, ...]
    roll: Digest | None = Field(
        default=None, exclude_if=_not_said, description="of a secret round: the SHA-256 of its roll as it then stood"
    )

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """After the rules are frozen and before the result, one batch after another."""
        no_movements(draft)
        _same_round(self.round, round_of(mandate_of(draft, book)))
        if not list(book.where(Kind.RULES_FROZEN, mandate=draft.mandate)):
            raise RoundNotReady(problem="The rules of the round have to be frozen before ballots are sealed.")
        if list(book.where(Kind.RESULT, mandate=draft.mandate)):
            raise RoundNotReady(problem="The round is counted already, so no ballot can be added.")
        if len(list(book.where(Kind.BALLOTS_SEALED, mandate=draft.mandate))) != self.batch:
            raise RoundNotReady(problem=f"Batch {self.batch} is not the next batch of ballots of this round.")


class Counted(Payload):
    """What the count of the sealed ballots came to: the winners in the order in which the rule chose them."""

    kind = Kind.RESULT
    roles = frozenset({Role.CHAIR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    votes: Count
    winners: tuple[Slug, ...]
    cost: Count
    minutes: Count = 0
    files: dict[str, Digest] | None = Field(
        default=None, exclude_if=_not_said, description="of a secret round: its published files, by SHA-256"
    )
    lot: Annotated[str, Field(pattern="^[1-6]{10,200}$")] | None = Field(
        default=None, exclude_if=_not_said, description="the dice thrown in public by which the last ties were broken"
    )

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Every sealed ballot counted, the quorum met, winners from the ballot, within the round's budget."""
        no_movements(draft)
        round_entry = mandate_of(draft, book)
        opened = round_of(round_entry)
        _same_round(self.round, opened)
        if list(book.where(Kind.RESULT, mandate=draft.mandate)):
            raise RoundNotReady(problem="This round is counted already.")
        frozen = rules_of(round_entry, book)
        sealed = [entry.payload for entry in book.where(Kind.BALLOTS_SEALED, mandate=draft.mandate)]
        ballots = sum(len(batch.commitments) for batch in sealed if isinstance(batch, BallotsSealed))
        if len({digest for batch in sealed if isinstance(batch, BallotsSealed) for digest in batch.commitments}) != ballots:
            raise RoundNotReady(problem="The same ballot is sealed more than once.")
        if self.votes != ballots:
            raise RoundNotReady(problem=f"{ballots} ballots are sealed and the count is of {self.votes}.")
        if self.votes < frozen.quorum:
            raise TooFewVotes(votes=self.votes, quorum=frozen.quorum)
        asks = {ask.project: ask for ask in frozen.asks}
        if not set(self.winners) <= set(asks) or len(set(self.winners)) != len(self.winners):
            raise RoundNotReady(problem="The result names a project that is not on the ballot, or one twice.")
        cost, minutes = (sum(getattr(asks[ref], part) for ref in self.winners) for part in ("cost", "minutes"))
        if (self.cost, self.minutes) != (cost, minutes):
            raise RoundNotReady(problem="The result's totals are not those of its winners.")
        currency = currency_of(book, draft.authority)
        for resource, total in ((currency, cost), (TIME, minutes)):
            if total > (budget := opened.budget.get(resource, 0)):
                said = format_amount(total, resource), format_amount(budget, resource)
                raise RoundNotReady(problem=f"The winners need {said[0]} and the round shares out {said[1]}.")


class Ratification(Payload):
    """The lawful decision on the result: ratified or refused, by which power, with reasons."""

    kind = Kind.RATIFICATION
    roles = frozenset({Role.FINANCE_OFFICER, Role.CHIEF_FINANCE_OFFICER})
    powers = frozenset({Kind.RESULT})

    round: Slug
    outcome: Literal["ratified", "refused"]
    power: Text
    reasons: Digest

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Once, by somebody other than who declared the result, under terms that are live."""
        no_movements(draft)
        result = mandate_of(draft, book)
        require_standing(result, book)
        if result.actor.person == draft.actor.person:
            raise SamePerson(first="Whoever closes the vote", second="whoever ratifies it")
        for earlier in book.where(Kind.RATIFICATION, mandate=draft.mandate):
            raise RoundNotReady(problem=f"This result was decided on already, in entry {earlier.index}.")
        if self.outcome == "ratified":
            live_power(result, book, on=draft.effective_on)


def round_of(entry: Recorded) -> RoundOpened:
    """The payload of a round's entry."""
    if not isinstance(entry.payload, RoundOpened):
        raise AssertionError(f"entry {entry.index} opens no round")  # noqa: TRY004 - a broken invariant, not a type
    return entry.payload


def rules_of(round_entry: Recorded, book: Book) -> RulesFrozen:
    """The frozen rules of a round. Raises RoundNotReady when they are not frozen yet."""
    for entry in book.where(Kind.RULES_FROZEN, mandate=round_entry.index):
        if isinstance(entry.payload, RulesFrozen):
            return entry.payload
    raise RoundNotReady(problem="The rules of this round are not frozen yet.")


def _can_be_awarded(ask: Ask, opened: RoundOpened, limits: Limits, currency: str) -> None:
    """What could win has to be within the limit for one award: otherwise one winner could never be ratified."""
    for resource, amount in ((currency, ask.cost), (TIME, ask.minutes)):
        if amount <= opened.budget.get(resource, 0):
            within(amount, resource, limits if amount else {resource: 1}, source="the terms of reference")


def _same_round(ref: str, opened: RoundOpened) -> None:
    if ref != opened.round:
        raise RoundNotReady(problem=f"This is about the round “{ref}” and its mandate opened “{opened.round}”.")
