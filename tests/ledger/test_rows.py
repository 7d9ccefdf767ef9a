"""Columns sent to PostgreSQL as one text each arrive as they were, whatever somebody typed."""

from collections.abc import Iterator, Sequence

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from ledger.rows import _array
from tests.postgres import PostgresServer

Connection = psycopg.Connection[tuple[Sequence[object]]]

# What an array's own spelling uses, and words that it would read as something else.
ODD = st.sampled_from(['"', "\\", "{", "}", ",", " ", "NULL", "null", "", "\\x00", "'", "\n", "–", "😀", "%s"])
TEXTS = st.lists(st.one_of(ODD, st.lists(ODD).map("".join), st.text(st.characters(exclude_characters="\0", codec="utf-8"))))


@pytest.fixture(scope="module")
def connection(postgres_server: PostgresServer) -> Iterator[Connection]:
    url = make_url(postgres_server.empty())
    with psycopg.connect(
        host=str(url.query["host"]), port=str(url.query["port"]), user=url.username, dbname=url.database
    ) as opened:
        yield opened


def arrived(connection: Connection, values: Sequence[object], kind: str) -> object:
    row = connection.execute(f"SELECT %s::{kind}[]", [_array(values)]).fetchone()
    assert row is not None
    return row[0]


@given(values=st.one_of(TEXTS, st.lists(st.one_of(st.none(), ODD))))
def test_texts_arrive_as_they_were(connection: Connection, values: list[str | None]) -> None:
    assert arrived(connection, values, "text") == values


@given(values=st.lists(st.one_of(st.none(), st.binary(max_size=60))))
def test_bytes_arrive_as_they_were(connection: Connection, values: list[bytes | None]) -> None:
    assert arrived(connection, values, "bytea") == values


@given(values=st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_whole_numbers_arrive_as_they_were(connection: Connection, values: list[int | None]) -> None:
    assert arrived(connection, values, "bigint") == values
