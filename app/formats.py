"""How numbers, dates and kinds read on a page."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from babel.dates import format_date, format_datetime

from app.scores import score_words
from ledger.money import TIME, format_amount, format_minutes, format_money
from ledger.rounds.ideas import THEMES

if TYPE_CHECKING:
    from flask import Flask

_LOCALE = "en_GB"


def day(value: date) -> str:
    """4 March 2026."""
    return format_date(value, "d MMMM yyyy", locale=_LOCALE)


def moment(value: datetime) -> str:
    """4 March 2026 at 10:30 (UTC)."""
    return format_datetime(value, "d MMMM yyyy 'at' HH:mm '(UTC)'", locale=_LOCALE)


def resource_name(resource: str) -> str:
    """“Staff time”, or “Money (GBP)”."""
    return "Staff time" if resource == TIME else f"Money ({resource})"


def count_of(number: int, one: str, many: str | None = None) -> str:
    """“1 vote”, “1,245 votes”."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def register(app: "Flask") -> None:
    """Make the formats filters of every template."""
    app.jinja_env.filters.update(
        {
            "money": format_money,
            "hours": format_minutes,
            "amount": format_amount,
            "day": day,
            "moment": moment,
            "resource_name": resource_name,
        }
    )
    app.jinja_env.globals.update({"count_of": count_of, "score_words": score_words, "themes": THEMES})
