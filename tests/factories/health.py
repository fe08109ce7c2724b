"""Plain rows of health."""

from __future__ import annotations

import datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from health.models import DailyMetrics, HealthOverride
from tests.factories.accounts import AccountFactory


class DailyMetricsFactory(DjangoModelFactory[DailyMetrics]):
    """A day that scores 85.3 against a target of 100."""

    class Meta:
        model = DailyMetrics

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    date = datetime.date(2026, 11, 20)
    daily_active_users = 160
    adoption_pct = 78.0
    tickets_open = 2
    nps = 55.0
    login_rate = 0.88


class HealthOverrideFactory(DjangoModelFactory[HealthOverride]):
    """90 for two weeks; the account is not scored anew (use `set_override` for that)."""

    class Meta:
        model = HealthOverride

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    score = Decimal("90.0")
    reason = "Renewed by phone"
    starts_on = datetime.date(2026, 11, 20)
    expires_on = datetime.date(2026, 12, 4)
