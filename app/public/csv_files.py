"""Tables as CSV files. A cell that a spreadsheet would run as a formula is made plain text."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from flask import Response

from ledger.flows import Overview
from ledger.money import TIME, decimals

_RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(value: object) -> object:
    """Text that begins like a formula gets an apostrophe before it; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_RUN_BY_SPREADSHEETS) else value


def csv_response(rows: Iterable[Sequence[object]], *, name: str) -> Response:
    """A CSV file to download: UTF-8, commas, one header line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    response = Response(text.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def flow_rows(view: Overview) -> Iterable[Sequence[object]]:
    """The flows of an overview: from, to, amount (in currency units, or in minutes)."""
    yield ("from", "from_kind", "to", "to_kind", "to_reference", "resource", "amount")
    for link in view.links:
        amount: object = link.amount
        if view.resource != TIME:
            amount = Decimal(link.amount).scaleb(-decimals(view.resource))
        yield (
            link.source.name, link.source.sort, link.target.name, link.target.sort, link.target.key, view.resource, amount,
        )  # fmt: skip
