"""The key that signs forms changes without a stop: open forms go on, nobody is signed out, and an old key ends in time."""

import re
import signal
import subprocess
import time
from copy import copy
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
from click.testing import CliRunner, Result

from app.commands import main
from app.settings import from_environment
from app.site import create_app
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.faults.test_workers import master_of, workers_of

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
LEADER = "p-demo-leader"
PATIENCE = 20.0  # seconds


def rotate(file: Path, **environment: str) -> Result:
    return CliRunner().invoke(main, ["keys", "rotate"], env={"SECRET_KEY": "", "SECRET_KEY_FILE": str(file), **environment})


def test_a_rotation_puts_a_new_key_before_the_last_one_and_drops_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "key"
    keys = [from_environment({"SECRET_KEY_FILE": str(file)}).secret_key]
    for _ in range(2):
        assert rotate(file).exit_code == 0
        settings = from_environment({"SECRET_KEY_FILE": str(file)})
        assert settings.earlier_keys == (keys[-1],)
        keys.append(settings.secret_key)
    assert len(set(keys)) == 3
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_key_in_the_environment_is_rotated_there(tmp_path: Path) -> None:
    refused = rotate(tmp_path / "key", SECRET_KEY="a" * 40)
    assert (refused.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert "Put a new key before it" in refused.stderr
    settings = from_environment({"SECRET_KEY": f"{'b' * 40} {'a' * 40}"})
    assert (settings.secret_key, settings.earlier_keys) == ("b" * 40, ("a" * 40,))


def test_a_key_is_in_no_representation_of_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "key"
    rotate(file)
    settings = from_environment({"SECRET_KEY_FILE": str(file)})
    for key in (settings.secret_key, *settings.earlier_keys):
        assert key not in repr(settings)


def page(browser: OpenerDirector, address: str) -> str:
    with browser.open(address, timeout=PATIENCE) as answer:
        return str(answer.read().decode())


def send(browser: OpenerDirector, address: str, **form: str) -> int:
    try:
        with browser.open(address, urlencode(form).encode(), timeout=PATIENCE) as answer:
            return int(answer.status)
    except HTTPError as refused:
        return refused.code


def token_in(text: str) -> str:
    found = TOKEN.search(text)
    assert found is not None
    return found[1]


def copied(jar: CookieJar) -> CookieJar:
    """The same cookies for another browser."""
    other = CookieJar()
    for cookie in jar:
        other.set_cookie(copy(cookie))
    return other


def read_settings_again(address: str) -> None:
    """Tell gunicorn, and wait until none of its workers is one of before."""
    before = set(workers_of(address))
    subprocess.run(["kill", f"-{signal.SIGHUP.value}", str(master_of(address))], check=True)
    until = time.monotonic() + PATIENCE
    while before & set(workers_of(address)) or not workers_of(address):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_while_the_site_is_served_open_forms_go_on_and_nobody_is_signed_out(
    told_story: str, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    file, url = tmp_path / "key", sqlite_files.copy_of(told_story)
    with served(url, tmp_path / "words", SECRET_KEY="", SECRET_KEY_FILE=str(file)) as address:
        jar = CookieJar()
        browser = build_opener(HTTPCookieProcessor(jar))
        token = token_in(page(browser, f"{address}/sign-in"))
        assert send(browser, f"{address}/sign-in", csrf_token=token, person=LEADER) == 200
        opened = token_in(page(browser, f"{address}/me/data"))
        idle = copied(jar)
        assert rotate(file).exit_code == 0
        read_settings_again(address)
        assert send(browser, f"{address}/me/data/erase", csrf_token=opened) == 200
        fresh = token_in(page(browser, f"{address}/me/data"))
        assert rotate(file).exit_code == 0
        read_settings_again(address)
        # Whoever sent a form in between has a cookie under the key before. An older one, like its form, is nothing.
        assert send(browser, f"{address}/me/data/erasure/take-back", csrf_token=opened) == 400
        assert send(browser, f"{address}/me/data/erasure/take-back", csrf_token=fresh) == 200
        assert "Sign out" not in page(build_opener(HTTPCookieProcessor(idle)), f"{address}/me/sessions")
    sqlite_files.drop(url)


@pytest.mark.parametrize("earlier", [(), ("b" * 40,)])
def test_what_another_key_signed_is_nothing(earlier: tuple[str, ...], tmp_path: Path) -> None:
    """With and without an earlier key, a cookie under a third one opens no session."""
    own = create_app(
        from_environment({"SECRET_KEY": " ".join(["a" * 40, *earlier]), "DATABASE_URL": f"sqlite:///{tmp_path}/a.db"})
    )
    other = create_app(from_environment({"SECRET_KEY": "c" * 40, "DATABASE_URL": f"sqlite:///{tmp_path}/a.db"}))
    reading, writing = (app.session_interface.get_signing_serializer(app) for app in (own, other))  # type: ignore[attr-defined]  # Flask's own, of its one kind of session
    with pytest.raises(Exception, match="does not match"):
        reading.loads(writing.dumps({"csrf_token": "x"}))
