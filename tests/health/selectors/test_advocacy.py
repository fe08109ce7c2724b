"""Who would speak for us, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.advocacy_scores import advocates
from accounts.models import Account
from accounts.services.advocacy import update_testimonial
from accounts.services.goal import create_goal
from csplatform.models import Organization
from health.models import DailyMetrics
from tests.factories.accounts import AccountFactory
from tests.factories.advocacy import ReferralFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    """What the tests write is of TODAY, whenever they run."""
    with time_machine.travel(datetime(2026, 11, 20, 6, tzinfo=UTC), tick=False):
        yield


def measured(organization: Organization, **metrics: Any) -> Account:
    account = AccountFactory(
        organization=organization, health_score=Decimal("82.5"), contract_start=date(2025, 11, 19)
    )
    DailyMetrics.objects.create(organization=organization, account=account, date=date(2026, 11, 1), **metrics)
    return account


def test_the_score_adds_up_its_four_parts(organization: Organization) -> None:
    """Health 82.5: 33 of 40. NPS 60: 160 of 200, 24 of 30. With us for over a year: 15. A referral: 15. 87 in all."""
    account = measured(organization, nps=60)
    ReferralFactory(account=account)

    found = advocates(organization, organization.accounts.open(), as_of=TODAY)[0]

    points = (found.health_points, found.nps_points, found.tenure_points, found.reference_points)
    assert (points, found.score, found.is_ready) == ((33, 24, 15, 15), 87, True)


def test_what_is_unknown_brings_nothing(organization: Organization) -> None:
    AccountFactory(organization=organization)

    found = advocates(organization, organization.accounts.open(), as_of=TODAY)[0]

    assert (found.score, found.is_ready) == (0, False)


def test_an_escalated_ticket_excludes_until_it_is_resolved(organization: Organization) -> None:
    account = measured(organization, nps=100)
    ticket = TicketFactory(account=account, is_escalated=True)

    def excluded() -> str:
        return advocates(organization, organization.accounts.open(), as_of=TODAY)[0].excluded

    assert excluded() == "Escalated ticket open"
    ticket.status, ticket.resolved_at = "closed", datetime(2026, 11, 5, tzinfo=UTC)
    ticket.save()
    assert excluded() == ""


def test_a_past_day_knows_the_words_that_might_be_quoted_at_its_close(organization: Organization) -> None:
    """A draft until the 22nd, approved since: of the 21st it is worth nothing, of the 22nd 15, and so it stays after
    it is a draft again on the 24th, when it is worth nothing any more."""
    account = AccountFactory(organization=organization)
    words = organization.testimonials.create(account=account, quote="They answer within the hour.")
    for day, status in ((22, "approved"), (24, "draft")):
        with time_machine.travel(datetime(2026, 11, day, 6, tzinfo=UTC), tick=False):
            update_testimonial(testimonial=words, by=None, status=status)

    with time_machine.travel(datetime(2026, 11, 24, 6, tzinfo=UTC), tick=False):
        points = {
            day: advocates(organization, organization.accounts.all(), as_of=date(2026, 11, day))[0].reference_points
            for day in (21, 22, 23, 24)
        }

    assert points == {21: 0, 22: 15, 23: 15, 24: 0}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_cost_does_not_grow_with_accounts(
    organization: Organization, rows: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        measured(organization, nps=60)

    with django_assert_max_num_queries(4):
        assert len(advocates(organization, organization.accounts.open(), as_of=TODAY)) == rows


def test_goals_about_nps_and_adoption_read_the_newest_metrics(organization: Organization) -> None:
    account = measured(organization, nps=31.5, adoption_pct=62.25)
    values = {
        metric: create_goal(
            organization=organization,
            by=None,
            account=account,
            title=metric,
            metric_type=metric,
            target_value=Decimal(90),
            measurement_period="monthly",
        ).current_value
        for metric in ("nps", "adoption", "health_score")
    }

    assert values == {"nps": Decimal("31.50"), "adoption": Decimal("62.25"), "health_score": Decimal("82.50")}
