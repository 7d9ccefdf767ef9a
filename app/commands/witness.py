"""`commonpurse witness`: what the external accountability partner runs on their own machine. It opens no database."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from app.fetching import NotThere, Remote, Unreachable
from app.formats import count_of, moment
from app.settings import write_secret
from ledger.cosigning import LONGEST_NOTE
from ledger.errors import LedgerError
from ledger.note import COSIGNATURE, ED25519, LONGEST, CheckpointBroken, KeyBroken, NoteBroken, SigningKey, VerifierKey
from ledger.tiles import TileMissing
from ledger.tree import HASH_SIZE
from ledger.witness import Memory, Observed, observe

_LONGEST_TILE = 256 * HASH_SIZE
_LONGEST_WAIT = 3600.0  # seconds between two tries while the log cannot be reached


class KeyThere(LedgerError):
    """There is a file {path} already, and a witness keeps its key. Nothing was changed."""


class KeyUnreadable(LedgerError):
    """The witness's key in {path} cannot be read. Make one with “commonpurse witness init-key”; nothing was cosigned."""


class NotTaken(Unreachable):
    """Cosigned {entries}, and the log did not take it: {problem}. It is kept, and handed over the next time."""


@click.group()
def witness() -> None:
    """Watch a log from your own machine, and sign that it keeps its past."""


@witness.command("init-key")
@click.option("--key", "file", type=click.Path(path_type=Path), required=True, help="The file for the new secret key.")
@click.option("--name", required=True, help="Your name as a witness: an address of yours, without https:// or spaces.")
def init_key(file: Path, name: str) -> None:
    """Make a witness's key, in a file that only its owner can read. Never replaces one."""
    key = SigningKey.generate(name, COSIGNATURE)
    if not write_secret(file, f"{key.text()}\n"):
        raise KeyThere(path=file)
    click.echo(f"The key is in {file}. Keep a copy: who has it can sign as you.")
    click.echo(f"Its public key, for whoever runs the log (WITNESS_KEYS): {key.verifier}")


def _options(command: click.decorators.FC) -> click.decorators.FC:
    """What `once` and `run` share."""
    for option in (
        click.option("--log-key", help="The log's public key; needed the first time, and kept in the state folder."),
        click.option("--key", "file", type=click.Path(path_type=Path), required=True, help="The file of your secret key."),
        click.option("--state", type=click.Path(path_type=Path), required=True, help="The folder where you remember this log."),
        click.option("--log", required=True, help="The log's address, such as https://partnership.example/log."),
    ):
        command = option(command)
    return command


@witness.command()
@_options
def once(log: str, state: Path, file: Path, log_key: str | None) -> None:
    """Look at the log once: check that it keeps its past, cosign its newest checkpoint, and hand that to the log.

    Exit 1 when the log cannot be believed; what proves it is kept in the state folder.
    """
    _look(Remote(log), Memory(state), _secret(file), _public(log_key))


@witness.command()
@_options
@click.option("--every", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds between two looks.")
def run(log: str, state: Path, file: Path, log_key: str | None, every: float) -> None:
    """Look at the log again and again, as `once` does. Goes on while the network is away; ends when the log is refused."""
    remote, memory, secret, public = Remote(log), Memory(state), _secret(file), _public(log_key)
    wait, said = every, ""
    while True:
        try:
            _look(remote, memory, secret, public)
        except (Unreachable, NoteBroken, CheckpointBroken) as fault:
            wait = min(2 * wait, _LONGEST_WAIT)
            if fault.sentence != said:
                click.echo(f"{fault.sentence} Trying again in {wait:g} seconds.", err=True)
            said = fault.sentence
        else:
            wait, said = every, ""
        sys.stdout.flush()
        time.sleep(wait)


def _look(remote: Remote, memory: Memory, secret: SigningKey, public: VerifierKey | None) -> None:
    def fetch(path: str) -> bytes:
        if path == "checkpoint":
            return remote.get(path, longest=LONGEST, fresh=True)
        try:
            return remote.get(path, longest=_LONGEST_TILE)
        except NotThere as fault:
            raise TileMissing(path=path) from fault

    seen = observe(fetch, memory, secret, log_key=public, now=datetime.now(UTC))
    long = count_of(seen.checkpoint.size, "entry", "entries")
    if seen.fresh:
        click.echo(f"Cosigned on {moment(seen.at)}: the log {seen.checkpoint.origin} with {long} keeps its past.")
    elif seen.told:
        click.echo(
            f"Nothing is new: the log {seen.checkpoint.origin} still has the {long} that were cosigned on {moment(seen.at)}."
        )
    if not seen.told:
        _hand_over(remote, seen, long)


def _hand_over(remote: Remote, seen: Observed, long: str) -> None:
    """Give the log our signature. Another log may have no place for it: then whoever wants it has the file."""
    try:
        remote.post("cosignatures", str(seen.note).encode(), longest=LONGEST_NOTE)
    except NotThere:
        click.echo(f"This log takes no signatures at its address; it is in the state folder, under {long}.", err=True)
    except Unreachable as fault:
        raise NotTaken(entries=long, problem=str(fault.facts["problem"])) from fault


def _secret(file: Path) -> SigningKey:
    try:
        key = SigningKey.parse(file.read_text().strip())
    except (OSError, UnicodeError) as fault:
        raise KeyUnreadable(path=file) from fault
    if key.algorithm != COSIGNATURE:
        raise KeyBroken(problem="it is a log's key, and a witness signs with a witness's")
    return key


def _public(key: str | None) -> VerifierKey | None:
    parsed = VerifierKey.parse(key) if key is not None else None
    if parsed is not None and parsed.algorithm != ED25519:
        raise KeyBroken(problem="it is a witness's key, and a log signs with a log's")
    return parsed
