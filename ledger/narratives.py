"""Words beside the log: reasons, stories and notes, each with its own salt, so that they can be erased.

The log holds only SHA-256(salt ‖ text). While the words are kept, anyone can check them against the log; once they are
erased, salt and all, the digest says nothing.
"""

import hashlib
import secrets
import unicodedata

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, col, select

_SALT_BYTES = 16


class Narrative(SQLModel, table=True):
    """A text that an entry refers to by its digest."""

    digest: str = Field(primary_key=True, max_length=64)
    idempotency_key: str = Field(max_length=120, unique=True)
    salt: str = Field(max_length=2 * _SALT_BYTES)
    text: str


def digest_of(salt: str, text: str) -> str:
    """SHA-256(salt ‖ text), in lower-case hexadecimal; `salt` is hexadecimal too."""
    return hashlib.sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def keep(session: Session, text: str, *, idempotency_key: str) -> str:
    """Keep a text beside the log under a fresh salt, and give the digest that an entry may hold.

    Sent again under the same key, the same text gives the same digest, so that the entry it belongs to is safe to retry.
    """
    composed = unicodedata.normalize("NFC", text.strip())
    salt = secrets.token_hex(_SALT_BYTES)
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        insert(Narrative)
        .values(digest=digest_of(salt, composed), idempotency_key=idempotency_key, salt=salt, text=composed)
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
    )
    kept = session.exec(select(Narrative).where(col(Narrative.idempotency_key) == idempotency_key)).one()
    # Other words under the same key get a digest that no entry has, so the door refuses the second request.
    return kept.digest if kept.text == composed else digest_of(salt, composed)


def words(session: Session, digests: set[str]) -> dict[str, str]:
    """The texts by digest; what was erased is not among them."""
    return {row.digest: row.text for row in session.exec(select(Narrative).where(col(Narrative.digest).in_(digests)))}
