"""The key that signs the log, for the process that signs; and the public one, for everybody.

The web workers never ask for the secret: what everybody needs to check a proof stands beside the newest checkpoint.
"""

from datetime import UTC, datetime
from pathlib import Path

from app.settings import Settings, write_secret
from app.store import reading
from ledger.checkpoints import public_key
from ledger.errors import LedgerError
from ledger.note import ED25519, KeyBroken, SigningKey, VerifierKey

DEMONSTRATION = "localhost/log"


class KeyThere(LedgerError):
    """There is a key in {path} already, and a log keeps its key. Nothing was changed; the log is {name}."""


class KeyUnreadable(LedgerError):
    """The log's key in {path} cannot be read: {problem}. Put the file back from its copy; nothing was signed."""


class NoKey(LedgerError):
    """There is no key to sign the log with. Make one with “commonpurse ledger init-key”, or say with LOG_KEY_FILE where it is;
    nothing was signed.
    """


def log_verifier() -> VerifierKey | None:
    """The public key of the log that this request reads; none before its first checkpoint was signed."""
    return public_key(reading())


def signing_key(settings: Settings) -> SigningKey | None:
    """The key of LOG_KEY, or of the file; none when there is neither. Raises KeyBroken, KeyUnreadable."""
    if settings.log_key:
        return _logs(SigningKey.parse(settings.log_key))
    try:
        return _logs(SigningKey.parse(settings.log_key_file.read_text().strip()))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError) as fault:
        raise KeyUnreadable(path=settings.log_key_file, problem="it is not a file of text that we may read") from fault


def needed_key(settings: Settings) -> SigningKey:
    """The key to sign with. Raises NoKey, and as `signing_key` does."""
    key = signing_key(settings)
    if key is None:
        raise NoKey
    return key


def make_key(path: Path, origin: str) -> SigningKey:
    """A new key for the log of this name, in a file that only its owner can read. Raises KeyThere, KeyBroken."""
    key = SigningKey.generate(origin)
    if not write_secret(path, f"{key.text()}\n"):
        raise KeyThere(path=path, name=SigningKey.parse(path.read_text().strip()).name)
    return key


def demonstration_key(settings: Settings) -> SigningKey:
    """The key there is, or a new one for a demonstration, as a secret key is made for it."""
    found = signing_key(settings)
    if found is not None:
        return found
    write_secret(settings.log_key_file, f"{SigningKey.generate(DEMONSTRATION).text()}\n")
    return needed_key(settings)


def put_away(path: Path) -> Path | None:
    """Give the key of a log that ended another name, so that a new one can be made; it is never deleted."""
    if not path.exists():
        return None
    away = path.with_name(f"{path.name}.ended-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    path.rename(away)
    return away


def _logs(key: SigningKey) -> SigningKey:
    if key.algorithm != ED25519:
        raise KeyBroken(problem="it is a witness's key, and a log signs with a log's")
    return key
