"""What an installation decides, read once from the environment. `commonpurse doctor` names each setting."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

VAR = Path("var")
DEFAULT_DATABASE = "sqlite:///var/commonpurse.db"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """`secure` is on where the site is served over https: cookies and transport security follow it."""

    database_url: str = DEFAULT_DATABASE
    secret_key: str = ""
    site_name: str = "Commonpurse"
    secure: bool = False
    log_verifier_key: str = ""
    largest_request: int = 1_000_000  # bytes


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """DATABASE_URL, SECRET_KEY or SECRET_KEY_FILE, SITE_NAME, SECURE, LOG_VERIFIER_KEY.

    Without a secret key, one is made and kept in var/.
    """
    return Settings(
        database_url=environment.get("DATABASE_URL") or DEFAULT_DATABASE,
        secret_key=environment.get("SECRET_KEY") or _kept_key(Path(environment.get("SECRET_KEY_FILE") or VAR / "secret_key")),
        site_name=environment.get("SITE_NAME") or "Commonpurse",
        secure=environment.get("SECURE", "") == "1",
        log_verifier_key=environment.get("LOG_VERIFIER_KEY", "").strip(),
    )


def _kept_key(path: Path) -> str:
    """The key in the file; a new one, readable by its owner only, when there is none yet.

    It is written whole under another name first, so that of several processes that start together all read the same one.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_SECRET_BYTES))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()
