"""What health does when another room has news."""

from __future__ import annotations

from django.utils import timezone

from accounts.signals import Merge, accounts_merged
from csplatform.models import Organization
from csplatform.signals import organization_created
from health.services.merge import merge_metrics
from health.services.scorecard import copy_customer_360, copy_default_scorecards


def give_scorecard(organization: Organization, **_: object) -> None:
    """A new organisation can score from its first metrics on."""
    now = timezone.now()
    copy_default_scorecards(organization=organization, now=now)
    copy_customer_360(organization=organization, now=now)


def carry_metrics_over(organization: Organization, merge: Merge, **_: object) -> None:
    """The surviving account's health is judged by everything that was reported of any of them."""
    merge_metrics(organization=organization, merge=merge)


def connect() -> None:
    accounts_merged.connect(carry_metrics_over, dispatch_uid="health.carry_metrics_over")
    organization_created.connect(give_scorecard, dispatch_uid="health.give_scorecard")
