"""The evidence pack of a partnership as of a tree size: a page, and its exact bytes."""

import json

from flask import Blueprint, Response, render_template

from app.access import anyone
from app.store import reading
from ledger.entries import tree_size
from ledger.errors import NotFound
from ledger.kinds.evidence import Evidence
from ledger.places import partnership
from ledger.powers import founding_payload
from ledger.renewing import evidence_at
from ledger.words import decisions_of

blueprint = Blueprint("evidence", __name__, url_prefix="/places")


@blueprint.get("/<slug>/evidence/<int(max=2147483647):size>")
@anyone
def page(slug: str, size: int) -> str:
    """What was decided, spent, learned and promised there, up to the entry before `size`. Raises NotFound."""
    written, evidence = _pack(slug, size)
    session, row = reading(), partnership(reading(), slug)
    said = json.loads(written)
    return render_template(
        "public/evidence.html",
        place=row,
        pack=said,
        evidence=evidence,
        currency=founding_payload(session, row.authority).currency,
        decisions=decisions_of(session, [line["entry"] for line in said["decided"]]),
    )


@blueprint.get("/<slug>/evidence/<int(max=2147483647):size>.json")
@anyone
def exact(slug: str, size: int) -> Response:
    """The same as canonical JSON: the SHA-256 of these bytes is what a renewal holds. Raises NotFound."""
    written, _ = _pack(slug, size)
    return Response(written, content_type="application/json")


def _pack(slug: str, size: int) -> tuple[bytes, Evidence]:
    session = reading()
    partnership(session, slug)
    if not 0 < size <= tree_size(session):
        raise NotFound(what="evidence pack", name=size)
    return evidence_at(session, slug, tree_size=size)
