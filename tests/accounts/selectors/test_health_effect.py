"""What accounts' scores did around engagements and while goals ran, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Account
from accounts.selectors.health_effect import HealthEffect, health_around_engagements, health_while_goals_ran
from csplatform.models import Membership
from health.models import DailyMetrics
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory
from tests.factories.goals import GoalFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # Friday noon in Kolkata
NOON = timedelta(hours=6, minutes=30)


def scored(account: Account, **scores: float) -> None:
    """`scored(account, d20260901=70)`: what was shown from that day on."""
    for day, score in scores.items():
        row = DailyMetricsFactory(account=account, date=date.fromisoformat(day[1:]))
        DailyMetrics.objects.filter(pk=row.pk).update(health_score=Decimal(str(score)))


def held(account: Account, day: date, **facts: Any) -> None:
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + NOON
    EngagementFactory(account=account, **{"type": "call", "completed_at": moment} | facts)


def told(effect: HealthEffect) -> tuple[Any, ...]:
    return (effect.value, effect.total, effect.scored, effect.before, effect.after, effect.change)


def test_the_day_before_an_engagement_is_compared_with_thirty_days_after(alice: Membership) -> None:
    organization = alice.organization
    first, second, silent = (AccountFactory(organization=organization) for _ in range(3))
    # On the day of the call itself the first scored 90 already: that is neither before nor after.
    scored(first, d20260901=60, d20260915=90, d20261014=72.5, d20261016=10)
    scored(second, d20260901=50, d20261001=55.3)
    held(first, date(2026, 9, 15))  # 60.0 on 14 September, 72.5 on 15 October
    held(second, date(2026, 9, 15))  # 50.0, 55.3
    held(silent, date(2026, 9, 15))  # no score at all
    held(second, date(2026, 9, 30), type="demo")  # 50.0, 55.3
    held(second, date(2026, 10, 22), type="meeting")  # 29 days ago: it has no after yet
    held(second, date(2026, 4, 24), type="email")  # over half a year before the last one that counts
    held(second, date(2026, 9, 15), type="training", cancelled_at=NOW, completed_at=None)

    effects = health_around_engagements(organization, organization.accounts.all(), now=NOW)

    # Calls: (60 + 50) / 2 = 55.0 before, (72.5 + 55.3) / 2 = 63.9 after.
    assert [told(effect) for effect in effects] == [
        ("call", 3, 2, Decimal("55.0"), Decimal("63.9"), Decimal("8.9")),
        ("demo", 1, 1, Decimal("50.0"), Decimal("55.3"), Decimal("5.3")),
    ]


def test_days_of_engagements_are_the_organisations(alice: Membership) -> None:
    """18:00 UTC on the 14th is 23:30 in Kolkata, half an hour later it is the 15th there."""
    account = AccountFactory(organization=alice.organization)
    scored(account, d20260913=20, d20260914=40, d20261014=60, d20261015=80)
    EngagementFactory(account=account, type="call", completed_at=datetime(2026, 9, 14, 18, tzinfo=UTC))
    EngagementFactory(account=account, type="demo", completed_at=datetime(2026, 9, 14, 18, 30, tzinfo=UTC))

    effects = health_around_engagements(alice.organization, alice.organization.accounts.all(), now=NOW)

    assert [(effect.value, effect.before, effect.after) for effect in effects] == [
        ("call", Decimal("20.0"), Decimal("60.0")),
        ("demo", Decimal("40.0"), Decimal("80.0")),
    ]


def test_goals_are_compared_from_their_start_to_their_end(alice: Membership) -> None:
    organization = alice.organization
    account = AccountFactory(organization=organization)
    scored(account, d20260801=40, d20260901=50, d20261001=64, d20261101=70)
    GoalFactory(account=account, starts_on=date(2026, 8, 31), status="achieved", completion_date=date(2026, 10, 31))
    GoalFactory(account=account, starts_on=date(2026, 9, 1), status="missed", target_date=date(2026, 9, 30))
    GoalFactory(account=account, starts_on=date(2026, 10, 5))
    GoalFactory(account=AccountFactory(organization=organization), starts_on=date(2026, 10, 5))
    GoalFactory(account=AccountFactory())  # another organisation's

    effects = health_while_goals_ran(organization, organization.goals.all(), now=NOW)

    assert [told(effect) for effect in effects] == [
        ("on_track", 2, 1, Decimal("64.0"), Decimal("70.0"), Decimal("6.0")),
        ("achieved", 1, 1, Decimal("40.0"), Decimal("64.0"), Decimal("24.0")),
        ("missed", 1, 1, Decimal("50.0"), Decimal("50.0"), Decimal("0.0")),
    ]


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_it_is_one_query_for_any_number(alice: Membership, rows: int) -> None:
    for _ in range(rows):
        account = AccountFactory(organization=alice.organization)
        scored(account, d20260901=60)
        held(account, date(2026, 9, 15))

    with CaptureQueriesContext(connection) as queries:
        (effect,) = health_around_engagements(alice.organization, alice.organization.accounts.all(), now=NOW)

    assert (effect.scored, len(queries)) == (rows, 1)


def test_both_pages_show_it(alice: Membership, client_for: Any) -> None:
    account = AccountFactory(organization=alice.organization)
    scored(account, d20260901=60, d20261001=52.4)
    held(account, date(2026, 9, 15))
    GoalFactory(account=account, starts_on=date(2026, 9, 15))
    client: Client = client_for(alice)

    with time_machine.travel(NOW, tick=False):
        pages = [client.get(reverse(f"accounts:{name}")) for name in ("engagement_analytics", "goal_list")]

    for page in pages:
        text = " ".join(page.content.decode().split())
        assert '<td class="num" data-label="With both scores">1</td>' in text
        assert ">60.0</td>" in text
        assert ">52.4</td>" in text
        assert "-7.6</span>" in text
