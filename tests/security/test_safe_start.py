"""Where others are to reach the site, nothing starts that is not safe: not under gunicorn, and not by `commonpurse serve`."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.commands import main
from app.safety import UnsafeStart, examine_books, examine_settings, for_the_public, require_safe
from app.settings import Settings, from_environment
from ledger.database import open_database
from ledger.places import Authority
from tests.browser.serving import free_port
from tests.databases import SqliteFiles
from tests.house.tree import ROOT

GOOD = "kT3vQ9xZ1mB7cR5yW2pL8dF4hJ6nG0sA"
SAFE = {"SECRET_KEY": GOOD, "SECURE": "1", "SITE_ADDRESS": "https://partnership.example", "TRUSTED_PROXIES": "1"}


def problems(changed: Mapping[str, str]) -> str:
    """Why it would not start with these settings changed; nothing when it would."""
    environment = {**SAFE, **changed}
    try:
        require_safe(from_environment(environment), environment=environment)
    except UnsafeStart as fault:
        return fault.sentence
    return ""


def test_a_safe_site_starts() -> None:
    assert problems({}) == ""


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"SECURE": ""}, "SECURE: served over plain http"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY: too short or too plain"),
        ({"SECRET_KEY": "-" * 40}, "SECRET_KEY: too short or too plain"),
        ({"SECRET_KEY": f"{GOOD} changeme"}, "SECRET_KEY: too short or too plain"),
        ({"TRUSTED_PROXIES": "0"}, "TRUSTED_PROXIES: 0"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG"),
    ],
)
def test_a_site_for_the_public_is_not_started_with(changed: dict[str, str], named: str) -> None:
    assert named in problems(changed)


def test_ones_own_machine_needs_none_of_it(tmp_path: Path) -> None:
    settings = from_environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert not for_the_public(settings)
    require_safe(settings, environment={"FLASK_DEBUG": "1"})


@pytest.mark.parametrize("name", ["SECRET_KEY_FILE", "OIDC_CLIENT_SECRET_FILE", "LOG_KEY_FILE"])
def test_a_key_that_others_can_read_is_found(tmp_path: Path, name: str) -> None:
    file = tmp_path / "key"
    file.write_text(GOOD)
    environment = {**SAFE, name: str(file)}
    del environment["SECRET_KEY"]
    if name != "SECRET_KEY_FILE":
        environment["SECRET_KEY"] = GOOD
    settings = Settings(secret_key=GOOD, secure=True, log_key_file=file if name == "LOG_KEY_FILE" else tmp_path / "none")
    for mode, safe in ((0o644, False), (0o640, False), (0o600, True)):
        file.chmod(mode)
        found = [good for good, said in examine_settings(settings, environment) if said.startswith(f"{name}:")]
        assert found == [safe]


def test_a_demonstration_beside_an_authoritys_own_books_is_found(told_story: str, sqlite_files: SqliteFiles) -> None:
    database = open_database(sqlite_files.copy_of(told_story))
    with database.reading() as session:
        assert list(examine_books(session)) == []
    with database.unit_of_work(appends=False) as unit:
        unit.session.add(Authority(slug="overvale", name="Overvale", currency="GBP"))
        unit.commit()
    with database.reading() as session:
        assert [safe for safe, _ in examine_books(session)] == [False]
    database.dispose()


def test_gunicorn_does_not_start_an_unsafe_site_and_says_why_in_one_sentence(tmp_path: Path) -> None:
    environment = {**os.environ, **SAFE, "DATABASE_URL": f"sqlite:///{tmp_path}/site.db", "SECRET_KEY": "short"}
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{free_port()}", "wsgi:app"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert "The site was not started" in done.stderr
    assert "Traceback" not in done.stderr.partition("Worker failed to boot")[0]


def test_serve_refuses_and_the_doctor_says_the_same(
    told_story: str, sqlite_files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = sqlite_files.copy_of(told_story)
    for name, value in {**SAFE, "DATABASE_URL": url, "SECRET_KEY": "short", "LOG_KEY_FILE": str(tmp_path / "log_key")}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PUBLISHED_CHECKPOINT", str(tmp_path / "published"))
    Path(url.removeprefix("sqlite:///")).chmod(0o644)
    served = CliRunner().invoke(main, ["serve", "--port", str(free_port())])
    assert served.exit_code == 2
    said = CliRunner().invoke(main, ["doctor"])
    assert said.exit_code == 1
    for problem in ("SECRET_KEY: too short", "is readable by others too"):
        assert problem in served.stderr
        assert problem in said.stdout
    assert "readable by its owner only" not in said.stdout.partition("SECRET_KEY")[0]


def test_a_new_database_and_its_log_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/deep/site.db")
    database.upgrade()
    with database.unit_of_work(appends=False) as unit:
        unit.session.add(Authority(slug="overvale", name="Overvale", currency="GBP"))
        unit.commit()
    for name in ("site.db", "site.db-wal", "site.db-shm"):
        assert (tmp_path / "deep" / name).stat().st_mode & 0o777 == 0o600, name
    database.dispose()
