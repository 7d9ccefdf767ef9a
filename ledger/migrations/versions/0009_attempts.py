"""How often somebody asked for something lately, under a keyed digest."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("ends", sa.String(length=20), nullable=False),
        sa.Column("many", sa.Integer(), nullable=False),
        sa.CheckConstraint("many > 0", name="attempt_was_made"),
        sa.PrimaryKeyConstraint("digest", "ends"),
    )
