"""How resource flows from the authority to the street: the numbers behind every chart and table.

All of it is read from the flows kept in the same unit of work as the entries, so a chart costs what it shows and not how many
entries there have ever been. Money and time are never added together: every answer is about one resource.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from ledger.accounts import AccountKind, parse
from ledger.entries import Balance, Flow, Total
from ledger.names import Names, names_of

Pair = tuple[str, str]  # from account, to account
Kinds = tuple[AccountKind, AccountKind]


@dataclass(frozen=True, slots=True)
class Node:
    """A stop on the way: what it is (authority, organisation, partnership, project, purse, unallocated), its key and name."""

    sort: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Link:
    """How much went from one stop to the next, net of what was reversed or came back the same way."""

    source: Node
    target: Node
    amount: int


@dataclass(frozen=True, slots=True)
class Overview:
    """One resource's way from an authority to its projects, and the totals of it.

    devolved + lent = awarded + purses + taken_back + set_aside + unallocated, where set_aside is what partnerships put into the
    reserves of risks that they share. Of what is awarded, some is delivered (paid or worked) and
    some was given back by projects that did not need it.
    """

    resource: str
    links: tuple[Link, ...]
    devolved: int
    lent: int
    awarded: int
    delivered: int
    given_back: int
    purses: int
    taken_back: int
    set_aside: int
    unallocated: int


@dataclass(frozen=True, slots=True)
class Position:
    """Where one resource of a partnership (or of one project) stands, in pence or minutes.

    devolved = returned + purse + reserved + awarded + available, where purse is all that the connector was given (helped is the
    part that was spent), and reserved was set aside for a shared risk. awarded = uncommitted + committed + delivered + given
    back.
    """

    resource: str
    devolved: int
    returned: int
    purse: int
    reserved: int
    helped: int
    awarded: int
    uncommitted: int
    committed: int
    delivered: int
    given_back: int
    available: int


def resources_of(session: Session, *, authority: str) -> list[str]:
    """The resources that have moved in the authority's books: its currency, TIME, or both."""
    query = select(Flow.resource).where(col(Flow.authority) == authority).distinct().order_by(col(Flow.resource))
    return list(session.exec(query))


def overview(session: Session, *, authority: str, resource: str, place: str | None = None) -> Overview:
    """The links from the authority (and organisations that lend staff) through partnerships to projects."""
    nets = _nets(session, authority=authority, resource=resource, place=place)
    names = names_of(session, accounts=[path for pair in nets for path in pair])
    amounts: dict[tuple[Node, Node], int] = defaultdict(int)
    sums = _by_kinds(nets)
    lent = 0
    for (from_account, to_account), amount in nets.items():
        (from_kind, from_owner), (to_kind, to_owner) = parse(from_account), parse(to_account)
        match from_kind, to_kind:
            case (AccountKind.SOURCE | AccountKind.STAFF, AccountKind.POT):
                giver = _giver(names, from_owner)
                amounts[giver, _partnership(names, to_owner)] += amount
                lent += amount if giver.sort == "organisation" else 0
            case (AccountKind.POT, AccountKind.AWARD):
                amounts[_partnership(names, from_owner), Node("project", to_owner, names.project(to_owner))] += amount
            case (AccountKind.POT, AccountKind.CONNECTOR):
                amounts[_partnership(names, from_owner), Node("purse", from_owner, "Connector’s purse")] += amount
            case (AccountKind.POT, AccountKind.RETURNED):
                amounts[_partnership(names, from_owner), Node("returned", to_owner, "Taken back by the authority")] += amount
            case (AccountKind.POT, AccountKind.RESERVE):
                amounts[_partnership(names, from_owner), Node("reserve", authority, "Set aside for shared risks")] += amount
            case _:
                continue  # steps inside a project: award to commitment, and what a project gives back
    pots = _pots(session, resource, {node.key for pair in amounts for node in pair if node.sort == "partnership"})
    for owner, left in sorted(pots.items()):
        amounts[_partnership(names, owner), Node("unallocated", authority, "Not yet allocated")] += left
    links = tuple(Link(source, target, amount) for (source, target), amount in amounts.items() if amount > 0)
    return Overview(
        resource=resource,
        links=links,
        devolved=_into(sums, AccountKind.POT, AccountKind.SOURCE, AccountKind.STAFF) - lent,
        lent=lent,
        awarded=_into(sums, AccountKind.AWARD, AccountKind.POT),
        delivered=_into(sums, AccountKind.PAYEE, AccountKind.COMMITTED),
        given_back=_into(sums, AccountKind.RETURNED, AccountKind.AWARD),
        purses=_into(sums, AccountKind.CONNECTOR, AccountKind.POT),
        taken_back=_into(sums, AccountKind.RETURNED, AccountKind.POT),
        set_aside=_into(sums, AccountKind.RESERVE, AccountKind.POT),
        unallocated=sum(pots.values()),
    )


def _giver(names: Names, owner: str) -> Node:
    sort = "authority" if owner in names.authorities else "organisation"
    return Node(sort, owner, names.organisation(owner))


def _partnership(names: Names, owner: str) -> Node:
    return Node("partnership", owner, names.place(owner))


def position(session: Session, *, place: str, resource: str) -> Position:
    """Where a partnership's resource stands now."""
    return positions(session, resource=resource, places=[place])[place]


def positions(session: Session, *, resource: str, places: list[str]) -> dict[str, Position]:
    """The positions of several partnerships, by slug; one that has nothing yet is all zeros."""
    found: dict[str, Position] = {}
    pots = _pots(session, resource, set(places))
    for place, gross in _totals(session, resource, places).items():
        sums = {pair: amount - gross.get((pair[1], pair[0]), 0) for pair, amount in gross.items()}
        found[place] = Position(
            resource=resource,
            devolved=_into(sums, AccountKind.POT, AccountKind.SOURCE, AccountKind.STAFF),
            returned=_into(sums, AccountKind.RETURNED, AccountKind.POT),
            purse=_into(sums, AccountKind.CONNECTOR, AccountKind.POT),
            reserved=_into(sums, AccountKind.RESERVE, AccountKind.POT),
            helped=_into(sums, AccountKind.PAYEE, AccountKind.CONNECTOR),
            awarded=_into(sums, AccountKind.AWARD, AccountKind.POT),
            uncommitted=_holds(gross, AccountKind.AWARD),
            committed=_holds(gross, AccountKind.COMMITTED),
            delivered=_into(sums, AccountKind.PAYEE, AccountKind.COMMITTED),
            given_back=_into(sums, AccountKind.RETURNED, AccountKind.AWARD),
            available=pots.get(place, 0),
        )
    return found


def project_positions(session: Session, *, projects: list[str], resource: str) -> dict[str, Position]:
    """Where each project's award stands: awarded, uncommitted, committed, delivered, given back."""
    accounts = [f"{kind}/{ref}" for ref in projects for kind in (AccountKind.AWARD, AccountKind.COMMITTED)]
    query = (
        select(Flow.from_account, Flow.to_account, func.sum(Flow.amount))
        .where(col(Flow.resource) == resource)
        .where(col(Flow.from_account).in_(accounts) | col(Flow.to_account).in_(accounts))
        .group_by(col(Flow.from_account), col(Flow.to_account))
    )
    nets = _net({(source, target): int(amount) for source, target, amount in session.exec(query)})
    found = {}
    for ref in projects:
        award, committed = f"{AccountKind.AWARD}/{ref}", f"{AccountKind.COMMITTED}/{ref}"
        into = sum(amount for (_, target), amount in nets.items() if target == award)
        returned = sum(
            amount for (source, to), amount in nets.items() if source == award and parse(to)[0] is AccountKind.RETURNED
        )
        promised = nets.get((award, committed), 0)
        paid = sum(amount for (source, _), amount in nets.items() if source == committed)
        found[ref] = Position(
            resource=resource,
            devolved=0,
            returned=0,
            purse=0,
            reserved=0,
            helped=0,
            awarded=into,
            uncommitted=into - promised - returned,
            committed=promised - paid,
            delivered=paid,
            given_back=returned,
            available=0,
        )
    return found


def _nets(session: Session, *, resource: str, authority: str | None = None, place: str | None = None) -> dict[Pair, int]:
    query = select(Flow.from_account, Flow.to_account, func.sum(Flow.amount)).where(col(Flow.resource) == resource)
    if authority is not None:
        query = query.where(col(Flow.authority) == authority)
    if place is not None:
        query = query.where(col(Flow.place) == place)
    query = query.group_by(col(Flow.from_account), col(Flow.to_account)).order_by(col(Flow.from_account), col(Flow.to_account))
    return _net({(source, target): int(amount) for source, target, amount in session.exec(query)})


def _net(gross: Mapping[Pair, int]) -> dict[Pair, int]:
    """Each pair less what ran the other way, where that leaves anything: a reversal cancels what it reverses."""
    nets = {(source, target): amount - gross.get((target, source), 0) for (source, target), amount in gross.items()}
    return {pair: amount for pair, amount in nets.items() if amount > 0}


def _by_kinds(nets: Mapping[Pair, int]) -> dict[Kinds, int]:
    sums: dict[Kinds, int] = defaultdict(int)
    for (source, target), amount in nets.items():
        sums[parse(source)[0], parse(target)[0]] += amount
    return sums


def _into(sums: Mapping[Kinds, int], target: AccountKind, *sources: AccountKind) -> int:
    return sum(sums.get((source, target), 0) for source in sources)


def _pots(session: Session, resource: str, places: set[str]) -> dict[str, int]:
    paths = [f"{AccountKind.POT}/{place}" for place in places]
    query = select(Balance.account, Balance.amount).where(col(Balance.account).in_(paths), col(Balance.resource) == resource)
    return {parse(path)[1]: amount for path, amount in session.exec(query)}


def _totals(session: Session, resource: str, places: list[str]) -> dict[str, dict[Kinds, int]]:
    """How much went from kind to kind of account in each of the places; a reversal runs the other way."""
    found: dict[str, dict[Kinds, int]] = {place: {} for place in places}
    query = select(Total).where(col(Total.place).in_(places), col(Total.resource) == resource)
    for row in session.exec(query):
        found[row.place][AccountKind(row.from_kind), AccountKind(row.to_kind)] = row.amount
    return found


def _holds(gross: Mapping[Kinds, int], kind: AccountKind) -> int:
    """What all accounts of a kind hold together."""
    return sum(((to is kind) - (source is kind)) * amount for (source, to), amount in gross.items())
