"""How many follow-ups there are, by when they fall due."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import Count

from accounts.enums import FollowUpBucket
from accounts.models import Account, FollowUp
from accounts.querysets import FollowUpQuerySet, bucket_condition
from csplatform.models import Organization
from csplatform.periods import civil_date, today

SHOWN_OF_ACCOUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpCounts:
    """Each open follow-up is in exactly one of the first five."""

    overdue: int
    today: int
    next_7: int
    next_30: int
    later: int
    waiting: int
    done: int

    @property
    def open(self) -> int:
        return self.overdue + self.today + self.next_7 + self.next_30 + self.later


def follow_up_counts(organization: Organization, rows: FollowUpQuerySet, *, now: datetime) -> FollowUpCounts:
    """The counters over follow-ups of the organisation, in one query."""
    counted = {
        each.name: Count("pk", filter=bucket_condition(FollowUpBucket(each.name), now, organization))
        for each in fields(FollowUpCounts)
    }
    return FollowUpCounts(**rows.order_by().dated().aggregate(**counted))


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFollowUps:
    """What is to do about one account: the first few, and how many there are."""

    rows: tuple[FollowUp, ...]
    count: int
    overdue: int


def account_follow_ups(account: Account, *, now: datetime) -> AccountFollowUps:
    """The open follow-ups of an account, the most pressing first; two queries."""
    rows = account.follow_ups.open()
    counted = (
        rows.order_by()
        .dated()
        .aggregate(
            count=Count("pk"),
            overdue=Count("pk", filter=bucket_condition(FollowUpBucket.OVERDUE, now, account.organization)),
        )
    )
    first = rows.for_list().soonest_first()[:SHOWN_OF_ACCOUNT]
    return AccountFollowUps(rows=tuple(first), **counted)


def bucket_of(follow_up: FollowUp, organization: Organization, *, now: datetime) -> FollowUpBucket:
    """The one bucket that a task is in; the counters' `bucket_condition`, for a row at hand."""
    due = follow_up.falls_due_at
    if follow_up.is_done:
        return FollowUpBucket.DONE
    if follow_up.is_waiting:
        return FollowUpBucket.WAITING
    if due < now:
        return FollowUpBucket.OVERDUE
    days = (civil_date(due, organization) - today(organization, now=now)).days
    for bucket, most in ((FollowUpBucket.TODAY, 0), (FollowUpBucket.NEXT_7, 7), (FollowUpBucket.NEXT_30, 30)):
        if days <= most:
            return bucket
    return FollowUpBucket.LATER
