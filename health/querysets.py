"""Ways of narrowing health's rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Case, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.enums import Band
from accounts.names import name_key
from health.alert_kinds import AlertSeverity, AlertStatus
from health.enums import ScorecardStatus

if TYPE_CHECKING:
    from accounts.models import Account
    from health.models import Alert, DailyMetrics, HealthOverride, HealthSnapshot, Pulse, Scorecard


Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


def newest_by_date(rows: Rows, accounts: QuerySet[Account]) -> Rows:
    newest = rows.filter(account=OuterRef("pk")).order_by("-date").values("pk")[:1]
    return rows.filter(pk__in=accounts.order_by().annotate(_newest=Subquery(newest)).values("_newest"))


class DailyMetricsQuerySet(models.QuerySet["DailyMetrics"]):
    """Daily metrics of one or more accounts."""

    def up_to(self, day: date) -> Self:
        return self.filter(date__lte=day)

    def in_window(self, *, today: date, days: int) -> Self:
        """Today and the `days` before it."""
        return self.filter(date__range=(today - timedelta(days=days), today))

    def scored(self) -> Self:
        return self.filter(health_score__isnull=False)

    def newest_of(self, accounts: QuerySet[Account]) -> Self:
        """The newest of these rows for each account; begin it at `DailyMetrics.objects`.

        PERFORMANCE: one look into the unique index (account, date) per account, whatever the number of days;
        grouping or a window function would read every row. The accounts bring the organisation: naming it here
        as well makes SQLite walk the index (organization, date), all rows of the tenant, once per account.
        """
        return newest_by_date(self, accounts)


class ScorecardQuerySet(models.QuerySet["Scorecard"]):
    """Scorecards of one organisation."""

    def published(self) -> Self:
        return self.filter(status=ScorecardStatus.PUBLISHED)

    def primary(self) -> Self:
        """The one whose score is the account's health score."""
        return self.published().filter(is_primary=True)


class HealthOverrideQuerySet(models.QuerySet["HealthOverride"]):
    """Scores set by hand."""

    def covering(self, day: date) -> Self:
        """Those that count on a day; where an account has several, the first one does."""
        return self.touching(day, day).filter(Q(ended_on=None) | Q(ended_on__gt=day)).order_by("-created_at", "-pk")

    def touching(self, since: date, until: date) -> Self:
        """Those set for any day of a time, both ends included."""
        return self.filter(starts_on__lte=until, expires_on__gte=since)


class PulseQuerySet(models.QuerySet["Pulse"]):
    """What people said of accounts, by the day."""

    def up_to(self, day: date) -> Self:
        return self.filter(date__lte=day)

    def newest_of(self, accounts: QuerySet[Account]) -> Self:
        """The one that counts, for each account that has any. Begin it at the model's manager."""
        return newest_by_date(self, accounts)


class HealthSnapshotQuerySet(models.QuerySet["HealthSnapshot"]):
    """Snapshots: what was known of an account's health, and since when."""

    def primary(self) -> Self:
        return self.filter(is_primary=True)

    def up_to(self, day: date) -> Self:
        return self.filter(date__lte=day)

    def newest_of(self, accounts: QuerySet[Account]) -> Self:
        """The newest of these for each account: the state as it still stands. Begin it at the model's manager."""
        return newest_by_date(self, accounts)

    def at_risk(self) -> Self:
        return self.filter(band__in=[Band.AT_RISK, Band.CRITICAL])


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts; which are snoozed depends on the day."""

    def unresolved(self) -> Self:
        return self.exclude(status=AlertStatus.RESOLVED)

    def resolved(self) -> Self:
        return self.filter(status=AlertStatus.RESOLVED)

    def snoozed(self, *, today: date) -> Self:
        """Those that rest today still."""
        rests = Q(snoozed_until__gt=today) | Q(snoozed_until=None)
        return self.filter(rests, status=AlertStatus.SNOOZED)

    def waiting(self, *, today: date) -> Self:
        """Open or acknowledged, and those whose snoozing is over."""
        woken = Q(status=AlertStatus.SNOOZED, snoozed_until__lte=today)
        return self.filter(Q(status__in=[AlertStatus.OPEN, AlertStatus.ACKNOWLEDGED]) | woken)

    def search(self, text: str) -> Self:
        """By part of the title or of the account's name."""
        text = text.strip()
        return self.filter(Q(title__icontains=text) | Q(account__name_key__contains=name_key(text)))

    def with_rank(self) -> Self:
        """Lets orders name `rank`: 0 for high to 2 for low."""
        ranks = [When(severity=severity, then=Value(rank)) for rank, severity in enumerate(AlertSeverity.values)]
        return self.annotate(rank=Case(*ranks, output_field=IntegerField()))

    def worst_first(self) -> Self:
        """By severity, then where the most money is, then the newest."""
        return self.with_rank().order_by("rank", F("account__arr").desc(nulls_last=True), "-first_seen_at", "pk")

    def for_list(self) -> Self:
        return self.select_related("account", "account__owner", "acknowledged_by", "resolved_by")
