"""What people write in cells, one text at a time: a value, or the reason why it is none, in their words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from csplatform.imports.enums import DateOrder

_LARGEST_COUNT = 2_147_483_647
_LARGEST_AMOUNT = Decimal("9999999999.99")
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 12, 31)
_FIRST, _LAST = date(1900, 1, 1), date(2200, 12, 31)

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{2,3})*,\d{3}(?:\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d+", re.ASCII)
_ONE_GROUP = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_RUPEES = re.compile(r"(?i)(?:₹|rs\.?|inr)\s*")
_SHORT_FORM = re.compile(r"(?i)[\d.,\s]+(?:k|l|lac|lakh|cr|crore|m|mn)s?\.?")
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)\s?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
_TIME_OF_DAY = re.compile(r"[T ] ?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(?: ?([AaPp][Mm]))?$", re.ASCII)
_NAMED_MONTH = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3,9})[ -](\d{4})", re.ASCII)
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})", re.ASCII)
_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, start=1)}
_MONTH_NUMBERS |= {name[:3]: number for name, number in _MONTH_NUMBERS.items()} | {"sept": 9}
_SEPARATORS = re.compile(r"[\s_-]+")
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff"
_LINE_ENDS = re.compile(r"\r\n|[\r\n\u2028\u2029]")
_TURNS_TEXT_ROUND = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that nobody sees and that show the others in another order: two names that look alike."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class BadValue(ValueError):
    """Why a text is no such value, as the end of a sentence that begins with the text."""


class UndecidedDates(Exception):
    """A date can be read only once the order of the file's dates is found out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """What the meaning of a cell depends on: the file's decimal sign, the order of its dates, whose today."""

    today: date
    zone: tzinfo
    decimal_comma: bool = False
    date_order: DateOrder = DateOrder.ISO
    date_refusal: str = "does not say which is the day; write 2026-11-20, or choose the order of dates"
    """Why a date with slashes is not read, where none is."""


Parser = Callable[[str, Locale], object]
"""Takes a cell's text, never empty; returns its value or raises `BadValue`."""


def clean(text: str) -> str:
    """Without space, or characters that nobody sees, around it."""
    while (stripped := text.strip().strip(_INVISIBLE)) != text:
        text = stripped
    return text


# -- numbers ----------------------------------------------------------------------------------------


def number(text: str, locale: Locale) -> Decimal:
    """A number written plainly, with the grouping of India or of the West, or with a decimal comma."""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if locale.decimal_comma and _DECIMAL_COMMA.fullmatch(text):
        if _ONE_GROUP.fullmatch(text):
            raise BadValue("can be read with a decimal comma or with thousands; write it without the comma")
        return Decimal(text.replace(".", "").replace(",", "."))
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    if _DECIMAL_COMMA.fullmatch(text):
        raise BadValue("has a decimal comma; write it with a point, such as 1234.56")
    if text.casefold().lstrip("+-") in {"", "nan", "inf", "infinity", "na", "n/a", "null", "none"}:
        raise BadValue("is not a number; leave the cell empty where there is no value")
    if text.startswith("(") and text.endswith(")"):
        raise BadValue("is not a number; write a negative number with a minus sign")
    raise BadValue("is not a number")


def whole_number(largest: int) -> Parser:
    """A whole number, zero or more. As a float, so that a column of them can have gaps."""

    def parse(text: str, locale: Locale) -> float:
        value = number(text, locale)
        if value < 0:
            raise BadValue("is negative")
        if value > largest:
            raise BadValue(f"is larger than {largest:,}")
        if value != value.to_integral_value():
            raise BadValue("is not a whole number")
        return abs(float(value))

    return parse


count = whole_number(_LARGEST_COUNT)


def share(text: str, locale: Locale) -> float:
    """A share of one: 0.75, or 75%."""
    value = _share(text, locale)
    return abs(float(value))


def percentage(text: str, locale: Locale) -> float:
    """The same, as the percentage that is stored. Exact: 0.55 becomes 55, not 55.00000000000001."""
    return abs(float(_share(text, locale) * 100))


def _share(text: str, locale: Locale) -> Decimal:
    if text.endswith("%"):
        value = number(text[:-1].rstrip(), locale)
        if not 0 <= value <= 100:
            raise BadValue("must lie between 0% and 100%")
        return value / 100
    value = number(text, locale)
    if 1 < value <= 100:
        raise BadValue(f"must lie between 0 and 1; write {text}% if it is a percentage")
    if not 0 <= value <= 1:
        raise BadValue("must lie between 0 and 1")
    return value


def net_promoter_score(text: str, locale: Locale) -> float:
    """Promoters less detractors, in points from -100 to 100."""
    value = number(text, locale)
    if not -100 <= value <= 100:
        raise BadValue("must lie between -100 and 100")
    return float(value) or 0.0


def rupees(text: str, locale: Locale) -> Decimal:
    """An amount in rupees to the paisa; never through a float."""
    bare = _RUPEES.sub("", text, count=1) if _RUPEES.match(text) else text
    if _SHORT_FORM.fullmatch(bare):
        raise BadValue("is a short form; write the amount in full, such as 1,20,000 for 1.2 lakh")
    if bare[:1] in "$€£":
        raise BadValue("is not in rupees; amounts are imported in rupees")
    value = number(bare, locale)
    if value < 0:
        raise BadValue("is negative")
    if value > _LARGEST_AMOUNT:
        raise BadValue(f"is larger than {_LARGEST_AMOUNT:,}")
    amount = value.quantize(Decimal("0.01"))
    if amount != value:
        raise BadValue("has more than two decimals; round it to the paisa")
    return abs(amount)


# -- dates ------------------------------------------------------------------------------------------


def day(text: str, locale: Locale) -> date:
    """A date that is written so that it can mean one day only."""
    found = _day(text, locale)
    if not _EARLIEST <= found <= _LATEST:
        raise BadValue(f"must lie between {_EARLIEST.year} and {_LATEST.year}")
    return found


def any_day(text: str, locale: Locale) -> date:
    """The same of any day that a person may have to write down, such as a founding or a far promise."""
    found = _day(text, locale)
    if not _FIRST <= found <= _LAST:
        raise BadValue(f"must lie between {_FIRST.year} and {_LAST.year}")
    return found


def past_day(text: str, locale: Locale) -> date:
    """A day on which something can have been measured."""
    found = day(text, locale)
    if found > locale.today:
        raise BadValue("is in the future")
    return found


def moment(text: str, locale: Locale) -> datetime:
    """A moment; without an offset it is the organisation's time, and a day alone is its first minute."""
    if (found := _MOMENT.fullmatch(text)) and found[3]:
        try:
            return datetime.fromisoformat(f"{found[1]}T{found[2]}{found[3]}")
        except (ValueError, OverflowError):
            raise BadValue("is not in the calendar") from None
    tail = _TIME_OF_DAY.search(text)
    on = day(text[: tail.start()] if tail else text, locale)
    return datetime.combine(on, _time_of_day(tail), tzinfo=locale.zone)


def _time_of_day(tail: re.Match[str] | None) -> time:
    if tail is None:
        return time()
    hour, half = int(tail[1]), (tail[4] or "").lower()
    if half and not 1 <= hour <= 12:
        raise BadValue("has an hour that no clock shows")
    hour = hour % 12 + (12 if half == "pm" else 0) if half else hour
    try:
        return time(hour, int(tail[2]), int(tail[3] or 0))
    except ValueError:
        raise BadValue("has an hour that no clock shows") from None


def _day(text: str, locale: Locale) -> date:
    if iso := _ISO.fullmatch(text):
        return _calendar_day(*map(int, iso.groups()))
    if moment := _MOMENT.fullmatch(text):
        return _day_of_moment(*moment.groups(), zone=locale.zone)
    if named := _NAMED_MONTH.fullmatch(text):
        return _calendar_day(int(named[3]), _month(named[2]), int(named[1]))
    if numeric := _NUMERIC_DATE.fullmatch(text):
        first, second = int(numeric[1]), int(numeric[2])
        year = _full_year(numeric[3])
        if first == second:
            return _calendar_day(year, first, second)
        match locale.date_order:
            case DateOrder.DAY_FIRST:
                return _calendar_day(year, second, first)
            case DateOrder.MONTH_FIRST:
                return _calendar_day(year, first, second)
            case DateOrder.AUTO:
                raise UndecidedDates
            case _:
                raise BadValue(locale.date_refusal)
    if re.fullmatch(r"\d{5}(\.\d+)?", text, re.ASCII):
        raise BadValue("is a spreadsheet's day number; format the column as a date, such as 2026-11-20")
    raise BadValue("is not a date; write it as 2026-11-20")


def numeric_date(text: str) -> tuple[int, int] | None:
    """The two numbers of a date such as 03/04/2026 of which one is the day; None of any other text."""
    found = _NUMERIC_DATE.fullmatch(_TIME_OF_DAY.sub("", clean(text)))
    return (int(found[1]), int(found[2])) if found else None


def is_certain_date(text: str) -> bool:
    """Written so that nobody has to ask which number is the day."""
    bare = _TIME_OF_DAY.sub("", clean(text))
    return any(pattern.fullmatch(bare) for pattern in (_ISO, _MOMENT, _NAMED_MONTH))


def _full_year(digits: str) -> int:
    """Of two digits, as spreadsheets write them, the century that POSIX gives them."""
    year = int(digits)
    if len(digits) == 4:
        return year
    return 2000 + year if year < 69 else 1900 + year


def _month(name: str) -> int:
    try:
        return _MONTH_NUMBERS[name.casefold()]
    except KeyError:
        raise BadValue("is not a date; write it as 2026-11-20") from None


def _calendar_day(year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError:
        raise BadValue("is not in the calendar") from None


def _day_of_moment(day_text: str, time_text: str, offset: str | None, *, zone: tzinfo) -> date:
    """The day of a moment. With an offset it is the organisation's day, perhaps the next or the last one."""
    try:
        moment = datetime.fromisoformat(f"{day_text}T{time_text}{offset or ''}")
        return moment.astimezone(zone).date() if offset else moment.date()
    except (ValueError, OverflowError):
        raise BadValue("is not in the calendar") from None


DATE_PARSERS: frozenset[Parser] = frozenset({day, past_day, any_day, moment})
"""Parsers whose columns are looked at to find out the order of a file's dates."""


# -- words ------------------------------------------------------------------------------------------


def words(longest: int) -> Parser:
    """Text of at most so many characters, as it was typed; on one line, as a name is."""

    def parse(text: str, _: Locale) -> str:
        value = unicodedata.normalize("NFC", _LINE_ENDS.sub(" ", text))
        if "\ufffd" in value:
            raise BadValue("holds bytes that mean nothing in the file's encoding")
        if _UNPRINTABLE.search(value):
            raise BadValue("holds a control character")
        if _TURNS_TEXT_ROUND.search(value):
            raise BadValue("holds an invisible character that turns the direction of text around; remove it")
        if len(value) > longest:
            raise BadValue(f"is longer than {longest} characters")
        return value

    return parse


def one_of(choices: Mapping[str, str]) -> Parser:
    """One of a few words, whatever its case and however its parts are joined."""
    by_key = {_joined(spelling): value for value in choices for spelling in (value, choices[value])}
    listed = ", ".join(choices.values())

    def parse(text: str, _: Locale) -> str:
        try:
            return by_key[_joined(text)]
        except KeyError:
            raise BadValue(f"is not one of {listed}") from None

    return parse


def _joined(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()


def email(text: str, _: Locale) -> str:
    """An e-mail address, in lower case."""
    try:
        validate_email(text)
    except ValidationError:
        raise BadValue("is not an e-mail address") from None
    return text.lower()
