"""`commonpurse ledger export` and `commonpurse ledger import`: the log as a file, and a file as the log."""

import sys
from contextlib import nullcontext
from pathlib import Path

import click

from app.commands.opening import configured_database
from app.commands.progress import progress
from app.commands.whole_files import opened
from ledger.exports import FORMATS, Log, lines_of, read_through
from ledger.exports.log import silent
from ledger.restoring import restore


@click.command("export")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), required=True, help="What to write.")
@click.option("--output", type=click.Path(path_type=Path), help="The file to write; without it, standard output.")
@click.option("--authority", help="Only this authority's entries, by its name in addresses; not with jsonl.")
def export(form: str, output: Path | None, authority: str | None) -> None:
    """Write the ledger as a file: its own bytes (jsonl), a journal for beancount or hledger, or a table (csv)."""
    if authority is not None and form == "jsonl":
        raise click.UsageError("A jsonl export is the whole ledger, so that it can be restored; leave out --authority.")
    shown = nullcontext(silent) if output is None and sys.stdout.isatty() else progress("Exporting")
    with configured_database().reading() as session, shown as report:
        log = Log(session, authority, report)
        entries = log.size()
        with opened(output) as file:
            for piece in FORMATS[form](log):
                file.write(piece)
    if output is not None:
        click.echo(f"{entries:,} entries were written to {output}.")


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(("jsonl",)), required=True, help="What FILE is: an export in this format.")
def import_(file: Path, form: str) -> None:  # noqa: ARG001 - there is one format that holds the log itself, and it is said
    """Restore the entries in FILE, byte for byte: all of them or none. What is here already is not recorded twice."""
    with progress("Reading") as report:
        read_through(file, report)
    with configured_database().unit_of_work() as unit, progress("Restoring") as report:
        restored = restore(unit, lines_of(file, report))
        unit.commit()
    holds = f"The ledger holds {restored.size:,}, under the root {restored.root}."
    if not restored.added:
        click.echo(f"Every entry in the file is here already, and nothing was recorded twice. {holds}")
        return
    click.echo(f"{restored.added:,} entries were restored. {holds}")
    click.echo(
        "Names, texts, rounds and ballots stand beside the log and are not in this file: they come from a backup. "
        "Until they are here, “commonpurse ledger verify --log-only” checks what is."
    )
