"""Where a place stands is read from running totals, however long the log is; flows are found by place and by end."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLES = {
    "entry": (
        '"index" int', "kind text", "recorded_at text", "effective_on date", "authority text", "place text", "subject text",
        "mandate int", "person text", "role text", "idempotency_key text", "written bytea", "leaf_hash bytea", "nodes bytea",
    ),
    "account": ("path text", "kind text", "owner text"),
    "transfer": (
        "entry int", "position int", "from_account text", "to_account text", "resource text", "amount bigint",
    ),
    "balance": ("account text", "resource text", "amount bigint"),
    "promise": ("entry int", "resource text", '"left" bigint'),
    "flow": (
        "from_account text", "to_account text", "resource text", "month text", "authority text", "place text", "amount bigint",
    ),
    "total": ("place text", "resource text", "from_kind text", "to_kind text", "amount bigint"),
}  # fmt: skip
_HEAD = "expected bytea, new_size int, new_edge bytea, new_root bytea, new_moment text, new_decisions int"
_CHANGED = {"balance": ("account", "resource", "amount"), "promise": ("entry", "resource", '"left"')}


def upgrade() -> None:
    op.create_table(
        "total",
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("resource", sa.String(length=4), nullable=False),
        sa.Column("from_kind", sa.String(length=20), nullable=False),
        sa.Column("to_kind", sa.String(length=20), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("place", "resource", "from_kind", "to_kind"),
    )
    op.execute(
        "INSERT INTO total SELECT flow.place, flow.resource, giving.kind, taking.kind, sum(flow.amount) FROM flow "
        "JOIN account AS giving ON giving.path = flow.from_account JOIN account AS taking ON taking.path = flow.to_account "
        "WHERE flow.place <> '' GROUP BY flow.place, flow.resource, giving.kind, taking.kind"
    )
    op.create_index("flow_by_place", "flow", ["place", "resource"])
    op.create_index("flow_by_end", "flow", ["to_account"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_append")
        op.execute(_function())


def _function() -> str:
    given = [_HEAD]
    for table, columns in _TABLES.items():
        given += [f"{table}_{number} {column.rpartition(' ')[2]}[]" for number, column in enumerate(columns)]
    return (
        f"CREATE FUNCTION ledger_append({', '.join(given)}) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - ours
        "PERFORM 1 FROM head WHERE root = expected FOR UPDATE; "
        "IF NOT FOUND THEN RETURN false; END IF; "
        f"IF cardinality(account_0) > 0 THEN {_insert('account')} ON CONFLICT DO NOTHING; END IF; "
        f"{_insert('entry')}; "
        f"IF cardinality(transfer_0) > 0 THEN {_insert('transfer')}; {_insert('flow')} "
        "ON CONFLICT (from_account, to_account, resource, month, authority, place) "
        "DO UPDATE SET amount = flow.amount + excluded.amount; END IF; "
        f"IF cardinality(total_0) > 0 THEN {_insert('total')} "
        "ON CONFLICT (place, resource, from_kind, to_kind) DO UPDATE SET amount = total.amount + excluded.amount; END IF; "
        f"{_change('balance')}; "
        f"{_change('promise')}; "
        "UPDATE head SET size = new_size, edge = new_edge, root = new_root, recorded_at = new_moment, "
        "decisions = new_decisions; "
        "RETURN true; END $$"
    )


def _names(table: str) -> str:
    return ", ".join(column.rpartition(" ")[0] for column in _TABLES[table])


def _rows(table: str) -> str:
    return f"unnest({', '.join(f'{table}_{number}' for number in range(len(_TABLES[table])))})"


def _insert(table: str) -> str:
    return f"INSERT INTO {table} ({_names(table)}) SELECT * FROM {_rows(table)}"  # noqa: S608 - names of ours


def _change(table: str) -> str:
    """A row that is there changes; where there is none, one is added. An upsert's CHECK would see the change as a row.

    One by one, each by its key: joined with the arrays, a planner that knows nothing of them would read the whole table.
    """
    first, second, amount = _CHANGED[table]
    return (
        f"FOR i IN 1 .. cardinality({table}_0) LOOP "  # noqa: S608 - as above
        f"UPDATE {table} SET {amount} = {amount} + {table}_2[i] "
        f"WHERE {first} = {table}_0[i] AND {second} = {table}_1[i]; "
        f"IF NOT FOUND THEN INSERT INTO {table} ({_names(table)}) VALUES ({table}_0[i], {table}_1[i], {table}_2[i]); END IF; "
        "END LOOP"
    )
