"""The customer-360 scorecard, over what the platform holds of accounts today: of one, or of any number at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Avg, Case, Count, DurationField, ExpressionWrapper, F, FloatField, Q, Value, When
from django.utils import timezone

from accounts.enums import EngagementOutcome
from accounts.models import Account, EngagementContact
from accounts.querysets import AccountQuerySet
from accounts.selectors.engagement_analytics import cadences
from billing.selectors.dashboard.customers import average_delays
from billing.selectors.dashboard.view import billing_view
from billing.selectors.mrr import arr_change_by_account
from billing.selectors.renewals import expected, forecast_model
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import day_bounds, end_of_day
from health.models import DailyMetrics, Scorecard
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD, MeasureRow, Result, score_customer
from health.values import known_values

KEY = "customer_360"
Values = dict[str, float | None]
Found = Mapping[int, Mapping[str, float | None]]
"""Account key to its measures; an account of which nothing is held may be left out."""


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
    organization = account.organization
    days = {row["key"]: row["window_days"] for row in rows}
    frame = customer_360_frame(organization, organization.accounts.filter(pk=account.pk), days, today=today)
    return {key: known_values(frame[key])[0] for key in frame.columns}


def customer_360_frame(
    organization: Organization, accounts: AccountQuerySet, days: Mapping[str, int], *, today: date
) -> pd.DataFrame:
    """A row per account and a column per measure, NaN where nothing is known; each source is one grouped query.

    `days` are the windows by measure; those of one source share the one of its first measure.
    """
    facts = accounts.order_by("pk").values_list("pk", "segment", "seats", "arr")
    rows = {pk: (segment, seats, arr) for pk, segment, seats, arr in facts}
    keys = [row["key"] for row in CUSTOMER_360_SCORECARD]
    frame = pd.DataFrame(np.nan, index=pd.Index(list(rows), name="account", dtype="int64"), columns=keys)
    if frame.empty:
        return frame
    targets = {pk: seats or organization.active_users_target for pk, (_, seats, _) in rows.items()}
    segments = {pk: segment for pk, (segment, _, _) in rows.items()}
    arrs = {pk: arr for pk, (_, _, arr) in rows.items()}
    sources = (
        _usage(accounts, targets, today=today, days=days.get("login_rate", 30)),
        _support(organization, accounts, today=today, days=days.get("csat", 90)),
        _engagement(organization, accounts, segments, today=today, days=days.get("contact_share", 90)),
        _business(organization, accounts, arrs, today=today, days=days.get("arr_change_pct", 365)),
    )
    for found in sources:
        if found:
            known = pd.DataFrame.from_dict(dict(found), orient="index", dtype="float64")
            frame[known.columns] = known.reindex(frame.index)
    return frame


def _usage(accounts: AccountQuerySet, targets: Mapping[int, int], *, today: date, days: int) -> Found:
    """Means of the daily metrics of the window."""
    metrics = DailyMetrics.objects.filter(account__in=_keys(accounts)).in_window(today=today, days=days - 1)
    means = (
        metrics.order_by()
        .values("account")
        .annotate(
            login=Avg("login_rate"),
            adoption=Avg("adoption_pct"),
            minutes=Avg("session_minutes"),
            users=Avg("daily_active_users"),
        )
    )
    return {
        row["account"]: {
            "login_rate": row["login"],
            "adoption_pct": row["adoption"],
            "session_minutes": row["minutes"],
            "active_share": None if row["users"] is None else float(row["users"]) / targets[row["account"]],
        }
        for row in means
    }


def _support(organization: Organization, accounts: AccountQuerySet, *, today: date, days: int) -> Found:
    """Of the tickets; nothing where the organisation keeps none here."""
    if not organization.tickets.exists():
        return {}
    since, end = _since(organization, today, days), end_of_day(today, organization)
    took = ExpressionWrapper(F("resolved_at") - F("opened_at"), output_field=DurationField())
    unresolved = Q(resolved_at=None) | Q(resolved_at__gt=end)
    grave = Q(priority="critical") | Q(is_escalated=True) | Q(due_at__lt=end)
    tickets = organization.tickets.filter(account__in=_keys(accounts), opened_at__lte=end).order_by()
    rows = tickets.values("account").annotate(
        opened=Count("pk", filter=Q(opened_at__gte=since)),
        grave=Count("pk", filter=unresolved & grave),
        took=Avg(took, filter=Q(resolved_at__gte=since, resolved_at__lte=end)),
        satisfied=Avg("csat", filter=Q(resolved_at__gte=since, resolved_at__lte=end)),
    )
    nothing: Values = {"tickets_opened": 0, "grave_tickets": 0, "resolution_hours": None, "csat": None}
    return _each(accounts, nothing) | {
        row["account"]: {
            "tickets_opened": row["opened"],
            "grave_tickets": row["grave"],
            "resolution_hours": None if row["took"] is None else row["took"].total_seconds() / 3600,
            "csat": row["satisfied"],
        }
        for row in rows
    }


def _engagement(
    organization: Organization, accounts: AccountQuerySet, segments: Mapping[int, str], *, today: date, days: int
) -> Found:
    """Of engagements held and tasks that fell due; nothing where the organisation writes none down."""
    if not organization.engagements.exists():
        return {}
    held = organization.engagements.filter(account__in=_keys(accounts)).held()
    held = held.on_days(today - timedelta(days=days - 1), today, organization).order_by()
    worth = Case(
        When(outcome=EngagementOutcome.POSITIVE, then=Value(1.0)),
        When(outcome=EngagementOutcome.NEGATIVE, then=Value(0.0)),
        default=Value(0.5),
        output_field=FloatField(),
    )
    spoken = held.values_list("account").annotate(count=Count("pk"), outcomes=Avg(worth, filter=~Q(outcome="")))
    said = {account: (count, outcomes) for account, count, outcomes in spoken}
    met = EngagementContact.objects.filter(organization=organization, engagement__in=held.values("pk"))
    people = dict(met.values_list("engagement__account").annotate(Count("contact", distinct=True)))
    since, end = _since(organization, today, days), end_of_day(today, organization)
    tasks = organization.follow_ups.filter(account__in=_keys(accounts), due_at__gte=since, due_at__lte=end)
    due = (
        tasks.order_by()
        .values_list("account")
        .annotate(all=Count("pk"), in_time=Count("pk", filter=Q(completed_at__lte=F("due_at"))))
    )
    kept = {account: in_time / everything for account, everything, in_time in due}
    allowed = cadences(organization)
    return {
        account: {
            "contact_share": said.get(account, (0, None))[0] / max(days / allowed[segment], 1.0),
            "tasks_in_time": kept.get(account),
            "good_outcomes": said.get(account, (0, None))[1],
            "people_met": people.get(account, 0),
        }
        for account, segment in segments.items()
    }


def _business(
    organization: Organization,
    accounts: AccountQuerySet,
    arrs: Mapping[int, Decimal | None],
    *,
    today: date,
    days: int,
) -> Found:
    """Of the contract, payments and the renewal that comes next."""
    average = organization.accounts.open().aggregate(arr=Avg("arr"))["arr"]
    moves = arr_change_by_account(
        organization, since=today - timedelta(days=days), until=today, accounts=_keys(accounts)
    )
    delays: Mapping[int, int] = {}
    if organization.invoices.issued().exists():
        delays = average_delays(billing_view(organization, now=timezone.now(), as_of=today), accounts)
    likely = _renewal_chances(organization, accounts, today=today)
    found: dict[int, Values] = {}
    for account, arr in arrs.items():
        moved = moves.get(account, ZERO)
        before = (arr or ZERO) - moved
        found[account] = {
            "arr_to_average": float(arr / Decimal(str(average))) if arr is not None and average else None,
            "average_delay": delays.get(account),
            "arr_change_pct": float(moved * 100 / before) if before > 0 else None,
            "renewal_pct": likely.get(account),
        }
    return found


def _renewal_chances(organization: Organization, accounts: AccountQuerySet, *, today: date) -> dict[int, float]:
    """In percent, of the term that ends next."""
    due = organization.renewals.open().filter(account__in=_keys(accounts), due_on__gte=today)
    renewals = list(due.select_related("account").order_by("-due_on", "pk"))
    if not renewals:
        return {}
    model = forecast_model(organization)
    # The latest first: the last one written into the mapping is the next.
    return {each.account_id: float(expected(each, model, today=today) * 100) for each in renewals}


def _keys(accounts: AccountQuerySet) -> Any:
    return accounts.order_by().values("pk")


def _each(accounts: AccountQuerySet, values: Values) -> dict[int, Values]:
    keys: Iterable[int] = accounts.order_by().values_list("pk", flat=True)
    return dict.fromkeys(keys, values)


def _since(organization: Organization, today: date, days: int) -> datetime:
    return day_bounds(today - timedelta(days=days - 1), organization)[0]
