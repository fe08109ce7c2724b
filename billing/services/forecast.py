"""Reading and writing what the renewal forecast assumes."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from billing.models import ForecastAssumptions
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User

FIGURES = ("healthy_pct", "watchlist_pct", "at_risk_pct", "critical_pct", "unknown_pct", "weight")


class ForecastFacts(TypedDict, total=False):
    healthy_pct: Decimal
    watchlist_pct: Decimal
    at_risk_pct: Decimal
    critical_pct: Decimal
    unknown_pct: Decimal
    weight: int


def forecast_assumptions(organization: Organization) -> ForecastAssumptions:
    """What holds: the row, or the defaults where nobody has decided anything."""
    found: ForecastAssumptions | None = ForecastAssumptions.objects.filter(organization=organization).first()
    return found or ForecastAssumptions(organization=organization)


@transaction.atomic
def save_forecast_assumptions(
    *, organization: Organization, by: User | None, **facts: Unpack[ForecastFacts]
) -> ForecastAssumptions:
    """Write what is given; what is left out stays, and what is the same leaves no version."""
    rows = ForecastAssumptions.objects.select_for_update(no_key=True)
    stored = rows.filter(organization=organization).first() or ForecastAssumptions(organization=organization)
    before = [getattr(stored, name) for name in FIGURES]
    for name, value in facts.items():
        setattr(stored, name, value)
    try:
        stored.clean_fields(exclude=["organization"])
    except ValidationError as error:
        raise InvalidInput("Some figures cannot be stored.", errors=error.message_dict) from error
    if [getattr(stored, name) for name in FIGURES] != before:
        stored._history_user = by
        stored.save()
    return stored


def restore_forecast_assumptions(*, organization: Organization, by: User | None) -> ForecastAssumptions:
    """Back to the figures that every organisation begins with."""
    defaults = ForecastAssumptions(organization=organization)
    facts: ForecastFacts = {
        "healthy_pct": defaults.healthy_pct,
        "watchlist_pct": defaults.watchlist_pct,
        "at_risk_pct": defaults.at_risk_pct,
        "critical_pct": defaults.critical_pct,
        "unknown_pct": defaults.unknown_pct,
        "weight": defaults.weight,
    }
    return save_forecast_assumptions(organization=organization, by=by, **facts)
