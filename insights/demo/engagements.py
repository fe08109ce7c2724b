"""What was said with demo accounts: a year of engagements, promises and follow-ups, and their timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.enums import EngagementOutcome, EngagementType, FollowUpPriority, Segment
from accounts.models import Account, Activity, Commitment, Engagement, FollowUp
from csplatform import bulk
from csplatform.models import Organization

ACCOUNTS_AT_ONCE = 500
MOST_LATE = timedelta(days=10)
"""A promise that is later than this has been kept, or somebody has asked about it."""
CADENCE = {Segment.ENTERPRISE: 24, Segment.MID_MARKET: 45, Segment.SMB: 80}
"""About how many days lie between two engagements."""
YEAR = timedelta(days=365)
SAID = {
    EngagementType.CALL: (
        ("Weekly check-in", "Went through open points. Usage is where they want it to be."),
        ("Pricing question", "They asked how the new storage tiers are billed. Sent the sheet."),
        ("Call about slow backups", "Nightly backups take two hours longer since the last release."),
    ),
    EngagementType.MEETING: (
        ("Quarterly business review", "Reviewed goals and usage. Next quarter they move two more teams."),
        ("Renewal conversation", "They want a longer term against a better rate; procurement joins next time."),
        ("Kick-off with the new team", "Introduced the platform to the data team. First workload next week."),
    ),
    EngagementType.EMAIL: (
        ("Sent the adoption report", "Numbers of the last month, and where others of their size stand."),
        ("Answered security questionnaire", "All forty questions, with the certificate attached."),
    ),
    EngagementType.NOTE: (
        (
            "Reorganisation at the customer",
            "Infrastructure reports to the CFO now. Expect questions about cost.",
        ),
        ("Budget season begins", "Decisions on next year's spending fall within six weeks."),
    ),
    EngagementType.DEMO: (("Demo of GPU instances", "Their ML lead liked the start-up time; wants a trial."),),
    EngagementType.TRAINING: (("Training: cost control", "Fourteen people. They will set budgets per project."),),
}
WEIGHTS = {
    EngagementType.CALL: 0.38,
    EngagementType.MEETING: 0.24,
    EngagementType.EMAIL: 0.18,
    EngagementType.NOTE: 0.10,
    EngagementType.DEMO: 0.05,
    EngagementType.TRAINING: 0.05,
}
OUTCOMES = ["", *EngagementOutcome.values]
GOOD, BAD = (0.10, 0.50, 0.24, 0.05, 0.11), (0.10, 0.14, 0.28, 0.26, 0.22)
"""Shares of the outcomes, for accounts in good and in poor health."""
PEOPLE = (
    ("Nikhil Rao", "Head of Infrastructure"), ("Divya Krishnan", "CTO"), ("Imran Shaikh", "Cloud Architect"),
    ("Sneha Kulkarni", "Procurement"), ("Vikram Bose", "Engineering Manager"), ("Leela Menon", "CFO"),
)  # fmt: skip
RIVALS = ("Vultron offers 20 % less", "Comparing us with Stratus One", "A hyperscaler sent credits")
PROMISES = (
    ("us", "Send the sizing proposal"), ("customer", "Name the project lead"), ("us", "Ask about the roadmap"),
    ("customer", "Confirm the renewal with procurement"),
)  # fmt: skip
TASKS = (
    ("Send the proposal", "With the longer term they asked for."),
    ("Renewal QBR", "Slides with usage and outcomes of the term."),
    ("Chase the backup fix", "They wait for a date from engineering."),
    ("Introduce the new owner", "A short call with both."),
    ("Check adoption", "Only three of eleven teams have logged in this month."),
)


@dataclass(slots=True)
class Story:
    """What is written together for a few hundred accounts."""

    engagements: list[Engagement] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    follow_ups: list[FollowUp] = field(default_factory=list)
    lines: list[Activity] = field(default_factory=list)


def write_engagements(organization: Organization, *, days: int, seed: int, now: datetime) -> None:
    """A story for each account, the same for the same seed and moment, in bulk."""
    # Read to the end before anything is written: SQLite drops no staging table while a query is being read.
    rows = list(organization.accounts.select_related("owner", "organization").order_by("number"))
    for accounts in _groups(iter(rows)):
        story = Story()
        for account in accounts:
            rng = np.random.default_rng([seed, 41, account.number])
            _tell(story, account, rng, since=now - min(YEAR, timedelta(days=days)), now=now)
        write_story(organization, story, now=now)


def _groups(rows: Iterator[Account]) -> Iterator[list[Account]]:
    group: list[Account] = []
    for account in rows:
        group.append(account)
        if len(group) == ACCOUNTS_AT_ONCE:
            yield group
            group = []
    yield group


def _tell(story: Story, account: Account, rng: np.random.Generator, *, since: datetime, now: datetime) -> None:
    """From when the account came to when it left, and what is planned with it."""
    ended = now if account.churned_on is None else now - (now.date() - account.churned_on)
    gap = CADENCE.get(Segment(account.segment), 60) if account.segment else 60
    silent = not account.is_churned and rng.random() < 0.12  # nobody has called for a while: what gaps look like
    at = max(since, account.created_at) + timedelta(days=float(rng.uniform(0, gap)))
    until = ended - timedelta(days=float(rng.uniform(35, 120))) if silent else ended
    while at < until:
        _engage(story, account, rng, at=_office_hour(at, account, rng), now=now)
        at += timedelta(days=float(rng.gamma(3.0, gap / 3.0)) + 1)
    if not account.is_churned and not silent and rng.random() < 0.35:
        ahead = _office_hour(now + timedelta(days=int(rng.integers(1, 20))), account, rng)
        plan(story, account, rng, at=ahead)
    if not account.is_churned and rng.random() < 0.4:
        give(story, account, rng, due=_some_time(account, rng, now=now))


def _some_time(account: Account, rng: np.random.Generator, *, now: datetime) -> datetime:
    """Late, within the hour, later today, or on one of the next days."""
    hours = int(rng.choice([-90, -20, 1, 3, 30, 100, 300, 900]))
    at = now + timedelta(hours=hours)
    return at.replace(minute=30 if at.minute >= 30 else 0) if abs(hours) < 24 else _office_hour(at, account, rng)


def _office_hour(at: datetime, account: Account, rng: np.random.Generator) -> datetime:
    """A quarter of an hour between ten and five, never on a weekend."""
    local = at.astimezone(account.organization.zone)
    local -= timedelta(days=max(0, local.weekday() - 4))
    hour, minute = int(rng.integers(10, 17)), int(rng.choice([0, 15, 30, 45]))
    return local.replace(hour=hour, minute=minute, second=0, microsecond=0)


def _engage(story: Story, account: Account, rng: np.random.Generator, *, at: datetime, now: datetime) -> None:
    if at >= now or at < account.created_at:
        return
    engagement = _drawn(account, rng, at)
    engagement.completed_at = at
    shares = GOOD if (account.health_score or 60) >= 60 else BAD
    engagement.outcome = "" if engagement.type == "note" else str(rng.choice(OUTCOMES, p=shares))
    if rng.random() < (0.03 if shares is GOOD else 0.12):
        engagement.mentions_competitor, engagement.competitor = True, str(rng.choice(RIVALS))
    story.engagements.append(engagement)
    story.lines.append(_line(engagement))
    if engagement.type == EngagementType.MEETING and rng.random() < 0.5:
        side, what = PROMISES[int(rng.integers(len(PROMISES)))]
        due = at + timedelta(days=int(rng.integers(5, 21)))
        is_kept = rng.random() < (0.7 if due < now else 0.2) or due < now - MOST_LATE
        given = promise(engagement, rng, side=side, what=what, due_on=due.date())
        given.kept_at = min(due, now) if is_kept else None
        story.commitments.append(given)
    if engagement.outcome == EngagementOutcome.ACTION_REQUIRED:
        engagement.has_follow_up = True
        due = at + timedelta(days=int(rng.integers(2, 9)))
        give(story, account, rng, due=due, engagement=engagement, opened=at, now=now)


def promise(engagement: Engagement, rng: np.random.Generator, *, side: str, what: str, due_on: date) -> Commitment:
    return Commitment(
        organization=engagement.organization,
        engagement=engagement,
        uuid=_uuid(rng),
        side=side,
        name=engagement.attendees[0]["name"] if side == "customer" and engagement.attendees else "",
        what=what,
        due_on=due_on,
    )


def plan(story: Story, account: Account, rng: np.random.Generator, *, at: datetime) -> None:
    engagement = _drawn(account, rng, at)
    engagement.type = str(rng.choice([EngagementType.MEETING, EngagementType.CALL, EngagementType.DEMO]))
    engagement.title = {"meeting": "Quarterly business review", "call": "Check-in call"}.get(
        engagement.type, "Demo of GPU instances"
    )
    engagement.description, engagement.scheduled_at = "", at
    story.engagements.append(engagement)
    story.lines.append(_line(engagement))


def _drawn(account: Account, rng: np.random.Generator, at: datetime) -> Engagement:
    kind = EngagementType(str(rng.choice([each.value for each in WEIGHTS], p=list(WEIGHTS.values()))))
    title, text = SAID[kind][int(rng.integers(len(SAID[kind])))]
    domain = f"{account.name_key.split()[0]}.example"
    size = 0 if kind == EngagementType.NOTE else int(rng.integers(1, 4))
    people = rng.choice(len(PEOPLE), size=size, replace=False)
    return Engagement(
        organization=account.organization,
        account=account,
        uuid=_uuid(rng),
        type=kind.value,
        title=title,
        description=text,
        attendees=[_attendee(*PEOPLE[int(index)], domain) for index in people],
        duration_minutes=int(rng.choice([15, 30, 45, 60])),
        created_by=account.owner,
    )


def _attendee(name: str, role: str, domain: str) -> dict[str, str]:
    return {"name": name, "email": f"{name.lower().replace(' ', '.')}@{domain}", "role": role}


def give(
    story: Story,
    account: Account,
    rng: np.random.Generator,
    *,
    due: datetime,
    engagement: Engagement | None = None,
    opened: datetime | None = None,
    now: datetime | None = None,
) -> None:
    """A task; what came due a fortnight ago and more has been done, mostly in time."""
    task_type, description = TASKS[int(rng.integers(len(TASKS)))]
    done = None
    if opened and now and due < now - timedelta(days=14) * float(rng.random()):
        done = min(opened + (due - opened) * float(rng.uniform(0.2, 1.4)), now)
    follow_up = FollowUp(
        organization=account.organization,
        account=account,
        uuid=_uuid(rng),
        assignee=account.owner,
        task_type=task_type,
        description=description,
        priority=str(rng.choice(FollowUpPriority.values, p=[0.3, 0.5, 0.2])),
        due_at=due.replace(second=0, microsecond=0),
        engagement=engagement,
        completed_at=done,
        completed_by=account.owner if done else None,
        created_by=account.owner,
    )
    story.follow_ups.append(follow_up)
    if done:
        story.lines.append(_task_line(follow_up, f"Done: {task_type}", "completed", done))
    if opened:
        story.lines.append(_task_line(follow_up, f"Follow-up: {task_type}", "opened", opened))


def _line(engagement: Engagement) -> Activity:
    return Activity(
        organization=engagement.organization,
        account=engagement.account,
        kind=engagement.type,
        title=engagement.title,
        text=engagement.description,
        occurred_at=engagement.happened_at,
        actor=engagement.created_by,
        subject_kind="engagement",
        subject_id=engagement.uuid,
        event="logged",
        details={
            "outcome": engagement.outcome,
            "state": engagement.state.value,
            "attendees": len(engagement.attendees),
            "competitor": engagement.mentions_competitor,
        },
    )


def _task_line(follow_up: FollowUp, title: str, event: str, at: datetime) -> Activity:
    return Activity(
        organization=follow_up.organization,
        account=follow_up.account,
        kind="follow_up",
        title=title,
        text=follow_up.description,
        occurred_at=at,
        actor=follow_up.assignee,
        subject_kind="follow_up",
        subject_id=follow_up.uuid,
        event=event,
        details={"priority": follow_up.priority},
    )


def _uuid(rng: np.random.Generator) -> UUID:
    return UUID(bytes=rng.bytes(16), version=4)


def write_story(organization: Organization, story: Story, *, now: datetime) -> None:
    """Everything of a few hundred accounts, dated when it happened, each with the first line of its history."""
    groups: Sequence[tuple[Any, list[Any], Any]] = (
        (Engagement, story.engagements, Coalesce(F("completed_at"), F("scheduled_at") - timedelta(days=21))),
        (Commitment, story.commitments, F("created_at")),
        (FollowUp, story.follow_ups, Coalesce(F("completed_at"), F("due_at")) - timedelta(days=4)),
    )
    for model, rows, began in groups:
        keys = [row.pk for row in model.objects.bulk_create(rows, batch_size=500)]
        stored = model.objects.filter(organization=organization, pk__in=keys)
        if model is not Commitment:
            stored.update(created_at=began)
            stored.filter(created_at__gt=now).update(created_at=now)
        stored.update(updated_at=F("created_at"))
        bulk.record_history(model, keys, kind="+", by=None, reason="Demo data")
        model.history.filter(organization=organization, id__in=keys).update(history_date=F("created_at"))
    lines = Activity.objects.bulk_create(story.lines, batch_size=1_000)
    Activity.objects.filter(organization=organization, pk__in=[line.pk for line in lines]).update(
        created_at=F("occurred_at")
    )
