"""A round, step by step: opened under live terms, rules frozen, ballots sealed, counted, ratified or refused."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from ledger.accounts import AccountKind
from ledger.errors import LedgerError
from ledger.kinds.authority import currency_of
from ledger.kinds.caps import exceeded
from ledger.kinds.devolving import OutsideScope, Terms, VotingRule, live_power, newest_power, terms_of, within
from ledger.kinds.living import require_live
from ledger.kinds.overriding import require_standing
from ledger.kinds.payload import (
    Amount,
    Count,
    Digest,
    Limits,
    Payload,
    RoundNotReady,
    Slug,
    Text,
    mandate_of,
    no_movements,
)
from ledger.kinds.round_rules import Ask as Ask  # noqa: PLC0414 - what is asked for belongs to the rules that fix it
from ledger.kinds.round_rules import Bounds, Calendar, joint_ref
from ledger.kinds.round_rules import Electorate as Electorate  # noqa: PLC0414 - a round and who votes in it are asked for together
from ledger.money import TIME, format_amount
from ledger.records import Book, Draft, Kind, Recorded
from ledger.roles import Role


class BudgetOverPot(LedgerError):
    """The round would share out {needed} and the pot holds {available}. Lower the budget; nothing was recorded."""


class TooFewVotes(LedgerError):
    """{votes} have voted and the terms of reference ask for {quorum}. Wait for more votes; every vote cast is kept."""


class SamePerson(LedgerError):
    """{first} and {second} have to be two different people, and this would be one. Ask a colleague; nothing was recorded."""


class RoundOpened(Payload):
    """A round is opened: what it may share out, the days on which votes are taken, and those of every other stage."""

    written_without = frozenset({"calendar", "joint"})
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
    calendar: Calendar | None = None
    joint: Text | None = Field(default=None, description="the name that rounds of several partnerships share")

    def subject(self) -> str:
        return self.round

    def check(self, draft: Draft, book: Book) -> None:
        """Under live terms, within scope, with the money in the pot."""
        no_movements(draft)
        terms = newest_power(mandate_of(draft, book), book, on=draft.effective_on)
        require_live(mandate_of(draft, book), terms, book, on=draft.effective_on)
        if self.closes_on < self.opens_on:
            raise RoundNotReady(problem=f"The round would close on {self.closes_on}, before it opens on {self.opens_on}.")
        if self.calendar is not None:
            self.calendar.check(self.opens_on, self.closes_on)
        for earlier in book.where(Kind.ROUND, subject=self.round):
            raise RoundNotReady(problem=f"The round “{self.round}” was opened already, in entry {earlier.index}.")
        if self.joint is not None:
            self._together(self.joint, draft, book)
        for resource, amount in self.budget.items():
            if resource not in terms.limits:
                raise OutsideScope(resource=resource, instrument="the terms of reference", index=draft.mandate)
            held = book.balance(f"{AccountKind.POT}/{draft.place}", resource)
            if amount > held:
                raise BudgetOverPot(needed=format_amount(amount, resource), available=format_amount(held, resource))

    def _together(self, joint: str, draft: Draft, book: Book) -> None:
        """Rounds of a joint round are voted on the same days by the same electorate, and each partnership has one."""
        if not joint_ref(joint):
            raise RoundNotReady(problem=f"“{joint}” has no letter or figure that could stand in an address.")
        for entry in book.where(Kind.ROUND, authority=draft.authority):
            other = round_of(entry)
            if other.joint is None or joint_ref(other.joint) != joint_ref(joint):
                continue
            if entry.place == draft.place:
                problem = f"This partnership’s round in “{joint}” was opened already, in entry {entry.index}."
                raise RoundNotReady(problem=problem)
            if (other.opens_on, other.closes_on, other.electorate) != (self.opens_on, self.closes_on, self.electorate):
                days = f"from {other.opens_on} to {other.closes_on}, by the {other.electorate}"
                raise RoundNotReady(problem=f"All rounds of “{joint}” are voted on together, {days}.")


class RulesAreFrozen(LedgerError):
    """The rules of this round were frozen already, in entry {index}, and stay as they are. Open a new round to decide by
    others; nothing was recorded.
    """


class RulesFrozen(Payload):
    """The rules and the proposals of a round, fixed before voting; the order of proposals breaks the last ties."""

    written_without = frozenset({"bounds"})
    kind = Kind.RULES_FROZEN
    roles = frozenset({Role.CHAIR, Role.CONNECTOR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    ballot: Literal["approval", "choose-1", "cumulative", "ordinal", "scoring"]
    most_choices: Count = Field(default=0, description="the most proposals one ballot may name; 0 for no limit")
    rule: VotingRule
    quorum: Count
    asks: tuple[Ask, ...]
    bounds: Bounds | None = None

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
        if self.bounds is not None:
            self._within_bounds(self.bounds, opened, terms)
        for earlier in book.where(Kind.RULES_FROZEN, mandate=draft.mandate):
            raise RulesAreFrozen(index=earlier.index)

    def _within_bounds(self, bounds: Bounds, opened: RoundOpened, terms: Terms) -> None:
        if bounds.electorate != opened.electorate:
            raise RoundNotReady(problem="Who votes was announced when the round was opened, and these rules say another.")
        if bounds.resident_majority != terms.resident_majority:
            raise RoundNotReady(problem="Whether residents have to be the most is for the terms of reference to say.")
        if bounds.open_vote != terms.open_vote:
            raise RoundNotReady(problem="Whether votes are open or secret is for the terms of reference to say.")
        bounds.check(
            {("theme", ask.theme) for ask in self.asks if ask.theme}
            | {("district", ask.district) for ask in self.asks if ask.district}
        )


class BallotsSealed(Payload):
    """A shuffled batch of ballot commitments: each shows later that its ballot was there, and says nothing of its choices."""

    written_without = frozenset({"roll"})
    kind = Kind.BALLOTS_SEALED
    roles = frozenset({Role.CHAIR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    batch: Count
    commitments: tuple[Digest, ...]
    roll: Digest | None = Field(default=None, description="of a secret round: the SHA-256 of its roll as it then stood")

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

    written_without = frozenset({"files", "lot"})
    kind = Kind.RESULT
    roles = frozenset({Role.CHAIR, Role.REGISTRAR})
    powers = frozenset({Kind.ROUND})

    round: Slug
    votes: Count
    winners: tuple[Slug, ...]
    cost: Count
    minutes: Count = 0
    files: dict[str, Digest] | None = Field(default=None, description="of a secret round: its published files, by SHA-256")
    lot: Annotated[str, Field(pattern="^[1-6]{10,200}$")] | None = Field(
        default=None, description="the dice thrown in public by which the last ties were broken"
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
        self._within_budget(opened, frozen, currency_of(book, draft.authority))

    def _within_budget(self, opened: RoundOpened, frozen: RulesFrozen, currency: str) -> None:
        asks = {ask.project: ask for ask in frozen.asks}
        cost, minutes = (sum(getattr(asks[ref], part) for ref in self.winners) for part in ("cost", "minutes"))
        if (self.cost, self.minutes) != (cost, minutes):
            raise RoundNotReady(problem="The result's totals are not those of its winners.")
        for resource, total in ((currency, cost), (TIME, minutes)):
            if total > (budget := opened.budget.get(resource, 0)):
                said = format_amount(total, resource), format_amount(budget, resource)
                raise RoundNotReady(problem=f"The winners need {said[0]} and the round shares out {said[1]}.")
        if frozen.bounds is not None:
            broken = exceeded(self.winners, asks, frozen.bounds.caps, opened.budget.get(currency, 0))
            if broken is not None:
                raise RoundNotReady(problem=f"The winners exceed the limit for the {broken.on} “{broken.name}”.")


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
