"""How people sign in: sessions, addresses and links, invitations, codes, passkeys, work accounts; tokens as digests."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_DIGEST = sa.String(length=64)
_MOMENT = sa.String(length=20)


def upgrade() -> None:
    _of_a_person(
        "visit",
        _key("digest", _DIGEST),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("seen", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
    )
    _one_to_a_person("barred", sa.Column("since", _MOMENT, nullable=False))
    _of_a_person("mailbox", _key("address", sa.String(length=254)), sa.Column("since", _MOMENT, nullable=False))
    _of_a_person(
        "link",
        _key("digest", _DIGEST),
        sa.Column("browser", _DIGEST, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
    )
    _invitation()
    _one_to_a_person(
        "authenticator",
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("waits_until", _MOMENT, nullable=True),
        sa.Column("made", _MOMENT, nullable=False),
    )
    _of_a_person("recovery", _key("digest", _DIGEST))
    _of_a_person(
        "passkey",
        _key("id", sa.String(length=1400)),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signs", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
    )
    _of_a_person(
        "identity",
        _key("issuer", sa.String(length=300)),
        _key("subject", sa.String(length=255)),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_table(
        "challenge",
        _key("digest", _DIGEST),
        sa.Column("kept", sa.String(), nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
    )


def _key(name: str, kind: sa.types.TypeEngine[str]) -> sa.Column[str]:
    return sa.Column(name, kind, primary_key=True, nullable=False)


def _of_a_person(table: str, *columns: sa.Column[Any]) -> None:
    person = sa.Column("person", sa.String(), sa.ForeignKey("person.ref", ondelete="CASCADE"), nullable=False)
    op.create_table(table, *columns, person)
    op.create_index(f"ix_{table}_person", table, ["person"])


def _one_to_a_person(table: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        table, sa.Column("person", sa.String(), sa.ForeignKey("person.ref", ondelete="CASCADE"), primary_key=True), *columns
    )


def _invitation() -> None:
    op.create_table(
        "invitation",
        _key("ref", sa.String(length=40)),
        sa.Column("digest", _DIGEST, nullable=False, unique=True),
        sa.Column("authority", sa.String(), sa.ForeignKey("authority.slug"), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("person", sa.String(), sa.ForeignKey("person.ref", ondelete="CASCADE"), nullable=True),
        sa.Column("inviter", sa.String(), sa.ForeignKey("person.ref", ondelete="CASCADE"), nullable=False),
        sa.Column("made", _MOMENT, nullable=False),
        sa.Column("ends", _MOMENT, nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
    )
    for column in ("authority", "address", "person", "inviter"):
        op.create_index(f"ix_invitation_{column}", "invitation", [column])
