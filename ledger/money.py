"""Money in integer minor units (pence), staff time in integer minutes, and the words people read for both.

A *resource* is an ISO 4217 currency code or `TIME`. Amounts are always integers of the smallest unit; a float never enters.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol, is_currency

TIME = "TIME"
LARGEST = 2**53 - 1  # the largest integer that every JSON reader keeps exact
MINUTES_IN_AN_HOUR = 60

_LOCALE = "en_GB"
_MONEY = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<part>\d+))?", re.ASCII)
_MINUS = {"-", "−", "–"}  # what keyboards, spreadsheets and phones write for a minus
_CLOCK = re.compile(r"(?P<hours>\d+):(?P<minutes>[0-5]\d)", re.ASCII)


def is_resource(resource: str) -> bool:
    """Whether `resource` is TIME or a currency that ISO 4217 lists."""
    return resource == TIME or (len(resource) == len("GBP") and resource.isupper() and is_currency(resource))


@lru_cache
def decimals(currency: str) -> int:
    """How many decimals the currency's minor unit has: 2 for GBP, 0 for JPY."""
    if not is_resource(currency) or currency == TIME:
        raise ValueError(f"“{currency}” is not a currency code such as GBP.")
    return get_currency_precision(currency)


def to_minor(amount: Decimal, currency: str) -> int:
    """£12.50 → 1250. Raises ValueError with the sentence when the amount has more decimals than the currency."""
    scaled = amount.scaleb(decimals(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{amount} has more decimals than {currency} has.")
    if abs(scaled) > LARGEST:
        raise ValueError(f"{amount} is more than the ledger can hold.")
    return int(scaled)


def in_units(amount: int, resource: str) -> Decimal:
    """1250, GBP → 12.50, with every decimal of the currency; minutes stay minutes."""
    return Decimal(amount) if resource == TIME else Decimal(amount).scaleb(-decimals(resource))


def format_money(amount: int, currency: str) -> str:
    """1240000, GBP → “£12,400”; 1250 → “£12.50”: decimals are shown only when there are any."""
    value = Decimal(abs(amount)).scaleb(-decimals(currency))
    whole = value == value.to_integral_value()
    digits = format_decimal(value, "#,##0" if whole else "#,##0." + "0" * decimals(currency), locale=_LOCALE)
    symbol = get_currency_symbol(currency, locale=_LOCALE)
    gap = "\u00a0" if symbol[-1].isalpha() else ""
    return f"{'−' if amount < 0 else ''}{symbol}{gap}{digits}"


def format_minutes(minutes: int) -> str:
    """18600 → “310 hours”; 90 → “1 hour 30 minutes”; 45 → “45 minutes”."""
    hours, left = divmod(abs(minutes), MINUTES_IN_AN_HOUR)
    words = []
    if hours:
        words.append(f"{format_decimal(hours, locale=_LOCALE)} hour{'s' if hours != 1 else ''}")
    if left or not hours:
        words.append(f"{left} minute{'s' if left != 1 else ''}" if left or not words else "")
    sign = "−" if minutes < 0 else ""
    return sign + (" ".join(words) if minutes else "0 hours")


def format_amount(amount: int, resource: str) -> str:
    """An amount of any resource in words: “£12,400” or “310 hours”."""
    return format_minutes(amount) if resource == TIME else format_money(amount, resource)


def parse_money(text: str, currency: str) -> int:
    """“£1,250.50” → 125050. Raises ValueError with the sentence a form shows.

    Only plain digits are read, with an optional sign of the currency and thousands commas: no `1e9`, no `NaN`, no minus.
    """
    plain, below_zero = _without_minus(text.replace("\u00a0", " "))
    for mark in (get_currency_symbol(currency, locale=_LOCALE), currency):
        plain = plain.removeprefix(mark).strip()
    plain, within = _without_minus(plain)  # “−£5” and “£−5”
    found = _MONEY.fullmatch(plain)
    if found is not None and (below_zero or within):
        raise ValueError("Enter an amount without a minus: an amount cannot be below zero.")
    places = decimals(currency)
    if found is None:
        raise ValueError("Enter an amount in numbers, such as 1250 or 1250.50.")
    part = found["part"] or ""
    if len(part) > places:
        raise ValueError(
            f"Enter an amount with no more than {places} numbers after the point." if places else "Enter a whole amount."
        )
    amount = int(found["whole"].replace(",", "") + part.ljust(places, "0"))
    if amount > LARGEST:
        raise ValueError("Enter a smaller amount: this is more than the ledger can hold.")
    return amount


def parse_hours(text: str) -> int:
    """“7.5”, “7:30” or “7 hours” → minutes. Raises ValueError with the sentence a form shows."""
    plain, below_zero = _without_minus(re.sub(r"\s*(hours?|h)$", "", text.strip().lower()))
    if below_zero and (_CLOCK.fullmatch(plain) or _MONEY.fullmatch(plain)):
        raise ValueError("Enter hours without a minus: hours cannot be below zero.")
    if clock := _CLOCK.fullmatch(plain):
        minutes = int(clock["hours"]) * MINUTES_IN_AN_HOUR + int(clock["minutes"])
    elif found := _MONEY.fullmatch(plain):
        part = found["part"] or ""
        whole = int(found["whole"].replace(",", ""))
        over, under = int(part or "0") * MINUTES_IN_AN_HOUR, 10 ** len(part)
        if over % under:
            raise ValueError("Enter hours that come to whole minutes, such as 7.5 or 7:30.")
        minutes = whole * MINUTES_IN_AN_HOUR + over // under
    else:
        raise ValueError("Enter hours in numbers, such as 7.5 or 7:30.")
    if minutes > LARGEST:
        raise ValueError("Enter fewer hours: this is more than the ledger can hold.")
    return minutes


def _without_minus(text: str) -> tuple[str, bool]:
    """The text without a minus before it, and whether there was one."""
    plain = text.strip()
    return (plain[1:].strip(), True) if plain[:1] in _MINUS else (plain, False)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """Share `amount` by `weights` so that the shares add up to it to the penny.

    Each gets the whole part of its share; the pennies left go to the largest remainders, earlier places first when equal.
    £10.00 by 1:1:1 → [334, 333, 333]. Raises ValueError unless the weights are ≥ 0 with a sum > 0 and amount ≥ 0.
    """
    total = sum(weights)
    if amount < 0 or total <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("Shares must be at least 0 and one of them more.")
    shares = [amount * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place))
    for place in order[: amount - sum(shares)]:
        shares[place] += 1
    return shares
