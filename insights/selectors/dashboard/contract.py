"""The account-management dashboard as its contract prints it: the selectors' figures, put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from accounts.bands import portfolio_class
from accounts.enums import ActivityKind, Band, TicketPriority
from accounts.models import Activity
from accounts.models.advocacy import REFERRAL_TONES
from accounts.selectors.support import OpenTicket
from accounts.selectors.usage import ProductAdoption, UsageInsight
from billing.enums import RenewalStatus
from csplatform import formatting as fmt
from csplatform.periods import AccountPeriod, zone_of
from insights.enums import Growth
from insights.selectors.dashboard.accounts import PortfolioRow, RiskRow
from insights.selectors.dashboard.advocacy import AdvocateCount, CandidateRow, ReferralRow
from insights.selectors.dashboard.board import PortfolioBoard, portfolio_board
from insights.selectors.dashboard.revenue import PortfolioRevenue
from insights.selectors.dashboard.view import PortfolioView
from insights.selectors.dashboard.work import TOLD, FollowUpRow, RenewalRow

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


def account_dashboard(view: PortfolioView) -> Json:
    """The body of the contract, its keys in the order in which they are published."""
    return contract_body(view, portfolio_board(view))


def contract_body(view: PortfolioView, board: PortfolioBoard) -> Json:
    """The same, from a board that is at hand."""
    return {
        "kpis": kpis(view, board),
        "healthDistribution": donut(board.health.bands, BAND_COLORS),
        "atRiskAccounts": [_at_risk_account(row, view) for row in board.at_risk],
        "upcomingRenewals": [_renewal(row) for row in board.renewals],
        "mrrTrend": mrr_trend(board.revenue),
        "productAdoption": [_adoption(row) for row in board.adoption],
        "usageInsights": [_usage(row) for row in board.usage],
        "followUps": [_follow_up(row, view) for row in board.follow_ups],
        "referralStats": {
            "referrals": board.referrals.opened,
            "testimonials": board.referrals.testimonials,
            "potentialMRR": fmt.rupees_compact(board.referrals.potential_mrr),
        },
        "referralPipeline": [_referral(row) for row in board.pipeline],
        "advocacyCandidates": [_candidate(row) for row in board.candidates],
        "supportStats": {
            "openTickets": board.support.open,
            "escalated": board.support.escalated,
            "avgResponseTime": fmt.hours(board.support.response_hours or Decimal(0)),
            "csatScore": fmt.rating(board.support.csat or Decimal(0)),
        },
        "ticketPriority": donut(board.support.by_priority, PRIORITY_COLORS),
        "criticalTickets": [_ticket(row, view) for row in board.tickets],
        "portfolio": portfolio(board.portfolio),
        "recentActivity": [_activity(line, view) for line in board.activities],
    }


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


def kpis(view: PortfolioView, board: PortfolioBoard) -> Json:
    """Labels that name a window (30 and 90 days) mean it, whatever the period."""
    revenue, health = board.revenue, board.health
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
        "activeAdvocates": _advocates(view, board.advocates),
        "avgHealthScore": {"value": fmt.score_of(health.average or Decimal(0)), "subtitle": "Weighted average"},
    }


def _advocates(view: PortfolioView, count: AdvocateCount) -> Json:
    direction = fmt.trend_direction(count.gained)
    word = "new" if count.gained >= 0 else "fewer"
    return {
        "value": count.now,
        "subtitle": "Referral & testimonial ready",
        "trend": f"{fmt.ARROWS[direction]} {abs(count.gained)} {word} {NEW_IN[AccountPeriod(view.period.name)]}",
        "trendDirection": direction,
    }


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


def _renewal(row: RenewalRow) -> Json:
    return {
        "date": fmt.date_us(row.due_on),
        "account": row.account.name,
        "accountOwner": row.account.owner.display_name if row.account.owner else "Unassigned",
        "mrr": fmt.rupees_full(row.mrr),
        "status": row.status.label,
        "statusClass": RENEWAL_CLASSES[row.status],
    }


def mrr_trend(revenue: PortfolioRevenue) -> Json:
    return {
        "summary": {
            "existingMRR": fmt.rupees_compact(revenue.mrr),
            "collectionMRR": fmt.rupees_compact(revenue.collected[-1]),
            "churnMRR": fmt.rupees_compact(revenue.churned_in_window),
            "netMRRGrowth": fmt.signed_percent(revenue.growth_pct),
        },
        "chart": {
            "labels": [_short_month(point.month) for point in revenue.months],
            "datasets": {
                "existingMRR": [fmt.lakh_number(point.mrr) for point in revenue.months],
                "collectionMRR": [fmt.lakh_number(amount) for amount in revenue.collected],
            },
        },
    }


def _adoption(row: ProductAdoption) -> Json:
    return {
        "icon": row.product.icon,
        "name": row.product.name,
        "accountCount": row.accounts,
        "adoptionRate": "" if row.rate_pct is None else fmt.percent(row.rate_pct),
        "adoptionLevel": row.level.label,
    }


def _usage(row: UsageInsight) -> Json:
    return {
        "account": row.account_name,
        "keyUsage": row.key_usage,
        "utilization": row.utilization.label,
        "utilizationClass": row.css_class,
        "recommendedAction": row.action,
    }


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


def _referral(row: ReferralRow) -> Json:
    return {
        "referrer": row.referrer,
        "referredCompany": row.company,
        "status": row.status.label,
        "statusClass": REFERRAL_TONES[row.status],
        "potentialMRR": fmt.rupees_full(row.potential_mrr),
    }


def _candidate(row: CandidateRow) -> Json:
    return {
        "company": row.advocate.account.name,
        "contactName": row.contact,
        "quote": row.quote,
        "note": row.note,
        "score": f"{row.advocate.score}%",
    }


def _ticket(row: OpenTicket, view: PortfolioView) -> Json:
    return {
        "ticketId": row.external_id,
        "description": row.subject,
        "account": row.account_name,
        "priority": TicketPriority(row.priority).label,
        "priorityClass": PRIORITY_CLASSES.get(TicketPriority(row.priority), "warning"),
        "age": fmt.age(view.now - row.opened_at),
    }


def portfolio(rows: Iterable[PortfolioRow]) -> list[Json]:
    return [_portfolio_row(row) for row in rows]


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
