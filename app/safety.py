"""What makes a start unsafe. `commonpurse doctor` says each; where the site is for the public, nothing starts with one of them.

The site is for the public once it is served over https (SECURE), or says that it is somewhere else than on one's own machine.
"""

import os
import stat
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlalchemy import URL
from sqlmodel import Session, col, select

from app.settings import LOOPBACK, VAR, Settings, from_environment
from ledger.errors import LedgerError
from ledger.places import Authority

SHORTEST_KEY, FEWEST_CHARACTERS = 32, 10  # of the key: how long it is, and how many different ones it has
_WILL_NOT_START = 3  # gunicorn's own code: it ends, and does not start the worker again and again
_ON = {"1", "true", "yes", "on", "t", "y"}

Finding = tuple[bool, str]


class UnsafeStart(LedgerError):
    """The site was not started, because it would be open to others and is not safe: {problems} Mend it and start again; nothing
    was recorded.
    """


def for_the_public(settings: Settings) -> bool:
    """Whether others than whoever started it are to reach the site."""
    return settings.secure or urlsplit(settings.site_address).hostname not in {None, *LOOPBACK}


def examine_settings(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Each finding about the settings: whether it is safe, and a sentence that names its setting."""
    public = for_the_public(settings)
    yield from _keys(settings, environment, public=public)
    if settings.secure:
        yield True, "SECURE: cookies are sent over https only."
        behind = settings.trusted_proxies > 0
        said = "so that limits are counted for each visitor." if behind else "so all visitors share one limit. Say 1."
        yield behind, f"TRUSTED_PROXIES: {settings.trusted_proxies} in front, {said}"
    else:
        said = "right on your own machine only" + (", and SITE_ADDRESS names another. Set it to 1." if public else ".")
        yield not public, f"SECURE: served over plain http: {said}"
    if environment.get("FLASK_DEBUG", "").lower() in _ON:
        yield False, "FLASK_DEBUG: a fault would show its trace to whoever asks. Take it out."


def examine_file(url: URL) -> Iterator[Finding]:
    """Whether the file of a SQLite database, which holds names and addresses, is its owner's alone."""
    if url.get_backend_name() == "sqlite" and url.database and Path(url.database).exists():
        yield _private("DATABASE_URL", Path(url.database))


def examine_books(session: Session) -> Iterator[Finding]:
    """Whether a demonstration, as whose people anybody may sign in, stands among an authority's own books."""
    kept = session.exec(select(Authority).where(col(Authority.source).is_(None))).all()
    if any(row.demonstration for row in kept) and not all(row.demonstration for row in kept):
        yield False, "DATABASE_URL: it holds a demonstration beside your own books, and anybody may sign in as its people."


def require_safe(settings: Settings, *more: Iterator[Finding], environment: Mapping[str, str] = os.environ) -> None:
    """Raises UnsafeStart where the site is for the public, and one finding is that it is not safe."""
    if not for_the_public(settings):
        return
    problems = [said for findings in (examine_settings(settings, environment), *more) for safe, said in findings if not safe]
    if problems:
        raise UnsafeStart(problems=" ".join(problems))


def safe_settings() -> Settings:
    """The environment's settings, for a worker of gunicorn. Where they are not safe it says so in one sentence, and ends."""
    try:
        settings = from_environment()
        require_safe(settings)
    except LedgerError as fault:
        click.echo(fault.sentence, err=True)
        sys.exit(_WILL_NOT_START)
    return settings


def _keys(settings: Settings, environment: Mapping[str, str], *, public: bool) -> Iterator[Finding]:
    keys = (settings.secret_key, *settings.earlier_keys)
    strong = all(len(key) >= SHORTEST_KEY and (not public or len(set(key)) >= FEWEST_CHARACTERS) for key in keys)
    yield (
        strong,
        "SECRET_KEY: at least 32 characters, drawn by chance, sign the forms."
        if strong
        else ("SECRET_KEY: too short or too plain to sign anything with. Take it out, and a good one is made."),
    )
    if settings.earlier_keys:
        yield True, "SECRET_KEY: an earlier key is still accepted. Take it out when nobody has an old page open any more."
    files = {
        "SECRET_KEY_FILE": environment.get("SECRET_KEY_FILE") or str(VAR / "secret_key"),
        "OIDC_CLIENT_SECRET_FILE": environment.get("OIDC_CLIENT_SECRET_FILE", ""),
        "LOG_KEY_FILE": str(settings.log_key_file),
        "BALLOT_KEY_FILE": str(settings.ballot_key_file),
    }
    for name, file in files.items():
        if file and not environment.get(name.removesuffix("_FILE")) and Path(file).is_file():
            yield _private(name, Path(file))


def _private(name: str, file: Path) -> Finding:
    safe = not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return safe, f"{name}: {file.name} is readable by {'its owner only' if safe else f'others too. Run chmod 600 {file}'}."
