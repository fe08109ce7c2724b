"""Trends compare the two ends, or the two halves, of a window."""

from __future__ import annotations

from decimal import Decimal

import pytest

from health.enums import EngagementTrend
from health.trends import engagement_trend, score_change


def test_the_score_changed_by_the_last_minus_the_first() -> None:
    assert score_change([Decimal("70.5"), Decimal("90.0"), Decimal("62.0")]) == Decimal("-8.5")


def test_rows_without_a_score_are_passed_over() -> None:
    assert score_change([None, Decimal("70.0"), Decimal("75.0"), None]) == Decimal("5.0")


def test_one_known_score_is_no_change() -> None:
    assert score_change([None, Decimal("70.0")]) is None


@pytest.mark.parametrize(
    ("users", "trend"),
    [
        ([100, 111], EngagementTrend.IMPROVING),
        ([100, 110], EngagementTrend.STABLE),  # exactly 10 % is not more than 10 %
        ([100, 90], EngagementTrend.STABLE),
        ([100, 89], EngagementTrend.DECLINING),
        ([0, 1], EngagementTrend.IMPROVING),
        ([0, 0], EngagementTrend.STABLE),
        ([None, 50], EngagementTrend.STABLE),
        # the middle row is later: 100 against (0 + 100) / 2 = 50
        ([100, 0, 100], EngagementTrend.DECLINING),
        # missing days do not count as zero: 100 against 120
        ([100, None, None, 120], EngagementTrend.IMPROVING),
    ],
)
def test_engagement_compares_the_halves_of_the_window(users: list[int | None], trend: EngagementTrend) -> None:
    assert engagement_trend(users) == trend
