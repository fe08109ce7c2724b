"""Plain rows of health."""

from __future__ import annotations

import datetime
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from accounts.bands import band
from csplatform.models import Organization
from health.models import Alert, DailyMetrics, HealthOverride, HealthSnapshot, Scorecard
from health.services.scorecard import scorecards_to_score_by
from tests.factories.accounts import AccountFactory

NOON = datetime.datetime(2026, 11, 20, 6, 30, tzinfo=datetime.UTC)


def primary_scorecard(organization: Organization, *, now: datetime.datetime) -> Scorecard:
    """The organisation's, made where it has none yet."""
    return scorecards_to_score_by(organization, now=now).primary


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


class AlertFactory(DjangoModelFactory[Alert]):
    """One that waits since noon."""

    class Meta:
        model = Alert

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    kind = "health_below"
    severity = "medium"
    title = "Health is 52, under 60"
    value = Decimal("8.00")
    first_seen_at = NOON


class SnapshotFactory(DjangoModelFactory[HealthSnapshot]):
    """What was shown from a day on, by the primary scorecard; through no recompute."""

    class Meta:
        model = HealthSnapshot

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    scorecard = factory.LazyAttribute(lambda row: primary_scorecard(row.organization, now=NOON))
    date = datetime.date(2026, 11, 20)
    score = Decimal("85.0")
    effective_score = factory.SelfAttribute("score")
    coverage = 1.0
    band = factory.LazyAttribute(lambda row: band(row.effective_score) or "")
    points = factory.LazyFunction(list)
    factors = factory.LazyFunction(list)
    is_primary = True
    fingerprint = 0
