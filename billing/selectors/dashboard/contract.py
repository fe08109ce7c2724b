"""The billing dashboard as its contract prints it: the selectors' figures, put into words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.enums import AccountSize
from accounts.models import Account
from billing.enums import AgeBucket, CustomerType, GstCategory, RefundStatus
from billing.models import CustomerTaxProfile, Invoice, Refund
from billing.selectors.dashboard.alerts import Alerts, BillingAlert, alerts_of
from billing.selectors.dashboard.customers import HighRiskRow, PayerRow, high_risk_rows, payer_rows
from billing.selectors.dashboard.receivables import (
    MOST_SHOWN,
    CollectionPoint,
    OverdueRow,
    Receivables,
    collection_rate,
    collection_trend,
    overdue_rows,
    receivables,
)
from billing.selectors.dashboard.revenue import (
    BillingRevenue,
    ProductRevenue,
    SalesMonth,
    TaxGroup,
    billing_revenue,
    product_revenue,
    sales_and_collection,
)
from billing.selectors.dashboard.team import TeamRow, team_rows
from billing.selectors.dashboard.view import BillingView
from csplatform import formatting as fmt
from csplatform.money import ZERO, round_half_up

Json = dict[str, Any]

AGE_COLORS = {
    AgeBucket.UP_TO_30: "#10b981",
    AgeBucket.UP_TO_60: "#f59e0b",
    AgeBucket.UP_TO_90: "#f97316",
    AgeBucket.OVER_90: "#ef4444",
}
REFUND_CLASSES = {
    RefundStatus.COMPLETED: "success",
    RefundStatus.PROCESSING: "warning",
    RefundStatus.FAILED: "danger",
    RefundStatus.REJECTED: "danger",
}
CATEGORY_NAMES = {GstCategory.B2B: "B2B", GstCategory.B2C: "B2C", GstCategory.EXPORT: "Export"}
TYPE_OF_SIZE = {AccountSize.STARTUP: CustomerType.STARTUP, AccountSize.ENTERPRISE: CustomerType.ENTERPRISE}


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingBoard:
    """Everything the dashboard shows, before it is put into words: the page links its rows."""

    revenue: BillingRevenue
    owed: Receivables
    months: list[SalesMonth]
    points: list[CollectionPoint]
    products: list[ProductRevenue]
    overdue: list[OverdueRow]
    refunds: list[Refund]
    invoices: list[Invoice]
    payers: list[PayerRow]
    high_risk: list[HighRiskRow]
    team: list[TeamRow]
    alerts: Alerts


def billing_board(view: BillingView) -> BillingBoard:
    """All of it in a constant number of queries; lists are cut at fifty rows."""
    refunds = view.organization.refunds.dated_in(view.window).for_list().order_by("-date", "-number")
    invoices = view.issued().select_related("account").order_by("-issue_date", "-number")
    return BillingBoard(
        revenue=billing_revenue(view),
        owed=receivables(view),
        months=sales_and_collection(view),
        points=collection_trend(view),
        products=product_revenue(view),
        overdue=overdue_rows(view),
        refunds=list(refunds[:MOST_SHOWN]),
        invoices=list(invoices[:MOST_SHOWN]),
        payers=payer_rows(view),
        high_risk=high_risk_rows(view),
        team=team_rows(view),
        alerts=alerts_of(view),
    )


def billing_dashboard(view: BillingView) -> Json:
    """The body of the contract."""
    return contract_body(view, billing_board(view))


def contract_body(view: BillingView, board: BillingBoard) -> Json:
    """What was gathered, as the contract prints it, its keys in the contract's order."""
    return {
        "kpis": kpis(view, board.revenue, board.owed),
        "collectionEfficiency": collection_efficiency(board.revenue, board.owed),
        "gstSummary": gst_summary(board.revenue),
        "highRiskCustomers": [_high_risk(row) for row in board.high_risk],
        "salesVsCollection": sales(board.months),
        "agingBuckets": [_age(bucket, board.owed) for bucket in AgeBucket],
        "collectionTrend": trend(board.points),
        "refundMetrics": refund_metrics(board.revenue),
        "productRevenue": products(board.products),
        "overdueDetails": [_overdue(row) for row in board.overdue],
        "refundDetails": [_refund(refund, view) for refund in board.refunds],
        "gstDetails": [_tax(invoice) for invoice in board.invoices],
        "customerHealth": [_payer(row) for row in board.payers],
        "teamPerformance": [_member(row) for row in board.team],
        "alerts": [_alert(alert) for alert in board.alerts.shown],
    }


def kpis(view: BillingView, revenue: BillingRevenue, owed: Receivables) -> Json:
    change = fmt.change_pct(revenue.invoiced, revenue.invoiced_before)
    collected = fmt.percent(fmt.share_pct(revenue.collected, revenue.invoiced))
    return {
        "totalInvoiced": {
            "value": fmt.rupees_kpi(revenue.invoiced),
            "trend": f"{fmt.signed_percent(change)} {view.period.label}",
        },
        "totalCollected": {
            "value": fmt.rupees_kpi(revenue.collected),
            "subtitle": f"{collected} collection rate",
        },
        "pendingReceivables": {"value": fmt.rupees_kpi(owed.pending), "customerCount": owed.customers},
        "overdueAmount": {"value": fmt.rupees_kpi(owed.overdue), "avgDaysOverdue": owed.average_days},
        "refundsCredits": {"value": fmt.rupees_kpi(revenue.refunded), "refundRate": _refund_rate(revenue)},
        "netRealizedRevenue": {"value": fmt.rupees_kpi(revenue.net_realised), "subtitle": "After refunds"},
        "gstCollected": {
            "value": fmt.rupees_kpi(revenue.tax),
            "percentOfInvoiced": fmt.percent(fmt.share_pct(revenue.tax, revenue.taxed_value)),
        },
        "badDebts": {
            "value": fmt.rupees_kpi(revenue.written_off),
            "writeOffPercent": fmt.percent(fmt.share_pct(revenue.written_off, revenue.net_realised)),
        },
    }


def collection_efficiency(revenue: BillingRevenue, owed: Receivables) -> Json:
    rate = collection_rate(revenue.collected_gross, owed.overdue, revenue.written_off_gross)
    return {
        "collectionRate": fmt.percent(rate),
        "avgCollectionPeriod": fmt.days(revenue.collection_days),
        "totalOverdue": fmt.rupees_kpi(owed.overdue),
    }


def gst_summary(revenue: BillingRevenue) -> Json:
    def card(group: TaxGroup) -> Json:
        return {
            "amount": fmt.rupees_kpi(group.value),
            "invoiceCount": group.invoices,
            "gstAmount": fmt.rupees_kpi(group.tax, 2),
        }

    groups = revenue.tax_groups
    return {
        "gstRegisteredB2B": card(groups[GstCategory.B2B]),
        "unregisteredB2C": card(groups[GstCategory.B2C]),
        "overseas": card(groups[GstCategory.EXPORT]),
    }


def sales(months: list[SalesMonth]) -> Json:
    return {
        "labels": [fmt.MONTHS[month.month.month - 1] for month in months],
        "invoiced": [fmt.lakh_number(month.invoiced) for month in months],
        "collected": [fmt.lakh_number(month.collected) for month in months],
        "pending": [fmt.lakh_number(month.pending) for month in months],
    }


def trend(points: list[CollectionPoint]) -> Json:
    return {
        "labels": [point.label for point in points],
        "data": [_json_number(point.rate_pct) for point in points],
    }


def refund_metrics(revenue: BillingRevenue) -> Json:
    return {
        "totalRefunds": fmt.rupees_kpi(revenue.refunded),
        "refundCount": revenue.refunds,
        "refundRate": _refund_rate(revenue),
        "reasons": {
            "labels": [reason.label for reason in revenue.refund_reasons],
            "values": list(revenue.refund_reasons.values()),
        },
    }


def products(rows: list[ProductRevenue]) -> Json:
    return {
        "labels": [row.label.label for row in rows],
        "invoiced": [fmt.lakh_number(row.invoiced) for row in rows],
        "collected": [fmt.lakh_number(row.collected) for row in rows],
    }


def _high_risk(row: HighRiskRow) -> Json:
    return {
        "name": row.account.name,
        "overdueCount": row.overdue_invoices,
        "refundRequests": row.refunds,
        "avgDelay": row.average_delay,
    }


def _age(bucket: AgeBucket, owed: Receivables) -> Json:
    return {"label": bucket.label, "amount": fmt.bare_lakh(owed.ages[bucket]), "color": AGE_COLORS[bucket]}


def _overdue(row: OverdueRow) -> Json:
    kind = customer_type(row.invoice.account).label
    return {
        "invoiceDate": fmt.iso_date(row.invoice.issue_date),
        "customer": row.invoice.account.name,
        "type": kind,
        "typeClass": kind.lower(),
        "invoiceNo": row.invoice.number,
        "dueDate": fmt.iso_date(row.invoice.due_date),
        "amount": fmt.plain(row.amount),
        "paid": fmt.plain(row.paid),
        "outstanding": fmt.plain(row.outstanding),
        "daysOverdue": row.days,
        "status": row.status.label,
        "statusClass": row.status.value,
    }


def _refund(refund: Refund, view: BillingView) -> Json:
    """One that was not handled by the day shows as processing."""
    decided = refund.decided_on is not None and refund.decided_on <= view.day
    status = RefundStatus(refund.status) if decided else RefundStatus.PROCESSING
    return {
        "date": fmt.iso_date(refund.date),
        "customer": refund.account.name,
        "invoiceNo": refund.invoice.number if refund.invoice else "",
        "refundId": refund.number,
        "amount": fmt.plain(refund.amount_inr),
        "reason": refund.get_reason_display(),
        "processedBy": refund.processed_by.display_name if refund.processed_by else "",
        "status": status.label,
        "statusClass": REFUND_CLASSES[status],
    }


def _tax(invoice: Invoice) -> Json:
    return {
        "invoiceNo": invoice.number,
        "customer": invoice.account.name,
        "type": invoice.category.label,
        "typeClass": invoice.category.value,
        "placeOfSupply": invoice.place_name,
        "taxableValue": fmt.plain(invoice.taxable_inr),
        "cgst": fmt.plain(invoice.cgst_inr),
        "sgst": fmt.plain(invoice.sgst_inr),
        "igst": fmt.plain(invoice.igst_inr),
        "category": CATEGORY_NAMES[invoice.category],
    }


def _payer(row: PayerRow) -> Json:
    return {
        "name": row.account.name,
        "mrr": fmt.plain(row.mrr),
        "healthScore": int(fmt.score(row.score)),
        "avgDelay": row.average_delay,
        "totalOverdues": fmt.plain(row.overdue),
        "refundCount": row.refunds,
        "riskLevel": row.risk.label,
        "riskClass": row.risk.value,
    }


def _member(row: TeamRow) -> Json:
    return {
        "name": row.name,
        "invoices": row.invoices,
        "amount": fmt.lakh_suffix(row.amount),
        "collections": fmt.lakh_suffix(row.collections),
        "reminders": row.reminders,
        "refunds": row.refunds,
        "errors": row.errors,
        "invoiceTime": _json_number(row.invoice_days),
        "paymentTime": row.payment_days,
    }


def _alert(alert: BillingAlert) -> Json:
    return {
        "title": alert.title,
        "description": alert.description,
        "severity": alert.severity.value,
        "action": alert.action.value,
    }


def customer_type(account: Account) -> CustomerType:
    """What billing calls the customer; where nobody said, what its size suggests; SMB else."""
    profile: CustomerTaxProfile | None = getattr(account, "tax_profile", None)
    if profile is not None and profile.customer_type:
        return CustomerType(profile.customer_type)
    return TYPE_OF_SIZE.get(AccountSize(account.size), CustomerType.SMB) if account.size else CustomerType.SMB


def _refund_rate(revenue: BillingRevenue) -> str:
    return fmt.percent(fmt.share_pct(revenue.refunded, revenue.collected))


def _json_number(value: Decimal) -> int | float:
    """A JSON number, whole where it is: a percentage or a count of days, never money."""
    rounded = round_half_up(value or ZERO, 1)
    return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)
