"""What is written into logs: no cookie, no code, no token, no choice, no address; and a line stays a line."""

import re
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from flask import Flask

from app.access import anyone
from tests.browser.serving import served
from tests.databases import SqliteFiles
from tests.pages.conftest import client_of
from tests.security.test_rotation import PATIENCE, page, send, token_in

EVERYTHING = "--access-logfile - --log-level info"
FORGED = "\r\n127.0.0.1 - - forged line\r\n"
MEMBER, VOTE = "p-demo-glodbrook-2", "/panel/rounds/glodbrook-open/vote"


def test_the_servers_log_has_a_line_for_each_request_and_no_secret_in_it(
    told_story: str, sqlite_files: SqliteFiles, tmp_path: Path
) -> None:
    url, log = sqlite_files.copy_of(told_story), tmp_path / "words"
    forged = quote(f"/places{FORGED}")
    with served(url, log, GUNICORN_CMD_ARGS=EVERYTHING) as address:
        jar = CookieJar()
        browser = build_opener(HTTPCookieProcessor(jar))
        token = token_in(page(browser, f"{address}/sign-in"))
        assert send(browser, f"{address}/sign-in", csrf_token=token, person=MEMBER) == 200
        form = page(browser, f"{address}{VOTE}")
        key = re.findall(r'name="idempotency_key" value="([^"]+)"', form)[0]
        assert send(browser, f"{address}{VOTE}", csrf_token=token_in(form), idempotency_key=key, choices="1") == 200
        for path in (forged, f"/places?q={quote(FORGED)}"):
            with suppress(HTTPError):
                browser.open(Request(address + path, headers={"X-Forwarded-For": "6.6.6.6"}), timeout=PATIENCE).close()  # noqa: S310 - ours
    written = log.read_text()
    assert written.count("GET /places") >= 1
    assert not [line for line in written.splitlines() if line.startswith(("forged", "127.0.0.1 - - forged"))]
    assert "6.6.6.6" not in written
    for secret in (*(str(cookie.value) for cookie in jar), token, key, "choices", "-" * 40):
        assert secret not in written
    sqlite_files.drop(url)


def test_a_fault_of_ours_writes_no_form_into_the_log(site: Flask, caplog: pytest.LogCaptureFixture) -> None:
    client = client_of(site)
    site.view_functions["public.places"] = anyone(broken)
    answer = client.get("/places?secret=in-an-address", headers={"Cookie": "session=a-token-in-a-cookie"})
    assert answer.status_code == 500
    assert "Traceback" not in answer.text
    assert "a-token-in-a-cookie" not in caplog.text
    assert re.search(r"fault ZeroDivisionError", caplog.text)


def broken() -> str:
    return str(1 // 0)
