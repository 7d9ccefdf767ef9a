"""The rules of a round: drafted and changed while ideas are gathered, then frozen in the log, once, before anyone votes."""

from typing import Literal

from sqlmodel import Session, col, select

from ledger.door import post, recorded
from ledger.entries import DatabaseBook, entry_at
from ledger.kinds.deciding import Ask, RulesAreFrozen, RulesFrozen, round_of
from ledger.kinds.devolving import terms_of
from ledger.kinds.payload import Count, Exact, RoundNotReady
from ledger.kinds.round_rules import Bounds, Cap
from ledger.records import Actor, Draft, Kind, Recorded
from ledger.rounds.ideas import Credit, Idea, State, Step, after, authors_of
from ledger.rounds.proposals import Proposal, Round, proposals_of, round_called
from ledger.unit_of_work import UnitOfWork


class Drafted(Exact):
    """What a chair chooses before the rules are frozen; everything else follows from the terms of reference."""

    ballot: Literal["approval", "choose-1", "cumulative", "ordinal", "scoring"] = "approval"
    most_choices: Count = 0
    caps: tuple[Cap, ...] = ()


class NotBeforeItsDay(RoundNotReady):
    """Voting opened on {opens_on} by the round's calendar, and rules are frozen before anyone votes. Nothing was recorded."""


def frozen_in(session: Session, row: Round) -> Recorded | None:
    """The entry that froze the round's rules, if one did."""
    return next(iter(DatabaseBook(session).where(Kind.RULES_FROZEN, mandate=row.entry)), None)


def rules_as_they_stand(session: Session, row: Round) -> RulesFrozen:
    """The frozen rules; before that, the rules as they would be frozen today, and what is on the ballot so far."""
    frozen = frozen_in(session, row)
    if frozen is not None and isinstance(frozen.payload, RulesFrozen):
        return frozen.payload
    drafted = Drafted.model_validate_json(row.drafted or "{}")
    opened = entry_at(session, row.entry)
    _, terms = terms_of(opened, DatabaseBook(session))
    return RulesFrozen(
        round=row.ref,
        ballot=drafted.ballot,
        most_choices=drafted.most_choices,
        rule=terms.voting_rule,
        quorum=terms.quorum,
        asks=tuple(_ask(session, proposal) for proposal in proposals_of(session, row.ref)),
        bounds=Bounds(
            electorate=round_of(opened).electorate,
            resident_majority=terms.resident_majority,
            caps=drafted.caps,
            open_vote=terms.open_vote,
        ),
    )


def draft_rules(unit: UnitOfWork, *, round_ref: str, drafted: Drafted) -> None:
    """Keep other rules for the round. Raises RulesAreFrozen, RoundNotReady, NotFound. Safe to send again."""
    row = locked_round(unit.session, round_ref)
    still_open(unit.session, row)
    for cap in drafted.caps:
        cap.check()
    row.drafted, row.ballot = drafted.model_dump_json(), drafted.ballot
    unit.session.add(row)
    unit.session.flush()


def still_open(session: Session, row: Round) -> None:
    """The round's rules, and so what stands on its ballot, may still change. Raises RulesAreFrozen."""
    frozen = frozen_in(session, row)
    if frozen is not None:
        raise RulesAreFrozen(index=frozen.index)


def freeze_rules(unit: UnitOfWork, *, round_ref: str, actor: Actor, idempotency_key: str) -> Recorded:
    """Put the round's rules, and what its proposals ask for, into the log: from then on nobody changes either.

    Raises RulesAreFrozen, RoundNotReady, LimitExceeded. Safe to retry.
    """
    session = unit.session
    earlier = recorded(session, idempotency_key)
    if earlier is not None and earlier.kind is Kind.RULES_FROZEN:
        return earlier
    row = locked_round(session, round_ref)
    still_open(session, row)
    put_on_the_ballot(session, row)
    opened = entry_at(session, row.entry)
    if round_of(opened).calendar is not None and unit.today() > row.closes_on:
        raise NotBeforeItsDay(opens_on=row.opens_on)
    return post(
        unit,
        Draft(
            authority=opened.authority,
            place=opened.place,
            mandate=opened.index,
            payload=rules_as_they_stand(session, row),
            actor=actor,
            effective_on=unit.today(),
            idempotency_key=idempotency_key,
        ),
    )


def locked_round(session: Session, ref: str) -> Round:
    """The round's row, so that two who change it wait for each other. Raises NotFound."""
    return session.exec(select(Round).where(col(Round.ref) == ref).with_for_update()).first() or round_called(session, ref)


def put_on_the_ballot(session: Session, row: Round) -> None:
    """Every idea that everybody can read becomes a proposal under its own reference, as it reads now."""
    shared = select(Idea).where(col(Idea.round) == row.ref, col(Idea.state) == State.SHARED.value).order_by(col(Idea.number))
    for idea in session.exec(shared).all():
        idea.state = after(State(idea.state), Step.STAND).value
        author = next((each.person for each in authors_of(session, idea.ref) if each.credit == Credit.AUTHOR.value), "")
        session.add(idea)
        session.add(
            Proposal(
                ref=idea.ref, round=row.ref, number=idea.number, code=str(idea.number), title=idea.title, summary=idea.summary,
                category=idea.theme or "", proposer=author, finance_comment=idea.finance, cost=idea.cost, minutes=idea.minutes,
            )
        )  # fmt: skip
    session.flush()


def _ask(session: Session, proposal: Proposal) -> Ask:
    idea = session.get(Idea, proposal.ref)
    theme, district = (idea.theme, idea.district) if idea is not None else (None, None)
    return Ask(project=proposal.ref, cost=proposal.cost, minutes=proposal.minutes, theme=theme, district=district)
