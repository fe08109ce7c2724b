"""How often, how well and how promptly an organisation is in touch with its customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, TruncWeek

from accounts.enums import EngagementOutcome, EngagementType
from accounts.models import Account
from accounts.models.cadence import DEFAULT_DAYS
from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from csplatform.periods import day_bounds, today

WEEKS = 12
SHOWN_GAPS = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """An account that nobody has been in touch with for longer than its segment's cadence."""

    account: Account
    days: int
    """Since the last engagement, or since the account came where there was none."""
    allowed: int
    was_ever: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EngagementAnalytics:
    """The last twelve weeks, this one included; what was cancelled or is still planned is left out."""

    weeks: tuple[date, ...]
    by_type: dict[str, list[int]]
    total: int
    by_outcome: dict[str, int]
    gaps: tuple[Gap, ...]
    gap_count: int
    open_accounts: int
    tasks_done: int
    task_time: timedelta | None
    """The mean from when a follow-up was given to when it was done."""
    tasks_in_time: int


def cadences(organization: Organization) -> dict[str, int]:
    """The most days between two engagements, by segment; the empty one for accounts without."""
    return DEFAULT_DAYS | dict(organization.cadences.values_list("segment", "days"))


def engagement_analytics(
    organization: Organization, accounts: AccountQuerySet, *, now: datetime
) -> EngagementAnalytics:
    """Over the accounts given; seven queries for any number of them."""
    this_week = _monday(today(organization, now=now))
    weeks = tuple(this_week - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1))
    since = day_bounds(weeks[0], organization)[0]
    held = organization.engagements.held().filter(account__in=accounts).on_days(weeks[0], None, organization)
    by_type = {kind: [0] * WEEKS for kind in EngagementType.values}
    moment = Coalesce("completed_at", "scheduled_at", "created_at")
    counted = held.order_by().annotate(week=TruncWeek(moment, tzinfo=organization.zone)).values_list("week", "type")
    for week, kind, n in counted.annotate(n=Count("pk")):
        if week.date() in weeks:
            by_type[kind][weeks.index(week.date())] += n
    outcomes = dict(held.order_by().values_list("outcome").annotate(n=Count("pk")))
    gaps = out_of_touch(organization, accounts.open(), now=now)
    done = organization.follow_ups.done().filter(account__in=accounts, completed_at__gte=since)
    took = ExpressionWrapper(F("completed_at") - F("created_at"), output_field=DurationField())
    in_time = Count("pk", filter=Q(completed_at__lte=F("due_at")))
    tasks = done.order_by().aggregate(n=Count("pk"), time=Avg(took), ok=in_time)
    return EngagementAnalytics(
        weeks=weeks,
        by_type=by_type,
        total=sum(map(sum, by_type.values())),
        by_outcome={value: outcomes.get(value, 0) for value in [*EngagementOutcome.values, ""]},
        gaps=_gaps(organization, gaps, now=now),
        gap_count=gaps.count(),
        open_accounts=accounts.open().count(),
        tasks_done=tasks["n"],
        task_time=tasks["time"],
        tasks_in_time=tasks["ok"],
    )


def out_of_touch(organization: Organization, accounts: AccountQuerySet, *, now: datetime) -> AccountQuerySet:
    """Those of the accounts that nobody has been in touch with for longer than the cadence of their segment allows,
    each with `last_engagement`."""
    late = Q(pk=None)
    for segment, days in cadences(organization).items():
        late |= Q(segment=segment, touched__lt=now - timedelta(days=days))
    found: AccountQuerySet = accounts.with_last_engagement().alias(touched=Coalesce("last_engagement", "created_at"))
    return found.filter(late)


def _gaps(organization: Organization, accounts: AccountQuerySet, *, now: datetime) -> tuple[Gap, ...]:
    allowed = cadences(organization)
    rows: Sequence[Account] = list(accounts.for_list().order_by(F("arr").desc(nulls_last=True), "pk")[:SHOWN_GAPS])
    found = []
    for account in rows:
        last = account.last_engagement  # type: ignore[attr-defined]  # annotated
        since = last or account.created_at
        found.append(
            Gap(account=account, days=(now - since).days, allowed=allowed[account.segment], was_ever=last is not None)
        )
    return tuple(found)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
