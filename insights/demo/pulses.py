"""What the demo's account managers say of some of their accounts."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from csplatform.models import Organization
from csplatform.periods import today as civil_today
from health.models import Pulse

EVERY = 7
"""One of so many accounts has a pulse."""
OLDEST_DAYS = 75
NOTES = {
    1: "The sponsor has left, and nobody answers",
    2: "They ask for the export of their data",
    3: "",
    4: "The new admin likes the product",
    5: "They bring us to their own customers",
}


def write_pulses(organization: Organization, *, seed: int) -> None:
    """Mostly as the score has it, sometimes a step beside: that is what a pulse is for."""
    today, random = civil_today(organization), np.random.default_rng([seed, 77])
    accounts = organization.accounts.open().exclude(owner=None).exclude(health_score=None).order_by("number")
    pulses = []
    for account in accounts.only("pk", "owner", "health_score")[::EVERY]:
        seen = 1 + int(account.health_score or 0) // 21 + int(random.integers(-1, 2))
        rating = min(max(seen, 1), 5)
        pulses.append(
            Pulse(
                organization=organization,
                account=account,
                date=today - timedelta(days=int(random.integers(0, OLDEST_DAYS))),
                rating=rating,
                note=NOTES[rating],
                set_by_id=account.owner_id,
            )
        )
    Pulse.objects.bulk_create(pulses, batch_size=1000)
