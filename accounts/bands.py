"""The scales a health score is read on. Each decides on the stored score, which has one decimal.

They are three different questions and never share a threshold by accident: ``band`` (pages; billing names it
as risk), ``bucket`` (success insights) and ``portfolio_class`` (the dashboard). An unknown score has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.db.models import Q

from accounts.enums import Band, BillingRisk, Bucket, PortfolioClass

Name = TypeVar("Name", Band, BillingRisk, Bucket, PortfolioClass)
Scale = tuple[tuple[int, Name], ...]

HIGHEST = 100

BANDS: Scale[Band] = ((80, Band.HEALTHY), (60, Band.WATCHLIST), (40, Band.AT_RISK), (0, Band.CRITICAL))
BUCKETS: Scale[Bucket] = ((70, Bucket.HEALTHY), (40, Bucket.AT_RISK), (0, Bucket.CRITICAL))
PORTFOLIO_CLASSES: Scale[PortfolioClass] = (
    (80, PortfolioClass.HIGH),
    (50, PortfolioClass.MEDIUM),
    (0, PortfolioClass.LOW),
)
BILLING_RISKS: dict[Band, BillingRisk] = {
    Band.HEALTHY: BillingRisk.LOW,
    Band.WATCHLIST: BillingRisk.MEDIUM,
    Band.AT_RISK: BillingRisk.HIGH,
    Band.CRITICAL: BillingRisk.CRITICAL,
}
SCORE_WHEN_UNKNOWN = 50
"""What a contract prints that must print a number, where no score was ever known: its source's default."""
AT_RISK_BELOW = 60
"""At risk, as a count, is the two lower bands together."""


@dataclass(frozen=True, slots=True)
class ScoreRange:
    """Scores from ``floor`` up to, but without, ``below``; the top range has no upper end."""

    floor: int
    below: int | None

    def condition(self, field: str = "health_score") -> Q:
        """The range as a filter on a stored score."""
        upper = Q() if self.below is None else Q(**{f"{field}__lt": self.below})
        return Q(**{f"{field}__gte": self.floor}) & upper


def band(score: Decimal | None) -> Band | None:
    return _read(BANDS, score)


def billing_risk(score: Decimal | None) -> BillingRisk | None:
    found = band(score)
    return None if found is None else BILLING_RISKS[found]


def bucket(score: Decimal | None) -> Bucket | None:
    return _read(BUCKETS, score)


def portfolio_class(score: Decimal | None) -> PortfolioClass | None:
    return _read(PORTFOLIO_CLASSES, score)


def band_range(name: Band) -> ScoreRange:
    return _range(BANDS, name)


def bucket_range(name: Bucket) -> ScoreRange:
    return _range(BUCKETS, name)


def _read(scale: Scale[Name], score: Decimal | None) -> Name | None:
    if score is None:
        return None
    return next((name for floor, name in scale if score >= floor), None)


def _range(scale: Scale[Name], wanted: Name) -> ScoreRange:
    below: int | None = None
    for floor, name in scale:
        if name == wanted:
            return ScoreRange(floor, below)
        below = floor
    raise KeyError(wanted)
