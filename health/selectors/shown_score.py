"""The score that was shown on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from health.models import DailyMetrics, HealthSnapshot


def score_shown_on(day: date) -> Coalesce:
    """An expression over accounts: the score at the close of a day, null while it was unknown.

    Days before an account's first snapshot were imported with the scores of their rows."""
    return _shown(OuterRef("pk"), day)


def score_shown_at(account: str, day: str) -> Coalesce:
    """The same over rows that have an account and a day of their own, by the names of both."""
    return _shown(OuterRef(account), OuterRef(day))


def _shown(account: OuterRef, day: date | OuterRef) -> Coalesce:
    snapshots = HealthSnapshot.objects.filter(account=account, date__lte=day).primary().order_by("-date")
    metrics = DailyMetrics.objects.filter(account=account, date__lte=day).scored().order_by("-date")
    shown = Subquery(snapshots.values("effective_score")[:1])
    return Coalesce(shown, Subquery(metrics.values("health_score")[:1]))
