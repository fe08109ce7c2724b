"""The billing dashboard as its contract prints it: the selectors' figures, put into words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from accounts.enums import AccountSize
from accounts.models import Account
from billing.enums import AgeBucket, CustomerType, GstCategory, RefundStatus
from billing.models import CustomerTaxProfile
from billing.selectors.dashboard.alerts import billing_alerts
from billing.selectors.dashboard.customers import high_risk_rows, payer_rows
from billing.selectors.dashboard.receivables import (
    MOST_SHOWN,
    Receivables,
    collection_rate,
    collection_trend,
    overdue_rows,
    receivables,
)
from billing.selectors.dashboard.revenue import (
    BillingRevenue,
    TaxGroup,
    billing_revenue,
    product_revenue,
    sales_and_collection,
)
from billing.selectors.dashboard.team import team_rows
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


def billing_dashboard(view: BillingView) -> Json:
    """The whole body, in a constant number of queries."""
    revenue, owed = billing_revenue(view), receivables(view)
    return {
        "kpis": kpis(view, revenue, owed),
        "collectionEfficiency": collection_efficiency(revenue, owed),
        "gstSummary": gst_summary(revenue),
        "highRiskCustomers": [
            {
                "name": row.account.name,
                "overdueCount": row.overdue_invoices,
                "refundRequests": row.refunds,
                "avgDelay": row.average_delay,
            }
            for row in high_risk_rows(view)
        ],
        "salesVsCollection": sales(view),
        "agingBuckets": [
            {"label": bucket.label, "amount": fmt.bare_lakh(owed.ages[bucket]), "color": AGE_COLORS[bucket]}
            for bucket in AgeBucket
        ],
        "collectionTrend": trend(view),
        "refundMetrics": refund_metrics(revenue),
        "productRevenue": products(view),
        "overdueDetails": overdue_details(view),
        "refundDetails": refund_details(view),
        "gstDetails": gst_details(view),
        "customerHealth": customer_health(view),
        "teamPerformance": team(view),
        "alerts": [
            {
                "title": alert.title,
                "description": alert.description,
                "severity": alert.severity.value,
                "action": alert.action.value,
            }
            for alert in billing_alerts(view)
        ],
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


def sales(view: BillingView) -> Json:
    months = sales_and_collection(view)
    return {
        "labels": [fmt.MONTHS[month.month.month - 1] for month in months],
        "invoiced": [fmt.lakh_number(month.invoiced) for month in months],
        "collected": [fmt.lakh_number(month.collected) for month in months],
        "pending": [fmt.lakh_number(month.pending) for month in months],
    }


def trend(view: BillingView) -> Json:
    points = collection_trend(view)
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


def products(view: BillingView) -> Json:
    rows = product_revenue(view)
    return {
        "labels": [row.label.label for row in rows],
        "invoiced": [fmt.lakh_number(row.invoiced) for row in rows],
        "collected": [fmt.lakh_number(row.collected) for row in rows],
    }


def overdue_details(view: BillingView) -> list[Json]:
    return [
        {
            "invoiceDate": fmt.iso_date(row.invoice.issue_date),
            "customer": row.invoice.account.name,
            "type": customer_type(row.invoice.account).label,
            "typeClass": customer_type(row.invoice.account).label.lower(),
            "invoiceNo": row.invoice.number,
            "dueDate": fmt.iso_date(row.invoice.due_date),
            "amount": fmt.plain(row.amount),
            "paid": fmt.plain(row.paid),
            "outstanding": fmt.plain(row.outstanding),
            "daysOverdue": row.days,
            "status": row.status.label,
            "statusClass": row.status.value,
        }
        for row in overdue_rows(view)
    ]


def refund_details(view: BillingView) -> list[Json]:
    """Records of the window, newest first; one not yet handled on the day shows as processing."""
    refunds = view.organization.refunds.dated_in(view.window).for_list().order_by("-date", "-number")
    rows = []
    for refund in refunds[:MOST_SHOWN]:
        decided = refund.decided_on is not None and refund.decided_on <= view.day
        status = RefundStatus(refund.status) if decided else RefundStatus.PROCESSING
        rows.append(
            {
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
        )
    return rows


def gst_details(view: BillingView) -> list[Json]:
    """Invoices of the window, newest first."""
    invoices = view.issued().select_related("account").order_by("-issue_date", "-number")[:MOST_SHOWN]
    return [
        {
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
        for invoice in invoices
    ]


def customer_health(view: BillingView) -> list[Json]:
    return [
        {
            "name": row.account.name,
            "mrr": fmt.plain(row.mrr),
            "healthScore": int(fmt.score(row.score)),
            "avgDelay": row.average_delay,
            "totalOverdues": fmt.plain(row.overdue),
            "refundCount": row.refunds,
            "riskLevel": row.risk.label,
            "riskClass": row.risk.value,
        }
        for row in payer_rows(view)
    ]


def team(view: BillingView) -> list[Json]:
    return [
        {
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
        for row in team_rows(view)
    ]


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
