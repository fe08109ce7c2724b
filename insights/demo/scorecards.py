"""The demo's scorecards: a manager drafts the next one, with guards, and customer 360 is scored beside."""

from __future__ import annotations

from typing import Any

from csplatform.enums import Role
from csplatform.models import Organization
from health.services.scorecard import CUSTOMER_360_KEY
from health.services.scorecard_versions import draft_version, edit_draft, score_beside

WEIGHTS = {"adoption_pct": 30, "nps": 10}
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


def draft_scorecard(organization: Organization) -> None:
    """Version 2 of the live one, as a draft."""
    manager = organization.memberships.filter(role=Role.MANAGER).select_related("user").order_by("pk").first()
    by = manager.user if manager else None
    draft = draft_version(scorecard=organization.scorecards.primary().get(), by=by)
    signals = [{**row, "max_points": WEIGHTS.get(row["key"], row["max_points"])} for row in draft.signals]
    note = "Adoption tells us more than NPS does, and renewals must not surprise us"
    edit_draft(draft=draft, by=by, signals=signals, guards=list(GUARDS), note=note)


def score_customer_360_beside(organization: Organization) -> None:
    """As soon as its records are there; the demo's last recompute leaves the snapshots."""
    for card in organization.scorecards.published().filter(key=CUSTOMER_360_KEY):
        score_beside(scorecard=card, is_on=True, by=None)
