"""The picture of a place, beside the log: what it shows in words, and the picture as it was drawn anew."""

import hashlib

from sqlalchemy import CheckConstraint, LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select


class Picture(SQLModel, table=True):
    """The one picture of a partnership, a JPEG of our own drawing. `words` say what it shows, for who cannot see it."""

    place: str = Field(foreign_key="partnership.slug", primary_key=True, max_length=80)
    jpeg: bytes = Field(sa_type=LargeBinary)
    name: str = Field(max_length=16)
    width: int
    height: int
    words: str = Field(max_length=300)

    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="picture_has_a_size"),
        CheckConstraint("length(words) > 0", name="picture_is_described"),
    )


def show(session: Session, *, place: str, jpeg: bytes, size: tuple[int, int], words: str) -> Picture:
    """Keep the picture of a place; the one before it goes. Safe to send again."""
    row = session.get(Picture, place) or Picture(place=place, jpeg=b"", name="", width=1, height=1, words="-")
    row.jpeg, (row.width, row.height), row.words = jpeg, size, words
    row.name = hashlib.sha256(jpeg).hexdigest()[:16]
    session.add(row)
    return row


def take_down(session: Session, place: str) -> None:
    """The place has no picture any more."""
    row = session.get(Picture, place)
    if row is not None:
        session.delete(row)


def picture_of(session: Session, place: str) -> Picture | None:
    """The picture of a place, if it has one."""
    return session.exec(select(Picture).where(col(Picture.place) == place)).first()
