"""The demo's next scorecard: a manager is drafting it, with a guard, and has not published it yet."""

from __future__ import annotations

from typing import Any

from csplatform.enums import Role
from csplatform.models import Organization
from health.services.scorecard_versions import draft_version, edit_draft

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
