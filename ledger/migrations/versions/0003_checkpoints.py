"""Every head of the log that was signed, what witnesses signed under it, and how a log ended that could not go on."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEYS = {
    "checkpoint": ("origin", "size"),
    "cosignature": ("origin", "size", "witness", "cosigned_at"),
    "ending": ("origin",),
}


def upgrade() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(length=300), nullable=False),
        sa.Column("signed_at", sa.String(length=20), nullable=False),
        sa.CheckConstraint("size >= 0", name="checkpoint_size_from_zero"),
        sa.CheckConstraint("length(root) = 32", name="checkpoint_root_is_sha256"),
        sa.PrimaryKeyConstraint("origin", "size"),
    )
    op.create_table(
        "cosignature",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("witness", sa.String(length=300), nullable=False),
        sa.Column("cosigned_at", sa.String(length=20), nullable=False),
        sa.Column("line", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["origin", "size"], ["checkpoint.origin", "checkpoint.size"], name="cosignature_of_a_checkpoint"
        ),
        sa.PrimaryKeyConstraint("origin", "size", "witness", "cosigned_at"),
    )
    op.create_index("cosignature_by_time", "cosignature", ["origin", "witness", "cosigned_at", "size"])
    op.create_table(
        "ending",
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", sa.String(length=20), nullable=False),
        sa.CheckConstraint("kept >= 0 AND kept <= size", name="ending_keeps_at_most_what_was"),
        sa.PrimaryKeyConstraint("origin"),
    )
    guard = _guard_of_postgresql if op.get_bind().dialect.name == "postgresql" else _guard_of_sqlite
    for table, key in _KEYS.items():
        guard(table, key)


def _guard_of_sqlite(table: str, key: tuple[str, ...]) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, 'the ledger is append-only: {table} refuses {verb}'); END"
        )
    # INSERT OR REPLACE deletes without firing a DELETE trigger, so what it would replace is refused here.
    same = " AND ".join(f"{name} = NEW.{name}" for name in key)
    there = f"SELECT 1 FROM {table} WHERE {same}"  # noqa: S608 - put together from the names above
    op.execute(
        f"CREATE TRIGGER {table}_replaces_nothing BEFORE INSERT ON {table} "
        f"WHEN EXISTS ({there}) BEGIN "
        f"SELECT RAISE(ABORT, 'the ledger is append-only: this {table} is there already'); END"
    )


def _guard_of_postgresql(table: str, _key: tuple[str, ...]) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
    )
