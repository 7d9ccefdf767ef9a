"""A form during which something breaks, at whichever statement, leaves nothing half done; sent again it is done once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from app.access import declared
from tests.databases import SqliteFiles
from tests.pages.conftest import client_of, database_of
from tests.people.conftest import over
from tests.people.filled import filled
from tests.people.test_extra_fields import FORMS
from tests.people.test_matrix import ask
from tests.security.everywhere import addresses, dump, some

_MOST = 200  # statements that one form may take


class Broken(RuntimeError):
    """What nobody foresaw."""


@contextmanager
def breaking_at(site: Flask, number: int) -> Iterator[Callable[[], bool]]:
    """The statement of that number, counted from 1, breaks, and so does every one after it, as what failed in company is tried
    once more alone. Says afterwards whether it was reached.
    """
    engine, reached = database_of(site).writer, [0]

    def count(_connection: object, _cursor: object, _statement: str, *_rest: object) -> None:
        reached[0] += 1
        if reached[0] >= number:
            raise Broken

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield lambda: reached[0] >= number
    finally:
        event.remove(engine, "before_cursor_execute", count)


@pytest.mark.parametrize("endpoint", FORMS)
def test_whatever_breaks_nothing_is_half_done(two_authorities: str, sqlite_files: SqliteFiles, endpoint: str) -> None:
    with over(two_authorities, sqlite_files) as site:
        form = filled(site)[endpoint]
        client = client_of(site, form.person)
        sent = client.page(form.address).form(form.address)
        values = {**sent.values, **form.values}
        before, number = dump(site), 0
        while number < _MOST:
            number += 1
            with breaking_at(site, number) as reached:
                answer = client.post(sent.action, data=values)
            if not reached():
                break
            assert answer.status_code == 500
            assert "Traceback" not in answer.text
            assert "Broken" not in answer.text
            assert dump(site) == before, number
        assert 1 < number < _MOST
        assert answer.status_code == 302
        assert dump(site) != before
        rows = {table: len(held) for table, held in dump(site).items()}
        assert client.post(sent.action, data=values).status_code == 302  # sent once more, nothing is there twice
        assert {table: len(held) for table, held in dump(site).items()} == rows


def test_the_statements_that_the_driver_is_given_directly_are_counted_too(
    two_authorities: str, sqlite_files: SqliteFiles
) -> None:
    """Entries are written in the driver's own words: a table that refuses them breaks off the whole form."""
    with over(two_authorities, sqlite_files) as site:
        form = filled(site)["authority.new_devolution"]
        client = client_of(site, form.person)
        sent = client.page(form.address).form(form.address)
        before = dump(site)
        path = str(database_of(site).url.database)
        for table in ("entry", "transfer", "flow", "total"):
            with sqlite3.connect(path) as direct:
                direct.execute(f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'broken'); END")
            answer = client.post(sent.action, data={**sent.values, **form.values})
            assert answer.status_code >= 400, table
            with sqlite3.connect(path) as direct:
                direct.execute("DROP TRIGGER broken")
            direct.close()
            assert dump(site) == before, table
        assert client.post(sent.action, data={**sent.values, **form.values}).status_code == 302


def test_whatever_breaks_in_a_view_is_answered_with_one_sentence_and_nothing_more(
    site: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every view of the site falls, also where the environment asks for a debugger."""
    monkeypatch.setenv("FLASK_DEBUG", "1")
    people, paths = list(some(site)), [(method, path) for method in ("GET", "POST") for path in addresses(site, method)]
    site.config["WTF_CSRF_ENABLED"] = False
    for endpoint, view in list(site.view_functions.items()):
        if not endpoint.startswith("static"):

            def falls(**_parts: object) -> str:
                raise Broken

            falls._declared = declared(view)  # type: ignore[attr-defined]  # as the view itself had declared it
            site.view_functions[endpoint] = falls
    before, fell = dump(site), 0
    for who, client in people:
        for method, path in paths:
            answer = ask(client, path, method)
            if answer.status_code == 500:
                fell += 1
                said = answer.get_data(as_text=True)
                assert "The fault is ours" in said, (who, path)
                assert not any(word in said for word in ("Traceback", "Broken", ".py", "werkzeug")), (who, path)
            else:
                assert answer.status_code in {302, 304, 400, 403, 404, 409, 200}, (who, path)
                assert answer.status_code != 200 or "static" in path, (who, path)
    assert fell > 100
    assert dump(site) == before
