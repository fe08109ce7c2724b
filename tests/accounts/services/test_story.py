"""A merge carries the story over."""

from __future__ import annotations

import pytest

from accounts.services.activity import Happening, record_activity
from accounts.services.merge import merge_accounts
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db


def test_a_merge_carries_timeline_engagements_and_tasks_over(amir: Membership) -> None:
    into, other = AccountFactory.create_batch(2, organization=amir.organization)
    engagement, task = EngagementFactory(account=other), FollowUpFactory(account=other)
    record_activity(Happening(account=other, kind="note", title="Said before"))

    merge_accounts(into=into, others=[other], by=amir.user)

    assert into.activities.filter(title="Said before").exists()
    assert list(into.engagements.all()) == [engagement]
    assert list(into.follow_ups.all()) == [task]
    newest = engagement.history.first()
    assert (newest.account, newest.history_user) == (into, amir.user)
    assert newest.history_change_reason == f"Merged into account {into.number}"
    assert [other.engagements.count(), other.follow_ups.count(), other.activities.count()] == [0, 0, 0]
