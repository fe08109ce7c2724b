"""What needs attention in billing, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count

from accounts.models import Account
from billing.document_querysets import summed
from billing.enums import AlertAction, AlertSeverity, EntryKind
from billing.selectors.dashboard.customers import overdue_by_account
from billing.selectors.dashboard.receivables import open_invoices
from billing.selectors.dashboard.view import BillingView
from billing.selectors.gstr1 import count_pending_reconciliation, unfiled_period
from billing.services.invoice import default_tax_profile
from csplatform.formatting import counted, rupees_compact, share_pct, trimmed
from csplatform.money import round2
from csplatform.periods import Window, month_start

LARGE_OVERDUE = Decimal(100_000)
LONG_OVERDUE_DAYS = 60
DEADLINE_DAYS = 5
MANY_REFUNDS = 3
HIGH_REFUND_PCT = 10
SOON_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingAlert:
    """One thing to attend to. `account` is the customer it is about, where it is about one."""

    title: str
    description: str
    severity: AlertSeverity
    action: AlertAction
    account: Account | None = None


def billing_alerts(view: BillingView) -> list[BillingAlert]:
    """Of all kinds, the most severe first."""
    found = [*_large_overdue(view), *_filing(view), *_refunds(view), *_falling_due(view)]
    order = list(AlertSeverity)
    return sorted(found, key=lambda alert: order.index(alert.severity))


def _large_overdue(view: BillingView) -> list[BillingAlert]:
    """A customer whose overdue amount is large and whose oldest invoice is long past its date."""
    oldest = view.day - timedelta(days=LONG_OVERDUE_DAYS)
    late = {
        key: overdue
        for key, overdue in overdue_by_account(view).items()
        if overdue.amount >= LARGE_OVERDUE and overdue.oldest_due < oldest
    }
    accounts = view.organization.accounts.in_bulk(list(late))
    return [
        BillingAlert(
            title="Large Overdue Amount",
            description=(
                f"{accounts[key]} has {rupees_compact(overdue.amount)} overdue for "
                f"{(view.day - overdue.oldest_due).days}+ days. Immediate escalation recommended."
            ),
            severity=AlertSeverity.HIGH,
            action=AlertAction.CONTACT_CUSTOMER,
            account=accounts[key],
        )
        for key, overdue in sorted(late.items(), key=lambda each: (-each[1].amount, each[0]))
    ]


def _filing(view: BillingView) -> list[BillingAlert]:
    """The earliest return that is not filed, from five days before it is due."""
    period = unfiled_period(view.organization, default_tax_profile(view.organization), view.day)
    if period is None:
        return []
    days = (period.gstr1_due_on - view.day).days
    if days > DEADLINE_DAYS:
        return []
    window = Window(period.window.start, min(period.window.end, view.day))
    pending = count_pending_reconciliation(view.organization, window)
    return [
        BillingAlert(
            title="GST Filing Deadline",
            description=f"GSTR-1 filing {_due(days)}. {counted(pending, 'invoice')} pending reconciliation.",
            severity=AlertSeverity.HIGH if days <= 1 else AlertSeverity.MEDIUM,
            action=AlertAction.REVIEW_INVOICES,
        )
    ]


def _due(days: int) -> str:
    if days < 0:
        return f"overdue by {counted(-days, 'day')}"
    return f"due in {counted(days, 'day')}" if days else "due today"


def _refunds(view: BillingView) -> list[BillingAlert]:
    """A customer who asks for many refunds this month, of a large part of what it paid in it."""
    month = Window(month_start(view.day), view.day)
    asked = {
        account: (count, round2(amount))
        for account, count, amount in view.organization.refunds.dated_in(month)
        .order_by()
        .values_list("account")
        .annotate(count=Count("pk"), amount=summed("amount_inr"))
        .filter(count__gte=MANY_REFUNDS)
    }
    entries = view.organization.allocations.dated_in(month).filter(kind=EntryKind.PAYMENT).order_by()
    paid = {
        account: round2(amount)
        for account, amount in entries.filter(invoice__account__in=list(asked))
        .values_list("invoice__account")
        .annotate(amount=summed("amount_inr"))
    }
    accounts = view.organization.accounts.in_bulk(list(asked))
    alerts = []
    for key, (count, amount) in sorted(asked.items(), key=lambda each: (-each[1][1], each[0])):
        came_in = paid.get(key)
        if came_in and share_pct(amount, came_in) < HIGH_REFUND_PCT:
            continue
        rate = f"{trimmed(share_pct(amount, came_in), 0)}% rate" if came_in else "nothing paid"
        alerts.append(
            BillingAlert(
                title="High Refund Rate",
                description=(
                    f"{accounts[key]} has {counted(count, 'refund request')} this month ({rate}). "
                    "Review service quality."
                ),
                severity=AlertSeverity.MEDIUM,
                action=AlertAction.INVESTIGATE,
                account=accounts[key],
            )
        )
    return alerts


def _falling_due(view: BillingView) -> list[BillingAlert]:
    """What falls due within a week, today included."""
    last: date = view.day + timedelta(days=SOON_DAYS - 1)
    soon = open_invoices(view).filter(due_date__range=(view.day, last))
    row = soon.aggregate(customers=Count("account", distinct=True), amount=summed("balance"))
    if not row["customers"]:
        return []
    return [
        BillingAlert(
            title="Payment Reminder",
            description=(
                f"{counted(row['customers'], 'customer')} {'has' if row['customers'] == 1 else 'have'} payments due "
                f"within next 7 days totaling {rupees_compact(round2(row['amount']))}."
            ),
            severity=AlertSeverity.LOW,
            action=AlertAction.SEND_REMINDERS,
        )
    ]
