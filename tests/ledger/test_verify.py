"""Somebody with the file in their hands changes one thing, guards taken out: verification names it."""

import pytest
from sqlalchemy import text
from sqlmodel import Session

from ledger.verify import LedgerWrong, rebuild, verify
from tests.ledger.conftest import World
from tests.ledger.steps import committed, done, paying


def attack(world: World, *statements: str) -> None:
    """Change the stored rows as the file's owner could: without triggers and without foreign keys."""
    with Session(world.database.writer) as session:
        connection = session.connection()
        if world.database.url.get_backend_name() == "sqlite":
            for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            session.commit()
            raw = world.database.writer.raw_connection()
            raw.executescript("PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; " + ";".join(statements))
            raw.executescript("PRAGMA foreign_keys=ON; PRAGMA ignore_check_constraints=OFF")
            raw.close()
            return
        for table in TABLES:
            names = connection.execute(
                text(f"SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype IN ('f', 'c')")
            ).all()
            for (name,) in names:
                connection.execute(text(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"'))
            connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
        for statement in statements:
            connection.execute(text(statement))
        session.commit()


def checked(world: World) -> str:
    with world.database.reading() as session:
        return verify(session).sentence


BYTE = {
    "sqlite": "CAST(substr(written, 1, 40) || X'5A' || substr(written, 42) AS BLOB)",
    "postgresql": "overlay(written placing '\\x5a'::bytea from 41)",
}
SWAP = (
    'UPDATE entry SET "index" = 9001 WHERE "index" = 5; UPDATE entry SET "index" = 5 WHERE "index" = 6; '
    'UPDATE entry SET "index" = 6 WHERE "index" = 9001'
)
TABLES = (
    "entry", "transfer", "head", "balance", "flow", "total", "account", "narrative", "ballot", "round", "proposal", "outcome",
    "authority", "promise", "person",
)  # fmt: skip
LAST_REMOVED = (
    'DELETE FROM transfer WHERE entry = (SELECT max("index") FROM entry); '
    'DELETE FROM entry WHERE "index" = (SELECT max("index") FROM entry)'
)
LIES: dict[str, tuple[str, str]] = {
    "a byte of an entry": ('UPDATE entry SET written = {byte} WHERE "index" = 7', "entry 7 is wrong"),
    "a byte of a leaf hash": (
        'UPDATE entry SET leaf_hash = (SELECT leaf_hash FROM entry WHERE "index" = 3) WHERE "index" = 4', "entry 4 is wrong",
    ),
    "a node of the tree": ('UPDATE entry SET nodes = leaf_hash WHERE "index" = 5', "entry 5 is wrong: the nodes of the tree"),
    "an entry from the middle": ('DELETE FROM entry WHERE "index" = 5', "entry 5 is wrong"),
    "the last entry": (LAST_REMOVED, "is wrong"),
    "two entries swapped": (SWAP, "entry 5 is wrong"),
    "a kind": ("UPDATE entry SET kind = 'payment' WHERE \"index\" = 2", "entry 2 is wrong: its kind"),
    "a date": ("UPDATE entry SET effective_on = '2020-01-01' WHERE \"index\" = 2", "its effective_on"),
    "a time": ("UPDATE entry SET recorded_at = '2020-01-01T00:00:00Z' WHERE \"index\" = 2", "its recorded_at"),
    "an authority": ("UPDATE entry SET authority = 'other' WHERE \"index\" = 2", "its authority"),
    "a place": ("UPDATE entry SET place = 'ferrybank' WHERE \"index\" = 12", "entry 12 is wrong: its place"),
    "a subject": ("UPDATE entry SET subject = 'x' WHERE \"index\" = 2", "its subject"),
    "a mandate": ('UPDATE entry SET mandate = 1 WHERE "index" = 2', "its mandate"),
    "a person": ("UPDATE entry SET person = 'p-x' WHERE \"index\" = 2", "its person"),
    "a role": ("UPDATE entry SET role = 'chair' WHERE \"index\" = 2", "its role"),
    "a key": ("UPDATE entry SET idempotency_key = 'x' WHERE \"index\" = 2", "its idempotency_key"),
    "an amount": ("UPDATE transfer SET amount = amount + 1 WHERE position = 1", "its transfers are stored otherwise"),
    "a payee": ("UPDATE transfer SET to_account = 'pot/ferrybank' WHERE position = 0", "its transfers are stored otherwise"),
    "a transfer removed": ("DELETE FROM transfer WHERE position = 1", "its transfers are stored otherwise"),
    "a transfer of no entry": (
        "INSERT INTO transfer VALUES (9999, 0, 'pot/glodbrook', 'source/marlmoor', 'GBP', 1)", "entry 9999 is wrong",
    ),
    "a balance": ("UPDATE balance SET amount = amount + 1 WHERE account = 'pot/glodbrook'", "the balance of pot/glodbrook"),
    "a balance removed": ("DELETE FROM balance WHERE account = 'source/marlmoor'", "the balance of source/marlmoor"),
    "an account nobody used": ("INSERT INTO account VALUES ('pot/x', 'pot', 'x')", "the account pot/x"),
    "a flow": ("UPDATE flow SET amount = amount + 1", "the flow from"),
    "a total": ("UPDATE total SET amount = amount + 1", "the total of"),
    "a total removed": ("DELETE FROM total", "the total of"),
    "the head's size": ("UPDATE head SET size = size + 1", "the head counts"),
    "the head's root": ('UPDATE head SET root = (SELECT leaf_hash FROM entry WHERE "index" = 0)', "the head is wrong"),
    "the head's decisions": ("UPDATE head SET decisions = decisions + 1", "decisions and the entries hold"),
    "somebody's reasons": ("UPDATE narrative SET text = 'Because.'", "its words are not those"),
    "a sealed ballot": ("UPDATE ballot SET choices = '[[3,1]]'", "the ballots of glodbrook-one"),
    "a round's entry": ("UPDATE round SET entry = 0", "the round glodbrook-one"),
    "a round's last day": ("UPDATE round SET closes_on = '2030-01-01'", "the round glodbrook-one"),
    "a proposal's cost": ("UPDATE proposal SET cost = 1", "the proposals of glodbrook-one"),
    "an outcome": ("UPDATE outcome SET step = 9 WHERE step = 1", "the outcomes of glodbrook-one"),
    "an authority's currency": ("UPDATE authority SET currency = 'EUR'", "the authority marlmoor"),
    "the head's moment": ("UPDATE head SET recorded_at = '2099-01-01T00:00:00Z'", "the head is wrong"),
    "a moment that is none": ("UPDATE entry SET recorded_at = 'yesterday' WHERE \"index\" = 2", "entry 2 is wrong"),
    "a salt that is none": ("UPDATE narrative SET salt = 'pepper'", "its words are not those"),
    "a ballot removed": ("DELETE FROM ballot WHERE voter = 'p-bea'", "the ballots of glodbrook-one"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_any_change_is_named(decided: World, lie: str) -> None:
    statement, named = LIES[lie]
    assert "The ledger is whole" in checked(decided)
    attack(decided, *statement.format(byte=BYTE[decided.database.url.get_backend_name()]).split("; "))
    with pytest.raises(LedgerWrong) as found:
        checked(decided)
    assert named in found.value.sentence


@pytest.mark.parametrize(
    "statement",
    ['UPDATE promise SET "left" = "left" + 1', "DELETE FROM promise", "INSERT INTO promise VALUES (3, 'TIME', 60)"],
    ids=["raised", "removed", "made up"],
)
def test_what_is_left_of_a_commitment_is_named_and_derived_again(decided: World, statement: str) -> None:
    order = committed(decided)
    done(decided, paying(order, 1_000))
    assert "The ledger is whole" in checked(decided)
    attack(decided, statement)
    with pytest.raises(LedgerWrong, match="what is left of the commitment in entry"):
        checked(decided)
    with decided.unit() as unit:
        rebuild(unit)
        unit.commit()
    assert "The ledger is whole" in checked(decided)


def test_rebuilding_restores_what_is_derived(decided: World) -> None:
    attack(decided, "UPDATE balance SET amount = 7 WHERE account = 'pot/glodbrook'", "DELETE FROM flow", "DELETE FROM total")
    with decided.unit() as unit:
        entries = rebuild(unit)
        unit.commit()
    assert entries == decided.size()
    assert "The ledger is whole" in checked(decided)
    assert decided.balance("pot/glodbrook") == 3_700_000


def test_verification_reports_its_progress_to_the_end(decided: World) -> None:
    heard: list[tuple[int, int]] = []
    with decided.database.reading() as session:
        verify(session, lambda done, of: heard.append((done, of)))
    assert heard[-1] == (decided.size(), decided.size())
