"""The customer-360 scorecard of an account, over what the platform holds of it today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Case, Count, DurationField, ExpressionWrapper, F, FloatField, Q, Value, When
from django.utils import timezone

from accounts.enums import EngagementOutcome
from accounts.models import Account, EngagementContact
from accounts.selectors.engagement_analytics import cadences
from billing.selectors.dashboard.customers import average_delays
from billing.selectors.dashboard.view import billing_view
from billing.selectors.mrr import arr_change
from billing.selectors.renewals import expected, forecast_model
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import day_bounds, end_of_day
from health.models import Scorecard
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD, MeasureRow, Result, score_customer

KEY = "customer_360"
Values = dict[str, float | None]


def customer_360_rows(organization: Organization) -> Sequence[MeasureRow]:
    """The organisation's published ones, the built-in ones where it has none."""
    stored: Scorecard | None = organization.scorecards.published().filter(key=KEY).order_by("-version").first()
    return CUSTOMER_360_SCORECARD if stored is None else stored.signals


def customer_360(account: Account, *, today: date) -> Result:
    """Scored now, in a constant number of queries."""
    rows = customer_360_rows(account.organization)
    return score_customer(rows, customer_360_values(account, rows, today=today))


def customer_360_values(account: Account, rows: Sequence[MeasureRow], *, today: date) -> Values:
    """Each measure over its window; None where the platform holds nothing of it, or nothing young enough."""
    days = {row["key"]: row["window_days"] for row in rows}
    return {
        **_usage(account, today=today, days=_of(days, "login_rate")),
        **_support(account, today=today, days=_of(days, "csat")),
        **_engagement(account, today=today, days=_of(days, "contact_share")),
        **_business(account, today=today, days=_of(days, "arr_change_pct")),
    }


def _of(days: dict[str, int], key: str) -> int:
    return days.get(key, 90)


def _usage(account: Account, *, today: date, days: int) -> Values:
    """Means of the daily metrics of the window."""
    metrics = account.daily_metrics.in_window(today=today, days=days - 1).order_by()
    found = metrics.aggregate(
        login_rate=Avg("login_rate"),
        adoption_pct=Avg("adoption_pct"),
        session_minutes=Avg("session_minutes"),
        users=Avg("daily_active_users"),
    )
    users, expected_users = found.pop("users"), account.seats or account.organization.active_users_target
    return {**found, "active_share": None if users is None else float(users) / expected_users}


def _support(account: Account, *, today: date, days: int) -> Values:
    """Of the tickets; nothing where the organisation keeps none here."""
    if not account.organization.tickets.exists():
        return {}
    since, end = _since(account, today, days), end_of_day(today, account.organization)
    took = ExpressionWrapper(F("resolved_at") - F("opened_at"), output_field=DurationField())
    unresolved = Q(resolved_at=None) | Q(resolved_at__gt=end)
    grave = Q(priority="critical") | Q(is_escalated=True) | Q(due_at__lt=end)
    found = account.tickets.filter(opened_at__lte=end).aggregate(
        opened=Count("pk", filter=Q(opened_at__gte=since)),
        grave=Count("pk", filter=unresolved & grave),
        took=Avg(took, filter=Q(resolved_at__gte=since, resolved_at__lte=end)),
        csat=Avg("csat", filter=Q(resolved_at__gte=since, resolved_at__lte=end)),
    )
    return {
        "tickets_opened": found["opened"],
        "grave_tickets": found["grave"],
        "resolution_hours": None if found["took"] is None else found["took"].total_seconds() / 3600,
        "csat": found["csat"],
    }


def _engagement(account: Account, *, today: date, days: int) -> Values:
    """Of engagements held and tasks that fell due; nothing where the organisation writes none down."""
    organization = account.organization
    if not organization.engagements.exists():
        return {}
    held = account.engagements.held().on_days(today - timedelta(days=days - 1), today, organization).order_by()
    worth = Case(
        When(outcome=EngagementOutcome.POSITIVE, then=Value(1.0)),
        When(outcome=EngagementOutcome.NEGATIVE, then=Value(0.0)),
        default=Value(0.5),
        output_field=FloatField(),
    )
    found = held.aggregate(count=Count("pk"), outcomes=Avg(worth, filter=~Q(outcome="")))
    met = EngagementContact.objects.filter(organization=organization, engagement__in=held)
    since, end = _since(account, today, days), end_of_day(today, organization)
    due = account.follow_ups.filter(waits_since=None, due_at__gte=since, due_at__lte=end).aggregate(
        all=Count("pk"), in_time=Count("pk", filter=Q(completed_at__lte=F("due_at")))
    )
    cadence = cadences(organization)[account.segment]
    return {
        "contact_share": found["count"] / max(days / cadence, 1.0),
        "tasks_in_time": due["in_time"] / due["all"] if due["all"] else None,
        "good_outcomes": found["outcomes"],
        "people_met": met.aggregate(people=Count("contact", distinct=True))["people"],
    }


def _business(account: Account, *, today: date, days: int) -> Values:
    organization = account.organization
    average = organization.accounts.open().aggregate(arr=Avg("arr"))["arr"]
    moved = arr_change(organization, since=today - timedelta(days=days), until=today, accounts=[account.pk])
    before = (account.arr or ZERO) - moved
    delay = None
    if account.invoices.issued().exists():
        view = billing_view(organization, now=timezone.now(), as_of=today)
        delay = average_delays(view, [account.pk]).get(account.pk)
    renewal = account.renewals.open().filter(due_on__gte=today).select_related("account").order_by("due_on").first()
    likely: Decimal | None = None
    if renewal is not None:
        likely = expected(renewal, forecast_model(organization), today=today) * 100
    return {
        "arr_to_average": float(account.arr / Decimal(str(average))) if account.arr is not None and average else None,
        "average_delay": delay,
        "arr_change_pct": float(moved * 100 / before) if before > 0 else None,
        "renewal_pct": None if likely is None else float(likely),
    }


def _since(account: Account, today: date, days: int) -> datetime:
    return day_bounds(today - timedelta(days=days - 1), account.organization)[0]
