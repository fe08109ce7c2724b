"""Who carries what: the load of everybody who looks after accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeAlias

from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Coalesce

from accounts.bands import AT_RISK_BELOW
from billing.selectors.renewals import UPCOMING_DAYS
from csplatform import periods
from csplatform.enums import Role
from csplatform.models import Membership, Organization, Team
from csplatform.money import ZERO, monthly

LOOK_AFTER = (Role.CSM, Role.MANAGER)
"""Roles that are listed even without an account."""

Grouped: TypeAlias = dict[int | None, Any]
"""Figures by the key of a user; None is nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamLoad:
    """What one person looks after; `member` is None for the accounts that nobody does."""

    member: Membership | None
    accounts: int
    mrr: Decimal
    at_risk_accounts: int
    at_risk_mrr: Decimal
    open_tasks: int
    overdue_tasks: int
    last_contact: datetime | None
    renewals: int
    renewal_mrr: Decimal

    @property
    def name(self) -> str:
        return self.member.user.display_name if self.member else "Nobody"


SORTS = {
    "name": lambda row: row.name.lower(),
    "accounts": lambda row: row.accounts,
    "mrr": lambda row: row.mrr,
    "risk": lambda row: row.at_risk_mrr,
    "overdue": lambda row: row.overdue_tasks,
    "contact": lambda row: row.last_contact.timestamp() if row.last_contact else 0.0,
    "renewals": lambda row: row.renewal_mrr,
}
DEFAULT_SORT = "-risk"


def team_loads(organization: Organization, *, now: datetime, team: Team | None = None) -> list[TeamLoad]:
    """Every active member who looks after accounts or could, and the accounts that nobody looks after, by name. Five
    queries. A team narrows the people, and leaves nobody's accounts out."""
    today = periods.today(organization, now=now)
    accounts = organization.accounts.open().order_by()
    risky = Q(health_score__lt=AT_RISK_BELOW)
    owned: Grouped = {
        row["owner"]: row
        for row in accounts.values("owner").annotate(
            count=Count("pk"),
            yearly=Sum("arr"),
            risk_count=Count("pk", filter=risky),
            risk_yearly=Sum("arr", filter=risky),
        )
    }
    tasks = organization.follow_ups.open().filter(account__archived_at=None).order_by()
    due: Grouped = {
        row["assignee"]: row
        for row in tasks.dated()
        .values("assignee")
        .annotate(count=Count("pk"), overdue=Count("pk", filter=Q(falls_due__lt=now)))
    }
    held = organization.engagements.held().until(now).filter(account__in=accounts.values("pk")).order_by()
    moment = Max(Coalesce("completed_at", "scheduled_at", "created_at"))
    contacts: Grouped = dict(held.values_list("account__owner").annotate(last=moment))
    terms = organization.renewals.open().due_within(UPCOMING_DAYS, today=today).filter(account__archived_at=None)
    renewing: Grouped = {
        row["account__owner"]: row
        for row in terms.order_by().values("account__owner").annotate(count=Count("pk"), mrr=Sum("target_mrr"))
    }
    members = organization.memberships.active().select_related("user")
    if team is not None:
        members = members.filter(team_members__team=team)
    people: list[Membership | None] = [
        member for member in members if member.user_id in owned or member.role in LOOK_AFTER
    ]
    if team is None and None in owned:
        people.append(None)

    def load(member: Membership | None) -> TeamLoad:
        key = member.user_id if member else None
        own, task, term = owned.get(key, {}), due.get(key, {}), renewing.get(key, {})
        return TeamLoad(
            member=member,
            accounts=own.get("count", 0),
            mrr=monthly(own.get("yearly") or ZERO),
            at_risk_accounts=own.get("risk_count", 0),
            at_risk_mrr=monthly(own.get("risk_yearly") or ZERO),
            open_tasks=task.get("count", 0),
            overdue_tasks=task.get("overdue", 0),
            last_contact=contacts.get(key),
            renewals=term.get("count", 0),
            renewal_mrr=term.get("mrr") or ZERO,
        )

    return sorted((load(member) for member in people), key=lambda row: (row.member is None, row.name.lower()))


def sorted_loads(rows: Sequence[TeamLoad], sort: str) -> list[TeamLoad]:
    """By one column, equal ones by name; a word that is no column sorts by MRR at risk, the most first."""
    wanted = sort if sort.removeprefix("-") in SORTS else DEFAULT_SORT
    value = SORTS[wanted.removeprefix("-")]
    return sorted(rows, key=value, reverse=wanted.startswith("-"))
