"""The names behind references: people, places, organisations, projects, rounds; read once for whatever a page shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlmodel import Session, SQLModel, select

from ledger.accounts import AccountKind, parse
from ledger.people import UNKNOWN
from ledger.people import names as names_of_people
from ledger.places import Authority, Organisation, Partnership
from ledger.records import Recorded
from ledger.rounds.proposals import Proposal, Round


@dataclass(frozen=True, slots=True)
class Names:
    """Names by reference. What is not known reads as its own reference; a person says whether the name was erased."""

    people: dict[str, str]
    authorities: dict[str, str]
    partnerships: dict[str, str]
    organisations: dict[str, str]
    projects: dict[str, str]
    rounds: dict[str, str]

    def person(self, ref: str) -> str:
        """A person's name, or that it was erased."""
        return self.people.get(ref, UNKNOWN)

    def place(self, slug: str) -> str:
        """A partnership's name."""
        return self.partnerships.get(slug, slug)

    def authority(self, slug: str) -> str:
        """An authority's name."""
        return self.authorities.get(slug, slug)

    def organisation(self, slug: str) -> str:
        """The name of whoever lends staff or is paid: an organisation, or the authority itself."""
        return self.organisations.get(slug) or self.authorities.get(slug) or self.people.get(slug, slug)

    def project(self, ref: str) -> str:
        """A project's title."""
        return self.projects.get(ref, ref)

    def round(self, ref: str) -> str:
        """A round's title."""
        return self.rounds.get(ref, ref)

    def account(self, path: str) -> str:
        """An account in words: “pot of Glodbrook”, “award for Tool library”."""
        kind, owner = parse(path)
        words, name = _ACCOUNTS[kind]
        return words.format(name(self, owner))


_ACCOUNTS: dict[AccountKind, tuple[str, Callable[[Names, str], str]]] = {
    AccountKind.SOURCE: ("{}", Names.authority),
    AccountKind.STAFF: ("staff of {}", Names.organisation),
    AccountKind.HELD: ("held by {}", Names.authority),
    AccountKind.POT: ("pot of {}", Names.place),
    AccountKind.CONNECTOR: ("connector’s purse of {}", Names.place),
    AccountKind.RESERVE: ("reserve under {}", Names.organisation),
    AccountKind.AWARD: ("award for {}", Names.project),
    AccountKind.COMMITTED: ("committed for {}", Names.project),
    AccountKind.PAYEE: ("{}", Names.organisation),
    AccountKind.RETURNED: ("returned to {}", Names.authority),
}


def names_of(session: Session, entries: Iterable[Recorded] = (), accounts: Iterable[str] = ()) -> Names:
    """The names that these entries and accounts need."""
    kept = list(entries)
    paths = {*accounts, *(path for e in kept for move in e.movements for path in (move.from_account, move.to_account))}
    owners = {parse(path)[1] for path in paths}
    refs = owners | {ref for e in kept for ref in _references(e)}

    def known(table: type[SQLModel], key: str, name: str) -> dict[str, str]:
        columns = (getattr(table, key), getattr(table, name))
        return dict(session.exec(select(*columns).where(columns[0].in_(refs))).all())

    return Names(
        people=names_of_people(session, refs),
        authorities=known(Authority, "slug", "name"),
        partnerships=known(Partnership, "slug", "name"),
        organisations=known(Organisation, "slug", "name"),
        projects=known(Proposal, "ref", "title"),
        rounds=known(Round, "ref", "title"),
    )


def _references(entry: Recorded) -> set[str]:
    found = {entry.actor.person, entry.authority, entry.place, entry.payload.subject()}
    named = (getattr(entry.payload, field, None) for field in ("person", "organisation", "payee", "project", "round"))
    signed = getattr(entry.payload, "signed", ())
    return {ref for ref in (*found, *named, *signed) if isinstance(ref, str)}
