"""What an installation decides, read once from the environment. `commonpurse doctor` names each setting."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ledger.cosigning import witness_keys
from ledger.credentials.mailboxes import BadAddress, read_address
from ledger.errors import LedgerError
from ledger.note import KeyBroken, VerifierKey
from ledger.retention import BALLOT_DAYS, PEOPLE_YEARS, Keep

VAR = Path("var")
DEFAULT_DATABASE = "sqlite:///var/commonpurse.db"
_SECRET_BYTES = 32
_LONGEST_KEPT = 36_500
_MOST_PROXIES = 9
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_SESSION = 720  # hours
_KEY = re.compile(r"\+[0-9a-f]{8}\+")


class WitnessKeysMissing(LedgerError):
    """WITNESS_KEYS names the file {path}, which cannot be read. Put the witnesses' public keys there, or into the setting;
    nothing was recorded.
    """


class IssuerBroken(LedgerError):
    """Work accounts cannot be used: {problem}. Change it and start again; nothing was recorded."""


class AddressBroken(LedgerError):
    """SITE_ADDRESS is not an address such as https://partnership.example, without a path. Change it and start again;
    nothing was recorded.
    """


class MailServerBroken(LedgerError):
    """SMTP_URL is not an address such as smtps://name:password@mail.example:465. Change it and start again;
    nothing was recorded.
    """


class SenderBroken(LedgerError):
    """MAIL_FROM is not an email address. Change it and start again; nothing was recorded."""


class HoursBroken(LedgerError):
    """{name} is not a number of whole hours from 1 to 720. Change it and start again; nothing was recorded."""


class WitnessKeysBroken(LedgerError):
    """WITNESS_KEYS holds what is not a witness's public key. {problem}"""


class SecretKeyUnreadable(LedgerError):
    """The key in {path} cannot be read or made. Let whoever runs the site read it; nothing was recorded."""


class ProxiesBroken(LedgerError):
    """TRUSTED_PROXIES is “{given}”, and it says how many servers of your own stand in front of the site: write a number from 0
    to 9. Nothing was done.
    """


class SettingNotANumber(LedgerError):
    """{name} is “{given}”, and it says how long something is kept: write a whole number from 1 to 36,500. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority's own sign-in for its staff, and what it knows this site by."""

    address: str
    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """`secure` is on where the site is served over https: cookies and transport security follow it."""

    database_url: str = DEFAULT_DATABASE
    secret_key: str = field(default="", repr=False)
    earlier_keys: tuple[str, ...] = field(default=(), repr=False)
    site_name: str = "Commonpurse"
    secure: bool = False
    log_key: str = field(default="", repr=False)
    log_key_file: Path = VAR / "log_key"
    ballot_key_file: Path = VAR / "ballot_key"
    published_checkpoint: Path | None = None
    witness_keys: tuple[VerifierKey, ...] = ()
    largest_request: int = 1_000_000  # bytes
    keep: Keep = field(default_factory=Keep)
    trusted_proxies: int = 0
    session_hours: int = 12
    session_idle_hours: int = 4
    site_address: str = ""
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    outbox: Path | None = None
    issuer: "Issuer | None" = None


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """What the environment decides: the table of settings in README says each.

    Without a secret key, one is made and kept in var/. Raises LedgerErrors that name the setting that cannot be read.
    """
    key, *earlier = _secret_keys(environment)
    return Settings(
        database_url=environment.get("DATABASE_URL") or DEFAULT_DATABASE,
        secret_key=key,
        earlier_keys=tuple(earlier),
        site_name=environment.get("SITE_NAME") or "Commonpurse",
        secure=environment.get("SECURE", "") == "1",
        log_key=environment.get("LOG_KEY", "").strip(),
        log_key_file=Path(environment.get("LOG_KEY_FILE") or VAR / "log_key"),
        ballot_key_file=Path(environment.get("BALLOT_KEY_FILE") or VAR / "ballot_key"),
        published_checkpoint=Path(environment.get("PUBLISHED_CHECKPOINT") or VAR / "published_checkpoint"),
        witness_keys=_witness_keys(environment.get("WITNESS_KEYS", "")),
        trusted_proxies=_proxies(environment.get("TRUSTED_PROXIES", "").strip()),
        keep=Keep(
            people_years=_whole("KEEP_PEOPLE", environment.get("KEEP_PEOPLE"), PEOPLE_YEARS),
            ballot_days=_whole("KEEP_BALLOTS", environment.get("KEEP_BALLOTS"), BALLOT_DAYS),
        ),
        site_address=_site_address(environment.get("SITE_ADDRESS", "").strip().rstrip("/")),
        smtp_url=_smtp_url(environment.get("SMTP_URL", "").strip()),
        mail_from=_mail_from(environment.get("MAIL_FROM", "").strip()),
        outbox=VAR / "outbox",
        issuer=_issuer(environment),
        session_hours=_hours("SESSION_HOURS", environment.get("SESSION_HOURS") or "12"),
        session_idle_hours=_hours("SESSION_IDLE_HOURS", environment.get("SESSION_IDLE_HOURS") or "4"),
    )


def _proxies(given: str) -> int:
    """How many servers of our own stand in front. Raises ProxiesBroken."""
    if given and not (given.isascii() and given.isdecimal() and int(given) <= _MOST_PROXIES):
        raise ProxiesBroken(given=given)
    return int(given or 0)


def _whole(name: str, given: str | None, otherwise: int) -> int:
    """A number of years or days, at least one: a clock that is set to nothing would erase at once."""
    if not given:
        return otherwise
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given) <= _LONGEST_KEPT:
        raise SettingNotANumber(name=name, given=given)
    return int(given)


def _issuer(environment: Mapping[str, str]) -> Issuer | None:
    """Raises IssuerBroken."""
    address, client = environment.get("OIDC_ISSUER", "").strip(), environment.get("OIDC_CLIENT_ID", "").strip()
    secret, file = environment.get("OIDC_CLIENT_SECRET", "").strip(), environment.get("OIDC_CLIENT_SECRET_FILE")
    if not (address or client or secret or file):
        return None
    try:
        secret = secret or (Path(file).read_text().strip() if file else "")
    except (OSError, UnicodeError) as fault:
        raise IssuerBroken(problem="the file of OIDC_CLIENT_SECRET_FILE cannot be read") from fault
    parts = urlsplit(address)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)) or not parts.hostname:
        raise IssuerBroken(problem="OIDC_ISSUER is not an address with https")
    if not client or not secret:
        raise IssuerBroken(problem="OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, or its file, are both needed")
    return Issuer(address, client, secret)


def _site_address(given: str) -> str:
    """Raises AddressBroken."""
    parts = urlsplit(given)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if given and (not safe or not parts.hostname or parts.path or parts.query or parts.fragment or parts.username):
        raise AddressBroken
    return given


def _smtp_url(given: str) -> str:
    """Raises MailServerBroken."""
    try:
        parts = urlsplit(given)
        known = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if given and (not known or not given.isprintable()):
        raise MailServerBroken
    return given


def _mail_from(given: str) -> str:
    """Raises SenderBroken."""
    try:
        return read_address(given) if given else ""
    except BadAddress as fault:
        raise SenderBroken from fault


def _hours(name: str, given: str) -> int:
    """A number of hours that a session may last. Raises HoursBroken."""
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= _LONGEST_SESSION):
        raise HoursBroken(name=name)
    return int(given)


def _witness_keys(given: str) -> tuple[VerifierKey, ...]:
    """The keys themselves, or those in the file that is named: no path has the form of a key."""
    if given.strip() and not _KEY.search(given):
        try:
            given = Path(given.strip()).read_text()
        except (OSError, UnicodeError) as fault:
            raise WitnessKeysMissing(path=given.strip()) from fault
    try:
        return witness_keys(given)
    except KeyBroken as fault:
        raise WitnessKeysBroken(problem=fault.sentence) from fault


def secret_key_file(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Where the keys that sign forms are kept; none where the environment holds them itself."""
    if environment.get("SECRET_KEY", "").strip():
        return None
    return Path(environment.get("SECRET_KEY_FILE") or VAR / "secret_key")


def new_secret() -> str:
    """A key to sign forms with."""
    return secrets.token_hex(_SECRET_BYTES)


def _secret_keys(environment: Mapping[str, str]) -> list[str]:
    """The key that signs, and after it those that signed before and are still accepted. Raises SecretKeyUnreadable.

    A new one is made, in a file that only its owner can read, when there is none yet.
    """
    file = secret_key_file(environment)
    if file is None:
        return environment["SECRET_KEY"].split()
    try:
        if not file.exists():
            write_secret(file, new_secret())
        return file.read_text().split() or [""]
    except (OSError, UnicodeError) as fault:
        raise SecretKeyUnreadable(path=file) from fault


def write_secret(path: Path, text: str) -> bool:
    """Write a file that only its owner can read, unless there is one; says whether it did.

    It is written whole under another name first, so that of several processes that start together all read the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True
