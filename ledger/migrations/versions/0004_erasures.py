"""A name or a text can be erased: its row stays as a marker that points at the entry which says when and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_KEPT = {
    "narrative": (
        "(erasure IS NULL AND salt IS NOT NULL AND text IS NOT NULL) OR (erasure IS NOT NULL AND salt IS NULL AND text IS NULL)"
    ),
    "person": "(erasure IS NULL AND name IS NOT NULL) OR (erasure IS NOT NULL AND name IS NULL AND story = '')",
}
_RULES = {"narrative": "narrative_is_kept_or_erased", "person": "person_is_named_or_erased"}
_EMPTIED = {"narrative": ("salt", "text"), "person": ("name",)}

# Words that an entry answers for are kept as they are or erased, and never become other words; a name may be corrected.
_CHANGED = {
    "narrative": (
        "OLD.erasure IS NOT NULL OR NEW.digest <> OLD.digest OR NEW.idempotency_key <> OLD.idempotency_key"
        " OR NEW.text <> OLD.text OR NEW.salt <> OLD.salt"
    ),
    "person": "OLD.erasure IS NOT NULL OR NEW.ref <> OLD.ref",
}

# Whatever an entry refers to leaves its marker. A row that the log does not know may be deleted.
_KNOWN = {
    "narrative": "EXISTS (SELECT 1 FROM entry WHERE entry.idempotency_key = OLD.idempotency_key)",
    "person": "EXISTS (SELECT 1 FROM entry WHERE entry.person = OLD.ref OR entry.subject = OLD.ref)",
}


def upgrade() -> None:
    for table, columns in _EMPTIED.items():
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("erasure", sa.Integer(), nullable=True))
            for column in columns:
                batch.alter_column(column, existing_type=sa.String(), nullable=True)
            batch.create_foreign_key(f"{table}_erased_by", "entry", ["erasure"], ["index"])
            batch.create_check_constraint(_RULES[table], sa.text(_KEPT[table]))
    if op.get_bind().dialect.name == "postgresql":
        _guards_of_postgresql()
    else:
        _guards_of_sqlite()


def _guards_of_sqlite() -> None:
    for table, changed in _CHANGED.items():
        op.execute(
            f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE ON {table} WHEN {changed} BEGIN "
            f"SELECT RAISE(ABORT, 'what was erased stays erased: {table} refuses'); END"
        )
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} WHEN {_KNOWN[table]} BEGIN "
            f"SELECT RAISE(ABORT, 'an erasure leaves its marker: {table} refuses DELETE'); END"
        )


def _guards_of_postgresql() -> None:
    for table, changed in _CHANGED.items():
        op.execute(
            f"CREATE FUNCTION {table}_only_erased() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {changed} THEN RAISE EXCEPTION 'what was erased stays erased: {table} refuses'; END IF; RETURN NEW; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {table}_only_erased BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_only_erased()"
        )
    refuse = "RAISE EXCEPTION 'an erasure leaves its marker: % refuses %', TG_TABLE_NAME, TG_OP;"
    op.execute(f"CREATE FUNCTION marker_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {refuse} END $$")
    for table, known in _KNOWN.items():
        op.execute(
            f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF {known} THEN {refuse} END IF; RETURN OLD; END $$"
        )
        op.execute(f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_stays()")
        op.execute(
            f"CREATE TRIGGER {table}_stays_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION marker_stays()"
        )
