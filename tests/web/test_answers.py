"""What every answer carries, whoever asked and whatever went wrong."""

from pathlib import Path

import pytest
from flask import Flask

from app.settings import Settings
from app.site import create_app
from tests.web.inspecting import InspectingClient

ADDRESSES = ["/", "/accessibility", "/sign-in", "/static/site.css", "/nowhere", "/static/nowhere.js", "/static/../wsgi.py"]


def policy(answer_header: str) -> dict[str, list[str]]:
    return {words[0]: words[1:] for words in (part.split() for part in answer_header.split(";"))}


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_says_what_a_page_may_do(address: str, client: InspectingClient) -> None:
    answer = client.get(address)
    allowed = policy(answer.headers["Content-Security-Policy"])
    assert allowed["default-src"] == ["'none'"]
    assert allowed["script-src"] == allowed["style-src"] == allowed["form-action"] == ["'self'"]
    assert allowed["frame-ancestors"] == allowed["base-uri"] == allowed["object-src"] == ["'none'"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Permissions-Policy" in answer.headers
    assert "Strict-Transport-Security" not in answer.headers


def test_a_site_on_https_asks_browsers_to_stay_there_and_marks_its_cookie(tmp_path: Path, app: Flask) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/site.db", secret_key="-" * 40, secure=True)
    answer = create_app(settings).test_client().get("/sign-in", base_url="https://localhost")
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    assert app.config["SESSION_COOKIE_NAME"] == "session"
    secure = create_app(settings).config
    assert secure["SESSION_COOKIE_SECURE"]
    assert secure["SESSION_COOKIE_NAME"] == "__Host-session"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_reading_a_public_page_sets_no_cookie(client: InspectingClient) -> None:
    for address in ("/", "/places", "/ledger", "/accessibility", "/privacy", "/nowhere"):
        assert "Set-Cookie" not in client.get(address).headers, address


def test_an_unchanged_public_page_is_answered_without_its_content(client: InspectingClient) -> None:
    first = client.get("/accessibility")
    assert first.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "Cookie" in first.headers["Vary"]
    again = client.get("/accessibility", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.get_data() == b""
    assert client.get("/accessibility", headers={"If-None-Match": '"of another release"'}).status_code == 200


def test_nobody_keeps_an_error(client: InspectingClient) -> None:
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"
    assert client.get("/static/nowhere.css").headers["Cache-Control"] == "no-store"
