"""Carrying an account's story over to another one: what a merge does with timeline, engagements and tasks."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from accounts.models import Account, Engagement, FollowUp
from csplatform import bulk
from csplatform.models import User


def carry_story(*, into: Account, merged: Sequence[Account], by: User | None) -> None:
    """Give the surviving account what was said, done and planned with the others, in seven statements."""
    organization, now = into.organization, timezone.now()
    organization.activities.filter(account__in=merged).update(account=into)
    organization.attachments.filter(account__in=merged).update(account=into, updated_at=now)
    reason = f"Merged into account {into.number}"
    for model, rows in ((Engagement, organization.engagements), (FollowUp, organization.follow_ups)):
        keys = list(rows.filter(account__in=merged).values_list("pk", flat=True))
        rows.filter(pk__in=keys).update(account=into, updated_at=now)
        bulk.record_history(model, keys, kind="~", by=by, reason=reason)
