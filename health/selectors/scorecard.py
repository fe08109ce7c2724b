"""The rules that count."""

from __future__ import annotations

from csplatform.models import Organization
from health.scoring import SIGNALS_SCORECARD, ScorecardRules, rules_from_rows


def primary_rules(organization: Organization) -> ScorecardRules:
    """The rules of the primary scorecard; the default ones where an organisation has none yet."""
    scorecard = organization.scorecards.primary().first()
    return scorecard.rules if scorecard else rules_from_rows(SIGNALS_SCORECARD)
