"""Customers as payers: how late they pay, what they owe, who needs a look."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import (
    Avg,
    Case,
    Count,
    DurationField,
    Exists,
    ExpressionWrapper,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.bands import billing_risk
from accounts.enums import BillingRisk
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from accounts.score_records import shown_scores
from billing.document_querysets import summed
from billing.selectors.dashboard.receivables import MOST_SHOWN, open_invoices, overdue_invoices
from billing.selectors.dashboard.view import BillingView
from billing.selectors.mrr import mrr_by_account, paying_accounts
from csplatform.money import ZERO, round2
from csplatform.periods import last_days

REFUND_DAYS = 90
DELAY_DAYS = 365
MANY_OVERDUE = 3
MANY_REFUNDS = 3
LONG_DELAY = 45
MOST_HIGH_RISK = 10
NO_TIME = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """What one customer owes past its date."""

    invoices: int
    amount: Decimal
    oldest_due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerRow:
    """A customer's payment behaviour beside its health."""

    account: Account
    mrr: Decimal
    score: Decimal
    average_delay: int
    overdue: Decimal
    refunds: int
    overdue_invoices: int = 0

    @property
    def risk(self) -> BillingRisk:
        return billing_risk(self.score) or BillingRisk.LOW


@dataclass(frozen=True, slots=True, kw_only=True)
class HighRiskRow:
    account: Account
    overdue_invoices: int
    refunds: int
    average_delay: int
    overdue: Decimal = ZERO

    @property
    def reasons(self) -> list[str]:
        """Which of the three made it one."""
        found = {
            f"{self.overdue_invoices} overdue invoices": self.overdue_invoices >= MANY_OVERDUE,
            f"{self.refunds} refund requests in {REFUND_DAYS} days": self.refunds >= MANY_REFUNDS,
            f"{self.average_delay} days late as a rule": self.overdue > 0 and self.average_delay > LONG_DELAY,
        }
        return [reason for reason, holds in found.items() if holds]


def overdue_by_account(view: BillingView, accounts: QuerySet[Account] | None = None) -> dict[int, Overdue]:
    """Customers with anything overdue, all of them or those among some accounts, in one query."""
    invoices = overdue_invoices(view)
    rows = (
        (invoices if accounts is None else invoices.filter(account__in=accounts))
        .values_list("account")
        .annotate(count=Count("pk"), owed=summed("balance"), oldest=Min("due_date"))
    )
    return {
        account: Overdue(invoices=count, amount=round2(amount), oldest_due=oldest)
        for account, count, amount, oldest in rows
    }


def refund_requests(view: BillingView, *, days: int = REFUND_DAYS) -> dict[int, int]:
    """Refund records of the last days by customer, whatever became of them."""
    refunds = view.organization.refunds.dated_in(last_days(view.day, days)).order_by()
    return dict(refunds.values_list("account").annotate(count=Count("pk")))


def average_delays(view: BillingView, accounts: Collection[int] | AccountQuerySet) -> dict[int, int]:
    """Days that each customer takes beyond the due date, in one query: the mean over its invoices due within a year.

    What is paid in time counts as no delay; what is still owed counts to the day."""
    due = view.standing().filter(account__in=accounts, due_date__gt=view.day - timedelta(days=DELAY_DAYS))
    invoices = due.filter(due_date__lte=view.day).with_balance_on(view.day, today=view.today)
    invoices = invoices.with_last_entry_by(view.day, today=view.today)
    settled = Case(
        When(Q(balance__gt=0), then=Value(view.day)), default=Coalesce(F("last_entry_on"), Value(view.day))
    )
    late = ExpressionWrapper(settled - F("due_date"), output_field=DurationField())
    delay = Case(When(Q(settled_then_on__gt=F("due_date")), then=late), default=Value(NO_TIME))
    rows = invoices.alias(settled_then_on=settled).values_list("account").annotate(delay=Avg(delay))
    return {account: round((found or NO_TIME) / timedelta(days=1)) for account, found in rows}


def payer_rows(view: BillingView, *, most: int = MOST_SHOWN) -> list[PayerRow]:
    """Customers that pay or owe something, the lowest health first; those of unknown health are left out."""
    owing = open_invoices(view).filter(account=OuterRef("pk"))
    paying = paying_accounts(view.organization, view.day)
    candidates = view.organization.accounts.unarchived().filter(Exists(owing) | Q(pk__in=paying)).order_by()
    scores = shown_scores(view.organization, candidates, view.day, most=most)
    accounts = candidates.in_bulk(list(scores))
    mrr = mrr_by_account(view.organization, view.day, accounts=list(scores))
    delays, refunds, overdue = average_delays(view, list(scores)), refund_requests(view), overdue_by_account(view)
    return [
        PayerRow(
            account=accounts[key],
            mrr=mrr.get(key, ZERO),
            score=score,
            average_delay=delays.get(key, 0),
            overdue=overdue[key].amount if key in overdue else ZERO,
            refunds=refunds.get(key, 0),
            overdue_invoices=overdue[key].invoices if key in overdue else 0,
        )
        for key, score in scores.items()
    ]


def high_risk_rows(view: BillingView, *, most: int = MOST_HIGH_RISK) -> list[HighRiskRow]:
    """Who owes on three invoices, asked three refunds in ninety days, or is late and usually by more than 45 days;
    the largest overdue amount first."""
    overdue, refunds = overdue_by_account(view), refund_requests(view)
    known = {key for key, count in refunds.items() if count >= MANY_REFUNDS} | set(overdue)
    delays = average_delays(view, known)

    def is_risky(key: int) -> bool:
        return (
            (key in overdue and overdue[key].invoices >= MANY_OVERDUE)
            or refunds.get(key, 0) >= MANY_REFUNDS
            or (key in overdue and delays.get(key, 0) > LONG_DELAY)
        )

    def owed(key: int) -> Decimal:
        return overdue[key].amount if key in overdue else ZERO

    worst = sorted(filter(is_risky, known), key=lambda key: (-owed(key), key))[:most]
    accounts = view.organization.accounts.in_bulk(worst)
    return [
        HighRiskRow(
            account=accounts[key],
            overdue_invoices=overdue[key].invoices if key in overdue else 0,
            refunds=refunds.get(key, 0),
            average_delay=delays.get(key, 0),
            overdue=owed(key),
        )
        for key in worst
    ]
