"""How often we are in touch, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import Segment
from accounts.models import Account, FollowUp
from accounts.selectors.engagement_analytics import cadences, engagement_analytics
from accounts.services.cadence import set_cadences
from csplatform.models import Membership
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # Friday noon in Kolkata
DAY = timedelta(days=1)


def test_figures_of_twelve_weeks(alice: Membership) -> None:
    organization = alice.organization
    account = AccountFactory(organization=organization, segment=Segment.ENTERPRISE)
    quiet = AccountFactory(organization=organization, segment=Segment.SMB)
    Account.objects.update(created_at=NOW - 90 * DAY)
    # 18:00 UTC on Sunday is 23:30 in Kolkata, still the old week; half an hour later it is Monday the 16th.
    EngagementFactory(account=account, completed_at=datetime(2026, 11, 15, 18, tzinfo=UTC), outcome="positive")
    EngagementFactory(account=account, completed_at=datetime(2026, 11, 15, 18, 30, tzinfo=UTC))
    EngagementFactory(account=account, completed_at=NOW - 100 * DAY, type="email")  # too long ago
    EngagementFactory(account=account, completed_at=None, scheduled_at=NOW + DAY)
    for took, late in ((2, 1), (4, -1)):  # done after two days in time, after four days too late
        task = FollowUpFactory(account=account, completed_at=NOW - DAY, due_at=NOW - DAY + late * DAY)
        FollowUp.objects.filter(pk=task.pk).update(created_at=NOW - DAY - took * DAY)

    figures = engagement_analytics(organization, organization.accounts.all(), now=NOW)

    assert (figures.weeks[0], figures.weeks[-1]) == (date(2026, 8, 31), date(2026, 11, 16))
    assert figures.by_type["call"] == [0] * 10 + [1, 1]
    assert (figures.total, figures.by_outcome["positive"], figures.by_outcome[""]) == (2, 1, 1)
    # SMB: 60 days are allowed, and since its creation 90 have passed.
    assert [(gap.account, gap.days, gap.allowed, gap.was_ever) for gap in figures.gaps] == [(quiet, 90, 60, False)]
    assert (figures.gap_count, figures.open_accounts) == (1, 2)
    assert (figures.tasks_done, figures.task_time, figures.tasks_in_time) == (2, 3 * DAY, 1)


def test_managers_set_the_cadence_and_others_do_not(mona: Membership, alice: Membership, client_for) -> None:  # type: ignore[no-untyped-def]
    organization, url = mona.organization, reverse("accounts:cadence_set")
    sent = {"days_0": "10", "days_1": "20", "days_2": "30", "days_3": "40"}
    client: Client = client_for(mona)

    client.post(url, sent | {"days_0": "0"})
    assert organization.cadences.count() == 0
    client.post(url, sent)
    set_cadences(organization=organization, days=cadences(organization), by=mona.user)

    assert cadences(organization) == {"Enterprise": 10, "Mid-Market": 20, "SMB": 30, "": 40}
    assert [each.history.count() for each in organization.cadences.all()] == [1] * 4
    assert client_for(alice).post(url, sent).status_code == 403
    assert "Cadence" in client.get(reverse("accounts:engagement_analytics")).content.decode()
