"""What the renewal forecast assumes as a form."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import QueryDict

from billing.models import ForecastAssumptions
from billing.models.forecast import HEAVIEST


def _chance(label: str, help_text: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{label}, %",
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text=help_text,
    )


class ForecastAssumptionsForm(forms.Form):
    """A chance for each health band, and how much it weighs."""

    healthy_pct = _chance("Healthy", "Of 100 terms of accounts with a score of 80 and more, how many are renewed.")
    watchlist_pct = _chance("Watchlist", "The same for scores from 60 to 79.")
    at_risk_pct = _chance("At Risk", "For scores from 40 to 59.")
    critical_pct = _chance("Critical", "For scores below 40.")
    unknown_pct = _chance("Unknown health", "For accounts without a score.")
    weight = forms.IntegerField(
        label="Weight of the assumption, in renewals",
        min_value=1,
        max_value=HEAVIEST,
        help_text=(
            "With 10, ten finished renewals of a band count as much as the figure above; with a hundred finished, "
            "experience decides nearly alone."
        ),
    )

    def __init__(self, data: QueryDict | None = None, *, stored: ForecastAssumptions) -> None:
        super().__init__(data, initial={name: getattr(stored, name) for name in self.base_fields})
