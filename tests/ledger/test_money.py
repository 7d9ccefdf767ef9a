"""Money in whole pence, time in whole minutes: read exactly or refused, and no penny lost."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.money import (
    LARGEST,
    TIME,
    decimals,
    format_amount,
    format_minutes,
    format_money,
    is_resource,
    parse_hours,
    parse_money,
    split,
    to_minor,
)


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        (1_240_000, "GBP", "£12,400"),
        (1_250, "GBP", "£12.50"),
        (-100, "GBP", "−£1"),
        (131_064_110, "PLN", "PLN\u00a01,310,641.10"),
        (5, "JPY", "JP¥5"),
        (0, "GBP", "£0"),
    ],
)
def test_money_reads_as_people_write_it(amount: int, currency: str, words: str) -> None:
    assert format_money(amount, currency) == words == format_amount(amount, currency)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(18_600, "310 hours"), (90, "1 hour 30 minutes"), (1, "1 minute"), (0, "0 hours"), (-90, "−1 hour 30 minutes")],
)
def test_time_reads_as_people_say_it(minutes: int, words: str) -> None:
    assert format_minutes(minutes) == words == format_amount(minutes, TIME)


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("£1,250.50", 125_050), ("1250", 125_000), (" 0.05 ", 5), ("GBP 7", 700), ("1,000,000", 100_000_000), ("10.5", 1_050)],
)
def test_amounts_are_read_exactly(typed: str, pence: int) -> None:
    assert parse_money(typed, "GBP") == pence


@pytest.mark.parametrize("typed", ["NaN", "1e9", "10.005", "-5", "", "1,25", "£", "٣", "1_000", "Infinity", "9" * 20])
def test_what_is_no_amount_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^Enter .*\.$"):
        parse_money(typed, "GBP")


@pytest.mark.parametrize(("typed", "minutes"), [("7.5", 450), ("7:30", 450), ("7 hours", 420), ("1 hour", 60), ("0.25h", 15)])
def test_hours_are_read_exactly(typed: str, minutes: int) -> None:
    assert parse_hours(typed) == minutes


@pytest.mark.parametrize("typed", ["7:60", "half", "1.001", "-1", "1e3", "", "9" * 20])
def test_what_is_no_time_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"^Enter .*\.$"):
        parse_hours(typed)


@given(st.integers(0, LARGEST))
def test_what_is_written_is_read_back(pence: int) -> None:
    assert parse_money(format_money(pence, "GBP"), "GBP") == pence


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1_000), min_size=1, max_size=12).filter(any))
def test_a_split_loses_no_penny_and_favours_nobody_by_more_than_one(amount: int, weights: list[int]) -> None:
    shares = split(amount, weights)
    assert sum(shares) == amount
    assert all(0 <= share - amount * weight // sum(weights) <= 1 for share, weight in zip(shares, weights, strict=True))


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [0, 0]), (1, [2, -1])])
def test_shares_that_make_no_sense_are_refused(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="Shares must"):
        split(amount, weights)


def test_only_listed_currencies_and_time_are_resources() -> None:
    assert [is_resource(code) for code in ("GBP", "HUF", TIME, "XYZ", "gbp", "POUND")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(ValueError, match="is not a currency"):
        decimals("XYZ")


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    assert to_minor(Decimal("10.50"), "GBP") == 1_050
    with pytest.raises(ValueError, match="more decimals"):
        to_minor(Decimal("10.005"), "GBP")
    with pytest.raises(ValueError, match="more than the ledger can hold"):
        to_minor(Decimal(10) ** 15, "GBP")
