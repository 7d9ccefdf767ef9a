"""`commonpurse audit`: the auditor's tool. It reads a whole log from wherever it is, and believes nobody."""

import gc
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from app.commands.progress import progress
from ledger.auditing import Audited, audit
from ledger.auditing.folder import Folder
from ledger.note import COSIGNATURE, ED25519, KeyBroken, VerifierKey

_DATABASES = ("sqlite://", "postgresql+psycopg://")
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks for."""

    key: VerifierKey | None
    witnesses: tuple[VerifierKey, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What was found, and what is to be said beside it."""

    audited: Audited
    signed: str
    beside: tuple[str, ...]


@click.command("audit")
@click.option(
    "--from", "source", required=True, help="The log's address; a folder of its tiles; a backup's file; a database's address."
)
@click.option("--key", help="The log's public key, as the page /verify shows it. Needed the first time with an address.")
@click.option("--witness", "witnesses", multiple=True, help="A witness's public key: also say when it cosigned. Repeatable.")
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    help="With an address: the folder where what is downloaded stays. Default: ./audit-<address>.",
)
@click.option("--json", "as_json", is_flag=True, help="For a machine to read, with every balance.")
def audit_command(
    source: str,
    key: str | None,
    witnesses: tuple[str, ...],
    keep: Path | None,
    as_json: bool,  # noqa: FBT001 - click's flag
) -> None:
    """Check a whole log: signature, hashes, every entry, every mandate and every balance, worked out again from nothing.

    What is downloaded stays in a folder: stopped at any point, it goes on when it is run again, and the folder can be audited
    offline. Exit 1 at the first lie, which is named.
    """
    asked = Asked(_key(key, ED25519), tuple(filter(None, (_key(witness, COSIGNATURE) for witness in witnesses))))
    gc.disable()  # millions of small facts and no rings among them: looking for rings would be a third of the work
    try:
        told = _reader(source, keep)(asked)
    finally:
        gc.enable()
    click.echo(json.dumps(_document(told)) if as_json else _words(told))


def _reader(source: str, keep: Path | None) -> Callable[[Asked], Told]:
    """How the source is read."""
    path = Path(source)
    if source.startswith(("http://", "https://")):
        return lambda asked: _from_address(source, keep or Path(f"audit-{_name_for(source)}"), asked)
    if keep is not None:
        raise click.UsageError("--keep is for what is downloaded, and --from names no address")
    if source.startswith(_DATABASES):
        return lambda asked: _from_database(source, asked)
    if source and path.is_dir():
        return lambda asked: _from_folder(Folder(path), asked)
    if path.is_file() and _begins_with(path, _SQLITE):
        return lambda asked: _from_backup(path, asked)
    raise click.UsageError(
        f"--from {source} is neither an address, nor a folder of tiles, nor a SQLite file, nor a database's address"
    )


def _from_address(address: str, keep: Path, asked: Asked) -> Told:
    from app.downloading import download  # noqa: PLC0415 - nothing else needs the network

    folder = Folder(keep)
    with progress("Downloading") as report:
        download(address, folder, asked.key, report)
    told = _from_folder(folder, asked)
    where = f"What was downloaded is in {keep}, and can be audited again offline."
    return Told(told.audited, told.signed, (*told.beside, where))


def _from_folder(folder: Folder, asked: Asked) -> Told:
    kept = folder.key()
    if kept is not None and asked.key is not None and kept != asked.key:
        from app.downloading import OtherKey  # noqa: PLC0415 - one refusal

        raise OtherKey(folder=folder.path, kept=kept, given=asked.key)
    key, said = asked.key or kept, folder.said()
    with progress("Auditing") as report:
        audited = audit(folder, key=key, witnesses=asked.witnesses, said=said, progress=report)
    origin = audited.head.origin if audited.head is not None else ""
    if key is None:
        signed = f"Nobody's signature was checked: give the public key of {origin} with --key."
    elif asked.key is None:
        signed = f"Signed by {origin}, by the key that is kept in {folder.path}."
    else:
        signed = f"Signed by {origin}, by the key that you gave."
    return Told(audited, signed, (_comparison(audited),))


def _from_backup(path: Path, asked: Asked) -> Told:
    from ledger.auditing.backup import audit_database, backup  # noqa: PLC0415 - a folder needs no database's code

    with backup(path) as session, progress("Auditing") as report:
        return _of_database(audit_database(session, key=asked.key, witnesses=asked.witnesses, progress=report), asked)


def _from_database(url: str, asked: Asked) -> Told:
    from ledger.auditing.backup import audit_database  # noqa: PLC0415 - a folder needs no database's code
    from ledger.database import open_database  # noqa: PLC0415 - as above

    database = open_database(url)
    try:
        with database.reading() as session, progress("Auditing") as report:
            return _of_database(audit_database(session, key=asked.key, witnesses=asked.witnesses, progress=report), asked)
    finally:
        database.dispose()


def _of_database(audited: Audited, asked: Asked) -> Told:
    if audited.head is None:
        signed = "No head of it was signed yet."
    elif asked.key is None:
        signed = f"Signed by {audited.head.origin}, checked only with the key that it names itself: give its own with --key."
    else:
        signed = f"Signed by {audited.head.origin}, by the key that you gave."
    if audited.head is not None and audited.head.size < audited.entries:
        signed += f" The newest checkpoint has {audited.head.size:,} of the entries."
    return Told(audited, signed, ("Compared with everything that the database keeps beside its entries: all is the same.",))


def _comparison(audited: Audited) -> str:
    said = audited.said
    if said is None:
        return "Compared with no balances: the site's own (/log/balances) were not at hand."
    if not audited.compared:
        return (
            f"Not compared with the site's balances: they are of {said.size:,} entries, and the newest checkpoint has "
            f"{audited.entries:,}. Is its publisher running?"
        )
    count = sum(len(each) for each in said.balances.values())
    return f"Compared with the {count:,} balances that the site showed at {said.size:,} entries: all are the same."


def _words(told: Told) -> str:
    audited = told.audited
    name = f"The log {audited.head.origin}" if audited.head is not None else "The log"
    found = (
        f"{name} is right: {audited.entries:,} entries, each with its hash, its mandate and its floors, under the root "
        f"{audited.root.hex()}; {audited.accounts:,} accounts, {len(audited.balances):,} balances worked out from nothing."
    )
    seen = [
        f"Witnessed by {word.name} at {word.at:%Y-%m-%d %H:%M} UTC." if word.at else f"Not witnessed by {word.name}."
        for word in audited.witnesses
    ]
    return "\n".join([found, told.signed, *seen, *told.beside])


def _document(told: Told) -> dict[str, object]:
    audited = told.audited
    balances: dict[str, dict[str, int]] = {}
    for (account, resource), held in sorted(audited.balances.items()):
        balances.setdefault(account, {})[resource] = held
    return {
        "right": True,
        "origin": audited.head.origin if audited.head is not None else None,
        "entries": audited.entries,
        "root": audited.root.hex(),
        "signed": told.signed,
        "witnesses": [
            {"name": word.name, "cosigned_at": word.at.isoformat() if word.at else None} for word in audited.witnesses
        ],
        "compared": audited.compared,
        "beside": list(told.beside),
        "balances": balances,
    }


def _key(text: str | None, algorithm: int) -> VerifierKey | None:
    key = VerifierKey.parse(text) if text is not None else None
    if key is not None and key.algorithm != algorithm:
        other, signer = ("log", "witness") if algorithm == COSIGNATURE else ("witness", "log")
        raise KeyBroken(problem=f"it is a {other}'s key, and a {signer} signs with a {signer}'s")
    return key


def _name_for(address: str) -> str:
    """The address as a folder's name: partnership.example-log."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", address.partition("://")[2]).strip("-.")


def _begins_with(path: Path, words: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(words)) == words
    except OSError:
        return False
