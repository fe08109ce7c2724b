"""What health does when another room has news."""

from __future__ import annotations

from django.utils import timezone

from csplatform.models import Organization
from csplatform.signals import organization_created
from health.services.scorecard import copy_default_scorecards


def give_scorecard(organization: Organization, **_: object) -> None:
    """A new organisation can score from its first metrics on."""
    copy_default_scorecards(organization=organization, now=timezone.now())


def connect() -> None:
    organization_created.connect(give_scorecard, dispatch_uid="health.give_scorecard")
