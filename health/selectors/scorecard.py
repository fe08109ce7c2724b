"""The rules by which an organisation scores."""

from __future__ import annotations

from csplatform.models import Organization
from health.scoring import SIGNALS_SCORECARD, ScorecardRules, rules_from_rows


def primary_rules(organization: Organization) -> ScorecardRules:
    """The rules of the primary scorecard; the default ones where an organisation has none yet."""
    scorecard = organization.scorecards.primary().first()
    return scorecard.rules if scorecard else rules_from_rows(SIGNALS_SCORECARD)


def daily_rules(organization: Organization, rules: ScorecardRules) -> ScorecardRules:
    """Rules over daily metrics, for what looks at measures of days: these, the primary ones, where they are such."""
    if not rules.is_grouped:
        return rules
    return rules_of(organization, "signals") or rules_from_rows(SIGNALS_SCORECARD)


def rules_of(organization: Organization, key: str | None) -> ScorecardRules | None:
    """The newest published rules under a key, the primary ones without a key; None for an unknown key."""
    if key is None:
        return primary_rules(organization)
    scorecard = organization.scorecards.published().filter(key=key).order_by("-version").first()
    return scorecard.rules if scorecard else None
