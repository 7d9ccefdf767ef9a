"""`commonpurse round`: a real city's election from its file to its awards."""

from pathlib import Path

import click

from app.acting import today
from app.commands.opening import configured_database
from app.commands.places import say_recorded
from app.commands.printing import PRINTED
from app.commands.progress import progress
from app.commands.secret_rounds import A_FILE, COMMANDS, openings_in
from app.commands.tally import COMPLETIONS, RULES, SATISFACTIONS
from app.commands.whole_files import opened
from ledger.kinds.deciding import Counted
from ledger.kinds.devolving import VotingRule
from ledger.money import format_money
from ledger.pabulib import read, written
from ledger.people import Role
from ledger.powers import founding_payload
from ledger.records import Actor
from ledger.rounds.counting import rule_of
from ledger.rounds.importing import import_election, officer_at
from ledger.rounds.process import close_round
from ledger.rounds.process import ratify as ratify_result
from ledger.rounds.proposals import round_called
from ledger.rounds.publication import election_file, published
from ledger.rounds.reading import round_view
from ledger.rounds.revealing import count_openings
from ledger.unit_of_work import UnitOfWork


@click.group("round")
def round_() -> None:
    """Rounds: import, count, ratify, export."""


for command in (*COMMANDS, *PRINTED):
    round_.add_command(command)


@round_.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--partnership", required=True, help="The partnership's name in addresses; it is founded if it is new.")
@click.option("--rule", type=click.Choice(RULES), help="Count by this rule instead of the one the file names.")
@click.option("--satisfaction", type=click.Choice(SATISFACTIONS), default="cost", show_default=True, help="With --rule.")
@click.option("--completion", type=click.Choice(COMPLETIONS), default="none", show_default=True, help="With --rule.")
def import_(file: Path, partnership: str, rule: str | None, satisfaction: str, completion: str) -> None:
    """Record the election in FILE as a round: proposals and anonymous ballots. The same file is recorded once."""
    with progress("Reading") as report:
        election = read(file, report)
    voting = VotingRule(name=rule, satisfaction=satisfaction, completion=completion) if rule else None
    if voting is not None:
        rule_of(voting)  # choices that do not go together are refused before anything is recorded
    database = configured_database()
    with database.unit_of_work() as unit, progress("Recording ballots") as report:
        done = import_election(unit, election, partnership=partnership, rule=voting, progress=report)
        unit.commit()
    if done.fresh:
        click.echo(f"Round {done.round}: {done.proposals:,} proposals and {done.ballots:,} ballots were recorded.")
    else:
        click.echo(f"Round {done.round} was imported from this very file before; nothing was recorded twice.")
    say_recorded(database, done.entry)
    for remark in done.remarks:
        click.echo(f"Remark: {remark}", err=True)


@round_.command()
@click.argument("ref")
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="The file to write; without it, standard output."
)
def export(ref: str, output: Path | None) -> None:
    """Write the proposals and ballots of counted round REF, without names, in the Pabulib .pb format."""
    with configured_database().reading() as session:
        found = election_file(session, published(session, round_view(session, ref, today=today())))
    with opened(output) as file:
        file.writelines(line.encode() for line in written(found))
    if output is not None:
        click.echo(f"Round {ref} was written to {output}: {len(found.ballots):,} ballots.")


@round_.command()
@click.argument("ref")
@click.option("--as", "person", help="The person who acts; without it, somebody who holds the role.")
@click.option("--openings", type=A_FILE, help="Of a secret round: the ballots as two keyholders opened them.")
@click.option("--lot", default="", help="Dice thrown in public after the seal, as read out: they break the last ties.")
def count(ref: str, person: str | None, openings: Path | None, lot: str) -> None:
    """Seal the ballots of round REF into the ledger, count them by its frozen rule, and record the result."""
    database = configured_database()
    with database.unit_of_work() as unit, progress("Sealing and counting") as report:
        actor = _actor(unit, ref, person, Role.REGISTRAR)
        if openings is None:
            key = f"{ref}/close"
            entry = close_round(unit, round_ref=ref, actor=actor, idempotency_key=key, lot=lot, progress=report)
        else:
            entry = count_openings(unit, openings=openings_in(openings, ref), actor=actor, lot=lot)
        unit.commit()
        currency = founding_payload(unit.session, entry.authority).currency
    result = entry.payload
    if isinstance(result, Counted):
        total = format_money(result.cost, currency)
        click.echo(f"{result.votes:,} votes; {len(result.winners):,} proposals win, {total} in all.")
    say_recorded(database, entry.index)


@round_.command()
@click.argument("ref")
@click.option("--as", "person", help="The person who acts; without it, somebody who holds the role.")
@click.option(
    "--power",
    default="As delegated by the terms of reference",
    show_default=True,
    help="The power relied on. Everyone reads it for ever: no names.",
)
@click.option(
    "--reasons",
    default="The result is ratified as voted.",
    show_default=True,
    help="The reasons. Everyone reads them: no names.",
)
def ratify(ref: str, person: str | None, power: str, reasons: str) -> None:
    """Ratify the result of round REF and allocate to each winner what was voted for it."""
    database = configured_database()
    with database.unit_of_work() as unit:
        actor = _actor(unit, ref, person, Role.FINANCE_OFFICER)
        entry = ratify_result(unit, round_ref=ref, power=power, reasons=reasons, actor=actor, idempotency_key=f"{ref}/ratify")
        unit.commit()
    click.echo("Ratified; every winner has its allocation.")
    say_recorded(database, entry.index)


def _actor(unit: UnitOfWork, ref: str, person: str | None, role: Role) -> Actor:
    place = round_called(unit.session, ref).partnership
    return Actor(person or officer_at(unit.session, partnership=place, role=role, on=unit.today()), role)
