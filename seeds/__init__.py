"""The demonstration, told as a story by calling the ledger's public functions only.

One invented authority with three districts and eight partnerships lives through eighteen months that end today; beside it
stands one real city, whose published election is imported and labelled with its source.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from ledger.database import Database
from ledger.entries import tree_size
from ledger.pabulib import read
from ledger.people import Role, add_person
from ledger.places import Authority, District, Organisation, Partnership
from ledger.powers import appoint, open_books
from ledger.records import Actor
from ledger.rounds.importing import Imported, import_election, officer_at
from ledger.rounds.process import close_round, ratify
from ledger.unit_of_work import UnitOfWork
from seeds.cast import (
    AUTHORITY,
    AUTHORITY_NAME,
    DISTRICTS,
    OFFICERS,
    OPERATOR,
    ORGANISATIONS,
    PLACES,
    REGISTRAR,
    Place,
)
from seeds.lives import live
from seeds.powers import references
from seeds.risks import share_a_risk
from seeds.rounds import gathering, secret
from seeds.stage import Life, Stage, month_start
from seeds.trials import shared, tried

ELECTION = Path(__file__).parent / "elections" / "Poland_Wieliczka_2023_Green_Budget.pb"
CITY = "wieliczka"
_MONTHS = 18

Report = Callable[[int, int], None]


def _silent(_done: int, _of: int) -> None:
    """Report to nobody."""


def tell(database: Database, report: Report = _silent, today: date | None = None) -> int:
    """Tell the whole story into an empty database; returns how many entries it came to."""
    today = today or datetime.now(UTC).date()
    stage, began = Stage(database, today), month_start(today, -_MONTHS)
    lives = [_authority(stage, began), *(live(stage, place, began) for place in PLACES), _city(stage, began)]
    lives.append(share_a_risk(stage, began))
    lives += [_tried(stage), shared(stage), gathering(stage), secret(stage)]
    stage.live(lives, report)
    with database.reading() as session:
        return tree_size(session)


def _tried(stage: Stage) -> Life:
    """What Glodbrook tries and Tarn Lane adopts, led by people of their panels."""
    first, second = (place for place in PLACES if place.slug in {"glodbrook", "tarn-lane"})
    here, there = references(first), references(second)
    return tried(
        stage,
        chair=here[first.chair],
        connector=here[first.connector],
        leaders=(here[first.panel[0]], here[first.panel[1]]),
        others=(there[second.panel[0]], there[second.connector]),
    )


def _authority(stage: Stage, began: date) -> Life:
    """The authority opens its books, and its officers take up their roles."""
    yield began
    stage.record(lambda unit: _people_and_places(unit, stage))
    for character, role in OFFICERS:
        if role is not None:
            stage.record(
                lambda unit, ref=character.ref, role=role: appoint(  # type: ignore[misc]  # the loop's values are bound
                    unit, authority=AUTHORITY, person=ref, role=role, registrar=REGISTRAR, idempotency_key=stage.key()
                )
            )


def _people_and_places(unit: UnitOfWork, stage: Stage) -> None:
    session = unit.session
    for character, _ in OFFICERS:
        add_person(session, name=character.name, story=character.story, invented=True, ref=character.ref)
    open_books(
        unit,
        authority=Authority(slug=AUTHORITY, name=AUTHORITY_NAME, currency="GBP", demonstration=True),
        registrar=REGISTRAR,
        operator=OPERATOR,
        idempotency_key=stage.key(),
    )
    session.add_all(District(slug=slug, authority=AUTHORITY, name=name) for slug, name in DISTRICTS.items())
    session.add_all(Organisation(slug=slug, name=name) for slug, name in ORGANISATIONS.items())
    session.flush()
    for place in PLACES:
        session.add(
            Partnership(slug=place.slug, authority=AUTHORITY, district=place.district, name=place.name, summary=place.summary)
        )
        for name, ref in references(place).items():
            add_person(session, name=name, story=_role_in_words(place, name), invented=True, ref=ref)
    session.flush()


def _role_in_words(place: Place, name: str) -> str:
    if name == place.chair:
        return f"Chairs the {place.name} panel: votes and closes rounds."
    if name == place.connector:
        return f"Community connector of {place.name}: spends small sums, commits awards."
    return f"Sits on the {place.name} panel and votes."


def _city(stage: Stage, began: date) -> Life:
    """A real city's election, counted by the rule that the city itself used."""
    yield month_start(began, 9)
    imported = stage.record(_import)
    registrar, officer = (
        Actor(stage.record(lambda unit, role=role: _holder(unit, role)), role)  # type: ignore[misc]  # the loop's value is bound
        for role in (Role.REGISTRAR, Role.FINANCE_OFFICER)
    )
    stage.record(lambda unit: close_round(unit, round_ref=imported.round, actor=registrar, idempotency_key=stage.key()))
    stage.record(
        lambda unit: ratify(
            unit,
            round_ref=imported.round,
            power="As published by the city",
            reasons="The count gives what the city published.",
            actor=officer,
            idempotency_key=stage.key(),
        )
    )


def _import(unit: UnitOfWork) -> Imported:
    return import_election(unit, read(ELECTION), partnership=CITY)


def _holder(unit: UnitOfWork, role: Role) -> str:
    return officer_at(unit.session, partnership=CITY, role=role, on=unit.today())
