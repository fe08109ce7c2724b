"""The one place where money, numbers, dates and times become text.

Pages, contracts, exports and prompts all call these functions, so a figure reads the same wherever it
stands. Three rules hold throughout: halves round up, the unit (lakh or crore) is chosen *after* rounding,
and what is unknown is an en dash, never a zero.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo
from decimal import ROUND_FLOOR, Decimal
from math import ceil
from typing import Literal, TypeAlias

from csplatform.money import CRORE, LAKH, round2, round_half_up

Number: TypeAlias = Decimal | int
Direction: TypeAlias = Literal["up", "down"]

UNKNOWN = "–"
NOT_AVAILABLE = "n/a"
HOME_CURRENCY = "INR"
RUPEE = "₹"
ARROWS: dict[Direction, str] = {"up": "↑", "down": "↓"}
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

KPI_IN_FULL_BELOW = 10_000
COMPACT_IN_FULL_BELOW = 100_000
UNITS_SWITCH_AT = 100  # lakh: one crore
RECENT = timedelta(days=7)


# Numbers


def group_indian(whole: int) -> str:
    """Digits in Indian groups: the last three, then pairs (12,34,567)."""
    sign = "-" if whole < 0 else ""
    digits = str(abs(whole))
    head, groups = digits[:-3], [digits[-3:]]
    while head:
        head, pair = head[:-2], head[-2:]
        groups.insert(0, pair)
    return sign + ",".join(groups)


def number(value: Number | None, places: int = 0) -> str:
    """A count or quantity in Indian grouping, half up to ``places`` decimals."""
    if value is None:
        return UNKNOWN
    return _grouped(round_half_up(Decimal(value), places))


def trimmed(value: Number, places: int = 1) -> str:
    """Half up to ``places`` decimals, trailing zeros dropped: 92.6, 18."""
    text = _grouped(round_half_up(Decimal(value), places))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(value: Decimal) -> str:
    """A value already rounded, with its decimals kept; nothing is ever minus zero."""
    whole, _, decimals = f"{abs(value):f}".partition(".")
    sign = "-" if value < 0 else ""
    return sign + group_indian(int(whole)) + (f".{decimals}" if decimals else "")


# Money


def plain(amount: Number | None) -> str:
    """``1,25,000``: no symbol; paise only when there are any, then two digits."""
    if amount is None:
        return UNKNOWN
    rounded = round2(Decimal(amount))
    return _grouped(round_half_up(rounded, 0) if rounded == rounded.to_integral_value() else rounded)


def rupees_full(amount: Number | None) -> str:
    """``₹2,50,000``."""
    return UNKNOWN if amount is None else _with_rupee(plain(amount))


def amount_in(currency: str, amount: Number | None) -> str:
    """``₹2,50,000``, and ``USD 2,500.00`` in any other currency than rupees."""
    if currency == HOME_CURRENCY or amount is None:
        return rupees_full(amount)
    return f"{currency} {number(round2(Decimal(amount)), 2)}"


def rupees_compact(amount: Number | None) -> str:
    """``₹85,000``, ``₹8L``, ``₹42.8L``, ``₹3.2Cr``: from one lakh on, one decimal, ``.0`` dropped."""
    if amount is None:
        return UNKNOWN
    return _with_rupee(_short(Decimal(amount), full_below=COMPACT_IN_FULL_BELOW).replace(".0", ""))


def rupees_kpi(amount: Number | None, places: int = 1) -> str:
    """``₹2,360``, ``₹0.5L``, ``₹52.8L``, ``₹3.2Cr``: from ₹10,000 on, every decimal kept."""
    if amount is None:
        return UNKNOWN
    return _with_rupee(_short(Decimal(amount), full_below=KPI_IN_FULL_BELOW, places=places))


def bare_lakh(amount: Number | None) -> str:
    """``1.2``: lakh at any size, without symbol or suffix; a text that parses as a number."""
    if amount is None:
        return UNKNOWN
    return f"{round_half_up(Decimal(amount) / LAKH, 1):f}".replace("-0.0", "0.0")


def lakh_suffix(amount: Number | None) -> str:
    """``18.5L``: like :func:`bare_lakh`, with the suffix."""
    return UNKNOWN if amount is None else f"{bare_lakh(amount)}L"


def lakh_number(amount: Number) -> float:
    """A chart's JSON number in lakh with at most two decimals: 42.8, 53."""
    lakhs = round_half_up(Decimal(amount) / LAKH, 2)
    return int(lakhs) if lakhs == lakhs.to_integral_value() else float(lakhs)


def _with_rupee(text: str) -> str:
    """The minus sign stands before the symbol: ``-₹1.3L``."""
    return f"-{RUPEE}{text[1:]}" if text.startswith("-") else f"{RUPEE}{text}"


def _short(amount: Decimal, *, full_below: int, places: int = 1) -> str:
    whole = round_half_up(amount, 0)
    if abs(whole) < full_below:
        return _grouped(whole)
    lakhs = round_half_up(amount / LAKH, places)
    if abs(lakhs) < UNITS_SWITCH_AT:
        return f"{_grouped(lakhs)}L"
    return f"{_grouped(round_half_up(amount / CRORE, places))}Cr"


# Percentages, changes, scores


def share_pct(part: Number, whole: Number) -> Decimal:
    """``part`` of ``whole`` in percent, unrounded; of nothing it is 0."""
    return Decimal(part) * 100 / Decimal(whole) if whole else Decimal(0)


def change_pct(now: Number, before: Number) -> Decimal | None:
    """The change in percent, unrounded. From nothing to nothing is 0; from nothing to something has none."""
    if before:
        return (Decimal(now) - before) * 100 / abs(Decimal(before))
    return None if now else Decimal(0)


def percent(value: Number | None) -> str:
    """``92.6%``, ``18%``."""
    return UNKNOWN if value is None else f"{trimmed(value)}%"


def signed_percent(change: Number | None) -> str:
    """``+12.5%``, ``-2%``, ``0%``; a change that has no percentage is ``n/a``."""
    return NOT_AVAILABLE if change is None else f"{_signed(change)}%"


def signed_points(change: Number | None) -> str:
    """A change of a percentage: ``+2.5 pp``."""
    return NOT_AVAILABLE if change is None else f"{_signed(change)} pp"


def trend_direction(change: Number | None) -> Direction:
    """``up`` from 0 on, also when there is no percentage to tell."""
    return "down" if change is not None and change < 0 else "up"


def arrow_percent(change: Number | None) -> str:
    """``↑ 8.5%``, ``↓ 2%``, ``↑ n/a``."""
    size = NOT_AVAILABLE if change is None else percent(abs(Decimal(change)))
    return f"{ARROWS[trend_direction(change)]} {size}"


def score(value: Number | None) -> str:
    """A health score as people see it: its floor, so that a number never contradicts its band."""
    return UNKNOWN if value is None else f"{Decimal(value).to_integral_value(rounding=ROUND_FLOOR):f}"


def score_of(value: Number | None, of: int = 100) -> str:
    """``78/100``."""
    return UNKNOWN if value is None else f"{score(value)}/{of}"


def rating(value: Number | None, of: int = 5) -> str:
    """``4.3/5``: a mean of answers, one decimal."""
    return UNKNOWN if value is None else f"{trimmed(value)}/{of}"


def _signed(change: Number) -> str:
    text = trimmed(change)
    return text if text.startswith("-") or text == "0" else f"+{text}"


# Durations, dates, moments


def counted(count: int, noun: str) -> str:
    """``1 day``, ``1,240 days``."""
    return f"{number(count)} {noun}{'' if abs(count) == 1 else 's'}"


def hours(value: Number | None) -> str:
    """``4.2h``."""
    return UNKNOWN if value is None else f"{trimmed(value)}h"


def days(value: Number | None) -> str:
    """``23 days``, whole days half up."""
    return UNKNOWN if value is None else counted(int(round_half_up(Decimal(value), 0)), "day")


def age(elapsed: timedelta) -> str:
    """``5h`` within a day, then ``2d``: completed hours or days."""
    completed = max(elapsed, timedelta()) // timedelta(hours=1)
    return f"{completed}h" if completed < 24 else f"{completed // 24}d"


def time_left(left: timedelta) -> str:
    """``about 40 s left``, ``about 2 min left``: rounded up, as nobody minds being early."""
    seconds = max(0, ceil(left.total_seconds()))
    if seconds < 10:
        return "a few seconds left"
    if seconds <= 50:
        return f"about {-(-seconds // 10) * 10} s left"
    minutes = -(-seconds // 60)
    return f"about {minutes} min left" if minutes < 60 else f"about {round(minutes / 60)} h left"


def date_text(day: date | None) -> str:
    """``20 Nov 2026``, as pages write it."""
    return UNKNOWN if day is None else f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def date_us(day: date | None) -> str:
    """``Mar 3, 2025``, as the account dashboard's contract writes it."""
    return UNKNOWN if day is None else f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def month_text(day: date) -> str:
    """``Nov 2026``."""
    return f"{MONTHS[day.month - 1]} {day.year}"


def iso_date(day: date | None) -> str:
    """``2024-01-05``, as the billing contract writes it; no date is no text."""
    return "" if day is None else day.isoformat()


def moment_text(moment: datetime | None, zone: tzinfo) -> str:
    """``20 Nov 2026, 08:30 IST``."""
    if moment is None:
        return UNKNOWN
    local = moment.astimezone(zone)
    return f"{date_text(local.date())}, {local:%H:%M} {local.tzname()}"


def schedule_text(moment: datetime, *, now: datetime, zone: tzinfo) -> str:
    """``Today - 11:00 AM``, ``Tomorrow - …``, ``Jan 15, 2025 - …`` in the organisation's zone."""
    local = moment.astimezone(zone)
    ahead = (local.date() - now.astimezone(zone).date()).days
    day = {0: "Today", 1: "Tomorrow"}.get(ahead) or date_us(local.date())
    return f"{day} - {local.hour % 12 or 12}:{local:%M} {'AM' if local.hour < 12 else 'PM'}"


def relative_time(moment: datetime | None, *, now: datetime) -> str:
    """``2 minutes ago``, ``15 days ago``, ``in 3 hours``: completed units, days at any distance."""
    if moment is None:
        return UNKNOWN
    elapsed = now - moment
    for unit, noun in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        if count := abs(elapsed) // unit:
            return _ago(counted(count, noun), is_past=elapsed > timedelta())
    return "just now"


def relative_day(day: date | None, *, today: date) -> str:
    """``today``, ``in 21 days``, ``1 day ago``: by the calendar."""
    if day is None:
        return UNKNOWN
    distance = (today - day).days
    return _ago(counted(abs(distance), "day"), is_past=distance > 0) if distance else "today"


def recent_time(moment: datetime | None, *, now: datetime, zone: tzinfo) -> str:
    """Relative up to seven days away, then the date."""
    if moment is None or abs(now - moment) <= RECENT:
        return relative_time(moment, now=now)
    return date_text(moment.astimezone(zone).date())


def _ago(span: str, *, is_past: bool) -> str:
    return f"{span} ago" if is_past else f"in {span}"
