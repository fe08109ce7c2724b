"""What an account did on one day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from csplatform.models.base import TimestampedModel
from health.querysets import DailyMetricsQuerySet


def _null_or(**condition: object) -> Q:
    """A check for a measure that may be missing."""
    (lookup,) = condition
    return Q(**{f"{lookup.split('__')[0]}__isnull": True}) | Q(**condition)


class DailyMetrics(TimestampedModel):
    """One row per account and date, as reported. Empty means missing, never zero.

    PERFORMANCE: millions of rows arrive in bulk. The organisation carries no constraint and neither key an
    index of its own: the unique (account, date) and (organization, date) serve every read, and each further
    index costs a tenth of the import. `check_tenancy` proves what the missing constraint would.
    """

    organization = models.ForeignKey(
        "csplatform.Organization",
        on_delete=models.CASCADE,
        related_name="daily_metrics",
        db_constraint=False,
        db_index=False,
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="daily_metrics", db_index=False
    )
    date = models.DateField()
    daily_active_users = models.PositiveIntegerField(null=True, blank=True)
    adoption_pct = models.FloatField("feature adoption (%)", null=True, blank=True)
    tickets_open = models.PositiveIntegerField("open tickets", null=True, blank=True)
    tickets_opened = models.PositiveIntegerField("tickets opened", null=True, blank=True)
    nps = models.FloatField("NPS", null=True, blank=True)
    login_rate = models.FloatField("login frequency (0-1)", null=True, blank=True)
    logins = models.PositiveIntegerField(null=True, blank=True)
    session_minutes = models.FloatField("session length (minutes)", null=True, blank=True)
    training_completion_pct = models.DecimalField(
        "training completed (%)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    arr = models.DecimalField("ARR", max_digits=12, decimal_places=2, null=True, blank=True)
    """As reported that day; the account's own figure follows the newest one."""
    health_score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    """Scored when the row was written, by the primary scorecard of that day; null when unknown."""

    objects = DailyMetricsQuerySet.as_manager()

    class Meta:
        ordering = ["-date", "-pk"]
        verbose_name = verbose_name_plural = "daily metrics"
        constraints = [
            models.UniqueConstraint(fields=["account", "date"], name="daily_metrics_once_per_account_and_day"),
            models.CheckConstraint(
                condition=_null_or(adoption_pct__range=(0, 100)), name="daily_metrics_adoption_in_range"
            ),
            models.CheckConstraint(condition=_null_or(nps__range=(-100, 100)), name="daily_metrics_nps_in_range"),
            models.CheckConstraint(
                condition=_null_or(login_rate__range=(0, 1)), name="daily_metrics_login_rate_in_range"
            ),
            models.CheckConstraint(
                condition=_null_or(session_minutes__gte=0), name="daily_metrics_session_not_negative"
            ),
            models.CheckConstraint(
                condition=_null_or(training_completion_pct__range=(0, 100)),
                name="daily_metrics_training_in_range",
            ),
            models.CheckConstraint(condition=_null_or(arr__gte=0), name="daily_metrics_arr_not_negative"),
            models.CheckConstraint(
                condition=_null_or(health_score__range=(0, 100)), name="daily_metrics_health_in_range"
            ),
        ]
        indexes = [models.Index(fields=["organization", "date"], name="daily_metrics_org_date")]

    def __str__(self) -> str:
        return f"{self.account} on {self.date}"
