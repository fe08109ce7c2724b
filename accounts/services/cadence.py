"""Setting how often accounts of a segment want to hear from us."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import Cadence
from csplatform.models import Organization, User


@transaction.atomic
def set_cadences(*, organization: Organization, days: Mapping[str, int], by: User | None) -> None:
    """The most days between two engagements, by segment; what is the same is not written again."""
    stored = {each.segment: each for each in organization.cadences.select_for_update(no_key=True)}
    for segment, wanted in days.items():
        cadence = stored.get(segment) or Cadence(organization=organization, segment=segment)
        if cadence.pk is None or cadence.days != wanted:
            cadence.days = wanted
            cadence._history_user = by
            cadence.save()
