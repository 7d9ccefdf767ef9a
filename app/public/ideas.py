"""What everybody reads of an idea: its own page while it is not on a ballot, and its pictures."""

from flask import Blueprint, Response, abort, render_template

from app.access import allowed, anyone
from app.acting import acting, today
from app.answers import kept_for
from app.permissions import Thing
from app.store import reading
from ledger.errors import NotFound
from ledger.places import Partnership
from ledger.rounds.idea_reading import IdeaView, idea_view
from ledger.rounds.ideas import Idea, Photo
from ledger.rounds.proposals import Round
from ledger.rounds.reading import stage_now

blueprint = Blueprint("ideas", __name__)

_A_YEAR = "public, max-age=31536000, immutable"


def shared_idea(ref: str) -> IdeaView | None:
    """The idea, once everybody may read it; none where there is none, or a draft, so that nobody learns of drafts."""
    found = reading().get(Idea, ref)
    return idea_view(reading(), ref, today=today()) if found is not None and found.shared is not None else None


def idea_page(ref: str) -> str:
    """The page of an idea that is on no ballot. Raises NotFound."""
    view = shared_idea(ref)
    if view is None:
        raise NotFound(what="proposal", name=ref)
    return render_template("public/idea.html", idea=view, may_declare=may_declare(view.row, view.place))


def may_declare(row: Round, place: Partnership) -> bool:
    """Whether whoever is here could declare an interest in what stands in this round."""
    if acting() is None:
        return False
    stage = stage_now(reading(), row, today=today())
    return allowed("declare an interest", Thing(authority=place.authority, place=place.slug, state=stage))


@blueprint.get("/proposals/<ref>/pictures/<name>.jpg")
@anyone
def photo(ref: str, name: str) -> Response:
    """A picture of an idea that everybody may read. Opened by itself it is a file to download, under a name of ours."""
    found = reading().get(Photo, (ref, name))
    if found is None or shared_idea(ref) is None:
        abort(404)
    return kept_for(Response(found.jpeg, content_type="image/jpeg"), _A_YEAR, name=f"{ref}.jpg")
