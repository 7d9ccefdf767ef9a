"""The chair shows what their place looks like."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovTextInput
from wtforms import FileField, StringField
from wtforms.validators import DataRequired, Length

from app.access import found, may
from app.forms import NO_NAMES
from app.security import takes_files
from app.store import reading, unit_of_work
from app.things import the_place
from app.uploads import LARGEST, NotAPicture, draw_anew
from ledger.pictures import picture_of, show, take_down
from ledger.places import Partnership

blueprint = Blueprint("picture", __name__, url_prefix="/panel")

_FORM = 100_000  # bytes of a form beside its file
_KEPT = "The picture that was here before is kept."


class PictureForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """A photo, and what it shows in words."""

    photo = FileField(
        "A photo of the place",
        widget=GovFileInput(),
        description="JPEG, PNG or WebP, at most 6 MB. Show no faces without asking.",
    )
    words = StringField(
        "What the photo shows",
        widget=GovTextInput(),
        description=f"Read out to people who cannot see it. {NO_NAMES}",
        filters=[lambda text: (text or "").strip()],
        validators=[
            DataRequired(f"Say in words what the photo shows. {_KEPT}"),
            Length(max=300, message=f"Use at most 300 characters. {_KEPT}"),
        ],
    )


@blueprint.route("/places/<slug>/picture", methods=["GET", "POST"])
@may("show what a place looks like", on=the_place)
@takes_files(LARGEST + _FORM)
def change(slug: str) -> ResponseReturnValue:
    """Show the place's picture, and take another."""
    place, form = found(Partnership), PictureForm()
    if form.validate_on_submit():
        sent = request.files.get("photo")
        try:
            drawn = draw_anew(sent.stream.read(LARGEST + 1) if sent is not None else b"")
        except NotAPicture as fault:
            form.photo.errors = [*form.photo.errors, fault.sentence]
        else:
            with unit_of_work(appends=False) as unit:
                size = (drawn.width, drawn.height)
                show(unit.session, place=slug, jpeg=drawn.jpeg, size=size, words=str(form.words.data))
                unit.commit()
            return redirect(url_for("public.place", slug=slug))
    status = 422 if form.errors or form.photo.errors else 200
    return render_template("panel/picture.html", place=place, form=form, picture=picture_of(reading(), slug)), status


@blueprint.post("/places/<slug>/picture/remove")
@may("show what a place looks like", on=the_place)
def remove(slug: str) -> ResponseReturnValue:
    """Take the picture down."""
    with unit_of_work(appends=False) as unit:
        take_down(unit.session, slug)
        unit.commit()
    return redirect(url_for("public.place", slug=slug))
