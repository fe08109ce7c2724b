"""Splitting what is recorded gross into value and tax, and telling on which day an entry fits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from csplatform.money import ZERO, round2


def next_share(*, part: Decimal, whole: Decimal, before: Decimal, amount: Decimal, given: Decimal) -> Decimal:
    """The part of an entry of ``amount`` that belongs to ``part`` of ``whole``.

    ``before`` has been entered already and ``given`` of it went to the part. Shares are taken from the running sum,
    so nothing is lost to rounding: whoever completes the whole takes the remainder."""
    if not whole:
        return ZERO
    return round2((before + amount) * part / whole) - given


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount split in proportion to weights, to paise; they add up to the amount exactly."""
    total, done, given, parts = sum(weights, ZERO), ZERO, ZERO, []
    for weight in weights:
        done += weight
        share = (round2(amount * done / total) if total else ZERO) - given
        parts.append(share)
        given += share
    if parts and not total:
        parts[-1] = amount
    return parts


def first_day_it_fits(
    entries: Iterable[tuple[date, Decimal]], *, total: Decimal, wanted: date, amount: Decimal
) -> date:
    """The first day from ``wanted`` on since when at least ``amount`` of the total has always been outstanding.

    A payment that came before a cheque bounced cannot have settled what the cheque still covered then."""
    by_day: dict[date, Decimal] = {}
    for day, entered in entries:
        by_day[day] = by_day.get(day, ZERO) + entered
    days = sorted(by_day)
    fits, settled = wanted, ZERO
    for day, until in zip(days, [*days, None][1:], strict=True):
        settled += by_day[day]
        if until is not None and until > fits and settled + amount > total:
            fits = until
    return fits
