"""Money arithmetic every room shares: Decimal in, Decimal out, rounded half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
LAKH = Decimal("100000")
CRORE = Decimal("10000000")
MONTHS_A_YEAR = 12
STEPS = {places: Decimal(1).scaleb(-places) for places in range(-9, 10)}
"""One unit of so many places, to round to."""


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Halves move away from zero, as an invoice expects; Python's own default is half-even."""
    return value.quantize(STEPS[places], rounding=ROUND_HALF_UP)


def round2(value: Decimal) -> Decimal:
    """To paise, half up."""
    return round_half_up(value, 2)


def monthly(yearly: Decimal) -> Decimal:
    """The monthly part of a yearly amount (MRR of an ARR), to paise."""
    return round2(yearly / MONTHS_A_YEAR)
