"""The demonstration's story: told by the public functions only, whole on both databases, and labelled for what it is."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session, col, select

import seeds
from ledger.ballot.recount import read_all, recount
from ledger.database import open_database
from ledger.entries import Entry
from ledger.people import invented_people
from ledger.places import Authority, authorities, districts, partnerships
from ledger.powers import claw_back
from ledger.records import Kind
from ledger.rounds.reading import round_view
from ledger.rounds.revealing import published_files
from ledger.rounds.stages import Stage
from ledger.tables import grants
from ledger.verify import verify
from seeds.rounds import CAST, GATHERING, SECRET
from seeds.stage import month_start

TODAY = date(2026, 11, 23)


def test_the_story_is_whole_on_either_database(database_url: str) -> None:
    database = open_database(database_url)
    database.upgrade()
    entries = seeds.tell(database, today=TODAY)
    with database.reading() as session:
        assert verify(session).entries == entries
        assert [row.slug for row in authorities(session)] == ["marlmoor", "wieliczka-city"]
        assert len(districts(session, "marlmoor")) == 3
        assert len(partnerships(session, "marlmoor")) == 8
        labels = {row.slug: (row.demonstration, bool(row.source)) for row in session.exec(select(Authority))}
        days = session.exec(select(col(Entry.effective_on))).all()
        told = {Kind(kind) for kind in session.exec(select(Entry.kind)).all()}
        assert all(person.story for person in invented_people(session))
        secret = recount(read_all(published_files(session, SECRET)))
        assert (secret.findings, secret.result.votes) == ((), CAST)
        assert round_view(session, GATHERING, today=TODAY).stage is Stage.SHAPING
    assert labels == {"marlmoor": (True, False), "wieliczka-city": (False, True)}
    assert min(days) == month_start(TODAY, -18)
    assert max(days) <= TODAY
    assert set(Kind) - told == {Kind.PERIOD_CLOSE, Kind.REOPEN}
    database.dispose()


def test_a_story_can_be_told_on_any_day(sqlite_url: str) -> None:
    """A leap day, when every month the story looks back on has fewer days."""
    database = open_database(sqlite_url)
    database.upgrade()
    assert seeds.tell(database, today=date(2028, 2, 29)) > 500
    with database.reading() as session:
        verify(session)
    database.dispose()


def test_on_postgresql_the_sites_own_role_records_and_changes_nothing(postgres_url: str) -> None:
    database = open_database(postgres_url)
    database.upgrade()
    seeds.tell(database, today=TODAY)
    with database.unit_of_work(lambda: datetime(2026, 11, 23, 12, tzinfo=UTC)) as unit:
        connection = unit.session.connection()
        for statement in ("CREATE ROLE site_role", "GRANT site_role TO CURRENT_USER", *grants("site_role")):
            connection.execute(text(statement))
        connection.execute(text("SET LOCAL ROLE site_role"))
        instrument = unit.session.exec(select(Entry.index).where(Entry.kind == "devolution")).first()
        entry = claw_back(
            unit,
            devolution=instrument or 0,
            resource="GBP",
            amount=100,
            reasons="Savings.",
            leader="p-demo-leader",
            idempotency_key="as-the-site",
        )
        assert entry.total("GBP") == 100
    nothing_is_left_of_the_role(Session(database.writer))
    database.dispose()


def nothing_is_left_of_the_role(session: Session) -> None:
    """The role was created in a unit that rolled back: nothing of it may be left."""
    with session:
        assert not session.connection().execute(text("SELECT 1 FROM pg_roles WHERE rolname = 'site_role'")).all()


def test_the_story_calls_public_functions_and_touches_no_table_of_the_log() -> None:
    private = {"Entry", "Transfer", "Balance", "Flow", "Head", "Account", "post", "post_many", "Draft"}
    for path in Path(seeds.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text())
        imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
        assert not imported & private, path.name
        assert not {name for name in imported if name.startswith("_")}, path.name
