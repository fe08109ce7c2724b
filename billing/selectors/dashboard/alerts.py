"""What needs attention in billing, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Min

from accounts.models import Account
from billing.document_querysets import summed
from billing.enums import AlertAction, AlertSeverity, EntryKind
from billing.models import AlertDismissal, BillingSettings
from billing.selectors.dashboard.customers import overdue_by_account
from billing.selectors.dashboard.receivables import open_invoices
from billing.selectors.dashboard.view import BillingView
from billing.selectors.gstr1 import count_pending_reconciliation, unfiled_period
from billing.services.invoice import default_tax_profile
from billing.services.settings import billing_settings
from csplatform.formatting import counted, rupees_compact, share_pct, trimmed
from csplatform.money import round2
from csplatform.periods import Window, month_start

SOON_DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingAlert:
    """One thing to attend to. `account` is the customer it is about, where it is about one."""

    key: str
    """What it is about, the same for as long as it is raised: its kind, and the customer or period."""
    title: str
    description: str
    severity: AlertSeverity
    action: AlertAction
    about: Window
    """The days that it is about: from when what it speaks of began, until when a dismissal holds."""
    figures: Mapping[str, Decimal]
    """How it stands; the larger, the worse."""
    account: Account | None = None

    def is_put_aside_by(self, dismissal: AlertDismissal) -> bool:
        """Whether it is still what somebody dismissed: nothing of it rose, and it began before."""
        if self.about.start > dismissal.holds_until:
            return False
        return all(value <= Decimal(dismissal.figures.get(name, "-1")) for name, value in self.figures.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    alert: BillingAlert
    dismissal: AlertDismissal


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What is raised: what is to be shown, and what somebody has put aside."""

    shown: list[BillingAlert]
    dismissed: list[PutAside]


def billing_alerts(view: BillingView) -> list[BillingAlert]:
    """Of all kinds, the most severe first; dismissed ones too."""
    limits = billing_settings(view.organization)
    found = [*_large_overdue(view, limits), *_filing(view, limits), *_refunds(view, limits), *_falling_due(view)]
    order = list(AlertSeverity)
    return sorted(found, key=lambda alert: order.index(alert.severity))


def alerts_of(view: BillingView) -> Alerts:
    """The same, less what was dismissed and has not grown worse. A day of the past shows everything: dismissing is
    about today."""
    found = billing_alerts(view)
    put_aside = {each.key: each for each in view.organization.alert_dismissals.select_related("dismissed_by")}
    dismissed = [
        PutAside(alert=alert, dismissal=put_aside[alert.key])
        for alert in found
        if view.day == view.today and alert.key in put_aside and alert.is_put_aside_by(put_aside[alert.key])
    ]
    hidden = {each.alert.key for each in dismissed}
    return Alerts(shown=[alert for alert in found if alert.key not in hidden], dismissed=dismissed)


def _large_overdue(view: BillingView, limits: BillingSettings) -> list[BillingAlert]:
    """A customer whose overdue amount is large and whose oldest invoice is long past its date."""
    oldest = view.day - timedelta(days=limits.long_overdue_days)
    late = {
        key: overdue
        for key, overdue in overdue_by_account(view).items()
        if overdue.amount >= limits.large_overdue and overdue.oldest_due < oldest
    }
    accounts = view.organization.accounts.in_bulk(list(late))
    return [
        BillingAlert(
            key=f"large-overdue:{accounts[key].uuid}",
            title="Large Overdue Amount",
            description=(
                f"{accounts[key]} has {rupees_compact(overdue.amount)} overdue for "
                f"{(view.day - overdue.oldest_due).days}+ days. Immediate escalation recommended."
            ),
            severity=AlertSeverity.HIGH,
            action=AlertAction.CONTACT_CUSTOMER,
            about=Window(overdue.oldest_due, view.day),
            figures={"amount": overdue.amount, "invoices": Decimal(overdue.invoices)},
            account=accounts[key],
        )
        for key, overdue in sorted(late.items(), key=lambda each: (-each[1].amount, each[0]))
    ]


def _filing(view: BillingView, limits: BillingSettings) -> list[BillingAlert]:
    """The earliest return that is not filed, from some days before it is due."""
    period = unfiled_period(view.organization, default_tax_profile(view.organization), view.day)
    if period is None:
        return []
    days = (period.gstr1_due_on - view.day).days
    if days > limits.deadline_days:
        return []
    window = Window(period.window.start, min(period.window.end, view.day))
    pending = count_pending_reconciliation(view.organization, window)
    severity = AlertSeverity.HIGH if days <= 1 else AlertSeverity.MEDIUM
    return [
        BillingAlert(
            key=f"gst-filing:{period.name}",
            title="GST Filing Deadline",
            description=f"GSTR-1 filing {_due(days)}. {counted(pending, 'invoice')} pending reconciliation.",
            severity=severity,
            action=AlertAction.REVIEW_INVOICES,
            about=window,
            figures={
                "pending": Decimal(pending),
                "severity": Decimal(list(AlertSeverity)[::-1].index(severity)),
                "overdue": Decimal(1 if days < 0 else 0),
            },
        )
    ]


def _due(days: int) -> str:
    if days < 0:
        return f"overdue by {counted(-days, 'day')}"
    return f"due in {counted(days, 'day')}" if days else "due today"


def _refunds(view: BillingView, limits: BillingSettings) -> list[BillingAlert]:
    """A customer who asks for many refunds this month, of a large part of what it paid in it."""
    month = Window(month_start(view.day), view.day)
    asked = {
        account: (count, round2(amount))
        for account, count, amount in view.organization.refunds.dated_in(month)
        .order_by()
        .values_list("account")
        .annotate(count=Count("pk"), amount=summed("amount_inr"))
        .filter(count__gte=limits.many_refunds)
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
        if came_in and share_pct(amount, came_in) < limits.high_refund_pct:
            continue
        rate = f"{trimmed(share_pct(amount, came_in), 0)}% rate" if came_in else "nothing paid"
        alerts.append(
            BillingAlert(
                key=f"high-refunds:{accounts[key].uuid}",
                title="High Refund Rate",
                description=(
                    f"{accounts[key]} has {counted(count, 'refund request')} this month ({rate}). "
                    "Review service quality."
                ),
                severity=AlertSeverity.MEDIUM,
                action=AlertAction.INVESTIGATE,
                about=month,
                figures={"requests": Decimal(count), "amount": amount},
                account=accounts[key],
            )
        )
    return alerts


def _falling_due(view: BillingView) -> list[BillingAlert]:
    """What falls due within a week, today included."""
    last: date = view.day + timedelta(days=SOON_DAYS - 1)
    soon = open_invoices(view).filter(due_date__range=(view.day, last))
    row = soon.aggregate(customers=Count("account", distinct=True), amount=summed("balance"), first=Min("due_date"))
    if not row["customers"]:
        return []
    return [
        BillingAlert(
            key="payment-reminder",
            title="Payment Reminder",
            description=(
                f"{counted(row['customers'], 'customer')} {'has' if row['customers'] == 1 else 'have'} payments due "
                f"within next 7 days totaling {rupees_compact(round2(row['amount']))}."
            ),
            severity=AlertSeverity.LOW,
            action=AlertAction.SEND_REMINDERS,
            about=Window(row["first"], last),
            figures={"customers": Decimal(row["customers"]), "amount": round2(row["amount"])},
        )
    ]
