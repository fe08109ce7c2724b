"""Alerts as people work through them: by account, the worst and the most money first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from csplatform.periods import today as civil_today
from health.alert_kinds import AlertStatus
from health.models import Alert
from health.querysets import AlertQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertCounts:
    """Of some alerts, by where they stand today."""

    waiting: int
    snoozed: int
    resolved: int


def accounts_with_alerts(organization: Organization, alerts: AlertQuerySet) -> AccountQuerySet:
    """The accounts that any of the alerts is about: those with a more severe one first, then by ARR."""
    of_account: Any = alerts.filter(account=OuterRef("pk"))
    worst = of_account.worst_first().values("rank")[:1]
    accounts: Any = organization.accounts.for_list().annotate(worst=Subquery(worst)).filter(worst__isnull=False)
    ordered: AccountQuerySet = accounts.order_by("worst", F("arr").desc(nulls_last=True), "name_key", "pk")
    return ordered


def alerts_of(accounts: Sequence[Account], alerts: AlertQuerySet) -> dict[int, list[Alert]]:
    """Those of the alerts that are about the accounts of one page, in one query."""
    found: dict[int, list[Alert]] = {account.pk: [] for account in accounts}
    for alert in alerts.filter(account__in=found).for_list().worst_first():
        found[alert.account_id].append(alert)
    return found


def alert_counts(organization: Organization, alerts: AlertQuerySet) -> AlertCounts:
    """In one query."""
    today = civil_today(organization)
    rests = Q(status=AlertStatus.SNOOZED) & (Q(snoozed_until=None) | Q(snoozed_until__gt=today))
    closed = Q(status=AlertStatus.RESOLVED)
    counts = alerts.order_by().aggregate(
        all=Count("pk"), snoozed=Count("pk", filter=rests), resolved=Count("pk", filter=closed)
    )
    waiting = counts["all"] - counts["snoozed"] - counts["resolved"]
    return AlertCounts(waiting=waiting, snoozed=counts["snoozed"], resolved=counts["resolved"])
