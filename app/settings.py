"""What an installation decides, read once from the environment. `commonpurse doctor` names each setting."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ledger.cosigning import witness_keys
from ledger.errors import LedgerError
from ledger.note import KeyBroken, VerifierKey
from ledger.retention import BALLOT_DAYS, PEOPLE_YEARS, Keep

VAR = Path("var")
DEFAULT_DATABASE = "sqlite:///var/commonpurse.db"
_SECRET_BYTES = 32
_LONGEST_KEPT = 36_500
_KEY = re.compile(r"\+[0-9a-f]{8}\+")


class WitnessKeysMissing(LedgerError):
    """WITNESS_KEYS names the file {path}, which cannot be read. Put the witnesses' public keys there, or into the setting;
    nothing was recorded.
    """


class WitnessKeysBroken(LedgerError):
    """WITNESS_KEYS holds what is not a witness's public key. {problem}"""


class SettingNotANumber(LedgerError):
    """{name} is “{given}”, and it says how long something is kept: write a whole number from 1 to 36,500. Nothing was done."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`secure` is on where the site is served over https: cookies and transport security follow it."""

    database_url: str = DEFAULT_DATABASE
    secret_key: str = ""
    site_name: str = "Commonpurse"
    secure: bool = False
    log_key: str = field(default="", repr=False)
    log_key_file: Path = VAR / "log_key"
    published_checkpoint: Path | None = None
    witness_keys: tuple[VerifierKey, ...] = ()
    largest_request: int = 1_000_000  # bytes
    keep: Keep = field(default_factory=Keep)


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """What the environment decides: the table of settings in README says each.

    Without a secret key, one is made and kept in var/. Raises WitnessKeysBroken, WitnessKeysMissing.
    """
    return Settings(
        database_url=environment.get("DATABASE_URL") or DEFAULT_DATABASE,
        secret_key=environment.get("SECRET_KEY") or _kept_key(Path(environment.get("SECRET_KEY_FILE") or VAR / "secret_key")),
        site_name=environment.get("SITE_NAME") or "Commonpurse",
        secure=environment.get("SECURE", "") == "1",
        log_key=environment.get("LOG_KEY", "").strip(),
        log_key_file=Path(environment.get("LOG_KEY_FILE") or VAR / "log_key"),
        published_checkpoint=Path(environment.get("PUBLISHED_CHECKPOINT") or VAR / "published_checkpoint"),
        witness_keys=_witness_keys(environment.get("WITNESS_KEYS", "")),
        keep=Keep(
            people_years=_whole("KEEP_PEOPLE", environment.get("KEEP_PEOPLE"), PEOPLE_YEARS),
            ballot_days=_whole("KEEP_BALLOTS", environment.get("KEEP_BALLOTS"), BALLOT_DAYS),
        ),
    )


def _whole(name: str, given: str | None, otherwise: int) -> int:
    """A number of years or days, at least one: a clock that is set to nothing would erase at once."""
    if not given:
        return otherwise
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given) <= _LONGEST_KEPT:
        raise SettingNotANumber(name=name, given=given)
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


def _kept_key(path: Path) -> str:
    """The key in the file; a new one, readable by its owner only, when there is none yet."""
    if not path.exists():
        write_secret(path, secrets.token_hex(_SECRET_BYTES))
    return path.read_text().strip()


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
