"""`commonpurse tally`: count an election file by a rule, without a database."""

import json
from fractions import Fraction
from pathlib import Path

import click

from app.commands.progress import progress
from ledger.pabulib import read
from ledger.tally import Election, Result, Rule, count

RULES = ("greedy", "equal-shares", "phragmen")
SATISFACTIONS = ("cost", "cardinality", "points")
COMPLETIONS = ("none", "greedy", "add1", "add1-exhaustive", "add1-exhaustive-greedy")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rule", "name", type=click.Choice(RULES), required=True, help="The counting rule.")
@click.option(
    "--satisfaction", type=click.Choice(SATISFACTIONS), default="cost", show_default=True, help="What a win is worth."
)
@click.option("--completion", type=click.Choice(COMPLETIONS), default="none", show_default=True, help="How the rest is spent.")
@click.option("--stop-at-first-miss", is_flag=True, help="Greedy ends at the first proposal that does not fit.")
@click.option("--minimum-votes", type=click.IntRange(0), default=0, help="Proposals with fewer votes are not considered.")
@click.option("--json", "as_json", is_flag=True, help="For a machine to read.")
def tally(  # noqa: PLR0917 - click passes each option as an argument
    file: Path,
    name: str,
    satisfaction: str,
    completion: str,
    stop_at_first_miss: bool,  # noqa: FBT001 - click's flag
    minimum_votes: int,
    as_json: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Count the election in FILE, a Pabulib .pb file, and say why each proposal won or not."""
    if name != "equal-shares" and completion != "none":
        raise click.UsageError("Only equal-shares has a completion.")
    with progress("Reading") as report:
        election_file = read(file, report)
    election = election_file.election()
    rule = Rule(
        name=name,  # type: ignore[arg-type]  # click lets only the rule's own words through
        satisfaction=satisfaction,  # type: ignore[arg-type]  # as above
        completion=completion,  # type: ignore[arg-type]  # as above
        stop_at_first_miss=stop_at_first_miss,
        minimum_votes=minimum_votes,
    )
    with progress("Counting"):
        result = count(election, rule)
    if as_json:
        click.echo(json.dumps(as_document(election, result), ensure_ascii=False, indent=1))
        return
    names = {project.id: project.name for project in election_file.projects}
    click.echo(
        f"{result.votes:,} ballots, budget {_amount(result.budget, election):,}, spent {_amount(result.cost, election):,}."
    )
    for step, ref in enumerate(result.winners, start=1):
        click.echo(f"{step:>4}. {ref}  {names[ref]}: {result.why[ref].sentence}")
    for remark in election_file.remarks:
        click.echo(f"Remark: {remark}", err=True)


def as_document(election: Election, result: Result) -> dict[str, object]:
    """The result as JSON: amounts in the file's own currency, whole numbers wherever they are whole."""
    return {
        "rule": result.rule.name,
        "satisfaction": result.rule.satisfaction,
        "completion": result.rule.completion,
        "votes": result.votes,
        "budget": _amount(result.budget, election),
        "cost": _amount(result.cost, election),
        "winners": list(result.winners),
        "ties": [{"candidates": list(tie.candidates), "first": tie.first} for tie in result.ties],
        "projects": {
            ref: {
                "votes": why.votes,
                "points": why.points,
                "cost": _amount(why.cost, election),
                "chosen": why.chosen,
                "step": why.step,
                "why": why.sentence,
            }
            for ref, why in result.why.items()
        },
    }


def _amount(amount: int, election: Election) -> int | float:
    """In currency units. A float only spells the decimals of what was counted exactly."""
    value = Fraction(amount, election.unit)
    return int(value) if value.denominator == 1 else float(value)
