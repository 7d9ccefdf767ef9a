"""What the site's own role may do with a secret round on PostgreSQL: cast, seal and let go; rewrite no sealed ballot."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from ledger.people import Role
from ledger.records import Actor
from ledger.rounds.casting import cast_with_code, mark
from ledger.rounds.revealing import seal_waiting
from ledger.rounds.roll import let_go
from ledger.tables import grants
from tests.ballot.living import REF, SecretRound, a_secret_round
from tests.ledger.conftest import CHAIR, World

_ROLE = "site_of_ballots"


@pytest.fixture
def as_the_site(world: World) -> Iterator[SecretRound]:
    """A secret round in a database that knows the site's role; on SQLite there are no roles, and the owner does the same."""
    living = a_secret_round(world)
    if world.database.url.get_backend_name() == "postgresql":
        with Session(world.database.writer) as session:
            connection = session.connection()
            connection.execute(text(f"DROP ROLE IF EXISTS {_ROLE}"))
            connection.execute(text(f"CREATE ROLE {_ROLE}"))
            connection.execute(text(f"GRANT {_ROLE} TO CURRENT_USER"))
            for statement in grants(_ROLE):
                connection.execute(text(statement))
            session.commit()
    yield living
    if world.database.url.get_backend_name() == "postgresql":
        with Session(world.database.writer) as session:
            session.connection().execute(text(f"DROP OWNED BY {_ROLE}"))
            session.connection().execute(text(f"DROP ROLE {_ROLE}"))
            session.commit()


def take_role(session: Session) -> None:
    if session.connection().dialect.name == "postgresql":
        session.connection().execute(text(f"SET LOCAL ROLE {_ROLE}"))


def test_the_sites_role_casts_seals_and_lets_go(as_the_site: SecretRound) -> None:
    world = as_the_site.world
    for number in range(10):
        with world.database.unit_of_work(world.clock, appends=False) as unit:
            take_role(unit.session)
            ballot = mark(unit.session, round_ref=REF, chosen=frozenset({1}), digits="408153")
            cast_with_code(unit, code=as_the_site.codes[number], ballot=ballot, key=as_the_site.key)
            unit.commit()
    with world.unit() as unit:
        take_role(unit.session)
        assert len(seal_waiting(unit, round_ref=REF, actor=Actor(CHAIR, Role.CHAIR))) == 1
        let_go(unit.session, REF)
        unit.commit()


def test_the_sites_role_rewrites_no_sealed_ballot_and_no_used_credential(as_the_site: SecretRound) -> None:
    as_the_site.cast(0)
    if as_the_site.world.database.url.get_backend_name() == "sqlite":
        return
    for statement in (
        "UPDATE slip SET sealed = ''",
        "DELETE FROM spent",
        "UPDATE spent SET credential = ''",
        "DELETE FROM tracker",
    ):
        with Session(as_the_site.world.database.writer) as session:
            take_role(session)
            with pytest.raises(DBAPIError, match="permission denied"):
                session.connection().execute(text(statement))
