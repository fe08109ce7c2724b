"""The score that was shown on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from health.models import DailyMetrics, HealthSnapshot


def score_shown_on(day: date) -> Coalesce:
    """An expression over accounts: the score at the close of a day, null while it was unknown.

    Days before an account's first snapshot were imported with the scores of their rows."""
    snapshots = HealthSnapshot.objects.filter(account=OuterRef("pk")).primary().up_to(day).order_by("-date")
    metrics = DailyMetrics.objects.filter(account=OuterRef("pk")).up_to(day).scored().order_by("-date")
    shown = Subquery(snapshots.values("effective_score")[:1])
    return Coalesce(shown, Subquery(metrics.values("health_score")[:1]))
