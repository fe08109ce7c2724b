"""The account-management dashboard as its contract prints it: the selectors' figures, put into words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.bands import portfolio_class
from accounts.enums import ActivityKind, Band, TicketPriority
from accounts.models import Activity
from accounts.selectors.support import pressing_tickets, support_stats
from billing.enums import RenewalStatus
from csplatform import formatting as fmt
from csplatform.periods import AccountPeriod, zone_of
from insights.enums import Growth
from insights.selectors.dashboard.accounts import PortfolioRow, RiskRow, at_risk_rows, portfolio_rows
from insights.selectors.dashboard.health import PortfolioHealth
from insights.selectors.dashboard.revenue import PortfolioRevenue
from insights.selectors.dashboard.view import PortfolioView
from insights.selectors.dashboard.work import TOLD, FollowUpRow, follow_up_rows, recent_activities, renewal_rows

Json = dict[str, Any]

BAND_COLORS = {
    Band.HEALTHY: "#15803d",
    Band.WATCHLIST: "#eab308",
    Band.AT_RISK: "#f97316",
    Band.CRITICAL: "#dc2626",
}
PRIORITY_COLORS = {
    TicketPriority.CRITICAL: "#dc2626",
    TicketPriority.HIGH: "#f97316",
    TicketPriority.MEDIUM: "#fbbf24",
    TicketPriority.LOW: "#dbeafe",
}
PRIORITY_CLASSES = {TicketPriority.CRITICAL: "danger", TicketPriority.LOW: "gray"}
RENEWAL_CLASSES = {
    RenewalStatus.RENEWED: "success",
    RenewalStatus.IN_PROCESS: "warning",
    RenewalStatus.PREPARED_LOST: "danger",
    RenewalStatus.CLOSED: "danger",
    RenewalStatus.NOT_STARTED: "gray",
}
GROWTH_CLASSES = {Growth.EXPANDED: "success", Growth.STABLE: "gray", Growth.CONTRACTED: "warning"}
ACTIVITY_LOOKS = {
    "renewal": ("✅", "renewal"),
    "qbr": ("📅", "qbr"),
    "upsell": ("💰", "upsell"),
    "churn": ("❌", "churn"),
    "call": ("📞", "renewal"),
    "email": ("📧", "qbr"),
}
"""Icon and class of each of the contract's types."""
ACTIVITY_BADGES = {
    ActivityKind.CHURN: ("Lost", "danger"),
    ActivityKind.EXPANSION: ("Expanded", "success"),
}
NEW_IN = {
    AccountPeriod.TODAY: "today",
    AccountPeriod.WEEK: "this week",
    AccountPeriod.MONTH: "this month",
    AccountPeriod.QUARTER: "this quarter",
    AccountPeriod.CUSTOM: "in this period",
}
SOON = timedelta(minutes=60)


def donut(counts: Mapping[Any, int], colors: Mapping[Any, str]) -> Json:
    """A chart with its legend, made of the same counts, so that the two cannot disagree."""
    labels = [key.label for key in counts]
    chosen = [colors[key] for key in counts]
    return {
        "chart": {"labels": labels, "data": list(counts.values()), "colors": chosen},
        "legend": [
            {"label": label, "value": count, "color": color}
            for label, count, color in zip(labels, counts.values(), chosen, strict=True)
        ],
    }


def kpis(view: PortfolioView, revenue: PortfolioRevenue, health: PortfolioHealth, advocates: Json) -> Json:
    change = fmt.change_pct(revenue.mrr, revenue.opening_mrr)
    moved = fmt.trend_direction(revenue.net_revenue_change)
    return {
        "totalMRR": {
            "value": fmt.rupees_compact(revenue.mrr),
            "subtitle": "Monthly Recurring Revenue",
            "trend": f"{fmt.arrow_percent(change)} {view.period.label}",
            "trendDirection": fmt.trend_direction(change),
        },
        "netRevenueChange": {
            "value": fmt.rupees_compact(revenue.net_revenue_change),
            "subtitle": "Expansion - Contraction - Churn",
            "trend": f"{fmt.ARROWS[moved]} Last 30 days",
            "trendDirection": moved,
        },
        "churnRate": {"value": fmt.percent(revenue.churn_rate), "subtitle": "Last 90 days"},
        "atRiskAccounts": {"value": health.at_risk, "subtitle": "Based on health score"},
        "activeAdvocates": advocates,
        "avgHealthScore": {"value": fmt.score_of(health.average or Decimal(0)), "subtitle": "Weighted average"},
    }


def at_risk_accounts(view: PortfolioView) -> list[Json]:
    return [_at_risk_account(row, view) for row in at_risk_rows(view)]


def _at_risk_account(row: RiskRow, view: PortfolioView) -> Json:
    contact = "" if row.last_contact is None else fmt.relative_time(row.last_contact, now=view.now)
    renewal = "" if row.renews_on is None else fmt.date_us(row.renews_on)
    return {
        "company": row.account.name,
        "mrr": fmt.rupees_compact(row.mrr),
        "healthScore": _floor(row.score),
        "arr": fmt.rupees_compact(row.mrr * 12),
        "riskBadge": "CRITICAL" if row.is_critical else f"Score: {fmt.score(row.score)}",
        "riskTags": list(row.tags),
        "lastContact": contact or row.strongest_risk or "Never",
        "renewalDate": renewal or row.strongest_risk or "Not set",
    }


def upcoming_renewals(view: PortfolioView) -> list[Json]:
    return [
        {
            "date": fmt.date_us(row.due_on),
            "account": row.account.name,
            "accountOwner": row.account.owner.display_name if row.account.owner else "Unassigned",
            "mrr": fmt.rupees_full(row.mrr),
            "status": row.status.label,
            "statusClass": RENEWAL_CLASSES[row.status],
        }
        for row in renewal_rows(view)
    ]


def mrr_trend(revenue: PortfolioRevenue, collected: list[Decimal]) -> Json:
    """`collected` is the collected part of the MRR at the close of each month of the chart."""
    return {
        "summary": {
            "existingMRR": fmt.rupees_compact(revenue.mrr),
            "collectionMRR": fmt.rupees_compact(collected[-1]),
            "churnMRR": fmt.rupees_compact(revenue.churned_in_window),
            "netMRRGrowth": fmt.signed_percent(revenue.growth_pct),
        },
        "chart": {
            "labels": [_short_month(point.month) for point in revenue.months],
            "datasets": {
                "existingMRR": [fmt.lakh_number(point.mrr) for point in revenue.months],
                "collectionMRR": [fmt.lakh_number(amount) for amount in collected],
            },
        },
    }


def follow_ups(view: PortfolioView) -> list[Json]:
    return [_follow_up(row, view) for row in follow_up_rows(view)]


def _follow_up(row: FollowUpRow, view: PortfolioView) -> Json:
    word, tag, tag_class = row.priority.upper(), row.priority.upper(), str(row.priority)
    if row.due_at < view.now:
        tag, tag_class = "Overdue", "high"
    elif row.due_at - view.now <= SOON:
        tag = f"In {(row.due_at - view.now) // timedelta(minutes=1)} min"
    return {
        "priority": word,
        "priorityClass": str(row.priority),
        "customer": row.account,
        "taskType": row.task_type,
        "description": row.description,
        "scheduledTime": fmt.schedule_text(row.due_at, now=view.now, zone=zone_of(view.organization)),
        "timeTag": tag,
        "timeTagClass": tag_class,
    }


def support(view: PortfolioView) -> Json:
    """The three blocks about tickets; the chart is made of the open ones and adds up to their number."""
    stats = support_stats(view.organization, accounts=view.customers, window=view.period.window, as_of=view.day)
    return {
        "supportStats": {
            "openTickets": stats.open,
            "escalated": stats.escalated,
            "avgResponseTime": fmt.hours(stats.response_hours or Decimal(0)),
            "csatScore": fmt.rating(stats.csat or Decimal(0)),
        },
        "ticketPriority": donut(stats.by_priority, PRIORITY_COLORS),
        "criticalTickets": [
            {
                "ticketId": ticket.external_id,
                "description": ticket.subject,
                "account": ticket.account_name,
                "priority": ticket.priority.label,
                "priorityClass": PRIORITY_CLASSES.get(ticket.priority, "warning"),
                "age": fmt.age(view.now - ticket.opened_at),
            }
            for ticket in pressing_tickets(view.organization, accounts=view.customers, as_of=view.day)
        ],
    }


def portfolio(view: PortfolioView) -> list[Json]:
    return [_portfolio_row(row) for row in portfolio_rows(view)]


def _portfolio_row(row: PortfolioRow) -> Json:
    return {
        "account": row.account.name,
        "email": row.email,
        "segment": row.segment.label,
        "mrr": fmt.rupees_full(row.mrr),
        "healthScore": _floor(row.score),
        "healthClass": str(portfolio_class(row.score)),
        "products": list(row.icons),
        "renewalDate": "Not set" if row.renews_on is None else fmt.date_us(row.renews_on),
        "growthStatus": row.growth.label,
        "growthClass": GROWTH_CLASSES[row.growth],
    }


def recent_activity(view: PortfolioView) -> list[Json]:
    return [_activity(line, view) for line in recent_activities(view)]


def _activity(line: Activity, view: PortfolioView) -> Json:
    kind = TOLD[line.kind]
    icon, css = ACTIVITY_LOOKS[kind]
    badge, badge_class = ACTIVITY_BADGES.get(ActivityKind(line.kind), ("", ""))
    if line.actor is None:
        who = "System"
    else:
        who = "You" if line.actor_id == view.member.user_id else line.actor.display_name
    return {
        "type": kind,
        "typeIcon": icon,
        "typeClass": css,
        "title": line.title,
        "description": line.text or line.account.name,
        "timestamp": fmt.relative_time(line.occurred_at, now=view.now),
        "user": who,
        "badge": badge,
        "badgeClass": badge_class,
    }


def _floor(score: Decimal) -> int:
    """A score as a whole number that does not contradict its band."""
    return int(fmt.score(score))


def _short_month(day: date) -> str:
    return fmt.MONTHS[day.month - 1]
