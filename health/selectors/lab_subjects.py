"""Which scorecards the lab can look at."""

from __future__ import annotations

from dataclasses import dataclass

from csplatform.models import Organization
from health.enums import ScorecardKind, ScorecardStatus
from health.models import Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSubject:
    """A live scorecard and the draft beside it. Of a scorecard that was never live the primary one stands for it."""

    key: str
    live: Scorecard
    draft: Scorecard | None

    @property
    def name(self) -> str:
        return self.draft.name if self.draft else self.live.name


def lab_subjects(organization: Organization) -> list[LabSubject]:
    """Those of daily signals, the primary one first: what others gather of a past day is not known any more."""
    in_use = (ScorecardStatus.PUBLISHED, ScorecardStatus.DRAFT)
    cards = organization.scorecards.filter(kind=ScorecardKind.SIGNALS, status__in=in_use)
    live: dict[str, Scorecard] = {}
    draft: dict[str, Scorecard] = {}
    for card in cards.order_by("-is_primary", "key"):
        (draft if card.is_draft else live)[card.key] = card
    primary = next((card for card in live.values() if card.is_primary), None)
    return [
        LabSubject(key=key, live=beside, draft=draft.get(key))
        for key in {**live, **draft}
        if (beside := live.get(key, primary)) is not None
    ]
