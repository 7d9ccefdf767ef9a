"""The address that somebody adds to theirs by a link."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("link", sa.Column("address", sa.String(length=254), nullable=True))
