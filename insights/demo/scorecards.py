"""The demo's scorecards: a manager drafts the next version, with guards, and one for large customers; customer 360 is
scored beside."""

from __future__ import annotations

from typing import Any

from accounts.enums import Segment
from csplatform.enums import Role
from csplatform.models import Organization
from health.models import Scorecard
from health.scoring.signal_checks import catalogue
from health.services.scorecard import CUSTOMER_360_KEY
from health.services.scorecard_versions import draft_version, edit_draft, new_scorecard, score_beside

ADOPTION_FIRST = {"adoption_pct": 30, "nps": 10}
SPONSORS_FIRST = {"adoption_pct": 20, "nps": 20, "login_rate": 10}
GUARDS: tuple[dict[str, Any], ...] = (
    {
        "conditions": [
            {"measure": "days_to_renewal", "comparison": "at_most", "value": 60},
            {"measure": "adoption_pct", "comparison": "below", "value": 50},
        ],
        "effect": "cap",
        "score": 59,
        "text": "The renewal is near, and half of what they bought is not used",
    },
    {
        "conditions": [{"measure": "escalations", "comparison": "at_least", "value": 1}],
        "effect": "cap",
        "score": 79,
        "text": "Nobody is healthy with an escalated ticket open",
    },
)


def draft_scorecards(organization: Organization) -> None:
    """Version 2 of the live one, and the first of another for large customers; both are drafts."""
    manager = organization.memberships.filter(role=Role.MANAGER).select_related("user").order_by("pk").first()
    by = manager.user if manager else None
    live = organization.scorecards.primary().get()
    note = "Adoption tells us more than NPS does, and renewals must not surprise us"
    signals = _weighted(live, ADOPTION_FIRST)
    edit_draft(draft=draft_version(scorecard=live, by=by), by=by, signals=signals, guards=list(GUARDS), note=note)
    large = new_scorecard(source=live, name="Enterprise accounts", segments=[Segment.ENTERPRISE], by=by)
    note = "A handful of sponsors decide, and NPS is how we hear them"
    signals = [*_weighted(live, SPONSORS_FIRST), {**catalogue(live.kind)["pulse"], "max_points": 10}]
    edit_draft(draft=large, by=by, signals=signals, note=note)


def _weighted(card: Scorecard, points: dict[str, int]) -> list[dict[str, Any]]:
    return [{**row, "max_points": points.get(row["key"], row["max_points"])} for row in card.signals]


def score_customer_360_beside(organization: Organization) -> None:
    """As soon as its records are there; the demo's last recompute leaves the snapshots."""
    for card in organization.scorecards.published().filter(key=CUSTOMER_360_KEY):
        score_beside(scorecard=card, is_on=True, by=None)
