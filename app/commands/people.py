"""`commonpurse person` and `commonpurse story`: what is held about somebody, and how it is erased."""

import os
from pathlib import Path

import click
from sqlmodel import Session

from app.commands.admitting import admit, bar, invite
from app.commands.opening import configured_database
from app.commands.places import say_recorded
from app.formats import day
from ledger.database import Database
from ledger.erasing import Erased, authority_of, digest_in, entry_with, erase_person, registrar_at, withdraw
from ledger.kinds.erasing import Reason
from ledger.names import names_of
from ledger.people import people_called
from ledger.people import person as person_behind
from ledger.personal import as_json, held_about, named_in
from ledger.traces import ABOUT_PEOPLE, wipe
from ledger.words import sentence

_REASON = click.option(
    "--reason",
    required=True,
    type=click.Choice([reason.value for reason in Reason]),
    help="Why; everyone can read it for ever.",
)
_AS = click.option("--as", "registrar", help="The registrar who acts; without it, one who holds the role.")
_YES = click.option("--yes", is_flag=True, help="Do not ask again: it cannot be undone.")


@click.group()
def person() -> None:
    """What is held about a person, and whether they may sign in."""


for _admitting in (invite, bar, admit):
    person.add_command(_admitting)


@person.command()
@click.argument("words")
def find(words: str) -> None:
    """Find the opaque reference of whoever has WORDS in their name."""
    with configured_database().reading() as session:
        found = people_called(session, words)
    for row in found:
        click.echo(f"{row.ref}  {row.name}")
    if not found:
        click.echo(f"Nobody here has “{words}” in their name.")


@person.command()
@click.argument("ref")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="A new file, readable by its owner only.")
def export(ref: str, output: Path | None) -> None:
    """Write all that is held about person REF as JSON.

    Its members: "shape", "person", "roles", "entries" they made or that name them, "words" they recorded or that hold their
    name, "ballots" still tied to them, "proposals" they brought, "sign_in": how they sign in, without its secrets, and
    "requests": what they asked of the registrar.
    """
    with configured_database().reading() as session:
        written = as_json(held_about(session, ref))
    if output is None:
        click.echo(written, nl=False)
        return
    try:
        descriptor = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fault:
        raise click.BadParameter(f"{output} cannot be made ({fault.strerror})", param_hint="--output") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(written)
    click.echo(f"All that is held about {ref} is in {output}.")


@person.command()
@click.argument("ref")
@_REASON
@click.option("--authority", help="The authority that erases; needed when the person acted for several or none.")
@_AS
@_YES
def erase(ref: str, reason: str, authority: str | None, registrar: str | None, yes: bool) -> None:  # noqa: FBT001 - click's flag
    """Erase the name of person REF for good. Their entries stay under the reference; their ballots stay under nobody's."""
    database = configured_database()
    with database.reading() as session:
        name = person_behind(session, ref).name
        elsewhere = named_in(session, name)
    if name is not None and not yes:
        click.confirm(f"Erase the name behind {ref}? It cannot be undone.", abort=True)
    with database.unit_of_work() as unit:
        where = authority or authority_of(unit.session, ref)
        done = erase_person(
            unit,
            ref=ref,
            reason=Reason(reason),
            authority=where,
            registrar=registrar or registrar_at(unit, where),
            idempotency_key=f"erase/{ref}",
        )
        unit.commit()
    _say(database, done, f"The name behind {ref}")
    if elsewhere:
        entries = ", ".join(str(index) for index in elsewhere)
        click.echo(f"That name still stands in the words beside entry {entries}: see whether to withdraw those too.")


@click.group()
def story() -> None:
    """Stories and reasons: what somebody said, beside the ledger."""


@story.command("withdraw")
@click.argument("words", metavar="ENTRY|DIGEST")
@_REASON
@_AS
@_YES
def withdraw_(words: str, reason: str, registrar: str | None, yes: bool) -> None:  # noqa: FBT001 - click's flag
    """Erase the words beside an entry for good, with their salt: give the number of the ENTRY, or the words' DIGEST."""
    database = configured_database()
    with database.reading() as session:
        digest = _digest(session, words)
        holder = entry_with(session, digest)
        said = sentence(holder, names_of(session, [holder]))
    if not yes:
        click.confirm(f"Erase the words beside entry {holder.index} ({said})? It cannot be undone.", abort=True)
    with database.unit_of_work() as unit:
        done = withdraw(
            unit,
            digest=digest,
            reason=Reason(reason),
            registrar=registrar or registrar_at(unit, holder.authority, holder.place),
            idempotency_key=f"withdraw/{digest}",
        )
        unit.commit()
    _say(database, done, f"The text and salt beside entry {holder.index}")


def _digest(session: Session, words: str) -> str:
    number = words.isascii() and words.isdecimal() and len(words) < 16  # noqa: PLR2004 - digits: a digest has 64
    return digest_in(session, int(words)) if number else words


def _say(database: Database, done: Erased, what: str) -> None:
    if done.fresh:
        click.echo(f"{what}: erased.")
    else:
        when = f"{day(done.entry.effective_on)} {done.erasure.reason.because}"
        click.echo(f"{what}: erased before, on {when}; nothing was recorded twice.")
    say_recorded(database, done.entry.index)
    if wipe(database):
        return
    if database.url.get_backend_name() == "sqlite":
        click.echo("Somebody was reading, so the old bytes may still be in the database's file. Run this again.", err=True)
    else:
        tables = ", ".join(ABOUT_PEOPLE)
        click.echo(f"The old bytes go when the tables' owner runs: VACUUM (FULL) {tables}", err=True)
