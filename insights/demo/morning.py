"""What the demo's CSM has on the day that it is loaded: meetings, tasks, and two promises that wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np

from csplatform.models import Organization
from insights.demo import data
from insights.demo.engagements import Story, give, plan, promise, write_story

MEETINGS = (time(11), time(15, 30))
TASKS = ((0, time(13)), (0, time(17, 30)), (1, time(11)), (2, time(16)), (4, time(12)))
"""How many days ahead, and at what time."""
PROMISES = (("us", "Send the sizing proposal", 2), ("customer", "Name the project lead", 6))
"""Whose, what, and how many days late."""


def write_morning(organization: Organization, *, seed: int, now: datetime) -> None:
    """With the largest customers of the CSM, one thing each; what was said before is told already.

    The times are those of an office day, whenever the demo is loaded: in the evening they are over and not logged.
    """
    local = now.astimezone(organization.zone)
    theirs = organization.accounts.open().filter(owner__email=data.CSM.email).select_related("owner", "organization")
    accounts = list(theirs.order_by("-arr", "pk")[: len(MEETINGS) + len(TASKS) + len(PROMISES)])
    rng, story = np.random.default_rng([seed, 43]), Story()

    def moment(days: int, at: time) -> datetime:
        return datetime.combine(local.date() + timedelta(days=days), at, local.tzinfo)

    for account, at in zip(accounts, MEETINGS, strict=False):
        plan(story, account, rng, at=moment(0, at))
    for account, (days, at) in zip(accounts[len(MEETINGS) :], TASKS, strict=False):
        give(story, account, rng, due=moment(days, at))
    for account, (side, what, late) in zip(accounts[len(MEETINGS) + len(TASKS) :], PROMISES, strict=False):
        due_on = local.date() - timedelta(days=late)
        said = account.engagements.filter(completed_at__date__lt=due_on).order_by("-completed_at", "pk").first()
        if said is not None:
            story.commitments.append(promise(said, rng, side=side, what=what, due_on=due_on))
    write_story(organization, story, now=now)
