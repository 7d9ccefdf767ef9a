"""`commonpurse tally`: count an election file by a rule, without a database."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from textwrap import indent

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.commands.progress import progress
from ledger.errors import LedgerError
from ledger.pabulib import PabulibFile, printable, read
from ledger.tally import Limit, Result, Rule, count

RULES = ("greedy", "equal-shares", "phragmen")
SATISFACTIONS = ("cost", "cardinality", "points")
COMPLETIONS = ("none", "greedy", "add1", "add1-exhaustive", "add1-exhaustive-greedy", "add-opt")


class BadLimit(LedgerError):
    """“{said}” is no limit for this file. Name a category of its projects and an amount of its currency, such as Sport=5000.
    Nothing was recorded.
    """


_LARGEST = 10**15  # of the smallest unit: more is a slip of the finger

Json = str | int | bool | Decimal | None | list["Json"] | dict[str, "Json"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rule", "name", type=click.Choice(RULES), required=True, help="The counting rule.")
@click.option(
    "--satisfaction", type=click.Choice(SATISFACTIONS), default="cost", show_default=True, help="What a win is worth."
)
@click.option("--completion", type=click.Choice(COMPLETIONS), default="none", show_default=True, help="How the rest is spent.")
@click.option("--stop-at-first-miss", is_flag=True, help="Greedy ends at the first proposal that does not fit.")
@click.option("--minimum-votes", type=click.IntRange(0), default=0, help="Proposals with fewer votes are not considered.")
@click.option("--limit", "limits", multiple=True, metavar="CATEGORY=AMOUNT", help="The most that a category may cost in all.")
@click.option("--lot", default="", help="Dice thrown in public, as read out: they break the last ties.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read, with the reason for every proposal.")
def tally(  # noqa: PLR0917 - click passes each option as an argument
    file: Path,
    name: str,
    satisfaction: str,
    completion: str,
    stop_at_first_miss: bool,  # noqa: FBT001 - click's flag
    minimum_votes: int,
    limits: tuple[str, ...],
    lot: str,
    as_json: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Count the election in FILE, a Pabulib .pb file, and say which proposals won; with --json, also why."""
    rule = Rule(
        name=name,  # type: ignore[arg-type]  # click lets only the rule's own words through
        satisfaction=satisfaction,  # type: ignore[arg-type]  # as above
        completion=completion,  # type: ignore[arg-type]  # as above
        stop_at_first_miss=stop_at_first_miss,
        minimum_votes=minimum_votes,
    )
    with progress("Reading") as report:
        election_file = read(file, report)
    with progress("Counting"):
        election = replace(election_file.election(), limits=limits_of(election_file, limits), lot=lot)
        result = count(election, rule)
    if as_json:
        click.echo(as_json_text(as_document(election_file, result, lot=lot)))
        return
    _tell(election_file, result, lot=lot)
    for remark in election_file.remarks:
        click.echo(f"Remark: {printable(remark)}", err=True)


def limits_of(file: PabulibFile, asked: Sequence[str]) -> tuple[Limit, ...]:
    """“Sport=5000”: what PROJECTS says is of this category costs at most so much of the file's currency. Raises BadLimit."""
    found = []
    for words in asked:
        name, _, amount = words.rpartition("=")
        among = frozenset(
            project.id for project in file.projects if name in {part.strip() for part in project.category.split(",")}
        )
        try:
            most = Decimal(amount) * file.parts
            sound = bool(among) and 0 <= most <= _LARGEST and most == most.to_integral_value()
        except InvalidOperation:  # no number, or none that can be compared
            sound = False
        if not sound:
            raise BadLimit(said=printable(words))
        found.append(Limit(f"“{printable(name)}”", int(most), among))
    return tuple(found)


def as_document(file: PabulibFile, result: Result, *, lot: str = "") -> dict[str, Json]:
    """The result with its reasons, in the file's own currency, exactly."""
    parts = file.parts
    return {
        "rule": result.rule.name,
        "satisfaction": result.rule.satisfaction,
        "completion": result.rule.completion,
        "votes": result.votes,
        "budget": _in_currency(result.budget, parts),
        "cost": _in_currency(result.cost, parts),
        "winners": list(result.winners),
        **({"lot": lot} if lot else {}),
        "ties": [{"candidates": list(tie.candidates), "first": tie.first} for tie in result.ties],
        "projects": {
            ref: {
                "votes": why.votes,
                "points": why.points,
                "cost": _in_currency(why.cost, parts),
                "chosen": why.chosen,
                "step": why.step,
                "why": why.sentence,
            }
            for ref, why in result.why.items()
        },
    }


def as_json_text(value: Json) -> str:
    """JSON in which a Decimal stays the exact number it is; the standard library would make it a float or refuse it."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            return _block("{", [f"{json.dumps(key)}: {as_json_text(item)}" for key, item in value.items()], "}")
        case list():
            return _block("[", [as_json_text(item) for item in value], "]")
        case _:
            return json.dumps(value)


def _block(opens: str, items: list[str], closes: str) -> str:
    lines = indent(",\n".join(items), " ")
    return f"{opens}\n{lines}\n{closes}" if items else opens + closes


def _in_currency(amount: int, parts: int) -> int | Decimal:
    """In currency units: 1250, or 1250.5 when it is not whole. `parts` is a power of ten, so no digit changes."""
    whole, rest = divmod(amount, parts)
    return Decimal(f"{whole}.{rest:0{len(str(parts)) - 1}}".rstrip("0")) if rest else whole


def _tell(file: PabulibFile, result: Result, *, lot: str) -> None:
    budget, spent = (f"{_in_currency(amount, file.parts):,}" for amount in (result.budget, result.cost))
    currency = f" {printable(file.currency)}" if file.currency else ""
    click.echo(f"{result.votes:,} ballots, budget {budget}{currency}, spent {spent}.")
    if result.winners:
        console = Console(file=sys.stdout, highlight=False)
        console.print(_table(file, result))
    ties = len(result.ties)
    last = "the dice" if lot else "id"
    broken = f" {ties} {'tie was' if ties == 1 else 'ties were'} broken by votes, then cost, then {last}." if ties else ""
    out = len(result.why) - len(result.winners)
    click.echo(f"{len(result.winners)} chosen, {out} not.{broken} With --json, each has its reason.")


def _table(file: PabulibFile, result: Result) -> Table:
    by_points = result.rule.satisfaction == "points"
    names = {project.id: project.name for project in file.projects}
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("Project", no_wrap=True)
    table.add_column("Name")
    table.add_column("Points" if by_points else "Votes", justify="right", no_wrap=True)
    table.add_column("Cost", justify="right", no_wrap=True)
    for step, ref in enumerate(result.winners, start=1):
        why = result.why[ref]
        support = f"{why.points if by_points else why.votes:,}"
        cost = f"{_in_currency(why.cost, file.parts):,}"
        table.add_row(str(step), Text(printable(ref)), Text(printable(names[ref])), support, cost)
    return table
