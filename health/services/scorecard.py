"""Scorecards: the one every organisation starts with, and the one that counts."""

from __future__ import annotations

from datetime import datetime

from csplatform.models import Organization
from health.enums import ScorecardStatus
from health.models import Scorecard
from health.scoring import SIGNALS_SCORECARD
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD

SIGNALS_KEY = "signals"
CUSTOMER_360_KEY = "customer_360"


def copy_default_scorecards(*, organization: Organization, now: datetime) -> Scorecard:
    """Give an organisation the signals scorecard as its primary one. A second time changes nothing."""
    scorecard, _ = Scorecard.objects.get_or_create(
        organization=organization,
        key=SIGNALS_KEY,
        version=1,
        defaults={
            "name": "Signals",
            "status": ScorecardStatus.PUBLISHED,
            "signals": list(SIGNALS_SCORECARD),
            "is_primary": True,
            "published_at": now,
        },
    )
    return scorecard


def copy_customer_360(*, organization: Organization, now: datetime) -> Scorecard:
    """Give an organisation the customer-360 scorecard beside its primary one. A second time changes nothing."""
    scorecard, _ = Scorecard.objects.get_or_create(
        organization=organization,
        key=CUSTOMER_360_KEY,
        version=1,
        defaults={
            "name": "Customer 360",
            "status": ScorecardStatus.PUBLISHED,
            "signals": list(CUSTOMER_360_SCORECARD),
            "published_at": now,
        },
    )
    return scorecard


def primary_scorecard(organization: Organization, *, now: datetime) -> Scorecard:
    """The scorecard whose score is the accounts' health score; one without any is given the default."""
    return organization.scorecards.primary().first() or copy_default_scorecards(organization=organization, now=now)
