"""The workload that everybody measured here gets: entries of an invented authority, the same from the same seed, all lawful.

Commitments, payments, hours worked, help from a purse, virements and returns, each with 1 to 3 transfers in GBP or TIME,
between 1,000 accounts. An entry rests on an earlier one of the workload (a payment on its commitment) or on the mandates that
`founding` lays first. It knows no database: peers that have none are given the same steps.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from ledger.money import TIME
from ledger.records import Kind, Movement

AUTHORITY = "marlmoor"
PLACES = (
    "glodbrook", "ferrybank", "alder-green", "beckside", "castle-end", "dyers-row", "eastgate", "fell-view", "gorse-hill",
    "harbour-side", "ironworks", "jetty-lane", "kiln-field", "lower-marsh", "mill-race", "north-quay", "orchard-top",
    "pump-street", "quarry-bank", "ropewalk",
)  # fmt: skip
_TRADES = (
    "joiners", "printers", "growers", "cooks", "painters", "drivers", "carers", "tutors", "menders", "singers", "roofers",
    "diggers", "bakers", "welders", "weavers", "plumbers",
)  # fmt: skip
PROJECTS_EACH = 16
PAYEES = [f"{trade}-of-{place}" for trade in _TRADES for place in PLACES][:317]
PAYEES_EACH = 3  # a project orders from the same few
DAYS = [date(2026, month, day) for month in range(3, 13) for day in (2, 16)]  # on which entries are recorded
FIRST_DAY = DAYS[0]
SEED = 20_260_302

_WORK = (
    "Repair of the {thing} behind the library, as agreed with the residents' group",
    "Materials for the {thing}: timber, fixings and paint, invoice checked by two people",
    "Weekly session around the {thing}, room hire and refreshments included",
    "Second instalment for the {thing}; the first was delivered in full and on time",
    "Training for six volunteers who look after the {thing}",
    "Safety inspection of the {thing} before it opens to the public",
)
_THINGS = ("benches", "warm room", "tool library", "pocket park", "community kitchen", "bike shed", "footbridge", "allotments")

Balances = dict[str, int]  # “pot/glodbrook GBP” → pence: one flat name for each, so that it travels as JSON


@dataclass(frozen=True, slots=True)
class Step:
    """One entry to record. `chain` is the first step of those that rest on each other: one client records a whole chain."""

    number: int
    chain: int
    kind: Kind
    place: str
    movements: tuple[Movement, ...]
    day: date
    words: str
    project: str = ""
    payee: str = ""
    form: str = ""
    rests_on: int | None = None  # the number of the step that gives the power; none: what was founded


@dataclass(slots=True)
class _Promise:
    """A commitment that is not wholly delivered yet."""

    step: Step
    lines: list[tuple[Kind, list[int]]]


def all_projects(places: int = len(PLACES)) -> list[str]:
    """Every project that was awarded when the workload begins, in the first so many places."""
    return [project for place in PLACES[:places] for project in projects_of(place)]


def all_accounts() -> list[str]:
    """The paths of all 1,000 accounts, used so far or not."""
    paths = [f"source/{AUTHORITY}", f"staff/{AUTHORITY}", f"returned/{AUTHORITY}"]
    paths += [f"{kind}/{place}" for kind in ("pot", "connector") for place in PLACES]
    paths += [f"{kind}/{project}" for kind in ("award", "committed") for project in all_projects()]
    return paths + [f"payee/{payee}" for payee in PAYEES]


def projects_of(place: str) -> list[str]:
    """The projects of a place's round."""
    return [f"{place}-one-{number}" for number in range(1, PROJECTS_EACH + 1)]


def steps(count: int, *, places: int = len(PLACES), seed: int = SEED) -> Iterator[Step]:
    """So many steps, one after another, in the first so many places; memory does not grow with them."""
    return _Story(count, places, seed).tell()


def workable(chosen: Iterable[Step], *, clients: int) -> list[list[Step]]:
    """The steps shared out so that each client can record its own without waiting for another."""
    shares: list[list[Step]] = [[] for _ in range(clients)]
    whose: dict[int, int] = {}  # in turn: the chosen may be every other chain only
    for step in chosen:
        shares[whose.setdefault(step.chain, len(whose) % clients)].append(step)
    return shares


def balances_after(movements: Iterable[Movement], before: Balances | None = None) -> Balances:
    """What every account holds after the movements; accounts at nought are left out, as not every peer lists them."""
    totals: dict[str, int] = defaultdict(int, before or {})
    for movement in movements:
        totals[f"{movement.from_account} {movement.resource}"] -= movement.amount
        totals[f"{movement.to_account} {movement.resource}"] += movement.amount
    return {name: amount for name, amount in totals.items() if amount}


class _Story:
    """Deals the steps out, with what has been promised so far in mind."""

    def __init__(self, count: int, places: int, seed: int) -> None:
        self._count, self._random = count, random.Random(seed)  # noqa: S311 - the same entries each time are wanted
        self._open: list[_Promise] = []
        self._places, self._projects = PLACES[:places], all_projects(places)

    def tell(self) -> Iterator[Step]:
        for number in range(self._count):
            day = DAYS[number * len(DAYS) // self._count]
            chance = self._random.random()
            if chance < 0.62 and self._open:
                yield self._deliver(number, day)
            elif chance < 0.90:
                yield self._promise(number, day)
            elif chance < 0.96:
                yield self._help(number, day)
            elif chance < 0.99:
                yield self._return(number, day)
            else:
                yield self._fill_purse(number, day)

    def _promise(self, number: int, day: date) -> Step:
        which = self._random.randrange(len(self._projects))
        project = self._projects[which]
        payee = PAYEES[(which * PAYEES_EACH + self._random.randrange(PAYEES_EACH)) % len(PAYEES)]
        form = self._random.choices(("order", "contract", "grant", "rota"), weights=(5, 2, 1, 3))[0]
        money = [] if form == "rota" else self._lines(5_000, 60_000)
        minutes = self._lines(60, 1_200) if form in {"rota", "contract"} else []
        told = [("GBP", amount) for amount in money] + [(TIME, amount) for amount in minutes]
        route = (f"award/{project}", f"committed/{project}")
        step = Step(
            number, number, Kind.COMMITMENT, project.rpartition("-one-")[0],
            tuple(Movement(*route, resource, amount) for resource, amount in told[:3]),
            day, self._words(), project, payee, form,
        )  # fmt: skip
        lines = [*self._instalments(step, "GBP", Kind.PAYMENT), *self._instalments(step, TIME, Kind.TIME_WORKED)]
        self._random.shuffle(lines)
        self._open.append(_Promise(step, lines))
        return step

    def _deliver(self, number: int, day: date) -> Step:
        which = self._random.randrange(len(self._open))
        promise = self._open[which]
        kind, amounts = promise.lines.pop()
        if not promise.lines:
            self._open[which] = self._open[-1]
            self._open.pop()
        order = promise.step
        route = (f"committed/{order.project}", f"payee/{order.payee}", "GBP" if kind is Kind.PAYMENT else TIME)
        return Step(
            number, order.number, kind, order.place, tuple(Movement(*route, amount) for amount in amounts),
            day, self._words(), order.project, order.payee, "", order.number,
        )  # fmt: skip

    def _help(self, number: int, day: date) -> Step:
        place = self._random.choice(self._places)
        route = (f"connector/{place}", f"payee/{self._random.choice(_TRADES[:4])}-of-{place}")
        moves = [
            Movement(*route, "GBP", self._random.randint(500, 5_000)),
            Movement(*route, TIME, self._random.randint(15, 90)),
        ]
        count = self._random.randint(1, 2)
        payee = route[1].removeprefix("payee/")
        return Step(number, number, Kind.HELP_GIVEN, place, tuple(moves[:count]), day, self._words(), "", payee)

    def _return(self, number: int, day: date) -> Step:
        project = self._random.choice(self._projects)
        route = Movement(f"award/{project}", f"returned/{AUTHORITY}", "GBP", self._random.randint(100, 20_000))
        return Step(number, number, Kind.RETURN, project.rpartition("-one-")[0], (route,), day, self._words(), project)

    def _fill_purse(self, number: int, day: date) -> Step:
        place = self._random.choice(self._places)
        route = Movement(f"pot/{place}", f"connector/{place}", "GBP", self._random.randint(10_000, 50_000))
        return Step(number, number, Kind.VIREMENT, place, (route,), day, self._words())

    def _instalments(self, step: Step, resource: str, kind: Kind) -> list[tuple[Kind, list[int]]]:
        """What was promised of the resource, in one delivery or two, each of one line to three."""
        total = sum(movement.amount for movement in step.movements if movement.resource == resource)
        if not total:
            return []
        parts = self._split(total, self._random.choice((1, 2, 2)))
        return [(kind, self._split(part, self._random.choices((1, 2, 3), weights=(6, 3, 1))[0])) for part in parts]

    def _lines(self, least: int, most: int) -> list[int]:
        return self._split(self._random.randint(least, most), self._random.choices((1, 2), weights=(3, 1))[0])

    def _split(self, total: int, parts: int) -> list[int]:
        cuts = sorted(self._random.sample(range(1, total), min(parts, total) - 1))
        return [end - start for start, end in zip([0, *cuts], [*cuts, total], strict=True)]

    def _words(self) -> str:
        return self._random.choice(_WORK).format(thing=self._random.choice(_THINGS))
