"""Accounts as the success-insights contract lists them."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from health.models import DailyMetrics


def listed_accounts(
    organization: Organization, *, segment: str = "", bucket: str = "", region: str = ""
) -> AccountQuerySet:
    """All but the archived ones by number; a segment, bucket or region that nobody is in matches nothing."""
    accounts = organization.accounts.unarchived().order_by("number")
    if segment:
        accounts = accounts.in_segment(segment)
    if bucket:
        accounts = accounts.in_bucket(bucket)
    if region:
        accounts = accounts.in_region(region)
    return accounts


def newest_metrics(organization: Organization, accounts: Iterable[Account]) -> dict[int, DailyMetrics]:
    """The newest daily row of each of these accounts, by account id, in one query."""
    chosen = organization.accounts.filter(pk__in=[account.pk for account in accounts])
    return {row.account_id: row for row in DailyMetrics.objects.newest_of(chosen)}
