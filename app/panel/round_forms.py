"""A round as its chair announces it, and its rules before they are frozen."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from govuk_frontend_wtf.wtforms_widgets import GovRadioInput, GovTextArea, GovTextInput
from wtforms import IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the published stubs
from wtforms.validators import Length, NumberRange, Optional, ValidationError

from app.acting import today
from app.forms import FOR_EVER, NO_NAMES, DayField, HoursField, MoneyField, RecordedForm, Typed
from ledger.kinds.deciding import Electorate
from ledger.kinds.payload import RoundNotReady
from ledger.kinds.round_rules import Calendar, Cap
from ledger.money import format_money, parse_money
from ledger.rounds.ideas import THEMES

_NOTHING = "Nothing was recorded."
_LINE = re.compile(r"(theme|district) ([a-z0-9][a-z0-9-]{0,79}) (?:at most (\S+)|at least ([1-9]\d?|100) ?%)")


class _Said(NamedTuple):
    """A day of the calendar; `usual` is how many days from today it is unless the chair says otherwise."""

    day: str
    label: str
    usual: int


_DAYS = (
    _Said("ideas_on", "First day on which ideas are gathered", 0),
    _Said("shaping_on", "First day on which they are shaped", 28),
    _Said("deliberation_on", "First day of deliberation", 49),
    _Said("opens_on", "First day of voting", 56),
    _Said("closes_on", "Last day of voting", 77),
    _Said("counted_by", "Day by which it is counted", 80),
    _Said("ratified_by", "Day by which it is ratified", 94),
    _Said("delivering_on", "First day of delivery", 95),
    _Said("reflected_on", "Day on which the panel reflects on it", 275),
    _Said("closed_on", "Day on which it closes", 305),
)


def _day(said: _Said) -> DayField:
    return DayField(
        said.label,
        default=lambda: today() + timedelta(days=said.usual),
        validators=[Typed(f"{said.label}: enter a day, month and year. {_NOTHING}")],
    )


class AnnounceForm(RecordedForm):
    """What is shared out, who votes, and the day of each stage."""

    title = StringField(
        "Name of the round",
        widget=GovTextInput(),
        description=FOR_EVER,
        validators=[
            Typed(f"Give the round a name. {_NOTHING}"),
            Length(max=300, message=f"Use at most 300 characters. {_NOTHING}"),
        ],
    )
    summary = TextAreaField(
        "What it is for",
        widget=GovTextArea(),
        description=NO_NAMES,
        validators=[
            Typed(f"Say in a sentence what it is for. {_NOTHING}"),
            Length(max=2000, message=f"Use at most 2,000 characters. {_NOTHING}"),
        ],
    )
    joint = StringField(
        "Joint round with other places",
        widget=GovTextInput(),
        description=f"Leave empty for a round of this place alone. Else the name that all of them write here. {FOR_EVER}",
        filters=[lambda typed: " ".join((typed or "").split())],
        validators=[Length(max=60, message=f"Use at most 60 characters. {_NOTHING}")],
    )
    money = MoneyField("Money to share out", description="For example: £25,000. Leave empty for none.")
    hours = HoursField("Staff time to share out, in hours", description="For example: 300. Leave empty for none.")
    electorate = RadioField(
        "Who votes",
        widget=GovRadioInput(),
        choices=[
            SelectChoice(Electorate.PANEL.value, "The members of the panel"),
            SelectChoice(Electorate.RESIDENTS.value, "Residents, by a code in a letter"),
            SelectChoice(Electorate.BOTH.value, "Both, in one ballot box: each has one code, and each ballot counts the same"),
        ],
        validators=[Typed(f"Choose who votes. {_NOTHING}")],
    )
    ideas_on, shaping_on, deliberation_on, opens_on, closes_on = (_day(said) for said in _DAYS[:5])
    counted_by, ratified_by, delivering_on, reflected_on, closed_on = (_day(said) for said in _DAYS[5:])

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """In the authority's currency."""
        super().__init__(*args, **options)
        self.money.currency = currency

    def validate_money(self, field: MoneyField) -> None:
        """Something is shared out."""
        if not field.errors and not field.data and not self.hours.data and not self.hours.typed:
            raise ValidationError(f"Enter an amount of money, of hours, or both. {_NOTHING}")

    def validate_closed_on(self, _field: DayField) -> None:
        """The stages follow each other."""
        opens_on, closes_on = self.opens_on.data, self.closes_on.data
        if opens_on is not None and closes_on is not None and all(self[said.day].data for said in _DAYS):
            try:
                self.calendar().check(opens_on, closes_on)
            except RoundNotReady as fault:
                raise ValidationError(fault.sentence) from fault

    def calendar(self) -> Calendar:
        """The days that were typed."""
        return Calendar.model_validate(
            {said.day: self[said.day].data for said in _DAYS if said.day not in {"opens_on", "closes_on"}}
        )


class RulesForm(RecordedForm):
    """What a chair chooses; everything else follows from the terms of reference."""

    most_choices = IntegerField(
        "The most proposals that one ballot may name",
        widget=GovTextInput(),
        description="Enter 0 for no limit.",
        validators=[Optional(), NumberRange(min=0, max=1_000, message=f"Enter a number from 0 to 1,000. {_NOTHING}")],
    )
    limits = TextAreaField(
        "Limits, one on each line",
        widget=GovTextArea(),
        description=(
            "For example: “theme parks at most £5,000” or “theme youth at least 20 %”. "
            f"Themes are {', '.join(THEMES)}. Leave empty for none."
        ),
        validators=[Length(max=2000, message=f"Use at most 2,000 characters. {_NOTHING}")],
    )

    def __init__(self, currency: str, *args: Any, **options: Any) -> None:  # noqa: ANN401 - WTForms' own options
        """In the authority's currency."""
        super().__init__(*args, **options)
        self.currency = currency

    def validate_limits(self, _field: TextAreaField) -> None:
        """Each line says one limit."""
        try:
            list(self.caps())
        except ValueError as fault:
            raise ValidationError(f"{fault} {_NOTHING}") from fault

    def caps(self) -> Iterator[Cap]:
        """The limits that were typed. Raises ValueError with the sentence that stands beside the field."""
        for number, line in enumerate(filter(None, map(str.strip, (self.limits.data or "").splitlines())), start=1):
            found = _LINE.fullmatch(" ".join(line.split()))
            if found is None:
                raise ValueError(f"Line {number} reads as no limit. Write it as in the example.")
            on, name, most, least = found.groups()
            amount = parse_money(most, self.currency) if most else None
            yield Cap.model_validate(
                {"on": on, "name": name, "at_most": amount or None, "at_least_percent": int(least) if least else None}
            )

    def show(self, caps: tuple[Cap, ...]) -> None:
        """Write the limits as somebody would type them."""
        self.limits.data = "\n".join(
            f"{cap.on} {cap.name} "
            + (f"at most {format_money(cap.at_most, self.currency)}" if cap.at_most else f"at least {cap.at_least_percent} %")
            for cap in caps
        )


class FreezeForm(RecordedForm):
    """Freezing has nothing to fill in: it is the chair's decision to make."""
