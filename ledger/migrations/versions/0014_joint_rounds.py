"""Joint rounds: several partnerships vote together, each on its own pot."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("round", sa.Column("joint", sa.String(length=60), nullable=True))
    op.create_index("ix_round_joint", "round", ["joint"])
