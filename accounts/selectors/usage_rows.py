"""What accounts hold and what was measured of it, read once for everything that is said about a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from accounts.models import Product
from accounts.models.usage import ProductUsage
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization

ACTIVE_DAYS = 30
"""What was measured earlier says nothing about the day."""


class Held(NamedTuple):
    """A product that an account is entitled to."""

    account_id: int
    product_id: int
    seats: int | None


class Measured(NamedTuple):
    """What was measured of an account's product on one day."""

    account_id: int
    product_id: int
    active_users: int | None
    usage: dict[str, Any]
    plan: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageOnDay:
    """The catalogue, what accounts hold on a day, and what was measured in the thirty days up to it, the oldest
    first: as plain values, since there may be thousands."""

    products: Sequence[Product]
    held: Sequence[Held]
    recent: Sequence[Measured]
    measured: frozenset[int]
    """The products of which anything was ever measured, by key."""


def usage_on(organization: Organization, *, accounts: AccountQuerySet, as_of: date) -> UsageOnDay:
    """In three queries, whatever the number of accounts."""
    keys = accounts.order_by().values("pk")
    ever = ProductUsage.objects.filter(organization=organization, product=OuterRef("pk")).up_to(as_of)
    products: list[Any] = list(organization.products.annotate(is_measured=Exists(ever)))
    held = organization.account_products.on(as_of).filter(account__in=keys).order_by()
    return UsageOnDay(
        products=products,
        held=[Held(*row) for row in held.values_list(*Held._fields)],
        recent=newest_last(organization.product_usage.filter(account__in=keys), as_of=as_of),
        measured=frozenset(each.pk for each in products if each.is_measured),
    )


def newest_last(rows: Any, *, as_of: date) -> list[Measured]:
    """Of these rows those of the thirty days up to a day."""
    ordered = rows.in_days(ACTIVE_DAYS, until=as_of).order_by("used_on", "pk")
    return [Measured(*row) for row in ordered.values_list(*Measured._fields)]
