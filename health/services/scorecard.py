"""Scorecards: the one every organisation starts with, and the one that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from csplatform.models import Organization
from health.enums import ScorecardKind, ScorecardStatus
from health.models import Scorecard
from health.scoring import SIGNALS_SCORECARD
from health.scoring.customer_360 import CUSTOMER_360_SCORECARD
from health.selectors.scorecard import HealthScorecards, health_scorecards

SIGNALS_KEY = ScorecardKind.SIGNALS.value
CUSTOMER_360_KEY = ScorecardKind.CUSTOMER_360.value
"""The keys of those that every organisation is given; what it adds itself has keys of its own."""


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
            "kind": ScorecardKind.CUSTOMER_360,
            "status": ScorecardStatus.PUBLISHED,
            "signals": list(CUSTOMER_360_SCORECARD),
            "published_at": now,
        },
    )
    return scorecard


def scorecards_to_score_by(organization: Organization, *, now: datetime) -> HealthScorecards:
    """The live scorecards; an organisation without a primary one is given the default."""
    cards = health_scorecards(organization)
    if cards.primary.pk is not None:
        return cards
    return replace(cards, primary=copy_default_scorecards(organization=organization, now=now))
