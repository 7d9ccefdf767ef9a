"""How votes are counted: each rule with a worked example, and a count that a visitor tries on an election of their choice.

Trying records nothing: the file is read, counted and forgotten.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from time import monotonic

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovFileInput, GovSelect
from wtforms import FileField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs

from app.access import anyone
from app.acting import today
from app.explaining import Explained, Words, explained
from app.public.lessons import ALDER_LANE, CHOICES, LESSONS, NAMES, worked
from app.security import takes_files
from app.store import reading
from ledger.errors import Invalid, LedgerError
from ledger.money import decimals, format_money
from ledger.pabulib import PabulibFile, read
from ledger.rounds.counting import election_of, lot_of
from ledger.rounds.reading import RoundView, counted_rounds, round_view
from ledger.tally import Election, Rule, count
from ledger.tally.explaining import beside
from ledger.tally.profile import plain_amount

blueprint = Blueprint("counting", __name__)

_LARGEST = 3_000_000  # bytes of a file
_FORM = 100_000  # bytes of a form beside its file
_MOST_PROJECTS = 300
_SECONDS = 12
_at_once = BoundedSemaphore(1)  # a count is all work: one at a time, so that a page never waits for many
_MOST_ROUNDS = 30


class TooMuchToTry(Invalid):
    """This election is too large to try here: {problem}. Count it with “commonpurse tally” on your own computer; nothing was
    kept.
    """


class TooManyTrying(LedgerError):
    """Others are trying a count just now. Try again in a minute; nothing was kept."""


class TryForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF publishes no types
    """Which election is counted, and by which rule."""

    round = SelectField("A round counted here", widget=GovSelect(), description="Or choose a file below.")
    file = FileField(
        "Or an election file of your own",
        widget=GovFileInput(),
        description="In the Pabulib format (.pb), at most 3 MB. It is counted and forgotten: nothing of it is kept.",
    )
    rule = SelectField(
        "The rule to count by", widget=GovSelect(), choices=[SelectChoice(key, label) for key, label, _ in CHOICES]
    )


@blueprint.get("/how-we-count")
@anyone
def how() -> str:
    """Each rule in prose, with the same small election counted by it, and the form to try one."""
    return _page(_form())


@blueprint.post("/how-we-count")
@anyone
@takes_files(_LARGEST + _FORM)
def tried() -> ResponseReturnValue:
    """Count the chosen election by the chosen rule, and say what greedy and equal shares do with it."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    bytes_sent = _sent()
    if not bytes_sent and not form.round.data:
        form.round.errors = [*form.round.errors, "Choose a round or a file to count. Nothing was counted."]
        return _page(form), 422
    try:
        title, election, words = _of_file(bytes_sent) if bytes_sent else _of_round(str(form.round.data))
        label, rule = {key: (label, rule) for key, label, rule in CHOICES}[str(form.rule.data)]
        result = _counted(election, rule, words)
    except LedgerError as fault:
        field = form.file if bytes_sent else form.round
        field.errors = [*field.errors, fault.sentence]
        return _page(form), 422
    return render_template("public/tried.html", title=title, count=result, rule=label)


def _sent() -> bytes:
    sent = request.files.get("file")
    if sent is None:
        return b""
    with closing(sent.stream) as stream:
        return bytes(stream.read(_LARGEST + 1))


def _form() -> TryForm:
    form = TryForm()
    rounds = counted_rounds(reading(), most=_MOST_ROUNDS)
    form.round.choices = [SelectChoice("", "None"), *(SelectChoice(row.ref, row.title) for row in rounds)]
    return form


def _page(form: TryForm) -> str:
    lessons = {lesson.id: {"lesson": lesson, "result": worked(lesson.rule)} for lesson in LESSONS}
    return render_template("public/how_we_count.html", lessons=lessons, names=NAMES, election=ALDER_LANE, form=form)


def _of_file(sent: bytes) -> tuple[str, Election, Words]:
    if len(sent) > _LARGEST:
        raise TooMuchToTry(problem="the file is larger than 3 MB")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "your-file.pb"
        path.write_bytes(sent)
        file = read(path)
    if len(file.projects) > _MOST_PROJECTS:
        raise TooMuchToTry(problem=f"it has more than {_MOST_PROJECTS} proposals")
    show = plain_amount(file.parts)
    words = Words({p.id: p.name or p.id for p in file.projects}, show, file.parts, file.currency)
    return _title(file), file.election(), words


def _title(file: PabulibFile) -> str:
    return file.description or "Your file"


def _of_round(ref: str) -> tuple[str, Election, Words]:
    view = round_view(reading(), ref, today=today())
    lot = lot_of(view.result) if view.result is not None else ""
    return view.row.title, election_of(reading(), view.row, lot=lot), words_of(view)


def words_of(view: RoundView) -> Words:
    """How a round of the ledger reads."""
    return Words(
        names={line.proposal.code: line.proposal.title for line in view.lines},
        show=lambda amount: format_money(round(amount), view.currency),
        unit=10 ** decimals(view.currency),
        currency=view.currency,
    )


def _counted(election: Election, rule: Rule, words: Words) -> Explained:
    if not _at_once.acquire(timeout=_SECONDS / 2):
        raise TooManyTrying
    try:
        beat = _patience()
        result = count(election, rule, words.show, beat=beat)
        return explained(result, beside(election, result, beat=beat), words)
    finally:
        _at_once.release()


def _patience() -> Callable[[], None]:
    ends = monotonic() + _SECONDS

    def beat() -> None:
        if monotonic() > ends:
            raise TooMuchToTry(problem=f"the count takes longer than {_SECONDS} seconds")

    return beat
