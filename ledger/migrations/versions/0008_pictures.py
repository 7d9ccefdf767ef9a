"""A place can have a picture."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("jpeg", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=300), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name="picture_has_a_size"),
        sa.CheckConstraint("length(words) > 0", name="picture_is_described"),
        sa.ForeignKeyConstraint(["place"], ["partnership.slug"]),
        sa.PrimaryKeyConstraint("place"),
    )
