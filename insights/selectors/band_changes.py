"""Accounts whose band is another one than it was."""

from __future__ import annotations

from datetime import date

from django.db.models import F, OuterRef, Subquery

from accounts.querysets import AccountQuerySet
from csplatform.models import Organization


def accounts_with_new_band(organization: Organization, *, since: date) -> AccountQuerySet:
    """Open accounts whose newest snapshot, dated `since` or later, is of another band than the last one before; those
    that pay most first. What an account has not had before is no change."""
    snapshots = organization.health_snapshots.primary().filter(account=OuterRef("pk")).order_by("-date", "-pk")
    accounts: AccountQuerySet = organization.accounts.open()
    return (
        accounts.annotate(
            band_now=Subquery(snapshots.filter(date__gte=since).values("band")[:1]),
            band_then=Subquery(snapshots.filter(date__lt=since).values("band")[:1]),
        )
        .filter(band_now__isnull=False, band_then__isnull=False)
        .exclude(band_now=F("band_then"))
        .select_related("owner", "organization")
        .order_by(F("arr").desc(nulls_last=True), "pk")
    )
