"""The tree's nodes beside each entry, what is left of each promise, and how many decisions the log holds.

With the nodes stored, a proof reads as many rows as the tree is high. The guards of transfers ask the head, so that many
entries can be written together with their transfers.
"""

import hashlib
import json
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FLOWS = ("commitment", "payment", "time_worked", "help_given", "return")
_AT_ONCE = 1_000


def upgrade() -> None:
    bind = op.get_bind()
    postgresql = bind.dialect.name == "postgresql"
    op.execute("ALTER TABLE entry DISABLE TRIGGER USER" if postgresql else "DROP TRIGGER entry_refuses_update")
    empty = sa.text("''::bytea" if postgresql else "x''")
    op.add_column("entry", sa.Column("nodes", sa.LargeBinary(), nullable=False, server_default=empty))
    op.add_column("head", sa.Column("decisions", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "promise",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("resource", sa.String(length=4), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.CheckConstraint('"left" >= 0', name="promise_never_exceeded"),
        sa.ForeignKeyConstraint(["entry"], ["entry.index"]),
        sa.PrimaryKeyConstraint("entry", "resource"),
    )
    _keep_nodes(bind)
    _keep_promises(bind)
    flows = ", ".join(f"'{kind}'" for kind in _FLOWS)
    op.execute(f"UPDATE head SET decisions = (SELECT count(*) FROM entry WHERE kind NOT IN ({flows}))")  # noqa: S608 - ours
    if postgresql:
        op.execute("ALTER TABLE entry ENABLE TRIGGER USER")
        _guards_of_postgresql()
    else:
        _guards_of_sqlite()


def _keep_nodes(bind: sa.Connection) -> None:
    """Beside each entry already there, the nodes that its leaf completed: equal subtrees merge, as in binary addition."""
    entry = sa.table("entry", sa.column("index"), sa.column("leaf_hash"), sa.column("nodes"))
    change = sa.update(entry).where(entry.c.index == sa.bindparam("at")).values(nodes=sa.bindparam("completed"))
    edge: list[bytes] = []
    size = 0
    while rows := bind.execute(
        sa.select(entry.c.index, entry.c.leaf_hash).where(entry.c.index >= size).order_by(entry.c.index).limit(_AT_ONCE)
    ).all():
        kept = []
        for index, leaf in rows:
            merged, completed, bits = bytes(leaf), [], size
            while bits & 1:
                merged = hashlib.sha256(b"\x01" + edge.pop() + merged).digest()
                completed.append(merged)
                bits >>= 1
            edge.append(merged)
            size += 1
            if completed:
                kept.append({"at": index, "completed": b"".join(completed)})
        if kept:
            bind.execute(change, kept)


def _keep_promises(bind: sa.Connection) -> None:
    """What is left of each commitment: promised, less what was paid, worked or reversed."""
    entry = sa.table("entry", sa.column("index"), sa.column("kind"), sa.column("written"))
    left: dict[tuple[int, str], int] = defaultdict(int)
    found: dict[int, dict[str, object]] = {}
    asked = sa.select(entry.c.written).where(entry.c.kind.in_(("commitment", "payment", "time_worked", "reversal")))
    for (written,) in bind.execute(asked.order_by(entry.c.index)):
        facts = json.loads(written)
        kind, sign, of = facts["kind"], -1, facts["mandate"]
        if kind == "commitment":
            sign, of = 1, facts["index"]
        elif kind == "reversal":
            undone = found.get(of)
            if undone is None:
                continue
            sign, of = (-1, of) if undone["kind"] == "commitment" else (1, undone["mandate"])
        found[facts["index"]] = {"kind": kind, "mandate": facts["mandate"]}
        for transfer in facts["transfers"]:
            left[of, transfer["resource"]] += sign * transfer["amount"]
    promise = sa.table("promise", sa.column("entry"), sa.column("resource"), sa.column("left"))
    op.bulk_insert(promise, [{"entry": of, "resource": resource, "left": rest} for (of, resource), rest in left.items()])


def _guards_of_sqlite() -> None:
    op.execute(
        "CREATE TRIGGER entry_refuses_update BEFORE UPDATE ON entry BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: entry refuses UPDATE'); END"
    )
    op.execute("DROP TRIGGER transfer_joins_the_last_entry")
    op.execute(
        "CREATE TRIGGER transfer_comes_with_its_entry BEFORE INSERT ON transfer "
        "WHEN NEW.entry < (SELECT size FROM head) OR EXISTS "
        "(SELECT 1 FROM transfer WHERE entry = NEW.entry AND position = NEW.position) BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: a transfer comes with its entry'); END"
    )


def _guards_of_postgresql() -> None:
    """Once a statement and not once a row: an import writes many rows in one."""
    op.execute("DROP TRIGGER transfer_joins_the_last_entry ON transfer")
    op.execute("DROP FUNCTION transfer_joins_the_last_entry()")
    op.execute("DROP TRIGGER entry_follows_the_last ON entry")
    op.execute("DROP FUNCTION entry_follows_the_last()")
    op.execute(
        "CREATE FUNCTION entry_follows_the_last() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE first integer; last integer; many integer; BEGIN "
        'SELECT min("index"), max("index"), count(*) INTO first, last, many FROM fresh; '
        "IF many > 0 AND (last - first + 1 <> many OR first <> "
        '(SELECT coalesce(max("index") + 1, 0) FROM entry WHERE "index" < first)) THEN '
        "RAISE EXCEPTION 'the ledger has no gaps: an entry follows the last one'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_follows_the_last AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION entry_follows_the_last()"
    )
    op.execute(
        "CREATE FUNCTION transfer_comes_with_its_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM fresh WHERE entry < (SELECT size FROM head)) THEN "
        "RAISE EXCEPTION 'the ledger is append-only: a transfer comes with its entry'; END IF; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER transfer_comes_with_its_entry AFTER INSERT ON transfer REFERENCING NEW TABLE AS fresh "
        "FOR EACH STATEMENT EXECUTE FUNCTION transfer_comes_with_its_entry()"
    )
