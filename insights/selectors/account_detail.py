"""What the contract's account shows beyond its own row: health, people, conversations, goals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from accounts.api.contacts import ContactSerializer
from accounts.api.goals import GoalSerializer
from accounts.models import Account
from accounts.querysets import GoalQuerySet
from csplatform.models import Organization
from csplatform.periods import iso_utc
from health.api.metrics import HealthMetricSerializer
from health.selectors.history import health_history
from health.selectors.overrides import OverrideCalendar, override_on
from health.selectors.trends import account_trends

HISTORY_DAYS = 90
TREND_DAYS = 30
RECENT = 10


def account_detail(organization: Organization, account: Account, *, today: date) -> dict[str, Any]:
    """The further keys of `GET /api/accounts/{id}`, in a fixed number of queries."""
    calendar = OverrideCalendar.of(organization, [account.pk], since=date.min, until=today)
    override = override_on(account, today)
    snapshot = account.health_snapshots.primary().order_by("-date").first()
    computed = snapshot.score if snapshot is not None else account.health_score
    return {
        "metrics": _metrics(account, calendar, today=today),
        "computed_health_score": None if computed is None else float(computed),
        "health_override": override
        and {
            "score": float(override.score),
            "reason": override.reason,
            "expires_on": override.expires_on.isoformat(),
            "set_by": override.set_by.display_name if override.set_by else None,
        },
        "health_trend": _trend(organization, account, today=today),
        "health_history": [
            {
                "date": point.date.isoformat(),
                "score": None if point.score is None else float(point.score),
                "band": point.band.value if point.band else None,
            }
            for point in health_history(account, today=today, days=HISTORY_DAYS)
        ],
        "recent_engagements": list(_engagements(account)),
        "active_goals": GoalSerializer(_active_goals(account), many=True).data,
        "team": list(_team(account)),
        "contacts": ContactSerializer(account.contacts.current().by_importance().for_list(), many=True).data,
    }


def _metrics(account: Account, calendar: OverrideCalendar, *, today: date) -> dict[str, Any] | None:
    newest = account.daily_metrics.up_to(today).select_related("account", "organization").order_by("-date").first()
    return None if newest is None else dict(HealthMetricSerializer(newest, context={"overrides": calendar}).data)


def _trend(organization: Organization, account: Account, *, today: date) -> dict[str, Any]:
    trend = account_trends(organization, [account.pk], today=today, windows=(TREND_DAYS,))[account.pk][TREND_DAYS]
    change = trend.health_score_change if trend else None
    direction = "unknown" if change is None else "up" if change > 0 else "down" if change < 0 else "flat"
    return {"days": TREND_DAYS, "change": None if change is None else float(change), "direction": direction}


def _engagements(account: Account) -> Iterator[dict[str, Any]]:
    for each in account.engagements.filter(cancelled_at=None).newest_first()[:RECENT]:
        yield {
            "id": str(each.uuid),
            "type": each.type,
            "title": each.title,
            "outcome": each.outcome or None,
            "scheduled_at": iso_utc(each.scheduled_at) if each.scheduled_at else None,
            "completed_at": iso_utc(each.completed_at) if each.completed_at else None,
            "created_at": iso_utc(each.created_at),
        }


def _team(account: Account) -> Iterator[dict[str, Any]]:
    """The owner, then everybody else of the account's team."""
    if account.owner:
        yield _person(account.owner, "owner")
    if account.team:
        for member in account.team.members.filter(is_active=True).select_related("user").order_by("user__name", "pk"):
            if member.user_id != account.owner_id:
                yield _person(member.user, "team")


def _person(user: Any, role: str) -> dict[str, Any]:
    return {"id": str(user.uuid), "name": user.display_name, "email": user.email, "role": role}


def _active_goals(account: Account) -> GoalQuerySet:
    goals: GoalQuerySet = (
        account.goals.active().for_list().select_related("organization").prefetch_related("milestones")
    )
    return goals.soonest_first()
