"""How healthy the customers in view are: the spread over the bands, the average, who is at risk."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Case, Count, DecimalField, ExpressionWrapper, F, Q, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from accounts.bands import band_range
from accounts.enums import Band
from billing.selectors.mrr import mrr_on
from csplatform.money import ZERO
from insights.selectors.dashboard.view import PortfolioView

LEAST_WEIGHT = 1
"""Rupees: what an account that pays nothing weighs in the average."""
WEIGHT = DecimalField(max_digits=20, decimal_places=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioHealth:
    """Counts of customers by band, those of unknown score apart; the average is weighted by MRR.

    `average` is over known scores; None where there is none.
    """

    bands: dict[Band, int]
    unknown: int
    average: Decimal | None

    @property
    def customers(self) -> int:
        return sum(self.bands.values()) + self.unknown

    def in_band(self, band: Band | None) -> int:
        """Customers of one band; of all, and those of unknown score too, where none is chosen."""
        return self.customers if band is None else self.bands[band]

    @property
    def at_risk(self) -> int:
        """At Risk and Critical together: the KPI is the sum of the two bands that are shown."""
        return self.bands[Band.AT_RISK] + self.bands[Band.CRITICAL]


def portfolio_health(view: PortfolioView) -> PortfolioHealth:
    """Health of the customers in view at the close of the day, in one query.

    An account weighs what it pays a month, and one rupee where it pays nothing.
    """
    customers = view.scored(view.customers).annotate(mrr_then=mrr_then(view))
    weighed = customers.annotate(
        weight=Case(
            When(mrr_then__gt=LEAST_WEIGHT, then=F("mrr_then")), default=Value(LEAST_WEIGHT), output_field=WEIGHT
        )
    )
    counts = {band.name: Count("pk", filter=band_range(band).condition("score_then")) for band in Band}
    known = Q(score_then__isnull=False)
    row = weighed.aggregate(
        unknown=Count("pk", filter=~known),
        weights=Sum("weight", filter=known),
        points=Sum(ExpressionWrapper(F("weight") * F("score_then"), output_field=WEIGHT), filter=known),
        **counts,
    )
    average = Decimal(str(row["points"])) / Decimal(str(row["weights"])) if row["weights"] else None
    return PortfolioHealth(
        bands={band: row[band.name] for band in Band},
        unknown=row["unknown"],
        # SQLite adds decimals as floats; six places are far below what is shown and above the noise.
        average=None if average is None else round(average, 6),
    )


def mrr_then(view: PortfolioView) -> Combinable:
    """An expression: what an account pays a month at the close of the day."""
    if view.is_live:
        return ExpressionWrapper(Coalesce(F("arr"), Value(ZERO)) / Decimal(12), output_field=WEIGHT)
    return mrr_on(view.day)
