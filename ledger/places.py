"""Where things happen: authorities, their districts, the partnerships in them, and the organisations that take part.

What is a fact of record (an authority's currency, a devolution) is in the log; names and descriptions stand here beside it.
"""

from sqlmodel import Field, Session, SQLModel, col, func, select

from ledger.errors import NotFound


class Authority(SQLModel, table=True):
    """A body that devolves: its name, its currency, and whether its data are a demonstration or imported."""

    slug: str = Field(primary_key=True, max_length=80)
    name: str
    currency: str = Field(max_length=3)
    demonstration: bool = False
    source: str | None = None


class District(SQLModel, table=True):
    """A part of an authority's area."""

    slug: str = Field(primary_key=True, max_length=80)
    authority: str = Field(foreign_key="authority.slug", index=True)
    name: str


class Partnership(SQLModel, table=True):
    """A neighbourhood partnership: where public money and staff time are shared out."""

    slug: str = Field(primary_key=True, max_length=80)
    authority: str = Field(foreign_key="authority.slug", index=True)
    district: str | None = Field(default=None, foreign_key="district.slug")
    name: str
    summary: str = ""
    source: str | None = None


class Organisation(SQLModel, table=True):
    """A partner organisation, a supplier or any other payee that is not a person."""

    slug: str = Field(primary_key=True, max_length=80)
    name: str


def authority(session: Session, slug: str) -> Authority:
    """The authority called `slug`. Raises NotFound."""
    found = session.get(Authority, slug)
    if found is None:
        raise NotFound(what="authority", name=slug)
    return found


def partnership(session: Session, slug: str) -> Partnership:
    """The partnership called `slug`. Raises NotFound."""
    found = session.get(Partnership, slug)
    if found is None:
        raise NotFound(what="partnership", name=slug)
    return found


def authorities(session: Session) -> list[Authority]:
    """Every authority on the site: the demonstration's own first, then imported ones, by name."""
    return list(session.exec(select(Authority).order_by(col(Authority.source).is_not(None), col(Authority.name))))


def partnerships(session: Session, authority: str | None = None) -> list[Partnership]:
    """Every partnership, or those of one authority, by district and name."""
    query = select(Partnership).order_by(col(Partnership.district), col(Partnership.name))
    if authority is not None:
        query = query.where(col(Partnership.authority) == authority)
    return list(session.exec(query))


def organisation_called(session: Session, words: str) -> Organisation:
    """The organisation of that name, whatever its capitals, or of that reference. Raises NotFound."""
    name = " ".join(words.split())
    known = select(Organisation).where((func.lower(Organisation.name) == name.lower()) | (col(Organisation.slug) == name))
    found = session.exec(known.order_by(col(Organisation.slug))).first()
    if found is None:
        raise NotFound(what="organisation", name=name)
    return found


def organisations(session: Session) -> list[Organisation]:
    """Every organisation that is known, by name."""
    return list(session.exec(select(Organisation).order_by(col(Organisation.name))))


def districts(session: Session, authority: str) -> list[District]:
    """The districts of an authority, by name."""
    return list(session.exec(select(District).where(col(District.authority) == authority).order_by(col(District.name))))
