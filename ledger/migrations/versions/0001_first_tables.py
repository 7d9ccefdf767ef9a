"""The first tables, and the guards that make the log append-only whoever holds the connection."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_EMPTY_ROOT = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing: RFC 6962's empty tree

_FLOOR = "amount >= 0 OR substr(account, 1, 7) = 'source/' OR substr(account, 1, 6) = 'staff/'"

_APPEND_ONLY = ("entry", "transfer")


def upgrade() -> None:
    _tables()
    head = sa.table(
        "head", sa.column("id", sa.Integer), sa.column("size", sa.Integer), sa.column("edge", sa.LargeBinary),
        sa.column("root", sa.LargeBinary),
    )  # fmt: skip
    op.bulk_insert(head, [{"id": 1, "size": 0, "edge": b"", "root": bytes.fromhex(_EMPTY_ROOT)}])
    if op.get_bind().dialect.name == "postgresql":
        _guards_of_postgresql()
    else:
        _guards_of_sqlite()


def _guards_of_sqlite() -> None:
    for table in _APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'the ledger is append-only: {table} refuses {verb}'); END"
            )
    op.execute(
        "CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry "
        'WHEN NEW."index" <> (SELECT coalesce(max("index") + 1, 0) FROM entry) BEGIN '
        "SELECT RAISE(ABORT, 'the ledger has no gaps: an entry follows the last one'); END"
    )
    # INSERT OR REPLACE deletes without firing a DELETE trigger, so what it would replace is refused here.
    op.execute(
        "CREATE TRIGGER entry_replaces_nothing BEFORE INSERT ON entry "
        "WHEN EXISTS (SELECT 1 FROM entry WHERE idempotency_key = NEW.idempotency_key) BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: this idempotency key is used'); END"
    )
    op.execute(
        "CREATE TRIGGER transfer_joins_the_last_entry BEFORE INSERT ON transfer "
        'WHEN NEW.entry <> (SELECT max("index") FROM entry) OR EXISTS '
        "(SELECT 1 FROM transfer WHERE entry = NEW.entry AND position = NEW.position) BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: a transfer comes with its entry'); END"
    )
    op.execute(
        "CREATE TRIGGER head_only_grows BEFORE UPDATE ON head WHEN NEW.size < OLD.size BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: its head only grows'); END"
    )
    op.execute(
        "CREATE TRIGGER head_stays BEFORE DELETE ON head BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only: its head stays'); END"
    )


def _guards_of_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the ledger is append-only: % refuses %', TG_TABLE_NAME, TG_OP; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
        )
    op.execute(
        "CREATE TRIGGER head_stays BEFORE DELETE OR TRUNCATE ON head "
        "FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only()"
    )
    op.execute(
        "CREATE FUNCTION head_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.size < OLD.size THEN RAISE EXCEPTION 'the ledger is append-only: its head only grows'; END IF; "
        "RETURN NEW; END $$"
    )
    op.execute("CREATE TRIGGER head_only_grows BEFORE UPDATE ON head FOR EACH ROW EXECUTE FUNCTION head_only_grows()")
    op.execute(
        "CREATE FUNCTION entry_follows_the_last() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        'IF NEW."index" <> (SELECT coalesce(max("index") + 1, 0) FROM entry) THEN '
        "RAISE EXCEPTION 'the ledger has no gaps: an entry follows the last one'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_follows_the_last BEFORE INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_follows_the_last()"
    )
    op.execute(
        "CREATE FUNCTION transfer_joins_the_last_entry() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        'IF NEW.entry <> (SELECT max("index") FROM entry) THEN '
        "RAISE EXCEPTION 'the ledger is append-only: a transfer comes with its entry'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER transfer_joins_the_last_entry BEFORE INSERT ON transfer "
        "FOR EACH ROW EXECUTE FUNCTION transfer_joins_the_last_entry()"
    )


def _tables() -> None:
    op.create_table(
        "account",
        sa.Column("path", sa.String(length=180), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("path"),
    )
    op.create_table(
        "authority",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "entry",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recorded_at", sa.String(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=True),
        sa.Column("subject", sa.String(length=80), nullable=True),
        sa.Column("mandate", sa.Integer(), nullable=True),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("written", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint('"index" >= 0', name="entry_index_from_zero"),
        sa.CheckConstraint("length(leaf_hash) = 32", name="entry_leaf_hash_is_sha256"),
        sa.CheckConstraint('mandate IS NULL OR mandate < "index"', name="entry_mandate_is_earlier"),
        sa.ForeignKeyConstraint(["mandate"], ["entry.index"]),
        sa.PrimaryKeyConstraint("index"),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_index("entry_by_authority", "entry", ["authority", "kind"], unique=False)
    op.create_index("entry_by_place", "entry", ["place", "kind"], unique=False)
    op.create_index("entry_by_subject", "entry", ["kind", "subject"], unique=False)
    op.create_index(op.f("ix_entry_mandate"), "entry", ["mandate"], unique=False)
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("edge", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("recorded_at", sa.String(length=20), nullable=True),
        sa.CheckConstraint("id = 1", name="head_is_one_row"),
        sa.CheckConstraint("length(root) = 32", name="head_root_is_sha256"),
        sa.CheckConstraint("size >= 0", name="head_size_from_zero"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "narrative",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_table(
        "organisation",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "person",
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("story", sa.String(), nullable=False),
        sa.Column("invented", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name="person_has_a_name"),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_table(
        "balance",
        sa.Column("account", sa.String(length=180), nullable=False),
        sa.Column("resource", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(_FLOOR, name="balance_not_below_its_floor"),
        sa.ForeignKeyConstraint(["account"], ["account.path"]),
        sa.PrimaryKeyConstraint("account", "resource"),
    )
    op.create_table(
        "district",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["authority"], ["authority.slug"]),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_index(op.f("ix_district_authority"), "district", ["authority"], unique=False)
    op.create_table(
        "flow",
        sa.Column("from_account", sa.String(length=180), nullable=False),
        sa.Column("to_account", sa.String(length=180), nullable=False),
        sa.Column("resource", sa.String(length=4), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("authority", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["from_account"], ["account.path"]),
        sa.ForeignKeyConstraint(["to_account"], ["account.path"]),
        sa.PrimaryKeyConstraint("from_account", "to_account", "resource", "month", "authority", "place"),
    )
    op.create_table(
        "transfer",
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("from_account", sa.String(length=180), nullable=False),
        sa.Column("to_account", sa.String(length=180), nullable=False),
        sa.Column("resource", sa.String(length=4), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name="transfer_amount_above_zero"),
        sa.CheckConstraint("from_account <> to_account", name="transfer_between_two_accounts"),
        sa.ForeignKeyConstraint(["entry"], ["entry.index"]),
        sa.ForeignKeyConstraint(["from_account"], ["account.path"]),
        sa.ForeignKeyConstraint(["to_account"], ["account.path"]),
        sa.PrimaryKeyConstraint("entry", "position"),
    )
    op.create_index(op.f("ix_transfer_from_account"), "transfer", ["from_account"], unique=False)
    op.create_index(op.f("ix_transfer_to_account"), "transfer", ["to_account"], unique=False)
    op.create_table(
        "partnership",
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("district", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["authority"], ["authority.slug"]),
        sa.ForeignKeyConstraint(["district"], ["district.slug"]),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_index(op.f("ix_partnership_authority"), "partnership", ["authority"], unique=False)
    op.create_table(
        "round",
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("partnership", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("ballot", sa.String(length=20), nullable=False),
        sa.Column("electorate", sa.String(length=20), nullable=False),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("source_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["entry"], ["entry.index"]),
        sa.ForeignKeyConstraint(["partnership"], ["partnership.slug"]),
        sa.PrimaryKeyConstraint("ref"),
        sa.UniqueConstraint("partnership", "source_digest", name="round_imported_once"),
    )
    op.create_index(op.f("ix_round_partnership"), "round", ["partnership"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("round", sa.String(length=80), nullable=False),
        sa.Column("voter", sa.String(length=80), nullable=False),
        sa.Column("choices", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("cast_at", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["round"], ["round.ref"]),
        sa.PrimaryKeyConstraint("round", "voter"),
    )
    op.create_index("ballot_by_round", "ballot", ["round"], unique=False)
    op.create_table(
        "proposal",
        sa.Column("ref", sa.String(length=80), nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("proposer", sa.String(), nullable=False),
        sa.Column("objections", sa.String(), nullable=False),
        sa.Column("finance_comment", sa.String(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("cost >= 0 AND minutes >= 0", name="proposal_asks_for_nothing_negative"),
        sa.ForeignKeyConstraint(["round"], ["round.ref"]),
        sa.PrimaryKeyConstraint("ref"),
        sa.UniqueConstraint("round", "code", name="proposal_coded_once"),
        sa.UniqueConstraint("round", "number", name="proposal_numbered_once"),
    )
    op.create_index(op.f("ix_proposal_round"), "proposal", ["round"], unique=False)
    op.create_table(
        "outcome",
        sa.Column("proposal", sa.String(length=80), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("sentence", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["proposal"], ["proposal.ref"]),
        sa.PrimaryKeyConstraint("proposal"),
    )
