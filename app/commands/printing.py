"""`commonpurse round letters|papers|sample`: votes on paper, printed and audited. Letters and samples need no database."""

import csv
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import click

from app.acting import today
from app.commands.opening import configured_database
from app.commands.progress import progress
from app.commands.secret_rounds import A_FILE, FileUnreadable
from app.commands.whole_files import NotWritten, opened
from app.printing.letters import CODE, About, Letter, letters_in, write_letters
from app.printing.papers import Printed, write_ballot, write_guide
from ledger.ballot.sampling import drawn, explained
from ledger.rounds.reading import round_view

A_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("letters")
@click.argument("codes", type=A_FILE)
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--title", required=True, help="What the round is called.")
@click.option("--booth", required=True, help="The address at which people vote, such as https://partnership.example/vote/REF.")
@click.option("--opens", type=A_DAY, required=True, help="The first day of voting.")
@click.option("--closes", type=A_DAY, required=True, help="The last day of voting.")
@click.option("--sender", required=True, help="Who writes, with a postal address on one line.")
@click.option("--contact", required=True, help="Whom to call or where to go with a question, as one sentence.")
@click.option("--each", type=click.IntRange(1, 10_000), default=1_000, show_default=True, help="How many letters in one file.")
def letters(codes: Path, folder: Path, *, opens: datetime, closes: datetime, each: int, **words: str) -> None:
    """Make the letters of a round in FOLDER, as PDF, from CODES as “round roll” wrote them. Offline; needs no database.

    The columns of CODES, in their order, are the lines of the address. Only you can read the files: print them and delete them.
    """
    about = About(opens_on=opens.date(), closes_on=closes.date(), **words)
    many = 0
    with progress("Making letters") as report:
        for number, part in enumerate(_parts(letters_in(_rows(codes)), each), start=1):
            with _private(folder / f"letters-{number:04d}.pdf") as file:
                many += write_letters(file, about, part)
            report(many, many)
    if not many:
        raise FileUnreadable(path=codes, problem="it has no rows")
    click.echo(f"{many:,} letters are in {folder}. Print them, send them, and delete the files: they hold names and codes.")


@click.command("papers")
@click.argument("ref")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def papers(ref: str, folder: Path) -> None:
    """Write the ballot paper and the guide of round REF into FOLDER, as PDF, each also in large print. The round's page
    offers the same files.
    """
    with configured_database().reading() as session:
        view = round_view(session, ref, today=today())
    for name, write in (("ballot", write_ballot), ("guide", write_guide)):
        for printed in (Printed(), Printed(large=True)):
            with opened(folder / f"{name}{'-large' if printed.large else ''}.pdf") as file:
                write(file, view, printed)
    click.echo(f"The ballot paper and the guide are in {folder}, each also in large print.")


@click.command("sample")
@click.argument("many", type=click.IntRange(min=1))
@click.option(
    "--wrong", type=click.IntRange(min=1), required=True, help="So many wrong papers are to be noticed, 95 in 100 times."
)
@click.option("--dice", required=True, help="Dice thrown in public after the papers are in the log, as read out.")
def sample(many: int, wrong: int, dice: str) -> None:
    """Draw which of MANY numbered papers are compared with the record. Needs no database: anybody draws the same ones."""
    numbers = drawn(many, wrong, dice)
    click.echo(explained(many, wrong))
    click.echo(" ".join(map(str, numbers)))


PRINTED: tuple[click.Command, ...] = (letters, papers, sample)


def _rows(codes: Path) -> Iterator[dict[str, str]]:
    try:
        with codes.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            if CODE not in (reader.fieldnames or ()):
                raise FileUnreadable(path=codes, problem=f"it has no column “{CODE}”")
            yield from reader
    except (OSError, ValueError, csv.Error) as fault:
        raise FileUnreadable(path=codes, problem="it is not a CSV file with a heading and rows") from fault


def _parts(every: Iterator[Letter], each: int) -> Iterator[Iterator[Letter]]:
    """The letters file by file; none is held longer than its page needs."""
    for first in every:
        yield chain([first], islice(every, each - 1))


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner can read, and that appears when it is whole. Raises NotWritten."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
        draft.replace(path)
    except OSError as fault:
        raise NotWritten(name=path, reason=fault.strerror or "it does not answer") from fault
    finally:
        draft.unlink(missing_ok=True)
