"""Carrying an account's tickets, goals, advocacy and products over to another one, as a merge does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from accounts.enums import ActivityKind
from accounts.models import Account, AccountProduct, Goal, ProductUsage, Referral, SupportTicket, Testimonial
from accounts.services.activity import Happening, record_activity
from csplatform import bulk
from csplatform.formatting import counted
from csplatform.models import User


def carry_belongings(*, into: Account, merged: Sequence[Account], by: User | None) -> None:
    """Give the surviving account what hangs on the others. What only one account can have is joined, and told."""
    organization, now = into.organization, timezone.now()
    reason = f"Merged into account {into.number}"
    for model, rows in (
        (SupportTicket, organization.tickets),
        (Goal, organization.goals),
        (Referral, organization.referrals),
        (Testimonial, organization.testimonials),
    ):
        keys = list(rows.filter(account__in=merged).values_list("pk", flat=True))
        if not keys:
            continue
        rows.filter(pk__in=keys).update(account=into, updated_at=now)
        bulk.record_history(model, keys, kind="~", by=by, reason=reason)
    joined = _join_entitlements(into, merged, by=by)
    days = _join_usage(into, merged)
    if joined or days:
        texts = [counted(joined, "product")] * bool(joined) + [counted(days, "day of usage")] * bool(days)
        record_activity(
            Happening(
                account=into,
                kind=ActivityKind.PRODUCT,
                title=f"Joined {' and '.join(texts)} that more than one of the merged accounts had",
                text="Seats, users and quantities were added up; terms that overlap became one.",
                by=by,
                is_system=by is None,
            )
        )


def _join_entitlements(into: Account, merged: Sequence[Account], *, by: User | None) -> int:
    """Terms of one product that overlap become one over all their days, its seats those of all; returns how many
    were swallowed."""
    organization = into.organization
    rows = organization.account_products.filter(account__in=[into, *merged]).order_by("starts_on", "pk")
    by_product: dict[int, list[AccountProduct]] = defaultdict(list)
    for row in rows.select_for_update(no_key=True, of=("self",)):
        by_product[row.product_id].append(row)
    swallowed: list[AccountProduct] = []
    kept: list[AccountProduct] = []
    for terms in by_product.values():
        last: AccountProduct | None = None
        for row in terms:
            if last is not None and (last.ends_on is None or row.starts_on <= last.ends_on):
                last.ends_on = None if None in (last.ends_on, row.ends_on) else _latest(last.ends_on, row.ends_on)
                last.seats = _sum(last.seats, row.seats)
                swallowed.append(row)
            else:
                last = row
                kept.append(row)
    for row in swallowed:
        row._history_user = by
        row.delete()
    for row in kept:
        if row.account_id != into.pk or swallowed:
            row.account = into
            row._history_user = by
            row.save()
    return len(swallowed)


def _join_usage(into: Account, merged: Sequence[Account]) -> int:
    """Days that several accounts measured are added up; returns how many."""
    organization = into.organization
    theirs = organization.product_usage.filter(account__in=merged).order_by("pk")
    if not theirs:
        return 0
    own = {(row.product_id, row.used_on): row for row in organization.product_usage.filter(account=into)}
    joined: set[tuple[int, date]] = set()
    swallowed: list[int] = []
    moved: list[int] = []
    changed: dict[int, ProductUsage] = {}
    for row in theirs:
        place = (row.product_id, row.used_on)
        standing = own.get(place)
        if standing is None:
            own[place] = row
            moved.append(row.pk)
            continue
        standing.active_users = _sum(standing.active_users, row.active_users)
        standing.usage, standing.plan = _added(standing.usage, row.usage), _added(standing.plan, row.plan)
        changed[standing.pk] = standing
        swallowed.append(row.pk)
        joined.add(place)
    organization.product_usage.filter(pk__in=swallowed).delete()
    organization.product_usage.filter(pk__in=moved).update(account=into)
    ProductUsage.objects.bulk_update(changed.values(), ["active_users", "usage", "plan"], batch_size=500)
    return len(joined)


def _latest(one: date | None, other: date | None) -> date | None:
    return max(each for each in (one, other) if each is not None)


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None and other is None else (one or 0) + (other or 0)


def _added(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {unit: one.get(unit, 0) + other.get(unit, 0) for unit in {**one, **other}}
