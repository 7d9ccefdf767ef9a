"""Secret ballots: keyholders, the roll, sealed ballots beside their credentials, and what is published of them."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_HASH = 64


def _of_round() -> sa.Column[str]:
    return sa.Column("round", sa.String(length=80), sa.ForeignKey("round.ref"), primary_key=True, nullable=False)


def _hash(name: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=_HASH), primary_key=key, nullable=False)


def upgrade() -> None:
    op.create_table(
        "keyring",
        _of_round(),
        _hash("first"),
        _hash("second"),
        _hash("third"),
        _hash("promises"),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("rerun_at", sa.Integer(), nullable=False),
        sa.Column("backups_end", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
    )
    op.create_table("eligible", _of_round(), _hash("mark", key=True))
    op.create_table(
        "reissue",
        _of_round(),
        _hash("revoked", key=True),
        _hash("added"),
        sa.Column("first", sa.String(length=80), nullable=False),
        sa.Column("second", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
    )
    op.create_table(
        "slip",
        _of_round(),
        _hash("credential", key=True),
        _hash("tracker"),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.UniqueConstraint("tracker", name="slip_tracked_once"),
    )
    op.create_table("spent", _of_round(), _hash("credential", key=True))
    op.create_table(
        "tracker",
        _of_round(),
        _hash("tracker", key=True),
        sa.Column("entry", sa.Integer(), sa.ForeignKey("entry.index"), nullable=False),
        sa.Column("choices", sa.String(), nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=True),
        sa.Column("digits", sa.String(length=6), nullable=True),
        sa.Column("standing", sa.String(length=20), nullable=False),
    )
