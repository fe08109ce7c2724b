"""What tells of leaving, gathered for any number of accounts: contact, tickets, the contract, payments, rivals."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

import numpy as np
import pandas as pd
from django.db.models import Count, Max, Q
from django.db.models.functions import Coalesce

from accounts.enums import EngagementOutcome, TicketPriority
from accounts.querysets import AccountQuerySet
from accounts.selectors.engagement_analytics import cadences
from billing.selectors.standing import standings
from csplatform.models import Organization
from csplatform.periods import day_bounds, end_of_day, zone_of
from health.scoring.churn_risk import INPUTS

WINDOW_DAYS = 90
FEWEST_BEFORE = 2
"""Engagements in the window before, under which fewer of them say nothing."""


def churn_inputs(
    organization: Organization, accounts: AccountQuerySet, frame: pd.DataFrame, *, today: date
) -> pd.DataFrame:
    """A row per account of `frame`, a column per entry of `INPUTS`, NaN where nothing is known.

    Each source is one grouped query for all the accounts, and none where the organisation keeps nothing of it.
    The frame brings `days_to_renewal`, `days_without_engagement` and `escalations`.
    """
    found = pd.DataFrame(np.nan, index=frame.index, columns=list(INPUTS), dtype="float64")
    if frame.empty:
        return found
    if organization.engagements.exists():
        _add_contact(found, organization, accounts, frame, today=today)
    if frame["escalations"].notna().any():
        _add_tickets(found, organization, accounts, today=today)
    _add_contract(found, organization, accounts, frame, today=today)
    return found


def _add_contact(
    found: pd.DataFrame, organization: Organization, accounts: AccountQuerySet, frame: pd.DataFrame, *, today: date
) -> None:
    segments = dict(accounts.order_by().values_list("pk", "segment"))
    allowed = cadences(organization)
    cadence = pd.Series({key: allowed[segment] for key, segment in segments.items()}, dtype="float64")
    found["cadences_silent"] = frame["days_without_engagement"] / cadence.reindex(found.index)

    end, since = end_of_day(today, organization), _opening(today, WINDOW_DAYS, organization)
    recent, before = Q(at__gte=since), Q(at__lt=since)
    held = organization.engagements.held().filter(account__in=accounts).order_by()
    held = held.annotate(at=Coalesce("completed_at", "scheduled_at", "created_at"))
    rows = held.filter(at__gte=_opening(today, 2 * WINDOW_DAYS, organization), at__lte=end).values_list("account")
    counts = rows.annotate(
        recent=Count("pk", filter=recent),
        before=Count("pk", filter=before),
        negative=Count("pk", filter=recent & Q(outcome=EngagementOutcome.NEGATIVE)),
        rival=Max("at", filter=recent & Q(mentions_competitor=True)),
    )
    zone = zone_of(organization)
    drops, negatives, rivals = {}, {}, {}
    for account, now, earlier, negative, rival in counts:
        if earlier >= FEWEST_BEFORE:
            drops[account] = max(0.0, 1 - now / earlier)
        negatives[account] = negative
        if rival is not None:
            rivals[account] = (today - rival.astimezone(zone).date()).days
    found["engagement_drop"] = _column(found, drops)
    found["negative_outcomes"] = _column(found, negatives).fillna(0.0)
    found["days_since_competitor"] = _column(found, rivals)


def _add_tickets(found: pd.DataFrame, organization: Organization, accounts: AccountQuerySet, *, today: date) -> None:
    """Open ones that are critical, escalated or past what was promised; one that is all three counts once."""
    end = end_of_day(today, organization)
    unresolved = Q(resolved_at=None) | Q(resolved_at__gt=end)
    grave = Q(priority=TicketPriority.CRITICAL) | Q(is_escalated=True) | Q(due_at__lt=end)
    tickets = organization.tickets.filter(unresolved, grave, account__in=accounts, opened_at__lte=end)
    counts = dict(tickets.order_by().values_list("account").annotate(count=Count("pk")))
    found["grave_tickets"] = _column(found, counts).fillna(0.0)


def _add_contract(
    found: pd.DataFrame, organization: Organization, accounts: AccountQuerySet, frame: pd.DataFrame, *, today: date
) -> None:
    ends, notices, months, delays = {}, {}, {}, {}
    for account, standing in standings(organization, accounts, today=today).items():
        if standing.term_ends_on is not None:
            ends[account] = (standing.term_ends_on - today).days
        notices[account] = float(standing.has_notice)
        # What is owed by one who pays nothing a month is as many months as can be.
        if standing.overdue:
            months[account] = float(standing.overdue / standing.mrr) if standing.mrr > 0 else np.inf
        if standing.average_delay is not None:
            delays[account] = standing.average_delay
    found["days_to_term_end"] = np.fmin(_column(found, ends), frame["days_to_renewal"])
    found["notice_given"] = _column(found, notices)
    found["overdue_months"] = _column(found, months)
    found["average_delay"] = _column(found, delays)


def _column(found: pd.DataFrame, values: Mapping[int, float]) -> pd.Series:
    return pd.Series(values, dtype="float64").reindex(found.index)


def _opening(today: date, days: int, organization: Organization) -> datetime:
    """The moment at which the last so many days began, today being the last of them."""
    return day_bounds(today - timedelta(days=days - 1), organization)[0]
