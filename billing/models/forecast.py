"""What an organisation's renewal forecast assumes until there is experience of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.enums import Band
from csplatform.models import User
from csplatform.models.base import TimestampedModel

HEAVIEST = 1000


def _chance(default: int) -> models.DecimalField[Any, Any]:
    """In percent."""
    return models.DecimalField(
        max_digits=5,
        decimal_places=2,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )


class ForecastAssumptions(TimestampedModel):
    """How likely terms are to be renewed by the health band of their account, in percent, and how much that weighs
    against one's own finished renewals; where there is no row, these defaults hold."""

    organization = models.OneToOneField(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="forecast_assumptions"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    healthy_pct = _chance(95)
    watchlist_pct = _chance(85)
    at_risk_pct = _chance(60)
    critical_pct = _chance(30)
    unknown_pct = _chance(85)
    """Of accounts whose health is not known."""
    weight = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(HEAVIEST)]
    )
    """As many finished renewals of a band weigh as much as what is assumed of it."""

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["organization"]
        verbose_name_plural = "forecast assumptions"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    healthy_pct__range=(0, 100),
                    watchlist_pct__range=(0, 100),
                    at_risk_pct__range=(0, 100),
                    critical_pct__range=(0, 100),
                    unknown_pct__range=(0, 100),
                ),
                name="forecast_assumptions_in_range",
            ),
            models.CheckConstraint(condition=Q(weight__range=(1, HEAVIEST)), name="forecast_weight_in_range"),
        ]

    def __str__(self) -> str:
        return f"Forecast of {self.organization}"

    @property
    def priors(self) -> Mapping[str, Decimal]:
        """The chance (0-1) by band; by the empty text where the band is unknown."""
        return {
            Band.HEALTHY: self.healthy_pct / 100,
            Band.WATCHLIST: self.watchlist_pct / 100,
            Band.AT_RISK: self.at_risk_pct / 100,
            Band.CRITICAL: self.critical_pct / 100,
            "": self.unknown_pct / 100,
        }
