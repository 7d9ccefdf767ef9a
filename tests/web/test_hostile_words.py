"""Words that nobody types, in addresses and in forms: refused as a page, on either database, and never a fault of ours."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request

from app import store
from app.access import anyone
from app.security import takes_bytes
from app.settings import Settings
from app.site import create_app
from tests.web.inspecting import InspectingClient


@pytest.fixture
def on_either(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The site over an empty database, on SQLite and on PostgreSQL."""
    site = create_app(Settings(database_url=database_url, secret_key="-" * 40, outbox=tmp_path / "outbox"))
    site.config["WTF_CSRF_ENABLED"] = False
    site.test_client_class = InspectingClient
    with site.app_context():
        database = store.database()
    database.upgrade()
    yield site
    database.dispose()


@pytest.mark.parametrize(
    "address",
    [
        "/ledger?place=%00",
        "/ledger?%00=x",
        "/flows.csv?place=glod%00brook",
        "/rounds/%00",
        "/places/glod%00brook",
        "/static/%00",
    ],
)
def test_an_address_with_a_nul_in_it_is_refused(on_either: Flask, address: str) -> None:
    assert on_either.test_client().get(address).status_code == 400


@pytest.mark.parametrize("form", [{"person": "\0"}, {"person": "p-amara", "next\0": "/"}])
def test_a_form_with_a_nul_in_it_is_refused(on_either: Flask, form: dict[str, str]) -> None:
    assert on_either.test_client().post("/sign-in", data=form).status_code == 400


def test_nobody_frames_a_page_in_an_old_browser_either(on_either: Flask) -> None:
    assert on_either.test_client().get("/nowhere").headers["X-Frame-Options"] == "DENY"


def test_a_program_that_sends_bytes_as_if_they_were_a_form_is_still_read(on_either: Flask) -> None:
    """curl's --data-binary says so of everything, a cosignature among it; whoever looks for a NUL first leaves it whole."""

    @on_either.post("/echo")
    @anyone
    @takes_bytes
    def echo() -> Response:
        return Response(request.get_data(), mimetype="text/plain")

    kind = "application/x-www-form-urlencoded"
    assert on_either.test_client().post("/echo", data=b"a note\n\n=signed", content_type=kind).data == b"a note\n\n=signed"
