"""What people ask of the registrar about their own data."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("made", sa.String(length=20), nullable=False),
        sa.Column("declined", sa.String(length=12), nullable=True),
        sa.CheckConstraint("(what = 'name' AND name <> '') OR (what = 'erasure' AND name = '')", name="request_is_whole"),
        sa.ForeignKeyConstraint(["person"], ["person.ref"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person", "what"),
    )
