"""The names behind references: people, places, organisations, projects, rounds; read once for whatever a page shows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlmodel import Session, SQLModel, select

from ledger.accounts import AccountKind, parse
from ledger.entries import DatabaseBook
from ledger.kinds.risking import RiskAgreement
from ledger.people import UNKNOWN
from ledger.people import names as names_of_people
from ledger.places import Authority, Organisation, Partnership
from ledger.records import SHARED_RISK, Kind, Recorded
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
    risks: dict[str, str]

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
        """The name of whoever lends staff, shares a risk or is paid: an organisation, an authority, a partnership."""
        known = self.organisations.get(slug) or self.authorities.get(slug) or self.partnerships.get(slug)
        return known or self.people.get(slug, slug)

    def project(self, ref: str) -> str:
        """A project's title."""
        return self.projects.get(ref, ref)

    def round(self, ref: str) -> str:
        """A round's title."""
        return self.rounds.get(ref, ref)

    def risk(self, ref: str) -> str:
        """The title of a risk agreement."""
        return self.risks.get(ref, ref)

    def account(self, path: str) -> str:
        """An account in words: “pot of Glodbrook”, “award for Tool library”."""
        kind, owner = parse(path)
        words, name = _ACCOUNTS[kind]
        return words.format(name(self, owner))


_ACCOUNTS: dict[AccountKind, tuple[str, Callable[[Names, str], str]]] = {
    AccountKind.SOURCE: ("{}", Names.organisation),
    AccountKind.STAFF: ("staff of {}", Names.organisation),
    AccountKind.HELD: ("held by {}", Names.authority),
    AccountKind.POT: ("pot of {}", Names.place),
    AccountKind.CONNECTOR: ("connector’s purse of {}", Names.place),
    AccountKind.RESERVE: ("set aside for the risk “{}”", Names.risk),
    AccountKind.AWARD: ("award for {}", Names.project),
    AccountKind.COMMITTED: ("committed for {}", Names.project),
    AccountKind.PAYEE: ("{}", Names.organisation),
    AccountKind.RETURNED: ("returned to {}", Names.authority),
}


def names_of(
    session: Session, entries: Iterable[Recorded] = (), accounts: Iterable[str] = (), refs: Iterable[str] = ()
) -> Names:
    """The names that these entries, accounts and references need."""
    kept = list(entries)
    paths = {*accounts, *(path for e in kept for move in e.movements for path in (move.from_account, move.to_account))}
    owners = {parse(path)[1] for path in paths}
    wanted = {*refs, *owners, *(ref for e in kept for ref in _references(e))}

    def known(table: type[SQLModel], key: str, name: str) -> dict[str, str]:
        columns = (getattr(table, key), getattr(table, name))
        return dict(session.exec(select(*columns).where(columns[0].in_(wanted))).all())

    return Names(
        people=names_of_people(session, wanted),
        authorities=known(Authority, "slug", "name"),
        partnerships=known(Partnership, "slug", "name"),
        organisations=known(Organisation, "slug", "name"),
        projects=known(Proposal, "ref", "title"),
        rounds=known(Round, "ref", "title"),
        risks=_risks(session, {*(e.payload.subject() for e in kept if e.kind in SHARED_RISK), *_agreements(paths)}),
    )


def _agreements(paths: set[str]) -> set[str]:
    return {owner for kind, owner in map(parse, paths) if kind is AccountKind.RESERVE}


def _risks(session: Session, refs: set[str | None]) -> dict[str, str]:
    """Titles of risk agreements, which stand in the log; asked for only where one of them is spoken of."""
    book = DatabaseBook(session)
    found = (entry.payload for ref in sorted(filter(None, refs)) for entry in book.where(Kind.RISK_AGREEMENT, subject=ref))
    return {payload.agreement: payload.title for payload in found if isinstance(payload, RiskAgreement)}


def _references(entry: Recorded) -> set[str]:
    found = {entry.actor.person, entry.authority, entry.place, entry.payload.subject()}
    named = (getattr(entry.payload, field, None) for field in ("person", "organisation", "payee", "project", "round", "party"))
    signed = (*getattr(entry.payload, "signed", ()), *getattr(entry.payload, "to_sign", ()))
    parties = (party.organisation for party in getattr(entry.payload, "parties", ()))
    leaders = getattr(entry.payload, "leaders", ())
    return {ref for ref in (*found, *named, *signed, *parties, *leaders) if isinstance(ref, str)}
