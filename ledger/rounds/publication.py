"""A counted round as open data: its election as a Pabulib file, and its result, each with all that a recount needs.

Ballots are published without their voters, in the order of their commitments, which chance decided: it says nothing of when or
by whom each was cast.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from ledger.ballot.marking import read_choices
from ledger.errors import LedgerError
from ledger.kinds.devolving import VotingRule
from ledger.money import TIME, decimals, in_units
from ledger.pabulib import PabulibBallot, PabulibFile, PabulibProject
from ledger.places import authority
from ledger.rounds.ballots import Ballot, commitment
from ledger.rounds.counting import limits_of
from ledger.rounds.reading import Line, RoundView
from ledger.rounds.roll import Tracker

_RULES = {"greedy": "greedy", "equal-shares": "equalshares", "phragmen": "phragmen"}  # Pabulib's words
_COLUMNS = (
    "proposal", "code", "title", "category", "cost", "staff_minutes", "votes", "points", "chosen", "step", "why",
)  # fmt: skip


class NotCountedYet(LedgerError):
    """Round {round} is not counted yet, so its ballots and its result are not published. Come back after the count."""


@dataclass(frozen=True, slots=True)
class Published:
    """A counted round with its ballots, each by its code on the ballot and its points."""

    view: RoundView
    ballots: tuple[tuple[tuple[str, int], ...], ...]


def published(session: Session, view: RoundView) -> Published:
    """The round with its ballots. Raises NotCountedYet."""
    if view.counted is None:
        raise NotCountedYet(round=view.row.ref)
    codes = {line.proposal.number: line.proposal.code for line in view.lines}
    kept = session.exec(select(Ballot).where(col(Ballot.round) == view.row.ref)).all()
    opened = session.exec(select(Tracker).where(col(Tracker.round) == view.row.ref, col(Tracker.standing) == "counted")).all()
    drawn = sorted(
        [(commitment(each), each.choices) for each in kept] + [(each.tracker, each.choices or "[]") for each in opened]
    )
    return Published(
        view, tuple(tuple((codes[number], points) for number, points in read_choices(choices).items()) for _, choices in drawn)
    )


def election_file(session: Session, found: Published) -> PabulibFile:
    """The election in Pabulib's own terms, amounts in currency units."""
    view, row = found.view, found.view.row
    lines = sorted(view.lines, key=lambda line: line.proposal.number)
    meta = {
        "description": row.title,
        "country": "",
        "unit": authority(session, view.place.authority).name,
        "subunit": view.place.name,
        "instance": str(row.closes_on.year),
        "num_projects": str(len(lines)),
        "num_votes": str(len(found.ballots)),
        "budget": "",
        "vote_type": row.ballot,
        "rule": rule_in_pabulib(view.rules.rule),
        "date_begin": f"{row.opens_on:%d.%m.%Y}",
        "date_end": f"{row.closes_on:%d.%m.%Y}",
        "currency": view.currency,
        "max_length": str(view.rules.most_choices or ""),
        "min_project_score_threshold": str(view.rules.rule.minimum_votes or ""),
        "comment": f"Round {row.ref} of the ledger, entry {view.opened.index}.",
    }
    return PabulibFile(
        name=f"{row.ref}.pb",
        sha256="",
        meta={key: value for key, value in meta.items() if value or key in {"budget", "num_votes", "num_projects"}},
        meta_lines={},
        vote_type=row.ballot,
        budget=_plain(view.budget, view.currency),
        projects=tuple(_project(line, view.currency) for line in lines),
        ballots=tuple(PabulibBallot(str(number), choices, 0) for number, choices in enumerate(found.ballots, start=1)),
    )


def rule_in_pabulib(rule: VotingRule) -> str:
    """The rule in the words that Pabulib's files use: “equalshares/add1”, “greedy-no-skip”."""
    words = _RULES.get(rule.name, rule.name)
    if rule.completion != "none":
        words += f"/{rule.completion}"
    return f"{words}-no-skip" if rule.stop_at_first_miss else words


def result_document(found: Published) -> dict[str, object]:
    """The result as the machine reads it: amounts in the smallest unit, proposals by their code on the ballot."""
    view = found.view
    counted = view.counted
    if counted is None or view.result is None:
        raise NotCountedYet(round=view.row.ref)
    codes = {line.proposal.ref: line.proposal.code for line in view.lines}
    rule = view.rules.rule
    return {
        "round": view.row.ref,
        "place": view.place.slug,
        "title": view.row.title,
        "entry": view.result.index,
        "rule": rule.name,
        "satisfaction": rule.satisfaction,
        "completion": rule.completion,
        "stop_at_first_miss": rule.stop_at_first_miss,
        "minimum_votes": rule.minimum_votes,
        "lot": counted.lot,
        "limits": [
            {"for": limit.name, "most": limit.most, "projects": sorted(limit.among)}
            for limit in limits_of(view.rules, codes, view.budget)
        ],
        "currency": view.currency,
        "unit": 10 ** decimals(view.currency),
        "votes": counted.votes,
        "budget": view.budget,
        "minutes_budget": view.minutes,
        "cost": counted.cost,
        "minutes": counted.minutes,
        "winners": [codes[ref] for ref in counted.winners],
        "projects": {line.proposal.code: _told(line) for line in view.lines},
    }


def result_rows(found: Published) -> Iterator[Sequence[object]]:
    """The result as a table, in the order of the page; costs in currency units, staff time in minutes."""
    yield _COLUMNS
    for line in found.view.lines:
        proposal, outcome = line.proposal, line.outcome
        yield (
            proposal.ref, proposal.code, proposal.title, proposal.category, in_units(proposal.cost, found.view.currency),
            proposal.minutes, outcome.votes if outcome else 0, outcome.points if outcome else 0, int(line.chosen),
            outcome.step if outcome and outcome.step is not None else "", outcome.sentence if outcome else "",
        )  # fmt: skip


def _told(line: Line) -> dict[str, object]:
    outcome, proposal = line.outcome, line.proposal
    return {
        "proposal": proposal.ref,
        "title": proposal.title,
        "cost": proposal.cost,
        "minutes": proposal.minutes,
        "votes": outcome.votes if outcome else 0,
        "points": outcome.points if outcome else 0,
        "chosen": line.chosen,
        "barred": outcome is not None and outcome.barred,
        "step": outcome.step if outcome else None,
        "sentence": outcome.sentence if outcome else "",
    }


def _project(line: Line, currency: str) -> PabulibProject:
    proposal, outcome = line.proposal, line.outcome
    return PabulibProject(
        id=proposal.code,
        cost=_plain(proposal.cost, currency),
        name=proposal.title,
        category=proposal.category,
        votes=outcome.votes if outcome else 0,
        score=outcome.points if outcome and outcome.points != outcome.votes else None,
        selected=int(line.chosen),
        line=0,
    )


def _plain(amount: int, currency: str) -> Decimal:
    return in_units(amount, currency) if currency != TIME else Decimal(amount)
