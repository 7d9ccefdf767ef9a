"""A small site with the holes that the scanners have to find: one that finds nothing here would find nothing anywhere."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from flask import Flask, request
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.attack.described import Operation

NAMES = ("Amara", "Dilys", "Femi")
_PAGE = "<!doctype html><html lang=en><title>Holes</title><h1>Holes</h1>{}</html>"
OPERATIONS = [
    Operation("/people", "GET", {}, frozenset(), query={"name"}, open_to={"a visitor": {}}),
    Operation("/greeting", "GET", {}, frozenset(), query={"name"}, open_to={"a visitor": {}}),
    Operation("/half", "GET", {}, frozenset(), query={"page"}, open_to={"a visitor": {}}),
]

# What each scanner has to find, in its own words.
FOUND_BY = {
    "wapiti": ["SQL Injection", "Reflected Cross Site Scripting", "Internal Server Error"],
    "sqlmap": ["SQL injection at GET /people"],
    "schemathesis": ["GET /half", "Server error", "Missing required response headers"],
}


class _Silent(WSGIRequestHandler):
    """What is asked here is in the scanners' own logs."""

    def log(self, kind: str, message: str, *rest: object) -> None:
        """Nothing."""


def holes() -> Flask:
    """Its pages: a search that is put together from text, a greeting that nobody escapes, a number that is believed."""
    site = Flask("holes")
    site.logger.disabled = True

    @site.get("/")
    def home() -> str:
        links = [f"<a href='{one.path}?{next(iter(one.query))}=1'>{one.path}</a>" for one in OPERATIONS]
        return _PAGE.format(" ".join(links))

    @site.get("/people")
    def people() -> str:
        with sqlite3.connect(":memory:") as database:
            database.execute("CREATE TABLE person (name TEXT)")
            database.executemany("INSERT INTO person VALUES (?)", [(name,) for name in NAMES])
            try:
                found = database.execute(f"SELECT name FROM person WHERE name <> '{request.args.get('name', '')}'").fetchall()
            except sqlite3.Error as fault:
                return _PAGE.format(f"sqlite3.OperationalError: {fault}")
        return _PAGE.format(" ".join(name for (name,) in found))

    @site.get("/greeting")
    def greeting() -> str:
        return _PAGE.format(f"<p>Hello {request.args.get('name', '')}</p>")

    @site.get("/half")
    def half() -> str:
        return _PAGE.format(int(request.args.get("page", "2")) // 2)

    return site


@contextmanager
def served_holes() -> Iterator[str]:
    """Its address, for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, holes(), threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
