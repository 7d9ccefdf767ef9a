"""`commonpurse retention`: what about people has been kept for as long as it is needed, and goes."""

import sys
from collections.abc import Iterator

import click

from app.acting import today
from app.commands.opening import configured_database
from app.commands.places import say_recorded
from app.formats import day
from app.settings import from_environment
from ledger.database import Database
from ledger.erasing import authority_of, erase_person, registrar_at
from ledger.errors import LedgerError
from ledger.kinds.erasing import Reason
from ledger.retention import Due, DuePerson, Keep, due, part_from_voters
from ledger.traces import wipe


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what is due, and change nothing.")
@click.option("--as", "registrar", help="The registrar who acts; without it, one who holds the role.")
@click.option("--yes", is_flag=True, help="Do not ask again: it cannot be undone.")
def retention(dry_run: bool, registrar: str | None, yes: bool) -> None:  # noqa: FBT001 - click's flags
    """Let go of what about people has been kept long enough: names, and whose ballot was whose.

    KEEP_PEOPLE and KEEP_BALLOTS say how long that is. Run it every month, with --dry-run first.
    """
    database, keep = configured_database(), from_environment().keep
    with database.reading() as session:
        found = due(session, keep, today=today())
    for line in _said(found, keep):
        click.echo(line)
    if dry_run:
        return
    due_now = bool(found.people or found.ballots)
    if due_now and not yes:
        click.confirm("Let go of all of it? It cannot be undone.", abort=True)
    for ballots in found.ballots:
        with database.unit_of_work(appends=False) as unit:
            part_from_voters(unit, ballots.round)
            unit.commit()
    entries, refused = _erase(database, found.people, registrar)
    if due_now:
        click.echo(f"Let go of {_many(len(entries), 'name')} and of the ballots of {_many(len(found.ballots), 'round')}.")
    for index in entries:
        say_recorded(database, index)
    if not wipe(database):  # also what was erased on the site since the last time
        click.echo("The old bytes may still be in the database's files: “commonpurse person erase --help” says more.", err=True)
    for sentence in refused:
        click.echo(sentence, err=True)
    if refused:
        sys.exit(1)


def _said(found: Due, keep: Keep) -> Iterator[str]:
    yield f"Names are kept for {_many(keep.people_years, 'year')} after the last entry about somebody without a role:"
    for person in found.people:
        yield f"  {person.ref}  {person.name}, last on {day(person.last)}"
    yield f"  {_many(len(found.people), 'name')} due."
    yield f"Whose ballot is whose is kept for {_many(keep.ballot_days, 'day')} after the count:"
    for ballots in found.ballots:
        yield f"  {ballots.round}  {_many(ballots.voters, 'ballot')}, counted on {day(ballots.counted)}"
    yield f"  {_many(len(found.ballots), 'round')} due."
    if found.undated:
        yield f"No entry says anything of {_many(found.undated, 'more name')}, so no clock runs there: look yourself."


def _erase(database: Database, people: tuple[DuePerson, ...], registrar: str | None) -> tuple[list[int], list[str]]:
    """The entries that say who was erased, and a sentence for each who could not be: the others are erased all the same."""
    entries: list[int] = []
    refused: list[str] = []
    for person in people:
        try:
            with database.unit_of_work() as unit:
                where = authority_of(unit.session, person.ref)
                done = erase_person(
                    unit,
                    ref=person.ref,
                    reason=Reason.KEPT_TOO_LONG,
                    authority=where,
                    registrar=registrar or registrar_at(unit, where),
                    idempotency_key=f"erase/{person.ref}",
                )
                unit.commit()
        except LedgerError as fault:
            refused.append(f"{person.ref}: {fault.sentence}")
        else:
            entries.append(done.entry.index)
    return entries, refused


def _many(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
