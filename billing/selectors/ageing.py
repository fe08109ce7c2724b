"""Who owes how much since when, at the close of any day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from billing.document_querysets import summed
from billing.enums import AgeBucket
from billing.selectors.dashboard.receivables import open_invoices
from billing.selectors.dashboard.view import BillingView
from billing.tax.receivables import age_bucket
from csplatform.money import ZERO, round2


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingRow:
    """What one customer owes, by age; with tax, in rupees."""

    account: Account
    not_due: Decimal
    ages: Mapping[AgeBucket, Decimal]
    oldest_days: int

    @property
    def overdue(self) -> Decimal:
        return sum(self.ages.values(), ZERO)

    @property
    def total(self) -> Decimal:
        return self.not_due + self.overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeingSums:
    """The columns of all rows added up."""

    not_due: Decimal
    ages: Mapping[AgeBucket, Decimal]
    overdue: Decimal
    total: Decimal


def ageing(view: BillingView, accounts: AccountQuerySet) -> list[AgeingRow]:
    """Of these accounts those that owe anything, the most overdue first; two queries."""
    grouped = open_invoices(view).filter(account__in=accounts.order_by()).values_list("account", "due_date")
    not_due: dict[int, Decimal] = {}
    ages: dict[int, dict[AgeBucket, Decimal]] = {}
    oldest: dict[int, int] = {}
    for account, due, owed in grouped.annotate(owed=summed("balance")):
        days, amount = (view.day - due).days, round2(owed)
        bucket = age_bucket(days)
        not_due.setdefault(account, ZERO)
        of_account = ages.setdefault(account, dict.fromkeys(AgeBucket, ZERO))
        if bucket is None:
            not_due[account] += amount
        else:
            of_account[bucket] += amount
            oldest[account] = max(days, oldest.get(account, 0))
    found = view.organization.accounts.in_bulk(list(not_due))
    rows = [
        AgeingRow(account=found[key], not_due=not_due[key], ages=ages[key], oldest_days=oldest.get(key, 0))
        for key in not_due
    ]
    return sorted(rows, key=lambda row: (-row.overdue, -row.total, row.account.name_key))


def sums_of(rows: list[AgeingRow]) -> AgeingSums:
    ages = {bucket: sum((row.ages[bucket] for row in rows), ZERO) for bucket in AgeBucket}
    overdue, not_due = sum(ages.values(), ZERO), sum((row.not_due for row in rows), ZERO)
    return AgeingSums(not_due=not_due, ages=ages, overdue=overdue, total=not_due + overdue)
