"""Money and hours as people type them; a form that can be sent twice without harm."""

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict
from wtforms import Form, HiddenField, StringField
from wtforms.fields.core import UnboundField

from app.forms import FOR_EVER, NO_NAMES, DayField, HoursField, MoneyField, RecordedForm, Typed
from ledger.money import LARGEST, format_minutes, format_money
from tests.web.inspecting import InspectingClient, Page


class Purse(Form):
    pounds = MoneyField("How much?")
    yen = MoneyField("How much?", currency="JPY")
    hours = HoursField("How long?")


class Diary(Form):
    day = DayField("Which day?", validators=[Typed("Enter the day. Nothing was recorded.")])


def typed(field: str, text: str) -> tuple[int | None, list[str]]:
    """What the field makes of the text: its data, and its sentences."""
    purse = Purse(MultiDict({field: text}))
    purse.validate()
    made = purse[field]
    return (None if made.errors else made.data), list(made.errors)


@pytest.mark.parametrize(
    ("text", "pence"),
    [
        ("1250", 125_000),
        ("£1,250", 125_000),
        ("£ 1,250.5", 125_050),
        ("1250.50", 125_050),
        (" 0.01 ", 1),
        ("GBP 12", 1_200),
        ("0", 0),
    ],
)
def test_money_is_read_as_people_write_it(text: str, pence: int) -> None:
    assert typed("pounds", text) == (pence, [])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("NaN", "Enter an amount in numbers"),
        ("Infinity", "Enter an amount in numbers"),
        ("1e9", "Enter an amount in numbers"),
        ("-five", "Enter an amount in numbers"),
        ("1,25", "Enter an amount in numbers"),
        ("12,50", "Enter an amount in numbers"),
        ("0x10", "Enter an amount in numbers"),
        ("1_000", "Enter an amount in numbers"),
        ("five pounds", "Enter an amount in numbers"),
        ("€5", "Enter an amount in numbers"),
        ("10.005", "no more than 2 numbers after the point"),
        ("9" * 17, "Enter a smaller amount"),
        ("9" * 6000, "Enter a shorter amount"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_sentence(text: str, sentence: str) -> None:
    data, errors = typed("pounds", text)
    assert data is None
    assert len(errors) == 1
    assert sentence in errors[0]
    assert errors[0].endswith(" Nothing was recorded.")


@pytest.mark.parametrize("text", ["-5", "−5", "–5", "-£5", "£-5", "£ −1,250.50", "GBP -5", "-0"])
def test_an_amount_below_zero_has_a_sentence_of_its_own(text: str) -> None:
    sentence = "Enter an amount without a minus: an amount cannot be below zero. Nothing was recorded."
    assert typed("pounds", text) == (None, [sentence])


@pytest.mark.parametrize("text", ["-1", "−7.5", "-7:30", "- 7 hours"])
def test_hours_below_zero_have_a_sentence_of_their_own(text: str) -> None:
    sentence = "Enter hours without a minus: hours cannot be below zero. Nothing was recorded."
    assert typed("hours", text) == (None, [sentence])


def test_a_currency_without_pence_takes_whole_amounts_only() -> None:
    assert typed("yen", "500") == (500, [])
    assert typed("yen", "500.5") == (None, ["Enter a whole amount. Nothing was recorded."])


@pytest.mark.parametrize(
    ("text", "minutes"), [("7.5", 450), ("7:30", 450), ("7 hours", 420), ("1 hour", 60), ("0.25", 15), ("1,000", 60_000)]
)
def test_hours_are_read_as_people_write_them(text: str, minutes: int) -> None:
    assert typed("hours", text) == (minutes, [])


@pytest.mark.parametrize("text", ["7:75", "seven", "-x", "NaN", "1e3", "0.001", "7.5.1", "9" * 100, "1:"])
def test_what_are_no_hours_is_refused_with_a_sentence(text: str) -> None:
    data, errors = typed("hours", text)
    assert data is None
    assert len(errors) == 1
    assert errors[0].startswith("Enter ")
    assert errors[0].endswith(". Nothing was recorded.")


NO_DAY = "Enter a real date as day, month and year, such as 27 3 2027. Nothing was recorded."


@pytest.mark.parametrize(
    "parts",
    [
        ["31", "2", "2027"], ["0", "1", "2027"], ["1", "13", "2027"], ["1", "1", "27"], ["1", "", ""], ["1", "1", ""],
        ["first", "March", "2027"], ["1", "1", "2027", "9"], ["1", "1"], ["1.5", "1", "2027"],
    ],
)  # fmt: skip
def test_what_is_no_day_says_what_to_type_and_that_nothing_was_recorded(parts: list[str]) -> None:
    diary = Diary(MultiDict({"day": parts}))
    assert not diary.validate()
    assert diary.day.errors == [NO_DAY]
    assert [len(diary.day.raw_data or ()), diary.day.data] == [3, None]


@pytest.mark.parametrize("parts", [["27", "3", "2027"], ["27", "03", "2027"], [" 27", "3 ", "2027"]])
def test_a_day_is_read_from_its_three_fields(parts: list[str]) -> None:
    diary = Diary(MultiDict({"day": parts}))
    assert diary.validate()
    assert diary.day.data == date(2027, 3, 27)


def test_nothing_typed_is_no_amount_and_no_error() -> None:
    assert typed("pounds", "") == (None, [])
    assert typed("pounds", "   ") == (None, [])


@given(st.integers(0, LARGEST))
def test_every_amount_reads_back_as_it_was_written(pence: int) -> None:
    assert typed("pounds", format_money(pence, "GBP")) == (pence, [])
    assert typed("pounds", str(Decimal(pence).scaleb(-2))) == (pence, [])


@given(st.integers(0, 10**9))
def test_every_whole_number_of_hours_reads_back_as_it_was_written(hours: int) -> None:
    assert typed("hours", format_minutes(hours * 60)) == (hours * 60, [])
    assert typed("hours", f"{hours}:59") == (hours * 60 + 59, [])


@given(st.text())
def test_whatever_is_typed_gives_whole_pence_or_one_sentence(text: str) -> None:
    for field in ("pounds", "yen", "hours"):
        data, errors = typed(field, text)
        assert len(errors) <= 1
        assert data is None or (isinstance(data, int) and 0 <= data <= LARGEST)
        assert all(sentence.startswith("Enter ") and sentence.endswith(".") for sentence in errors)


def test_a_form_with_errors_says_each_at_its_field_and_above_and_keeps_what_was_typed(
    asked: list[dict[str, object]], client: InspectingClient
) -> None:
    form = client.page("/rehearsal").form()
    page = Page(client.submit(form, amount="ten & more", time="7:75"))
    assert page.title.startswith("Error: Ask for money")
    assert page.errors == [
        "Enter an amount in numbers, such as 1250 or 1250.50. Nothing was recorded.",
        "Enter hours in numbers, such as 7.5 or 7:30. Nothing was recorded.",
        "Choose how you want it.",
    ]
    assert page.form().values["amount"] == ["ten & more"]
    assert page.form().values["idempotency_key"] == form.values["idempotency_key"]
    assert asked == []


def test_each_opening_of_a_form_has_a_key_of_its_own_and_a_double_click_sends_the_same(
    asked: list[dict[str, object]], client: InspectingClient
) -> None:
    first, second = (client.page("/rehearsal").form() for _ in range(2))
    assert first.values["idempotency_key"] != second.values["idempotency_key"]
    for _ in range(2):
        client.submit(first, amount="£12.50", time="1:30", way="card")
    assert asked == [{"amount": 1250, "time": 90, "key": first.values["idempotency_key"][0]}] * 2


def test_a_key_in_another_spelling_is_the_same_key(asked: list[dict[str, object]], client: InspectingClient) -> None:
    form = client.page("/rehearsal").form()
    key = form.values["idempotency_key"][0]
    client.submit(form, way="card", idempotency_key=f"{{{key.upper()}}}")
    assert [ask["key"] for ask in asked] == [key]


@pytest.mark.parametrize("key", ["", "again", "00000000"])
def test_a_key_that_is_not_ours_is_refused(key: str, asked: list[dict[str, object]], client: InspectingClient) -> None:
    page = Page(client.submit(client.page("/rehearsal").form(), way="card", idempotency_key=key))
    assert page.errors == ["This page was not sent whole. Open it again; nothing was recorded."]
    assert asked == []


def test_what_was_typed_is_shown_as_text_whatever_it_is(app: Flask, asked: list[dict[str, object]]) -> None:
    client = app.test_client()
    assert isinstance(client, InspectingClient)
    attack = '"><script>alert(1)</script>'
    page = Page(client.submit(client.page("/rehearsal").form(), amount=attack))
    assert page.form().values["amount"] == [attack]
    assert asked == []


def forms_of(made: type[RecordedForm]) -> set[type[RecordedForm]]:
    """The form and every form that is made from it."""
    return {made}.union(*(forms_of(below) for below in made.__subclasses__()))


# Read by few: who is asked in, and how a resident agreed to an idea. Or no prose at all: limits are read back as numbers.
PRIVATE = {"InvitationForm", "OnBehalfForm", "RulesForm"}
# No prose either: the number of an entry, and organisations that are known by their names.
CHOSEN = {"PrototypeForm.adopted_from", "SharingForm.party_1", "SharingForm.party_2", "SharingForm.party_3"}


def test_every_field_for_words_says_that_everyone_reads_them_and_asks_for_no_names(app: Flask) -> None:
    """What goes into the log stays for ever; what stands beside it is public, though it can be erased."""
    assert app.blueprints
    fields = {
        f"{form.__name__}.{name}": str(field.kwargs.get("description", ""))
        for form in forms_of(RecordedForm) if form.__name__ not in PRIVATE
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and issubclass(field.field_class, StringField)
        and not issubclass(field.field_class, HiddenField)
    }  # fmt: skip
    assert {"DecisionForm.power", "DecisionForm.reasons", "DevolutionForm.title", "DevolutionForm.power"} <= set(fields)
    assert [name for name, hint in fields.items() if name not in CHOSEN and not hint.endswith((FOR_EVER, NO_NAMES))] == []
    assert fields["DecisionForm.power"].endswith(FOR_EVER)
