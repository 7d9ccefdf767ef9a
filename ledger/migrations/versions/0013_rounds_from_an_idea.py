"""Rounds from an idea to a result: rules that are drafted before they are frozen, and ideas with all that belongs to them."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_REF = sa.String(length=80)
_MOMENT = sa.String(length=20)


def upgrade() -> None:
    op.add_column("outcome", sa.Column("barred", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("round", sa.Column("drafted", sa.String(), nullable=False, server_default="{}"))
    op.create_table(
        "idea",
        sa.Column("ref", _REF, nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        *_words(),
        sa.Column("written_for", _REF, nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("feasibility", sa.String(), nullable=False),
        sa.Column("finance", sa.String(), nullable=False),
        sa.Column("officer", _REF, nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("shared", _MOMENT, nullable=True),
        sa.Column("commented", _MOMENT, nullable=True),
        sa.Column("idempotency_key", sa.String(length=120), nullable=False),
        sa.CheckConstraint("(east IS NULL) = (north IS NULL)", name="idea_is_somewhere_or_nowhere"),
        sa.CheckConstraint("cost >= 0 AND minutes >= 0", name="idea_asks_for_nothing_negative"),
        sa.CheckConstraint("written_for = '' OR consent <> ''", name="idea_for_somebody_has_their_consent"),
        sa.ForeignKeyConstraint(["merged_into"], ["idea.ref"]),
        sa.ForeignKeyConstraint(["round"], ["round.ref"]),
        sa.PrimaryKeyConstraint("ref"),
        sa.UniqueConstraint("idempotency_key"),
        sa.UniqueConstraint("round", "number", name="idea_numbered_once"),
    )
    op.create_index("ix_idea_round", "idea", ["round"])
    _of_an_idea(
        "revision",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person", _REF, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        *_words(),
        sa.PrimaryKeyConstraint("idea", "number"),
    )
    _of_an_idea(
        "author",
        sa.Column("person", _REF, nullable=False),
        sa.Column("credit", sa.String(length=50), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("idea", "person"),
    )
    _of_an_idea(
        "backing",
        sa.Column("person", _REF, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("idea", "person"),
    )
    _of_an_idea(
        "question",
        sa.Column("ref", _REF, nullable=False),
        sa.Column("asker", _REF, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("asked", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answerer", _REF, nullable=False),
        sa.Column("answered", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_question_idea", "question", ["idea"])
    _of_an_idea(
        "photo",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0 AND length(words) > 0", name="photo_is_described"),
        sa.PrimaryKeyConstraint("idea", "name"),
    )
    op.create_table(
        "interest",
        sa.Column("proposal", _REF, nullable=False),
        sa.Column("person", _REF, nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=300), nullable=False),
        sa.Column("declared", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["round"], ["round.ref"]),
        sa.PrimaryKeyConstraint("proposal", "person"),
    )
    op.create_index("ix_interest_round", "interest", ["round"])
    op.create_table(
        "meeting",
        sa.Column("ref", _REF, nullable=False),
        sa.Column("round", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("agenda", sa.String(), nullable=False),
        sa.Column("minutes", sa.String(), nullable=False),
        sa.Column("ended", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["round"], ["round.ref"]),
        sa.PrimaryKeyConstraint("ref"),
    )
    op.create_index("ix_meeting_round", "meeting", ["round"])
    op.create_table(
        "attendance",
        sa.Column("meeting", _REF, nullable=False),
        sa.Column("person", _REF, nullable=False),
        sa.Column("came", _MOMENT, nullable=False),
        sa.Column("went", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["meeting"], ["meeting.ref"]),
        sa.PrimaryKeyConstraint("meeting", "person"),
    )


def _words() -> list[sa.Column[object]]:
    return [
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("theme", _REF, nullable=True),
        sa.Column("district", _REF, nullable=True),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.BigInteger(), nullable=False),
        sa.Column("east", sa.Integer(), nullable=True),
        sa.Column("north", sa.Integer(), nullable=True),
    ]


def _of_an_idea(table: str, *parts: sa.schema.SchemaItem) -> None:
    op.create_table(table, sa.Column("idea", _REF, nullable=False), *parts, sa.ForeignKeyConstraint(["idea"], ["idea.ref"]))
