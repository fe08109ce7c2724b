"""Who has which product, how widely it is used, and what accounts use of what they pay for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.catalogue import CATCH_ALL
from accounts.enums import AdoptionLevel, Utilization
from accounts.models import Account, Product, ProductUsage
from accounts.querysets import AccountQuerySet
from csplatform.formatting import number, trimmed
from csplatform.models import Organization

ACTIVE_DAYS = 30
HIGH_FROM, MEDIUM_FROM = 55, 30
MEDIUM_SHARE_FROM = 25
"""Without a rate: the share of open accounts that have the product, in percent."""
FULL, IDLE_UNDER, GROWN = Decimal(100), Decimal(30), Decimal(20)
SEATS = "users"
UNITS = {
    "vms": ("VM", "VMs"),
    "storage_gb": ("GB", "GB"),
    "bandwidth_tb": ("TB", "TB"),
    "storage_tb": ("TB", "TB"),
    "bandwidth_gb": ("GB", "GB"),
    "clusters": ("cluster", "clusters"),
    "nodes": ("node", "nodes"),
    "databases": ("database", "databases"),
    "load_balancers": ("load balancer", "load balancers"),
    SEATS: ("user", "users"),
}
"""How quantities are written, one and many, in the order in which they are."""
SHOWN_UNITS = 3
MOST_KEYS = 5_000
"""More of them are not listed in a query: SQLite takes so many parameters and no more."""

ACTIONS = {
    Utilization.OVERPAID: "Schedule expansion call",
    Utilization.OVER_UTILIZED: "Recommend upgrade to higher-tier",
    Utilization.HEALTHY: "All good",
    Utilization.LOW: "Plan activation, or a smaller plan before renewal",
}
TONES = {
    Utilization.OVERPAID: "success",
    Utilization.OVER_UTILIZED: "warning",
    Utilization.HEALTHY: "info",
    Utilization.LOW: "danger",
}
CLASSES = {
    Utilization.OVERPAID: "active",
    Utilization.OVER_UTILIZED: "",
    Utilization.HEALTHY: "info",
    Utilization.LOW: "inactive",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldProduct:
    """A product that an account has, with what was last measured of it."""

    product: Product
    seats: int | None
    starts_on: date
    ends_on: date | None
    active_users: int | None
    used_on: date | None
    usage: Mapping[str, Any]
    plan: Mapping[str, Any]

    @property
    def adoption_pct(self) -> Decimal | None:
        """Active users of seats; over 100 where more work than were paid for."""
        if not self.seats or self.active_users is None:
            return None
        return Decimal(self.active_users) * 100 / self.seats

    @property
    def usage_text(self) -> str:
        return usage_in_words(self.usage)

    @property
    def plan_text(self) -> str:
        return usage_in_words(self.plan)

    @property
    def utilization_pct(self) -> Decimal | None:
        return max(_shares(self.usage, self.plan).values(), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductAdoption:
    """How widely one row of the catalogue is used."""

    product: Product
    accounts: int
    """Open accounts entitled to it, or to a product that counts under it."""
    active: int
    rate_pct: Decimal | None
    """Accounts active on it in 30 days of those entitled; unknown where its use is not measured."""
    level: AdoptionLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageInsight:
    """What an account uses of what it pays for, and what to do about it."""

    account_id: int
    account_name: str
    key_usage: str
    utilization: Utilization
    utilization_pct: Decimal
    growth_pct: Decimal | None
    action: str
    css_class: str

    @property
    def tone(self) -> str:
        """How loud its badge is on our pages."""
        return TONES[self.utilization]


def held_products(account: Account, *, on: date) -> list[HeldProduct]:
    """What the account has on a day, in catalogue order, each with its newest measures up to then."""
    entitlements = account.entitlements.on(on).select_related("product")
    newest = _newest(ProductUsage.objects.filter(account=account, organization=account.organization).up_to(on))
    return [
        HeldProduct(
            product=each.product,
            seats=each.seats,
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            active_users=row.active_users if row else None,
            used_on=row.used_on if row else None,
            usage=row.usage if row else {},
            plan=row.plan if row else {},
        )
        for each in entitlements
        for row in [newest.get((account.pk, each.product_id))]
    ]


def product_adoption(organization: Organization, *, accounts: AccountQuerySet, as_of: date) -> list[ProductAdoption]:
    """The rows of the catalogue in its order, over the given accounts (open ones, as a rule)."""
    listed, row_of = _catalogue_rows(list(organization.products.all()))
    keys = accounts.order_by().values("pk")
    total = accounts.count()
    entitled: dict[int, set[int]] = defaultdict(set)
    held = organization.account_products.on(as_of).filter(account__in=keys).order_by()
    for account, product in held.values_list("account", "product"):
        entitled[row_of[product]].add(account)
    active: dict[int, set[int]] = defaultdict(set)
    recent = organization.product_usage.in_days(ACTIVE_DAYS, until=as_of).filter(account__in=keys).order_by()
    for account, product, users, usage in recent.values_list("account", "product", "active_users", "usage"):
        if users or any(usage.values()):
            active[row_of[product]].add(account)
    measured_products = organization.product_usage.up_to(as_of).order_by().values_list("product", flat=True)
    measured = {row_of[product] for product in measured_products.distinct()}
    return [
        _adoption(each, entitled[each.pk], active[each.pk], is_measured=each.pk in measured, total=total)
        for each in listed
    ]


def products_under(organization: Organization, name: str) -> list[int]:
    """The keys of the products that count under the row of this name."""
    listed, row_of = _catalogue_rows(list(organization.products.all()))
    wanted = {each.pk for each in listed if each.name == name}
    return [product for product, row in row_of.items() if row in wanted]


def _catalogue_rows(products: list[Product]) -> tuple[list[Product], dict[int, int]]:
    """The products with a row of their own, and under whose row each product counts."""
    catch_all = next((each.pk for each in products if each.key == CATCH_ALL), None)
    row_of = {each.pk: each.parent_id or each.pk for each in products}
    listed = [each for each in products if each.parent_id is None and (each.is_active or each.pk == catch_all)]
    if catch_all is not None:
        shown = {each.pk for each in listed}
        row_of = {key: row if row in shown else catch_all for key, row in row_of.items()}
    return listed, row_of


def adoption_level(rate_pct: Decimal | None, *, accounts: int, total: int) -> AdoptionLevel:
    """From the rate: 55 % High, 30 % Medium, else Low. Without one from the share of open accounts that have the
    product, at most Medium: 25 % Medium, else Low."""
    if rate_pct is not None:
        if rate_pct >= HIGH_FROM:
            return AdoptionLevel.HIGH
        return AdoptionLevel.MEDIUM if rate_pct >= MEDIUM_FROM else AdoptionLevel.LOW
    share = accounts * 100 >= MEDIUM_SHARE_FROM * total and accounts > 0
    return AdoptionLevel.MEDIUM if share else AdoptionLevel.LOW


def usage_insights(
    organization: Organization, *, accounts: AccountQuerySet, as_of: date, most: int = 50
) -> list[UsageInsight]:
    """Accounts whose plan is known, most telling first: over what they pay for, then idle, then healthy."""
    rows = organization.product_usage.filter(account__in=accounts.order_by().values("pk"))
    now = _by_account(_newest(rows.in_days(ACTIVE_DAYS, until=as_of)).values())
    seats = _seats(organization, accounts, as_of)
    names = dict(accounts.filter(pk__in=list(now)).order_by().values_list("pk", "name"))
    measured = []
    for key, (usage, plan) in now.items():
        shares = _shares(usage, {**plan, SEATS: seats[key]} if seats.get(key) else plan)
        if shares:
            unit = max(shares, key=lambda each: (shares[each], each))
            measured.append((shares[unit], names[key], key, unit))
    earlier = rows.in_days(ACTIVE_DAYS, until=as_of - timedelta(days=ACTIVE_DAYS))
    wanted = _with_telling_growth(measured, most)
    before = _by_account(
        _newest(earlier.filter(account__in=wanted) if len(wanted) <= MOST_KEYS else earlier).values()
    )
    judged = []
    for share, name, key, unit in measured:
        was = before.get(key, ({}, {}))[0].get(unit)
        growth = (now[key][0][unit] - was) * 100 / was if was else None
        judged.append((utilization(share, growth), share, name, key, unit, growth))
    order = list(Utilization)
    judged.sort(key=lambda each: (order.index(each[0]), -each[1], each[2]))
    return [
        UsageInsight(
            account_id=key,
            account_name=name,
            key_usage=_key_usage(now[key][0], unit, growth if kind is Utilization.OVERPAID else None),
            utilization=kind,
            utilization_pct=share,
            growth_pct=growth,
            action=ACTIONS[kind],
            css_class=CLASSES[kind],
        )
        for kind, share, name, key, unit, growth in judged[:most]  # words are for those that are shown
    ]


def _with_telling_growth(measured: list[tuple[Decimal, str, int, str]], most: int) -> list[int]:
    """Whose month before has to be read: those over their plan, whose kind it decides, and others that are shown."""
    order = list(Utilization)
    over = [key for share, _, key, _ in measured if share > FULL]
    others = sorted(
        (order.index(utilization(share, None)), -share, name, key)
        for share, name, key, _ in measured
        if share <= FULL
    )
    return over + [row[3] for row in others[: max(most - len(over), 0)]]


def _key_usage(usage: Mapping[str, Any], unit: str, growth: Decimal | None) -> str:
    """`49 VMs | 826 GB | 21 TB`, or with its growth `+ 55% MoM | 438 GB`."""
    if growth is None:
        return usage_in_words(usage)
    return f"+ {trimmed(growth, 0)}% MoM | {usage_in_words({unit: usage[unit]})}"


def utilization(used_pct: Decimal, growth_pct: Decimal | None) -> Utilization:
    """Over 100 % of the plan: overpaid usage where it grew by 20 % or more in a month, else over-utilised; under
    30 % low; healthy between."""
    if used_pct > FULL:
        has_grown = growth_pct is not None and growth_pct >= GROWN
        return Utilization.OVERPAID if has_grown else Utilization.OVER_UTILIZED
    return Utilization.LOW if used_pct < IDLE_UNDER else Utilization.HEALTHY


def usage_in_words(usage: Mapping[str, Any]) -> str:
    """`49 VMs | 826 GB | 21 TB`"""
    known = [unit for unit in UNITS if unit in usage] + sorted(unit for unit in usage if unit not in UNITS)
    texts = []
    for unit in known[:SHOWN_UNITS]:
        quantity = Decimal(str(usage[unit]))
        one, many = UNITS.get(unit, (unit.replace("_", " "),) * 2)
        texts.append(f"{_quantity(quantity)} {one if quantity == 1 else many}")
    return " | ".join(texts)


def _quantity(quantity: Decimal) -> str:
    return number(int(quantity)) if quantity == quantity.to_integral_value() else trimmed(quantity, 1)


def _adoption(
    product: Product, entitled: set[int], active: set[int], *, is_measured: bool, total: int
) -> ProductAdoption:
    rate = None
    if is_measured and entitled:
        rate = Decimal(len(active & entitled)) * 100 / len(entitled)
    return ProductAdoption(
        product=product,
        accounts=len(entitled),
        active=len(active & entitled),
        rate_pct=rate,
        level=adoption_level(rate, accounts=len(entitled), total=total),
    )


def _newest(rows: Any) -> dict[tuple[int, int], Any]:
    """The last row of each account and product, as plain values, since there may be thousands."""
    columns = ("account_id", "product_id", "used_on", "active_users", "usage", "plan")
    newest = rows.order_by("used_on", "pk").values_list(*columns, named=True)
    return {(row.account_id, row.product_id): row for row in newest}


def _by_account(rows: Iterable[Any]) -> dict[int, tuple[dict[str, Decimal], dict[str, Decimal]]]:
    """Quantities used and paid for, added up over the products of each account."""
    found: dict[int, tuple[dict[str, Decimal], dict[str, Decimal]]] = {}
    for row in rows:
        usage, plan = found.setdefault(row.account_id, ({}, {}))
        for unit, quantity in row.usage.items():
            usage[unit] = usage.get(unit, Decimal(0)) + Decimal(str(quantity))
        for unit, quantity in row.plan.items():
            plan[unit] = plan.get(unit, Decimal(0)) + Decimal(str(quantity))
        if row.active_users is not None:
            usage[SEATS] = max(usage.get(SEATS, Decimal(0)), Decimal(row.active_users))
    return found


def _seats(organization: Organization, accounts: AccountQuerySet, day: date) -> dict[int, Decimal]:
    """Users paid for: the most that any product of the account has."""
    rows: Any = organization.account_products.on(day).filter(
        account__in=accounts.order_by().values("pk"), seats__isnull=False
    )
    found: dict[int, Decimal] = {}
    for account, seats in rows.order_by().values_list("account", "seats"):
        found[account] = max(found.get(account, Decimal(0)), Decimal(seats))
    return found


def _shares(usage: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Decimal]:
    """Percent used of what is paid for, by unit, where both are known."""
    return {
        unit: Decimal(str(usage[unit])) * 100 / Decimal(str(paid))
        for unit, paid in plan.items()
        if unit in usage and paid
    }
