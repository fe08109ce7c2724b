"""Dates as calendars read them (iCalendar): planned engagements, follow-ups, renewals."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vText

from accounts.models import Account, Engagement, FollowUp
from accounts.names import is_printable
from csplatform.models import Membership

PAST, AHEAD = timedelta(days=90), timedelta(days=400)
MOST = 500
TASK_LENGTH = timedelta(minutes=30)


def engagement_calendar(engagement: Engagement, *, base_url: str) -> bytes:
    """One planned engagement, to put into a calendar."""
    calendar = _calendar(engagement.title)
    calendar.add_component(_of_engagement(engagement, base_url))
    return bytes(calendar.to_ical())


def member_calendar(member: Membership, *, now: datetime, base_url: str) -> bytes:
    """A member's planned engagements, open follow-ups and the renewals of their accounts; three queries."""
    organization, user = member.organization, member.user
    calendar = _calendar(f"{settings.PRODUCT_NAME}: {organization.name}")
    mine = organization.engagements.filter(account__owner=user) | organization.engagements.filter(created_by=user)
    meetings = mine.filter(scheduled_at__range=(now - PAST, now + AHEAD), cancelled_at=None)
    for engagement in meetings.for_list().order_by("scheduled_at", "pk")[:MOST]:
        calendar.add_component(_of_engagement(engagement, base_url))
    tasks = organization.follow_ups.open().assigned_to(user).due_before(now + AHEAD)
    for follow_up in tasks.for_list().soonest_first()[:MOST]:
        calendar.add_component(_of_follow_up(follow_up, base_url))
    today = now.astimezone(organization.zone).date()
    owned = organization.accounts.open().owned_by(user).filter(contract_end__range=(today - PAST, today + AHEAD))
    for account in owned.order_by("contract_end", "pk")[:MOST]:
        calendar.add_component(_of_renewal(account, now, base_url))
    return bytes(calendar.to_ical())


def _calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PRODUCT_NAME}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(_one_line(name)))
    return calendar


def _of_engagement(engagement: Engagement, base_url: str) -> Event:
    event = _event(f"engagement-{engagement.uuid}", engagement.title, engagement.updated_at)
    start = engagement.scheduled_at or engagement.happened_at
    event.add("dtstart", start.astimezone(UTC))
    event.add("dtend", start.astimezone(UTC) + timedelta(minutes=engagement.duration_minutes))
    event.add("location", _clean(engagement.account.name))
    event.add("url", base_url + engagement.get_absolute_url())
    event.add("description", _clean(engagement.description))
    event.add("status", "CANCELLED" if engagement.is_cancelled else "CONFIRMED")
    for attendee in engagement.attendees:
        if attendee["email"]:
            address = vCalAddress(f"mailto:{_one_line(attendee['email'])}")
            name = _one_line(attendee["name"] or attendee["email"]).replace('"', "'")
            address.params["cn"] = vText(name)
            event.add("attendee", address, encode=False)
    return event


def _of_follow_up(follow_up: FollowUp, base_url: str) -> Event:
    title = f"{follow_up.task_type} ({follow_up.account.name})"
    event = _event(f"follow-up-{follow_up.uuid}", title, follow_up.updated_at)
    event.add("dtstart", follow_up.falls_due_at.astimezone(UTC))
    event.add("dtend", follow_up.falls_due_at.astimezone(UTC) + TASK_LENGTH)
    event.add("description", _clean(follow_up.description))
    event.add("url", base_url + follow_up.get_absolute_url())
    event.add("transp", "TRANSPARENT")
    return event


def _of_renewal(account: Account, now: datetime, base_url: str) -> Event:
    day: date = account.contract_end or now.date()
    event = _event(f"renewal-{account.uuid}-{day:%Y%m%d}", f"Renewal: {account.name}", account.updated_at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("url", base_url + account.get_absolute_url())
    event.add("transp", "TRANSPARENT")
    return event


def _event(key: str, title: str, stamp: datetime) -> Any:
    event = Event()
    event.add("uid", f"{key}@keel")
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("summary", _clean(title))
    return event


def _one_line(text: str) -> str:
    """For what the library does not escape: parameters, addresses and names that it does not know."""
    return " ".join(_clean(text).split())


def _clean(text: str) -> str:
    """SECURITY: no control character but the line break, which the library escapes: a line stays one line."""
    unbroken = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(each for each in unbroken if each == "\n" or is_printable(each))
