"""The playbooks of an organisation as its library shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from csplatform.models import Organization
from playbooks.models import Playbook
from playbooks.selectors.recommendations import fits_per_playbook


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCard:
    """A playbook and how many open accounts it answers now."""

    playbook: Playbook
    accounts: int


def library(
    organization: Organization, *, today: date, category: str = "", priority: str = "", risk: str = ""
) -> list[LibraryCard]:
    """The playbooks by number, narrowed by what is given."""
    playbooks = organization.playbooks.with_steps()
    if category:
        playbooks = playbooks.filter(category=category)
    if priority:
        playbooks = playbooks.filter(priority=priority)
    fits = fits_per_playbook(organization, today=today)
    # The databases ask differently what a JSON list holds, and a library is short.
    return [
        LibraryCard(playbook=playbook, accounts=fits[playbook.pk])
        for playbook in playbooks
        if not risk or risk in playbook.risk_factors
    ]
