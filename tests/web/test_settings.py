"""What an installation decides, and the key it makes for itself when nobody gave one."""

import stat
import threading
from datetime import UTC, date, datetime
from pathlib import Path

from app.formats import count_of, day, moment
from app.settings import DEFAULT_DATABASE, from_environment


def test_without_any_setting_the_data_are_beside_the_program(tmp_path: Path) -> None:
    settings = from_environment({"SECRET_KEY_FILE": str(tmp_path / "key")})
    assert settings.database_url == DEFAULT_DATABASE
    assert settings.site_name == "Commonpurse"
    assert not settings.secure


def test_a_key_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    file = tmp_path / "var" / "key"
    first = from_environment({"SECRET_KEY_FILE": str(file)})
    assert len(first.secret_key) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert from_environment({"SECRET_KEY_FILE": str(file)}).secret_key == first.secret_key
    assert list(file.parent.iterdir()) == [file]


def test_a_key_that_is_given_is_used_and_none_is_made(tmp_path: Path) -> None:
    file = tmp_path / "key"
    settings = from_environment({"SECRET_KEY": "given", "SECRET_KEY_FILE": str(file), "SECURE": "1", "SITE_NAME": "Our Purse"})
    assert (settings.secret_key, settings.secure, settings.site_name) == ("given", True, "Our Purse")
    assert not file.exists()


def test_workers_that_start_together_read_the_same_key(tmp_path: Path) -> None:
    file, keys, start = tmp_path / "key", [], threading.Barrier(8)

    def worker() -> None:
        start.wait()
        keys.append(from_environment({"SECRET_KEY_FILE": str(file)}).secret_key)

    workers = [threading.Thread(target=worker) for _ in range(8)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert len(keys) == 8
    assert set(keys) == {file.read_text()}


def test_days_moments_and_counts_are_read_as_words() -> None:
    assert day(date(2026, 3, 4)) == "4 March 2026"
    assert moment(datetime(2026, 3, 4, 9, 5, tzinfo=UTC)) == "4 March 2026 at 09:05 (UTC)"
    assert count_of(1, "vote") == "1 vote"
    assert count_of(1245, "vote") == "1,245 votes"
    assert count_of(2, "entry", "entries") == "2 entries"
