"""The timeline as pages show it: days of lines, newest first, and how many there are of each kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from accounts.enums import ActivityKind, EngagementOutcome, EngagementState
from accounts.models import Activity, Engagement
from accounts.models.engagement import OUTCOME_TONES
from accounts.permissions import editable_among
from accounts.querysets import ActivityQuerySet
from csplatform.models import Membership, Organization
from csplatform.periods import civil_date, day_bounds, today

PAGE = 50
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MONTHS = 36
PLACE = re.compile(r"(-?[0-9]{1,17})\.([0-9]{1,18})")
ICONS: dict[str, str] = {
    ActivityKind.MEETING: "users",
    ActivityKind.CALL: "phone",
    ActivityKind.EMAIL: "mail",
    ActivityKind.NOTE: "notes",
    ActivityKind.DEMO: "presentation",
    ActivityKind.TRAINING: "school",
    ActivityKind.FOLLOW_UP: "checkbox",
    ActivityKind.GOAL: "target",
    ActivityKind.TICKET: "ticket",
    ActivityKind.CONTACT: "user",
    ActivityKind.ACCOUNT: "building",
    ActivityKind.PRODUCT: "cloud",
    ActivityKind.REFERRAL: "speakerphone",
    ActivityKind.TESTIMONIAL: "quote",
    ActivityKind.RENEWAL: "refresh",
    ActivityKind.EXPANSION: "trending-up",
    ActivityKind.CONTRACTION: "trending-down",
    ActivityKind.CHURN: "circle-x",
    ActivityKind.INVOICE: "file-invoice",
    ActivityKind.PAYMENT: "cash",
    ActivityKind.HEALTH: "heartbeat",
    ActivityKind.PLAYBOOK: "book-2",
    ActivityKind.IMPORT: "database-import",
    ActivityKind.FILE: "paperclip",
}
PAGES = {
    "engagement": "accounts:engagement_detail",
    "follow_up": "accounts:follow_up_edit",
    "support_ticket": "accounts:ticket_detail",
    "goal": "accounts:goal_detail",
    "playbook_run": "playbooks:run_detail",
}
"""Where a line's subject has a page of its own, by uuid."""
ENGAGEMENT = "engagement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line as it is drawn."""

    activity: Activity
    icon: str
    url: str
    outcome: str
    outcome_tone: str
    is_planned: bool
    is_cancelled: bool
    editable: bool
    """Whether the looker may correct it in place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    on: date
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """Fifty lines by day, and where the older ones begin."""

    days: tuple[Day, ...]
    older: str
    """What `before` has to be for the next page; empty on the last one."""
    is_first: bool


def timeline_page(
    organization: Organization, member: Membership, lines: ActivityQuerySet, *, before: str = ""
) -> TimelinePage:
    """Lines newest first from a place on; three queries for any number of them."""
    if place := _place(before):
        at, pk = place
        lines = lines.filter(Q(occurred_at__lt=at) | Q(occurred_at=at, pk__lt=pk))
    found = list(lines.select_related("account", "actor").order_by("-occurred_at", "-pk")[: PAGE + 1])
    shown, has_older = found[:PAGE], len(found) > PAGE
    drawn = _drawn(member, shown)
    days: dict[date, list[Line]] = {}
    for line in drawn:
        days.setdefault(civil_date(line.activity.occurred_at, organization), []).append(line)
    return TimelinePage(
        days=tuple(Day(on=on, lines=tuple(of_day)) for on, of_day in days.items()),
        older=_named(shown[-1]) if has_older else "",
        is_first=place is None,
    )


def line_of(organization: Organization, member: Membership, engagement: Engagement) -> Line | None:
    """The line that tells of an engagement."""
    lines = organization.activities.about(ENGAGEMENT, engagement.uuid).select_related("account", "actor")
    return next(iter(_drawn(member, lines[:1])), None)


def kind_counts(lines: ActivityQuerySet) -> list[tuple[str, str, int]]:
    """Each kind there is with its label and how many, in the order of the list of kinds; one query."""
    counts = dict(lines.order_by().values_list("kind").annotate(n=Count("pk")))
    return [(kind.value, str(kind.label), counts[kind.value]) for kind in ActivityKind if counts.get(kind.value)]


def months(organization: Organization, lines: ActivityQuerySet) -> list[date]:
    """The first days of the months that can be jumped to, newest first."""
    oldest = lines.order_by().aggregate(oldest=Min("occurred_at"))["oldest"]
    if oldest is None:
        return []
    month, first = today(organization).replace(day=1), civil_date(oldest, organization).replace(day=1)
    found: list[date] = []
    while month >= first and len(found) < MOST_MONTHS:
        found.append(month)
        month = (month - timedelta(days=1)).replace(day=1)
    return found


def until_month(organization: Organization, lines: ActivityQuerySet, month: str) -> ActivityQuerySet:
    """Lines up to the end of a month, written `2026-11`; another word changes nothing."""
    try:
        first = date.fromisoformat(f"{month}-01")
        after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    except (ValueError, OverflowError):
        return lines
    return lines.filter(occurred_at__lt=day_bounds(after, organization)[0])


def _drawn(member: Membership, activities: Iterable[Activity]) -> Sequence[Line]:
    activities = list(activities)
    editable = editable_among(member, {each.account for each in activities if not each.account.is_archived})
    return [_line(each, editable) for each in activities]


def _line(activity: Activity, editable: set[int]) -> Line:
    details = activity.details
    outcome, state = details.get("outcome") or "", details.get("state")
    known = outcome in EngagementOutcome.values
    return Line(
        activity=activity,
        icon=ICONS.get(activity.kind, "activity"),
        url=_page(activity.subject_kind, activity.subject_id),
        outcome=EngagementOutcome(outcome).label if known else "",
        outcome_tone=OUTCOME_TONES[EngagementOutcome(outcome)] if known else "gray",
        is_planned=state == EngagementState.PLANNED or activity.occurred_at > timezone.now(),
        is_cancelled=state == EngagementState.CANCELLED,
        editable=activity.subject_kind == ENGAGEMENT and activity.account_id in editable,
    )


def _page(subject_kind: str, subject_id: UUID | None) -> str:
    if subject_kind not in PAGES or subject_id is None:
        return ""
    try:
        return reverse(PAGES[subject_kind], args=[subject_id])
    except NoReverseMatch:
        return ""


def _named(activity: Activity) -> str:
    """A place in the order, for the address: microseconds, then the row."""
    since = activity.occurred_at - EPOCH
    return f"{since // timedelta(microseconds=1)}.{activity.pk}"


def _place(before: str) -> tuple[datetime, int] | None:
    """What `_named` wrote; another text is no place, and the timeline begins at its newest line."""
    if not (match := PLACE.fullmatch(before)):
        return None
    return EPOCH + timedelta(microseconds=int(match[1])), int(match[2])
