"""Who has which product, how widely it is used, and what accounts use of what they pay for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from accounts.catalogue import CATCH_ALL
from accounts.enums import AdoptionLevel, Utilization
from accounts.models import Account, Product, ProductUsage
from accounts.querysets import AccountQuerySet
from accounts.selectors.usage_rows import ACTIVE_DAYS, Held, Measured, UsageOnDay, newest_last, usage_on
from csplatform.formatting import number, trimmed
from csplatform.models import Organization

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
ORDER = {kind: place for place, kind in enumerate(Utilization)}
CLASSES = {
    Utilization.OVERPAID: "active",
    Utilization.OVER_UTILIZED: "",
    Utilization.HEALTHY: "info",
    Utilization.LOW: "inactive",
}

Quantities = dict[int, tuple[dict[str, Decimal], dict[str, Decimal]]]
"""Used and paid for, by unit, of each account."""


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
    account_number: int
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


def product_adoption(
    organization: Organization,
    *,
    accounts: AccountQuerySet,
    as_of: date,
    seen: UsageOnDay | None = None,
    total: int | None = None,
) -> list[ProductAdoption]:
    """The rows of the catalogue in its order, over the given accounts (open ones, as a rule).

    `seen` is what was read of that day, and `total` how many accounts there are, where the caller knows.
    """
    seen = seen or usage_on(organization, accounts=accounts, as_of=as_of)
    total = accounts.count() if total is None else total
    listed, row_of = _catalogue_rows(seen.products)
    entitled: dict[int, set[int]] = defaultdict(set)
    for held in seen.held:
        entitled[row_of[held.product_id]].add(held.account_id)
    active: dict[int, set[int]] = defaultdict(set)
    for row in seen.recent:
        if row.active_users or any(row.usage.values()):
            active[row_of[row.product_id]].add(row.account_id)
    measured = {row_of[product] for product in seen.measured}
    return [
        _adoption(each, entitled[each.pk], active[each.pk], is_measured=each.pk in measured, total=total)
        for each in listed
    ]


def products_under(organization: Organization, name: str) -> list[int]:
    """The keys of the products that count under the row of this name."""
    listed, row_of = _catalogue_rows(list(organization.products.all()))
    wanted = {each.pk for each in listed if each.name == name}
    return [product for product, row in row_of.items() if row in wanted]


def _catalogue_rows(products: Sequence[Product]) -> tuple[list[Product], dict[int, int]]:
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
    organization: Organization,
    *,
    accounts: AccountQuerySet,
    as_of: date,
    most: int = 50,
    seen: UsageOnDay | None = None,
) -> list[UsageInsight]:
    """Accounts whose plan is known, most telling first: over what they pay for, then idle, then healthy."""
    seen = seen or usage_on(organization, accounts=accounts, as_of=as_of)
    now, seats = _by_account(_newest_measures(seen.recent)), _seats(seen.held)
    measured = []
    for key, (usage, plan) in now.items():
        shares = _shares(usage, {**plan, SEATS: seats[key]} if key in seats else plan)
        if shares:
            unit = max(shares, key=lambda each: (shares[each], each))
            measured.append((shares[unit], key, unit))
    # PERFORMANCE: who might be shown is settled by share alone; only their names and earlier months are read.
    contenders = _contenders(measured, most)
    before = _month_before(organization, accounts, [key for _, key, _ in contenders], as_of)
    names = _names(accounts, [key for _, key, _ in contenders])
    judged = []
    for share, key, unit in contenders:
        was = before.get(key, ({}, {}))[0].get(unit)
        growth = (now[key][0][unit] - was) * 100 / was if was else None
        judged.append((utilization(share, growth), share, names[key], key, unit, growth))
    judged.sort(key=lambda each: (ORDER[each[0]], -each[1], each[2]))
    return [
        UsageInsight(
            account_id=key,
            account_number=number,
            account_name=name,
            key_usage=_key_usage(now[key][0], unit, growth if kind is Utilization.OVERPAID else None),
            utilization=kind,
            utilization_pct=share,
            growth_pct=growth,
            action=ACTIONS[kind],
            css_class=CLASSES[kind],
        )
        for kind, share, (name, number), key, unit, growth in judged[:most]  # words are for those that are shown
    ]


def _contenders(measured: list[tuple[Decimal, int, str]], most: int) -> list[tuple[Decimal, int, str]]:
    """Those over their plan, whose kind the month before decides; of the others as many as may be shown, and whoever
    equals the last of them."""

    def place(row: tuple[Decimal, int, str]) -> tuple[int, Decimal]:
        return ORDER[utilization(row[0], None)], -row[0]

    over = [row for row in measured if row[0] > FULL]
    others = sorted((row for row in measured if row[0] <= FULL), key=place)
    room = max(most - len(over), 0)
    if len(others) > room:
        others = [row for row in others if place(row) <= place(others[room - 1])] if room else []
    return over + others


def _month_before(organization: Organization, accounts: AccountQuerySet, keys: list[int], as_of: date) -> Quantities:
    if not keys:
        return {}
    rows = organization.product_usage.filter(account__in=_narrowed(accounts, keys).order_by().values("pk"))
    return _by_account(_newest_measures(newest_last(rows, as_of=as_of - timedelta(days=ACTIVE_DAYS))))


def _names(accounts: AccountQuerySet, keys: list[int]) -> dict[int, tuple[str, int]]:
    """Name and number."""
    rows = _narrowed(accounts, keys).order_by().values_list("pk", "name", "number") if keys else ()
    return {key: (name, number) for key, name, number in rows}


def _narrowed(accounts: AccountQuerySet, keys: list[int]) -> AccountQuerySet:
    return accounts.filter(pk__in=keys) if len(keys) <= MOST_KEYS else accounts


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


def _newest_measures(rows: Iterable[Measured]) -> Iterable[Measured]:
    """The last row of each account and product."""
    return {(row.account_id, row.product_id): row for row in rows}.values()


def _by_account(rows: Iterable[Measured]) -> Quantities:
    """Quantities used and paid for, added up over the products of each account."""
    found: Quantities = {}
    for row in rows:
        usage, plan = found.setdefault(row.account_id, ({}, {}))
        for unit, quantity in row.usage.items():
            usage[unit] = usage[unit] + _exact(quantity) if unit in usage else _exact(quantity)
        for unit, quantity in row.plan.items():
            plan[unit] = plan[unit] + _exact(quantity) if unit in plan else _exact(quantity)
        if row.active_users is not None:
            usage[SEATS] = max(usage.get(SEATS, Decimal(0)), Decimal(row.active_users))
    return found


def _decimal(quantity: Any) -> Decimal:
    return quantity if isinstance(quantity, Decimal) else _exact(quantity)


@lru_cache(maxsize=4096)
def _exact(quantity: float) -> Decimal:
    """As it was written; accounts share most of theirs with others."""
    return Decimal(str(quantity))


def _seats(held: Iterable[Held]) -> dict[int, Decimal]:
    """Users paid for: the most that any product of the account has."""
    found: dict[int, int] = {}
    for account, _, seats in held:
        if seats:
            found[account] = max(found.get(account, 0), seats)
    return {account: Decimal(seats) for account, seats in found.items()}


def _shares(usage: Mapping[str, Any], plan: Mapping[str, Any]) -> dict[str, Decimal]:
    """Percent used of what is paid for, by unit, where both are known."""
    return {
        unit: _decimal(usage[unit]) * 100 / _decimal(paid) for unit, paid in plan.items() if unit in usage and paid
    }
