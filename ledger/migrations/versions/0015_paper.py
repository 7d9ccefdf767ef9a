"""Votes on paper: strips, numbered papers, two blind entries of each held apart by the database, and a third's decision."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_APART = (
    "(SELECT count(*) FROM copy WHERE round = NEW.round AND paper = NEW.paper) <> 2 OR "
    "(SELECT count(DISTINCT choices) FROM copy WHERE round = NEW.round AND paper = NEW.paper) <> 2 OR "
    "EXISTS (SELECT 1 FROM copy WHERE round = NEW.round AND paper = NEW.paper AND clerk = NEW.clerk)"
)
_SAID = "a third person decides, and only where two entries differ"


def _of_round() -> sa.Column[str]:
    return sa.Column("round", sa.String(length=80), sa.ForeignKey("round.ref"), primary_key=True, nullable=False)


def _person() -> sa.Column[str]:
    return sa.Column("clerk", sa.String(length=80), nullable=False)


def upgrade() -> None:
    op.create_table(
        "batch",
        _of_round(),
        sa.Column("number", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("papers", sa.Integer(), nullable=False),
        _person(),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.CheckConstraint("papers > 0 AND first > 0", name="batch_has_papers"),
        sa.UniqueConstraint("round", "first", name="batch_numbered_once"),
    )
    op.create_table("stub", _of_round(), sa.Column("credential", sa.String(length=64), primary_key=True, nullable=False))
    op.create_table(
        "copy",
        _of_round(),
        sa.Column("paper", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("turn", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        _person(),
        sa.Column("choices", sa.String(), nullable=False),
        sa.UniqueConstraint("round", "paper", "clerk", name="copy_by_two_people"),
        sa.CheckConstraint("turn IN (1, 2)", name="copy_first_or_second"),
    )
    op.create_table(
        "ruling",
        _of_round(),
        sa.Column("paper", sa.Integer(), primary_key=True, nullable=False),
        _person(),
        sa.Column("choices", sa.String(), nullable=False),
    )
    op.create_table(
        "throw",
        _of_round(),
        sa.Column("dice", sa.String(length=200), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        _person(),
    )
    op.create_table(
        "comparison",
        sa.Column("round", sa.String(length=80), sa.ForeignKey("throw.round"), primary_key=True, nullable=False),
        sa.Column("paper", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        _person(),
    )
    with op.batch_alter_table("tracker") as tracker:
        tracker.add_column(sa.Column("paper", sa.Integer(), nullable=True))
        tracker.create_unique_constraint("tracker_of_a_paper_once", ["round", "paper"])
    if op.get_bind().dialect.name == "postgresql":
        _guards_of_postgresql()
    else:
        _guards_of_sqlite()


def _guards_of_sqlite() -> None:
    op.execute(
        f"CREATE TRIGGER ruling_by_a_third BEFORE INSERT ON ruling WHEN {_APART} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    )
    for table in ("copy", "ruling", "throw", "comparison"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'what was read on a paper stays: {table} refuses {verb}'); END"
            )


def _guards_of_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION ruling_by_a_third() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {_APART} THEN RAISE EXCEPTION '{_SAID}'; END IF; RETURN NEW; END $$"
    )
    op.execute("CREATE TRIGGER ruling_by_a_third BEFORE INSERT ON ruling FOR EACH ROW EXECUTE FUNCTION ruling_by_a_third()")
    op.execute(
        "CREATE FUNCTION paper_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'what was read on a paper stays: % refuses %', TG_TABLE_NAME, TG_OP; END $$"
    )
    for table in ("copy", "ruling", "throw", "comparison"):
        op.execute(
            f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION paper_stays()"
        )
