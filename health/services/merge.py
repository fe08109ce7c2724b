"""What becomes of metrics when accounts become one."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.signals import Merge
from csplatform.models import Organization
from health.models import DailyMetrics
from health.querysets import DailyMetricsQuerySet
from health.services.scoring import recompute_health

MEASURES = (
    "daily_active_users", "adoption_pct", "tickets_open", "tickets_opened", "nps", "login_rate", "logins",
    "session_minutes", "training_completion_pct", "arr", "health_score",
)  # fmt: skip


@transaction.atomic
def merge_metrics(*, organization: Organization, merge: Merge) -> None:
    """Move daily metrics to the surviving account and score it again.

    On a day that both have, the survivor's row stays and its empty cells are filled from the other; the other's
    row stays with the archived account, as do its snapshots: they say what was known of it then.
    """
    for duplicate in merge.merged:
        _fill_gaps(organization, merge.into, duplicate)
        moving = _days(organization, duplicate).exclude(_has_day_in(organization, merge.into))
        moving.update(account=merge.into, updated_at=timezone.now())
    recompute_health(organization=organization, today=merge.on, account_ids=[merge.into])


def _fill_gaps(organization: Organization, survivor: int, duplicate: int) -> None:
    others = _days(organization, duplicate).filter(date=OuterRef("date"))
    gaps = Q()
    for measure in MEASURES:
        gaps |= Q(Exists(others.exclude(**{measure: None})), **{measure: None})
    filled = {measure: Coalesce(F(measure), Subquery(others.values(measure)[:1])) for measure in MEASURES}
    _days(organization, survivor).filter(gaps).update(**filled, updated_at=timezone.now())


def _has_day_in(organization: Organization, account: int) -> Exists:
    return Exists(_days(organization, account).filter(date=OuterRef("date")))


def _days(organization: Organization, account: int) -> DailyMetricsQuerySet:
    rows: DailyMetricsQuerySet = DailyMetrics.objects.filter(organization=organization, account=account).order_by()
    return rows
