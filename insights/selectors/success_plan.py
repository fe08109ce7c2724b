"""What a customer may read about working with us: no score, no money, no notes of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.enums import CommitmentSide, GoalMetric
from accounts.models import Account, Commitment, Engagement, Goal, SupportTicket
from csplatform.models import Organization

OURS_ALONE = (GoalMetric.ARR, GoalMetric.HEALTH_SCORE, GoalMetric.RENEWALS)
"""Goals that measure the customer rather than what the customer wants."""
MOST_GOALS, MOST_COMMITMENTS, MOST_TICKETS, MOST_MEETINGS = 30, 50, 50, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class SuccessPlan:
    account: Account
    contact: str
    """Who looks after them, by name; empty where nobody does."""
    goals: list[Goal]
    ours: list[Commitment]
    theirs: list[Commitment]
    """Promises that are still open, by whose they are, the soonest first."""
    tickets: list[SupportTicket]
    meetings: list[Engagement]
    """What is planned, by title and time alone."""


def success_plan(organization: Organization, account: Account, *, now: datetime) -> SuccessPlan:
    """Of one account, in five queries."""
    goals = account.goals.exclude(metric_type__in=OURS_ALONE).prefetch_related("milestones").soonest_first()
    commitments = organization.commitments.open().filter(engagement__account=account)
    promised = list(commitments.order_by(F("due_on").asc(nulls_last=True), "pk")[:MOST_COMMITMENTS])
    planned = organization.engagements.planned().filter(account=account, scheduled_at__gte=now)
    return SuccessPlan(
        account=account,
        contact=account.owner.display_name if account.owner else "",
        goals=list(goals[:MOST_GOALS]),
        ours=[each for each in promised if each.side == CommitmentSide.US],
        theirs=[each for each in promised if each.side != CommitmentSide.US],
        tickets=list(account.tickets.open().order_by("-opened_at", "pk")[:MOST_TICKETS]),
        meetings=list(planned.order_by("scheduled_at", "pk")[:MOST_MEETINGS]),
    )
