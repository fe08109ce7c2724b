"""Writing the catalogue, who is entitled to what, and what was used of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from accounts.catalogue import CATALOGUE
from accounts.exceptions import InvalidProduct, ProductInUse
from accounts.models import Account, AccountProduct, Product, ProductUsage
from csplatform import bulk
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User
from csplatform.periods import today

MOST_UNITS = 30
LONGEST_UNIT = 40
LARGEST = 10**15


class ProductDetails(TypedDict, total=False):
    """What may be said of a product beside its name."""

    billing_label: str
    icon: str
    parent: Product | None
    sac: str
    rate: Decimal
    position: int
    is_active: bool


class ProductFacts(ProductDetails, total=False):
    """What may be written of a product; what is left out stays as it is."""

    name: str


class UsageFacts(TypedDict, total=False):
    """What is said of an account's product. Measures belong to `used_on`, the rest to the entitlement."""

    seats: int | None
    starts_on: date
    ends_on: date | None
    used_on: date
    active_users: int | None
    usage: Mapping[str, Any]
    plan: Mapping[str, Any]


@transaction.atomic
def copy_catalogue(*, organization: Organization) -> list[Product]:
    """Give an organisation the built-in products it lacks; a second time adds nothing."""
    known = set(organization.products.values_list("key", flat=True))
    taken = set(organization.products.values_list("name", flat=True))
    return [
        Product.objects.create(
            organization=organization,
            key=item.key,
            name=item.name,
            billing_label=item.billing_label,
            icon=item.icon,
            position=position,
        )
        for position, item in enumerate(CATALOGUE, start=1)
        if item.key not in known and item.name not in taken
    ]


@transaction.atomic
def create_product(
    *, organization: Organization, by: User | None, name: str, **facts: Unpack[ProductDetails]
) -> Product:
    """Add a product. Unless told otherwise, adoption counts it under the row for other services."""
    if "parent" not in facts:
        facts["parent"] = organization.products.catch_all().first()
    if "position" not in facts:
        last = organization.products.aggregate(last=Max("position"))["last"] or 0
        facts["position"] = min(last + 1, 32_767)
    product = Product(organization=organization, **{"name": name, **facts})
    return _save_product(product, by=by)


@transaction.atomic
def update_product(*, product: Product, by: User | None, **facts: Unpack[ProductFacts]) -> Product:
    """Change a product; returns it as stored."""
    stored: Product = product.organization.products.select_for_update(no_key=True).get(pk=product.pk)
    before = [getattr(stored, field.attname) for field in Product._meta.concrete_fields]
    for name, value in facts.items():
        setattr(stored, name, value)
    if before == [getattr(stored, field.attname) for field in Product._meta.concrete_fields]:
        return stored
    return _save_product(stored, by=by)


@transaction.atomic
def move_product(*, product: Product, by: User | None, up: bool) -> None:
    """Put a product one place further up or down among those that are sold; the first and the last stay."""
    organization = product.organization
    row = list(organization.products.active().select_for_update(no_key=True))
    at = next((n for n, each in enumerate(row) if each.pk == product.pk), None)
    to = None if at is None else at - 1 if up else at + 1
    if at is None or to is None or not 0 <= to < len(row):
        return
    row[at], row[to] = row[to], row[at]
    moved = [(each, place) for place, each in enumerate(row, start=1) if each.position != place]
    for each, place in moved:
        each.position = place
    organization.products.bulk_update([each for each, _ in moved], ["position"])
    bulk.record_history(Product, [each.pk for each, _ in moved], kind="~", by=by, reason="Moved in the catalogue")


@transaction.atomic
def delete_product(*, product: Product, by: User | None) -> None:
    """Take a product back that nobody has. One that was sold stays; it can be taken out of the catalogue."""
    stored: Product = product.organization.products.select_for_update().get(pk=product.pk)
    related = [each for each in Product._meta.related_objects if each.get_accessor_name()]
    for relation in related:
        if relation.related_model._default_manager.filter(**{relation.field.name: stored}).exists():
            raise ProductInUse
    stored._history_user = by  # type: ignore[attr-defined]  # simple-history looks for it
    stored.delete()


@transaction.atomic
def record_product(
    *, account: Account, product: Product, by: User | None, **facts: Unpack[UsageFacts]
) -> AccountProduct:
    """Entitle an account to a product, or change the entitlement it has, and keep what was measured.

    The same facts again write nothing. An entitlement that has ended is left alone: a new one begins."""
    organization, day = account.organization, today(account.organization)
    _refuse_usage(facts, day=day)
    entitlement = _entitlement(account, product, facts, day=day, by=by)
    if facts.keys() & {"active_users", "usage", "plan", "used_on"}:
        _record_usage(organization, entitlement, facts, day=facts.get("used_on", day))
    return entitlement


def _entitlement(
    account: Account, product: Product, facts: UsageFacts, *, day: date, by: User | None
) -> AccountProduct:
    held = account.entitlements.filter(product=product)
    current = held.going_on().first() or held.on(day).order_by("-starts_on").first()
    starts = facts.get("starts_on")
    if current is None and starts is not None:
        current = held.filter(starts_on=starts).first()
    is_new = current is None
    if current is None:
        current = AccountProduct(
            organization=account.organization,
            account=account,
            product=product,
            starts_on=starts or min(day, facts.get("used_on", day)),
        )
    before = (current.seats, current.starts_on, current.ends_on)
    for name in ("seats", "starts_on", "ends_on"):
        if name in facts:
            setattr(current, name, facts[name])
    if current.ends_on is not None and current.ends_on < current.starts_on:
        raise InvalidProduct("ends_on", "It must not be before the first day.")
    others = held.exclude(pk=current.pk)
    overlapping = others.filter(starts_on__lte=current.ends_on or date.max).exclude(ends_on__lt=current.starts_on)
    if overlapping.exists():
        raise InvalidProduct("starts_on", "The account has this product then already.")
    if is_new or before != (current.seats, current.starts_on, current.ends_on):
        current._history_user = by
        current.save()
    return current


def _record_usage(organization: Organization, entitlement: AccountProduct, facts: UsageFacts, *, day: date) -> None:
    rows = ProductUsage.objects.filter(organization=organization, account=entitlement.account)
    rows = rows.filter(product=entitlement.product)
    row = rows.filter(used_on=day).first()
    if row is None:
        last = rows.filter(used_on__lt=day).order_by("-used_on").first()
        row = ProductUsage(
            organization=organization,
            account=entitlement.account,
            product=entitlement.product,
            used_on=day,
            plan=dict(last.plan) if last else {},  # what was paid for goes on until told otherwise
        )
    before = (row.active_users, row.usage, row.plan)
    if "active_users" in facts:
        row.active_users = facts["active_users"]
    if "usage" in facts:
        row.usage = dict(facts["usage"])
    if "plan" in facts:
        row.plan = dict(facts["plan"])
    if row.pk is None or before != (row.active_users, row.usage, row.plan):
        row.save()


def _refuse_usage(facts: UsageFacts, *, day: date) -> None:
    if facts.get("used_on", day) > day:
        raise InvalidProduct("used_on", "It must not lie ahead.")
    for name in ("usage", "plan"):
        quantities: Any = facts.get(name)
        if quantities is None:
            continue
        if not isinstance(quantities, Mapping) or len(quantities) > MOST_UNITS:
            raise InvalidProduct(name, f"It takes at most {MOST_UNITS} quantities by unit.")
        for unit, quantity in quantities.items():
            if not 0 < len(str(unit)) <= LONGEST_UNIT:
                raise InvalidProduct(name, f"A unit has 1 to {LONGEST_UNIT} characters.")
            is_number = isinstance(quantity, int | float | Decimal) and not isinstance(quantity, bool)
            if not is_number or not math.isfinite(quantity) or not 0 <= quantity <= LARGEST:
                raise InvalidProduct(name, f"{str(unit)[:LONGEST_UNIT]} takes a number, zero or more.")


def _save_product(product: Product, *, by: User | None) -> Product:
    product.name = " ".join(product.name.split())
    others = product.organization.products.exclude(pk=product.pk)
    if not product.name:
        raise InvalidProduct("name", "Give the product a name.")
    if others.filter(name__iexact=product.name).exists():
        raise InvalidProduct("name", f"There is another product called “{product.name}”.")
    if product.parent is not None and product.parent_id == product.pk:
        raise InvalidProduct("parent_id", "A product does not stand under itself.")
    if product.parent is not None and product.parent.parent_id is not None:
        raise InvalidProduct("parent_id", "The product above must stand under no other.")
    if product.parent is not None and product.pk and product.children.exists():
        raise InvalidProduct("parent_id", "Other products stand under this one.")
    try:
        product.clean_fields(exclude=["created_at", "updated_at", "organization"])
    except ValidationError as error:
        raise InvalidInput("Some facts cannot be stored.", errors=error.message_dict) from error
    product._history_user = by  # type: ignore[attr-defined]  # simple-history looks for it
    product.save()
    return product
