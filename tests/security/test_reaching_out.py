"""Nothing that a person types is fetched: a server that stands by on this machine hears nothing."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.people.test_matrix import ask
from tests.security.everywhere import ENDING, addresses, every_field, some


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """The address of a server that notes what it is asked for."""
    heard: list[str] = []

    class Canary(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        do_POST = do_HEAD = do_GET  # noqa: N815 - as above

        def log_message(self, *_words: object) -> None:
            """It says nothing itself."""

    server = HTTPServer(("127.0.0.1", 0), Canary)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_canary_hears_who_asks(canary: tuple[str, list[str]]) -> None:
    address, heard = canary
    with urlopen(f"{address}/it-hears"):  # noqa: S310 - this machine's own
        pass
    assert heard == ["/it-hears"]


def test_no_address_that_somebody_types_is_asked_for_anything(site: Flask, canary: tuple[str, list[str]]) -> None:
    """In every field of every form, in every filter, and in the headers that name an address."""
    address, heard = canary
    fields = dict.fromkeys(every_field(), f"{address}/typed")
    headers = dict.fromkeys(("Referer", "Origin", "X-Forwarded-Host", "Forwarded", "X-Original-URL"), f"{address}/header")
    for _, client in some(site):
        site.config["WTF_CSRF_ENABLED"] = False
        for path in addresses(site, "GET"):
            FlaskClient.open(client, path.partition("?")[0], query_string=fields, headers=headers)
        for path in addresses(site, "POST"):
            if path not in ENDING:
                FlaskClient.open(client, path, method="POST", data=fields, headers=headers)
                FlaskClient.open(client, path, method="POST", json=fields, headers=headers)
        ask(client, f"/sign-in?next={quote(address)}", "GET")
        site.config["WTF_CSRF_ENABLED"] = True
    assert heard == []
