"""Steps of forgetting: somebody is helped and their story told; the story is withdrawn; a panel member leaves and is erased."""

from collections.abc import Callable

from ledger.awards import fill_purse, give_help
from ledger.entries import DatabaseBook
from ledger.erasing import Erased, erase_person, withdraw
from ledger.kinds.authority import Change
from ledger.kinds.erasing import Reason, words_in
from ledger.people import Role
from ledger.powers import appoint
from ledger.records import Actor, Kind, Recorded
from ledger.unit_of_work import UnitOfWork
from tests.ledger.conftest import CONNECTOR, FINANCE, REGISTRAR, World
from tests.ledger.steps import done

STORY = "Mrs Oyelaran came home from hospital to a ramp that two neighbours built."
BEA = "p-bea"


def tell_a_story(world: World, *, key: str = "story", words: str = STORY) -> Recorded:
    """The connector helps from the purse, and the story is kept beside the log. Needs terms of reference."""
    with world.database.reading() as session:
        terms = next(DatabaseBook(session).where(Kind.TERMS))
    purse = done(
        world,
        lambda unit: fill_purse(
            unit,
            terms=terms.index,
            resource="GBP",
            amount=5_000,
            purpose="Small sums",
            actor=Actor(FINANCE, Role.FINANCE_OFFICER),
            idempotency_key=f"{key}/purse",
        ),
    )
    return done(world, helping(purse, key=key, words=words))


def helping(purse: Recorded, *, key: str, words: str) -> Callable[[UnitOfWork], Recorded]:
    return lambda unit: give_help(
        unit,
        purse=purse.index,
        payee="spade",
        resource="GBP",
        amount=4_000,
        story=words,
        connector=CONNECTOR,
        idempotency_key=key,
    )


def digest_of_words(entry: Recorded) -> str:
    found = words_in(entry)
    assert found is not None
    return found[1]


def withdrawing(
    entry: Recorded, *, reason: Reason = Reason.CONSENT_WITHDRAWN, registrar: str = REGISTRAR, key: str = "withdraw"
) -> Callable[[UnitOfWork], Erased]:
    digest = digest_of_words(entry)
    return lambda unit: withdraw(unit, digest=digest, reason=reason, registrar=registrar, idempotency_key=key)


def erasing(
    ref: str,
    *,
    reason: Reason = Reason.ASKED_BY_THE_PERSON,
    registrar: str = REGISTRAR,
    authority: str = "marlmoor",
    key: str = "erase",
) -> Callable[[UnitOfWork], Erased]:
    return lambda unit: erase_person(
        unit, ref=ref, reason=reason, authority=authority, registrar=registrar, idempotency_key=key
    )


def forget(world: World, step: Callable[[UnitOfWork], Erased]) -> Erased:
    with world.unit() as unit:
        erased = step(unit)
        unit.commit()
    return erased


def end_role(world: World, person: str, role: Role = Role.PANEL_MEMBER, *, place: str | None = "glodbrook") -> Recorded:
    return done(
        world,
        lambda unit: appoint(
            unit,
            authority="marlmoor",
            place=place,
            person=person,
            role=role,
            change=Change.ENDED,
            registrar=REGISTRAR,
            idempotency_key=world.key(),
        ),
    )
