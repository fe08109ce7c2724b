"""Splitting a shown score into shown parts that add up to it exactly."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal
from itertools import cycle, islice

TENTH = Decimal("0.1")


def share_out(
    total: Decimal, parts: Mapping[str, float], *, at_most: Mapping[str, Decimal] | None = None
) -> dict[str, Decimal]:
    """Round each part to one decimal so that together they are exactly `total` (largest remainder).

    The parts are proportions: they are scaled to the total first, so points earned on 85 of 100 become the
    part each signal has in the score of 100. No part is rounded up past its `at_most`, which together have to
    hold the total.
    """
    whole = sum(parts.values())
    if whole <= 0:
        # What rounding left for parts of nothing goes to the first of them.
        return {key: Decimal("0.0") if at else total for at, key in enumerate(parts)}

    exact = {key: total * Decimal(part) / Decimal(whole) for key, part in parts.items()}
    shares = {key: value.quantize(TENTH, rounding=ROUND_FLOOR) for key, value in exact.items()}
    # Ties go to the part that comes first, so that a page says the same thing twice.
    by_remainder = sorted(parts, key=lambda key: shares[key] - exact[key])
    for key in islice(cycle(by_remainder), 2 * len(parts)):
        if sum(shares.values()) == total:
            break
        if at_most is None or shares[key] < at_most[key]:
            shares[key] += TENTH
    return shares
