"""What the demo's customers are billed: their subscriptions interval by interval, and what they used beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from billing.enums import (
    LineKind,
)
from billing.models import (
    CustomerTaxProfile,
    TaxProfile,
)
from billing.tax.amounts import Amounts, LineInput, line_amounts, sum_of
from billing.tax.supply import Supply, decide_supply
from csplatform.models import Organization
from csplatform.money import ZERO, round2
from csplatform.periods import ONE_DAY, add_months, month_start
from csplatform.querysets import among
from insights.demo.portfolio import AccountPlan
from insights.demo.rows import Row, drawn_uuid

MONTHS = 12
MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
USAGE_SHARE = 0.55
"""Of the accounts: a second invoice a month, for what they used beyond their plan."""
DOLLAR = Decimal("84.250000")


@dataclass(slots=True, kw_only=True)
class Bill:
    """An invoice in the making, with what settles it."""

    account: int
    profile: CustomerTaxProfile
    plan: AccountPlan
    rng: np.random.Generator
    supply: Supply
    day: date
    subscription: int | None
    lines: list[tuple[Row, Amounts]]
    number: str = ""
    key: int = 0
    settled: Decimal = ZERO
    settled_inr: Decimal = ZERO
    value_inr: Decimal = ZERO
    written_off: Decimal = ZERO
    last_entry: date | None = None
    amounts: Amounts = field(default_factory=Amounts)
    rate: Decimal = Decimal(1)

    @property
    def due(self) -> date:
        return self.day + timedelta(days=self.profile.payment_terms_days)

    @property
    def in_rupees(self) -> Amounts:
        figures = self.amounts.at_rate(self.rate)
        taxable = sum((row["taxable_inr"] for row, _ in self.lines), ZERO)
        return Amounts(taxable=taxable, cgst=figures.cgst, sgst=figures.sgst, igst=figures.igst)

    @property
    def outstanding(self) -> Decimal:
        return self.amounts.total - self.settled


def subscriptions_by_account(organization: Organization, accounts: Sequence[int]) -> dict[int, Any]:
    subscriptions = organization.subscriptions.filter(among("account", sorted(accounts)))
    return {each.account_id: each for each in subscriptions.with_terms()}


def bills_of(
    key: int,
    plan: AccountPlan,
    rng: np.random.Generator,
    profile: CustomerTaxProfile,
    subscription: Any,
    products: Sequence[Any],
    supplier: TaxProfile,
    *,
    today: date,
) -> Iterator[Bill]:
    first = add_months(month_start(today), 1 - MONTHS)
    supply = decide_supply(
        supplier_state=supplier.state_code,
        treatment=profile.treatment,
        gstin=profile.gstin,
        state=profile.state_code,
        country=profile.country,
        has_lut=True,
    )
    rate = DOLLAR if profile.currency == "USD" else Decimal(1)
    until = min(today, plan.churned_on - ONE_DAY) if plan.churned_on else today
    product = products[int(rng.integers(len(products)))]

    def bill(day: date, lines: list[tuple[Any, Decimal, str, date, date]], of: int | None = None) -> Bill:
        made = Bill(
            account=key,
            profile=profile,
            plan=plan,
            rng=rng,
            supply=supply,
            day=day,
            subscription=of,
            lines=[],
            rate=rate,
        )
        for each, price, kind, start, end in lines:
            made.lines.append(_line(made, each, price, kind, start, end))
        made.amounts = sum_of([amounts for _, amounts in made.lines])
        return made

    if subscription is not None:
        terms, months = subscription.terms(), MONTHS_OF[subscription.interval]
        for step in range(600):
            start = add_months(subscription.starts_on, step * months)
            if start > until:
                break
            if start < first or not terms.runs_on(start) or terms.is_paused_on(start):
                continue
            end = add_months(subscription.starts_on, (step + 1) * months) - ONE_DAY
            items = [item for item in subscription.items.all() if item.as_item().runs_on(start)]
            lines = [(item.product, item.as_item().net, LineKind.RECURRING.value, start, end) for item in items]
            if any(price for _, price, *_ in lines):
                yield bill(start, lines, subscription.pk)
    else:
        anchor = int(rng.integers(1, 28))
        for back in range(MONTHS):
            start = add_months(first, back).replace(day=anchor)
            mrr = next((arr / 12 for since, arr in reversed(plan.arr_changes) if since <= start), ZERO)
            if mrr and plan.started_on <= start <= until:
                end = add_months(start, 1) - ONE_DAY
                yield bill(start, [(product, round2(mrr), LineKind.RECURRING.value, start, end)])
    if rng.random() < USAGE_SHARE:
        anchor = int(rng.integers(1, 28))
        for back in range(MONTHS):
            start = add_months(first, back).replace(day=anchor)
            mrr = next((arr / 12 for since, arr in reversed(plan.arr_changes) if since <= start), ZERO)
            used = (mrr * int(rng.integers(6, 30)) / 100).quantize(Decimal(10))
            if used and plan.started_on < start <= until:
                kind = LineKind.USAGE if rng.random() < 0.85 else LineKind.ONE_TIME
                each = products[int(rng.integers(len(products)))]
                yield bill(start, [(each, used, kind.value, add_months(start, -1), start - ONE_DAY)])


def _line(bill: Bill, product: Any, rupees: Decimal, kind: str, start: date, end: date) -> tuple[Row, Amounts]:
    price = round2(rupees / bill.rate)
    amounts = line_amounts(LineInput(quantity=Decimal(1), unit_price=price, rate=product.rate), bill.supply)
    row = {
        "uuid": drawn_uuid(bill.rng),
        "position": len(bill.lines) + 1,
        "kind": kind,
        "product_id": product.pk,
        "description": product.name,
        "sac": product.sac,
        "unit_price": price,
        "rate": product.rate,
        "service_from": start,
        "service_to": end,
        "gross": amounts.gross,
        "taxable": amounts.taxable,
        "cgst": amounts.cgst,
        "sgst": amounts.sgst,
        "igst": amounts.igst,
        "taxable_inr": Amounts(taxable=amounts.taxable).at_rate(bill.rate).taxable,
    }
    return row, Amounts(taxable=amounts.taxable, cgst=amounts.cgst, sgst=amounts.sgst, igst=amounts.igst)
