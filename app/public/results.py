"""A counted round as files to take away: its election with every ballot, and its result."""

import json

from flask import Blueprint, Response

from app.access import anyone
from app.acting import today
from app.public.csv_files import csv_response
from app.store import reading
from ledger.pabulib import written
from ledger.rounds.publication import Published, election_file, published, result_document, result_rows
from ledger.rounds.reading import round_view

blueprint = Blueprint("results", __name__, url_prefix="/rounds")


@blueprint.get("/<ref>/election.pb")
@anyone
def election(ref: str) -> Response:
    """Proposals and ballots in the Pabulib format: `commonpurse tally` and other people's programs count it again.

    Raises NotFound, NotCountedYet.
    """
    text = "".join(written(election_file(reading(), _found(ref))))
    return _file(Response(text, content_type="text/plain; charset=utf-8"), f"{ref}.pb")


@blueprint.get("/<ref>/result.json")
@anyone
def result(ref: str) -> Response:
    """The result and the reason for every proposal. Raises NotFound, NotCountedYet."""
    text = json.dumps(result_document(_found(ref)), ensure_ascii=False, indent=2) + "\n"
    return _file(Response(text, content_type="application/json"), f"{ref}-result.json")


@blueprint.get("/<ref>/result.csv")
@anyone
def table(ref: str) -> Response:
    """The same as a table. Raises NotFound, NotCountedYet."""
    return csv_response(result_rows(_found(ref)), name=f"{ref}-result")


def _found(ref: str) -> Published:
    return published(reading(), round_view(reading(), ref, today=today()))


def _file(answer: Response, name: str) -> Response:
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
