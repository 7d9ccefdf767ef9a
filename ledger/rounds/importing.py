"""A real city's election becomes a round: its authority, its budget, its proposals and its anonymous ballots, once.

The city is an authority with its own currency, founded by the import and labelled with its source. Everything happens in one
unit of work, so a broken import leaves nothing behind and the same file imported again finds its round there already.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import insert
from sqlmodel import Session, col, select

from ledger.ballot.marking import write_choices
from ledger.ballot.receipts import new_nonce
from ledger.entries import DatabaseBook, tree_size
from ledger.errors import LedgerError
from ledger.kinds.authority import holds
from ledger.kinds.deciding import Electorate
from ledger.kinds.devolving import VotingRule
from ledger.kinds.evidence import Evidence
from ledger.money import is_resource, to_minor
from ledger.pabulib import BadElectionFile, PabulibFile
from ledger.people import Person, Role, add_person
from ledger.places import Authority, Partnership
from ledger.powers import agree_terms, appoint, devolve, founding_payload, open_books, terms_at
from ledger.records import Actor
from ledger.renewing import evidence_at
from ledger.roles import AT_ONE_PLACE
from ledger.rounds.ballots import Ballot
from ledger.rounds.process import Opening, open_round
from ledger.rounds.proposals import Proposal, Round
from ledger.unit_of_work import UnitOfWork

AT_ONCE = 5_000  # ballots in one INSERT
OPERATOR = "p-command-line"
_DELIVERY = timedelta(days=365)
# Whom the rules ask for in an imported city, besides its registrar. The city had people in these posts or had none: the file
# does not say. Nobody's name is invented: each is a clerk “at the command line”, and every page says so. No door is opened
# for imports: an imported partnership goes live as every other, and all of its residents vote, so no panel sits.
_POSTS = (Role.AUTHORITY_LEADER, Role.FINANCE_OFFICER, Role.CONNECTOR, Role.ACCOUNTABILITY_PARTNER)

Progress = Callable[[int, int], None]


class WrongCurrency(LedgerError):
    """{partnership} keeps its books in {ours}, and this file is in {theirs}: they are never mixed. Choose another
    partnership; nothing was recorded.
    """


class NotImportable(LedgerError):
    """{partnership} has no terms of reference that are in force, so no round can be opened. Nothing was recorded."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. `entry` is the round's own; `fresh` is false when the same file was imported before."""

    round: str
    entry: int
    fresh: bool
    proposals: int
    ballots: int
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Published:
    """What a file says in the ledger's terms: its currency, its budget in minor units, and the rule to count by."""

    file: PabulibFile
    currency: str
    budget: int
    rule: VotingRule


def slug_of(text: str) -> str:
    """A name as part of an address: “Łódź” → “lodz”."""
    plain = unicodedata.normalize("NFKD", text.replace("ł", "l").replace("Ł", "L")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:40] or "election"


def published_rule(file: PabulibFile) -> VotingRule:
    """The counting rule that the file's META names, in the words of our engine; greedy by votes when it names none."""
    said = file.meta.get("rule", "").lower()
    threshold = file.meta.get("min_project_score_threshold", "0")
    if "equalshares" in said:
        return VotingRule(name="equal-shares", completion="add1" if "add1" in said else "none")
    points = file.vote_type in {"cumulative", "ordinal", "scoring"}
    return VotingRule(
        name="greedy",
        satisfaction="points" if points else "cost",
        stop_at_first_miss="no-skip" in said,
        minimum_votes=int(threshold) if threshold.isdecimal() else 0,
    )


def import_election(
    unit: UnitOfWork,
    file: PabulibFile,
    *,
    partnership: str,
    rule: VotingRule | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Imported:
    """Record a read file as a round of the partnership, which is founded if it is not known. Does not commit.

    Raises BadElectionFile, WrongCurrency, NotImportable. The same file for the same partnership is recorded once.
    """
    session = unit.session
    earlier = session.exec(
        select(Round).where(col(Round.partnership) == partnership, col(Round.source_digest) == file.sha256)
    ).first()
    if earlier is not None:
        return Imported(
            earlier.ref, earlier.entry, fresh=False, proposals=len(file.projects), ballots=len(file.ballots), remarks=()
        )
    currency = file.meta.get("currency", "")
    if not is_resource(currency):
        problem = f"META names the currency “{currency}”, which ISO 4217 does not list."
        raise BadElectionFile(name=file.name, line=file.line_of("currency"), problem=problem)
    proposals = _proposals(file, currency)
    budget = _minor(file, file.budget, currency, line=file.line_of("budget"), what="budget")
    place = _place(unit, _Published(file, currency, budget, rule or published_rule(file)), partnership)
    registrar = founding_payload(session, place.authority).registrar
    row = open_round(
        unit,
        opening=_opening(unit, file, partnership, currency, budget),
        proposals=proposals,
        actor=Actor(registrar, Role.REGISTRAR),
        idempotency_key=f"import/{partnership}/{file.sha256[:40]}",
    )
    _keep_ballots(unit, file, row.ref, progress)
    return Imported(row.ref, row.entry, fresh=True, proposals=len(proposals), ballots=len(file.ballots), remarks=file.remarks)


def _opening(unit: UnitOfWork, file: PabulibFile, partnership: str, currency: str, budget: int) -> Opening:
    opens, closes = (_date(file.meta.get(key, "")) for key in ("date_begin", "date_end"))
    most = file.meta.get("max_length", "0")
    name = file.meta.get("unit") or partnership
    return Opening(
        ref=f"{partnership}-{file.sha256[:8]}",
        partnership=partnership,
        title=f"{name} {file.meta.get('instance', '')}: participatory budget".replace("  ", " ").strip(),
        summary=file.meta.get("description", ""),
        budget={currency: budget},
        opens_on=opens or unit.today(),
        closes_on=max(closes or unit.today(), opens or unit.today()),
        electorate=Electorate.RESIDENTS,
        ballot=file.vote_type,
        most_choices=int(most) if most.isdecimal() else 0,
        source=f"Pabulib, {file.name} (SHA-256 {file.sha256})",
        source_digest=file.sha256,
    )


def _proposals(file: PabulibFile, currency: str) -> list[Proposal]:
    return [
        Proposal(
            ref="",
            round="",
            number=number,
            code=project.id,
            title=unicodedata.normalize("NFC", project.name) or f"Project {project.id}",
            category=project.category,
            cost=_minor(file, project.cost, currency, line=project.line, what="cost"),
        )
        for number, project in enumerate(file.projects, start=1)
    ]


def _minor(file: PabulibFile, amount: object, currency: str, *, line: int, what: str) -> int:
    try:
        return to_minor(amount, currency)  # type: ignore[arg-type]  # the reader gives Decimals
    except ValueError as fault:
        raise BadElectionFile(name=file.name, line=line, problem=f"the {what} does not fit: {fault}") from fault


def _date(text: str) -> date | None:
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a calendar day has no time zone
        except ValueError:
            continue
    return None


def _place(unit: UnitOfWork, published: _Published, slug: str) -> Partnership:
    session = unit.session
    found = session.get(Partnership, slug)
    if found is None:
        found = _found(unit, published.file, slug, published.currency)
    elif (ours := founding_payload(session, found.authority).currency) != published.currency:
        raise WrongCurrency(partnership=found.name, ours=ours, theirs=published.currency)
    if found.source is not None:
        _devolve_the_published_budget(unit, published, found)
    live = terms_at(session, slug, on=unit.today())
    if live is None or not live.terms.begins <= unit.today() <= live.terms.sunset:
        raise NotImportable(partnership=found.name)
    return found


def _found(unit: UnitOfWork, file: PabulibFile, slug: str, currency: str) -> Partnership:
    """A city's books: its authority, and the clerks at the command line who act for it, each a person of their own."""
    session = unit.session
    name = unicodedata.normalize("NFC", file.meta.get("unit") or slug)
    country = file.meta.get("country", "")
    source = f"Pabulib, {file.name}"
    city = f"{slug}-city"
    clerks = {
        role: add_person(session, name=f"{name}: {role} at the command line", ref=f"p-{slug}-{role.replace(' ', '-')}").ref
        for role in (Role.REGISTRAR, *_POSTS)
    }
    if session.get(Person, OPERATOR) is None:
        add_person(session, name="Operator at the command line", ref=OPERATOR)
    open_books(
        unit,
        authority=Authority(slug=city, name=f"{name} ({country})" if country else name, currency=currency, source=source),
        registrar=clerks[Role.REGISTRAR],
        operator=OPERATOR,
        idempotency_key=f"import/{city}",
    )
    place = Partnership(slug=slug, authority=city, name=name, summary=file.meta.get("description", ""), source=source)
    session.add(place)
    session.flush()
    for role in _POSTS:
        appoint(
            unit,
            authority=city,
            place=slug if role in AT_ONE_PLACE else None,
            person=clerks[role],
            role=role,
            registrar=clerks[Role.REGISTRAR],
            idempotency_key=f"import/{city}/{role}",
        )
    return place


def _devolve_the_published_budget(unit: UnitOfWork, published: _Published, place: Partnership) -> None:
    file, limits = published.file, {published.currency: published.budget}
    key = f"import/{place.slug}/{file.sha256[:40]}"
    ends = unit.today() + _DELIVERY
    leader = f"p-{place.slug}-{Role.AUTHORITY_LEADER.replace(' ', '-')}"
    devolution = devolve(
        unit,
        authority=place.authority,
        partnership=place.slug,
        title=f"Budget of {place.name} {file.meta.get('instance', '')}".strip(),
        power=f"As published: {file.meta.get('description') or file.name}"[:300],
        money=published.budget,
        minutes=0,
        limits=limits,
        begins=unit.today(),
        ends=ends,
        leader=leader,
        idempotency_key=f"{key}/devolution",
    )
    agree_terms(
        unit,
        devolution=devolution.index,
        begins=unit.today(),
        review_on=ends,
        sunset=ends,
        panel=0,
        quorum=1,
        limits=limits,
        voting_rule=published.rule,
        actor=Actor(leader, Role.AUTHORITY_LEADER),
        idempotency_key=f"{key}/terms",
        evidence=_evidence(unit, place.slug),
    )


def _evidence(unit: UnitOfWork, place: str) -> Evidence | None:
    """What the place's terms are renewed on when another election is imported there; none for its first terms."""
    if terms_at(unit.session, place, on=unit.today()) is None:
        return None
    return evidence_at(unit.session, place, tree_size=tree_size(unit.session))[1]


def _keep_ballots(unit: UnitOfWork, file: PabulibFile, ref: str, progress: Progress) -> None:
    numbers = {project.id: number for number, project in enumerate(file.projects, start=1)}
    for start in range(0, len(file.ballots), AT_ONCE):
        rows = [
            {
                "round": ref,
                "voter": ballot.voter,
                "choices": write_choices({numbers[code]: points for code, points in ballot.choices}),
                "nonce": new_nonce(),
                "cast_at": unit.now(),
            }
            for ballot in file.ballots[start : start + AT_ONCE]
        ]
        unit.session.execute(insert(Ballot), rows)
        progress(min(start + AT_ONCE, len(file.ballots)), len(file.ballots))


def officer_at(session: Session, *, partnership: str, role: Role, on: date) -> str:
    """Somebody who holds the role at the partnership (or its authority) that day. Raises NobodyHolds."""
    place = session.get(Partnership, partnership)
    if place is not None:
        book = DatabaseBook(session)
        for person in session.exec(select(Person).order_by(col(Person.ref))):
            if holds(book, person=person.ref, role=role, authority=place.authority, place=partnership, on=on):
                return person.ref
    raise NobodyHolds(role=role, partnership=partnership)


class NobodyHolds(LedgerError):
    """Nobody holds the role of {role} at {partnership} today. Appoint somebody, or name a person with --as."""
