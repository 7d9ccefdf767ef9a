"""Tables of the site as CSV files to download."""

import re
from collections.abc import Iterable, Sequence

from flask import Response

from ledger.exports.table import csv_text
from ledger.flows import Overview
from ledger.money import in_units

_LONGEST_NAME = 100  # characters


def csv_response(rows: Iterable[Sequence[object]], *, name: str) -> Response:
    """A CSV file to download: UTF-8, commas, one header line. What an address put into `name` stays inside the file's name."""
    response = Response(csv_text(rows), mimetype="text/csv")
    plain = re.sub(r"[^A-Za-z0-9-]+", "-", name)[:_LONGEST_NAME]
    response.headers["Content-Disposition"] = f'attachment; filename="{plain}.csv"'
    return response


def flow_rows(view: Overview) -> Iterable[Sequence[object]]:
    """The flows of an overview: from, to, amount (in currency units, or in minutes)."""
    yield ("from", "from_kind", "to", "to_kind", "to_reference", "resource", "amount")
    for link in view.links:
        yield (
            link.source.name, link.source.sort, link.target.name, link.target.sort, link.target.key, view.resource,
            in_units(link.amount, view.resource),
        )  # fmt: skip
