"""`commonpurse round`, for secret ballots: keyholders, roll, sealing, opening, recount. What is offline needs no database."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import click
import msgspec

from app.ballot_key import made_ballot_key
from app.commands.opening import configured_database
from app.commands.places import say_recorded
from app.commands.whole_files import opened
from app.fetching import Remote
from app.settings import from_environment, write_secret
from ledger.ballot.codes import credential, new_code, printed, roll_mark
from ledger.ballot.files import NAMES, FileBroken, Openings, file_bytes
from ledger.ballot.opening import Box, open_box
from ledger.ballot.recount import read_all, recount
from ledger.ballot.sealing import KEYHOLDERS, Holder, KeyholderBroken, holder_from, new_holder, public_part
from ledger.errors import CheckFailed, LedgerError
from ledger.note import VerifierKey
from ledger.people import Role
from ledger.records import Actor
from ledger.rounds.importing import officer_at
from ledger.rounds.proposals import round_called
from ledger.rounds.revealing import box_of, forget_slips, published_files, seal_waiting
from ledger.rounds.roll import REASONS, load_roll, replace_code, set_up
from ledger.traces import wipe
from ledger.unit_of_work import UnitOfWork

_LONGEST = 200_000_000  # bytes of one published file
_KEY_WORD = "commonpurse-keyholder"
_FOUND_SHOWN = 20
A_FILE = click.Path(path_type=Path, dir_okay=False)
Shape = TypeVar("Shape")


class FileUnreadable(LedgerError):
    """{path} cannot be read: {problem}. Look at the file and try again; nothing was recorded or written."""


class KeyFileThere(LedgerError):
    """There is a file {path} already, and a keyholder's key is never written over. Choose an empty folder; no key was made."""


class NotTheSame(CheckFailed):
    """The published files of round {round} do not hold: {findings}"""


@click.command("keys")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def keys(folder: Path) -> None:
    """Make the keys of a round's three keyholders in FOLDER, offline. Any two open its ballots; one cannot.

    Give each keyholder their own file, on a stick, and delete it here. keyholders.json is for the site.
    """
    paths = [folder / f"keyholder-{place + 1}.key" for place in range(KEYHOLDERS)]
    for path in (*paths, folder / "keyholders.json"):
        if path.exists():
            raise KeyFileThere(path=path)
    holders = [new_holder(place) for place in range(KEYHOLDERS)]
    for holder, path in zip(holders, paths, strict=True):
        write_secret(path, f"{_KEY_WORD} {holder.place + 1} {bytes(holder.key).hex()}\n")
    with opened(folder / "keyholders.json") as file:
        file.write(msgspec.json.encode([public_part(holder) for holder in holders]) + b"\n")
    click.echo(f"Three keys are in {folder}. Give each to its keyholder and keep none of them together.")


@click.command("roll")
@click.argument("ref")
@click.argument("names", type=A_FILE)
@click.option("--codes", type=A_FILE, required=True, help="The file to write for the letters: each row of NAMES with its code.")
@click.option("--marks", type=A_FILE, required=True, help="The file to write for the site: hashes alone, sorted.")
@click.option(
    "--also", "others", multiple=True, metavar="REF", help="Another round of a joint round, for which codes hold too."
)
def roll(ref: str, names: Path, codes: Path, marks: Path, others: tuple[str, ...]) -> None:
    """Draw a voting code for each row of NAMES (a CSV with a heading), for round REF. Offline, at the registrar's desk.

    The file of codes never leaves the registrar and the printer. The site gets the other one; each further round of a joint
    round has one of its own beside it, named after the round. Nobody can tell from them which hashes are of one code.
    """
    try:
        with names.open(newline="", encoding="utf-8-sig") as file:
            heading, *people = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, ValueError, csv.Error) as fault:
        raise FileUnreadable(path=names, problem="it is not a CSV file with a heading and rows") from fault
    drawn = [new_code() for _ in people]
    rows = [[*person, printed(code)] for person, code in zip(people, drawn, strict=True)]
    if not write_secret(codes, _csv([[*heading, "code"], *rows])):
        raise FileUnreadable(path=codes, problem="it is there already, and codes that were drawn are not written over")
    files = {ref: marks, **{other: marks.with_name(f"{marks.stem}-{other}{marks.suffix}") for other in others}}
    for round_ref, path in files.items():
        with opened(path) as out:
            lines = sorted(roll_mark(round_ref, credential(round_ref, code)) for code in drawn)
            out.writelines(f"{mark}\n".encode() for mark in lines)
    written = ", ".join(map(str, files.values()))
    click.echo(f"{len(people):,} codes are in {codes}, for the letters; their hashes, sorted, are in {written}, for the site.")


@click.command("set-up")
@click.argument("ref")
@click.option("--keyholders", type=A_FILE, required=True, help="keyholders.json, as “round keys” wrote it.")
@click.option("--marks", type=A_FILE, required=True, help="The sorted hashes, as “round roll” wrote them.")
@click.option("--rerun-at", type=click.IntRange(min=1), required=True, help="At so many complaints the vote is held again.")
@click.option("--backups-end", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day of backups of this vote.")
def set_up_(ref: str, keyholders: Path, marks: Path, rerun_at: int, backups_end: datetime) -> None:
    """Give residents' round REF its secret ballot: keyholders and roll. Once, before anybody votes; again changes nothing."""
    public = _json(keyholders, tuple[str, ...])
    try:
        lines = marks.read_text().split()
    except (OSError, UnicodeError) as fault:
        raise FileUnreadable(path=marks, problem="it is not a list of hashes") from fault
    key = made_ballot_key(from_environment().ballot_key_file)
    with configured_database().unit_of_work(appends=False) as unit:
        set_up(
            unit, round_ref=ref, keyholders=public, promises=bytes(key.verify_key).hex(),
            rerun_at=rerun_at, backups_end=backups_end.date(),
        )  # fmt: skip
        many = load_roll(unit, round_ref=ref, marks=lines)
        unit.commit()
    click.echo(f"Round {ref} has its three keyholders and {many:,} codes on its roll. Votes are cast at /vote/{ref}.")


@click.command("replace")
@click.argument("ref")
@click.option("--revoked", required=True, help="The hash of the lost code, as it stands on the roll.")
@click.option("--added", required=True, help="The hash of the new code.")
@click.option(
    "--officer", "officers", multiple=True, required=True, help="The reference of an officer; give it twice, for two."
)
@click.option("--reason", type=click.Choice(REASONS), default=REASONS[0], show_default=True, help="Why.")
def replace(ref: str, revoked: str, added: str, officers: tuple[str, ...], reason: str) -> None:
    """Take a lost code off the roll of round REF and put another on, by two officers. It is published with the roll."""
    first, *second = officers
    with configured_database().unit_of_work(appends=False) as unit:
        pair = (first, second[0] if len(second) == 1 else first)
        replace_code(unit, round_ref=ref, revoked=revoked, added=added, officers=pair, reason=reason)
        unit.commit()
    click.echo("The old code is revoked and the new one can vote. Both hashes are published with the roll.")


@click.command("seal")
@click.argument("ref")
@click.option("--closing", is_flag=True, help="After the last day: seal whatever is left, and take no more votes.")
@click.option("--box", type=A_FILE, help="Also write the sealed ballots to this file, for the keyholders. After the close.")
@click.option("--as", "person", help="The person who acts; without it, somebody who holds the role.")
def seal(ref: str, closing: bool, box: Path | None, person: str | None) -> None:  # noqa: FBT001 - click's flag
    """Put the ballots of secret round REF that wait into the ledger, in shuffled batches of at least ten."""
    database = configured_database()
    with database.unit_of_work() as unit:
        entries = seal_waiting(unit, round_ref=ref, actor=registrar_of(unit, ref, person), closing=closing)
        unit.commit()
    click.echo(f"{len(entries)} batch{'' if len(entries) == 1 else 'es'} sealed.")
    for entry in entries:
        say_recorded(database, entry.index)
    if box is not None:
        with database.reading() as session:
            content = box_of(session, ref)
        with opened(box) as file:
            file.write(file_bytes(content))
        click.echo(f"{len(content.ballots):,} sealed ballots are in {box}, for two keyholders.")


@click.command("open")
@click.argument("box", type=A_FILE)
@click.option("--key", "key_files", type=A_FILE, multiple=True, required=True, help="A keyholder's file; give two.")
@click.option("--output", type=A_FILE, required=True, help="The file of openings to write.")
def open_(box: Path, key_files: tuple[Path, ...], output: Path) -> None:
    """Open the sealed ballots in BOX with two keyholders' keys, offline. Needs no database."""
    holders = [_holder(path) for path in key_files]
    if len({holder.place for holder in holders}) != len(holders) or len(holders) != KEYHOLDERS - 1:
        raise click.UsageError("It takes the files of two different keyholders")
    openings = open_box(_json(box, Box), *holders)
    with opened(output) as file:
        file.write(file_bytes(openings))
    click.echo(f"{len(openings.openings):,} ballots are opened, in {output}. Count them with “round count --openings”.")


@click.command("publish")
@click.argument("ref")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def publish(ref: str, folder: Path) -> None:
    """Write the published files of secret round REF into FOLDER: what a recount needs, and what the round's page links."""
    with configured_database().reading() as session:
        files = published_files(session, ref)
    for name, content in files.items():
        with opened(folder / name) as file:
            file.write(content)
    click.echo(f"{len(files)} files are in {folder}: {', '.join(files)}.")


@click.command("recount")
@click.option("--from", "source", required=True, help="The address of the round's published files, or a folder of them.")
@click.option("--key", help="The log's public key: every entry then has to prove that it is in the log.")
def recount_(source: str, key: str | None) -> None:
    """Count a secret round again from its published files alone, and name every record that does not hold. Exit 1 if any.

    Needs no database, and no word from whoever runs the site.
    """
    files = read_all(dict(_published(source)))
    found = recount(files, VerifierKey.parse(key) if key else None)
    for finding in found.findings[:_FOUND_SHOWN]:
        click.echo(finding)
    if found.findings:
        raise NotTheSame(round=files.terms.round, findings=f"{len(found.findings):,} of the records are not as they should be.")
    result = found.result
    winners = ", ".join(result.winners) or "none"
    click.echo(f"{result.votes:,} ballots, each in the log and each counted; the same result: {winners}.")
    click.echo(
        f"{len(files.used.used):,} of {len(files.roll.roll):,} codes were used. If yours was not, look that it is absent."
    )
    if key is None:
        click.echo("Not checked: that the entries are in the log. Give the log's public key with --key.", err=True)


@click.command("forget")
@click.argument("ref")
def forget(ref: str) -> None:
    """Delete what joined codes to ballots, also from the database's files, once the result of round REF is decided on."""
    database = configured_database()
    with database.unit_of_work(appends=False) as unit:
        forget_slips(unit.session, ref)
        unit.commit()
    if not wipe(database):
        click.echo("The old bytes may still be in the database's files: run this again when nobody reads.", err=True)
        sys.exit(1)
    click.echo("Nothing that is stored joins a code of this round to its ballot any more. Backups have their own last day.")


COMMANDS: tuple[click.Command, ...] = (keys, roll, set_up_, replace, seal, open_, publish, recount_, forget)


def openings_in(path: Path, ref: str) -> Openings:
    """The file of openings, of this round. Raises FileUnreadable."""
    found = _json(path, Openings)
    if found.round != ref:
        raise FileUnreadable(path=path, problem=f"it is of round {found.round}")
    return found


def registrar_of(unit: UnitOfWork, ref: str, person: str | None) -> Actor:
    """The registrar who acts."""
    place = round_called(unit.session, ref).partnership
    found = person or officer_at(unit.session, partnership=place, role=Role.REGISTRAR, on=unit.today())
    return Actor(found, Role.REGISTRAR)


def _published(source: str) -> Iterator[tuple[str, bytes]]:
    if source.startswith(("http://", "https://")):
        remote = Remote(source)
        yield from ((name, remote.get(name, longest=_LONGEST)) for name in NAMES)
        return
    for name in NAMES:
        path = Path(source) / name
        try:
            yield name, path.read_bytes()
        except OSError as fault:
            raise FileBroken(name=path, problem=fault.strerror or "it cannot be read") from fault


def _json(path: Path, shape: type[Shape]) -> Shape:
    try:
        return msgspec.json.decode(path.read_bytes(), type=shape)
    except OSError as fault:
        raise FileUnreadable(path=path, problem=fault.strerror or "it does not answer") from fault
    except (ValueError, RecursionError) as fault:
        raise FileUnreadable(path=path, problem=str(fault)) from fault


def _holder(path: Path) -> Holder:
    try:
        word, place, secret = path.read_text().split()
        number = int(place) - 1
    except OSError as fault:
        raise FileUnreadable(path=path, problem=fault.strerror or "it does not answer") from fault
    except ValueError as fault:
        raise KeyholderBroken(problem=f"{path} does not read as one.") from fault
    if word != _KEY_WORD:
        raise KeyholderBroken(problem=f"{path} does not read as one.")
    return holder_from(number, secret)


def _csv(rows: Iterable[list[str]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
