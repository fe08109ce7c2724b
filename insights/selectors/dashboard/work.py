"""What there is to do and what was done: follow-ups, renewals, the newest activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import Coalesce

from accounts.enums import ActivityKind, FollowUpPriority
from accounts.models import Account, Activity, FollowUp
from accounts.querysets import ASKED_FOR
from billing.enums import RenewalStatus
from billing.models import Renewal
from billing.selectors.renewals import upcoming_renewals
from csplatform import periods
from csplatform.history import states_at
from insights.selectors.dashboard.shown import Shown
from insights.selectors.dashboard.view import PortfolioView

MOST_SHOWN = 50
MOST_ACTIVITIES = 20

TOLD: dict[str, str] = {
    ActivityKind.RENEWAL: "renewal",
    ActivityKind.MEETING: "qbr",
    ActivityKind.DEMO: "qbr",
    ActivityKind.TRAINING: "qbr",
    ActivityKind.EXPANSION: "upsell",
    ActivityKind.CHURN: "churn",
    ActivityKind.CALL: "call",
    ActivityKind.EMAIL: "email",
}
"""The dashboard's six types by our kinds; everything else is left out of its feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpRow:
    """An open follow-up as it stood at the view's moment."""

    uuid: UUID
    account_id: int
    account_number: int
    account: str
    priority: FollowUpPriority
    task_type: str
    description: str
    due_at: datetime
    """Snoozing counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalRow:
    """The end of a term within ninety days, and how far the work on it was."""

    account: Account
    due_on: date
    mrr: Decimal
    status: RenewalStatus


def follow_up_rows(view: PortfolioView, *, most: int = MOST_SHOWN) -> list[FollowUpRow]:
    """Open follow-ups about the customers in view, the soonest due first."""
    rows: QuerySet[Any] = view.organization.follow_ups.all()
    if not view.is_live:
        rows = states_at(FollowUp, view.organization, view.now, where=ASKED_FOR)
    columns = ("uuid", "account_id", "account__number", "account__name", "priority", "task_type", "description")
    open_ones = (
        rows.filter(ASKED_FOR, account_id__in=view.customers.values("pk"))
        .annotate(falls_due=Coalesce("snoozed_until", "due_at"))
        .order_by("falls_due", "pk")
        .values_list(*columns, "falls_due")[:most]
    )
    return [
        FollowUpRow(
            uuid=uuid,
            account_id=account,
            account_number=number,
            account=name,
            priority=FollowUpPriority(priority),
            task_type=task_type,
            description=description,
            due_at=due_at,
        )
        for uuid, account, number, name, priority, task_type, description, due_at in open_ones
    ]


def due_terms(view: PortfolioView, *, most: int = MOST_SHOWN) -> list[Renewal]:
    """Terms of the accounts in view that end within ninety days, the soonest first."""
    return list(upcoming_renewals(view.organization, today=view.day, accounts=view.book)[:most])


def renewal_rows(view: PortfolioView, terms: Sequence[Renewal], shown: Shown) -> list[RenewalRow]:
    """The terms with what their accounts pay, and how far the work was at the close of the day."""
    statuses: Mapping[int, str] = {} if view.is_live else _statuses_then(view, [term.pk for term in terms])
    return [
        RenewalRow(
            account=term.account,
            due_on=term.due_on,
            mrr=shown.mrr(term.account_id),
            status=RenewalStatus(statuses.get(term.pk, term.status)),
        )
        for term in terms
    ]


def recent_activities(view: PortfolioView, *, most: int = MOST_ACTIVITIES) -> Sequence[Activity]:
    """What the dashboard's feed tells of the accounts in view, the newest first."""
    lines = view.organization.activities.of_kinds(TOLD).filter(occurred_at__lte=view.now, account__in=view.book)
    return list(lines.select_related("actor", "account").order_by("-occurred_at", "-pk")[:most])


def _statuses_then(view: PortfolioView, renewals: list[int]) -> Mapping[int, str]:
    """As recorded at the close of the day; one that was not on record yet had not been started."""
    end = periods.end_of_day(view.day, view.organization)
    recorded = Renewal.history.filter(id__in=renewals, history_date__lte=end).order_by("history_id")
    return dict.fromkeys(renewals, RenewalStatus.NOT_STARTED.value) | dict(recorded.values_list("id", "status"))
