"""The pictures of places. Each was drawn by us; its address names what is in it, so it may be kept for a year."""

from flask import Blueprint, Response, abort

from app.access import anyone
from app.answers import kept_for
from app.store import reading
from ledger.pictures import picture_of

blueprint = Blueprint("pictures", __name__)

_A_YEAR = "public, max-age=31536000, immutable"


@blueprint.get("/places/<slug>/picture/<name>.jpg")
@anyone
def picture(slug: str, name: str) -> Response:
    """The picture of a place. Opened by itself it is a file to download, under a name of ours."""
    found = picture_of(reading(), slug)
    if found is None or found.name != name:
        abort(404)
    return kept_for(Response(found.jpeg, content_type="image/jpeg"), _A_YEAR, name=f"{slug}.jpg")
