"""What health does when another room has news."""

from __future__ import annotations

from django.utils import timezone

from accounts.signals import Merge, accounts_merged, support_called
from csplatform.models import Organization
from csplatform.signals import organization_created
from health.services.alert_jobs import order_evaluation
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


def look_for_alerts(organization: Organization, **_: object) -> None:
    """An escalation is no matter for the next night."""
    order_evaluation(organization)


def connect() -> None:
    support_called.connect(look_for_alerts, dispatch_uid="health.look_for_alerts")
    accounts_merged.connect(carry_metrics_over, dispatch_uid="health.carry_metrics_over")
    organization_created.connect(give_scorecard, dispatch_uid="health.give_scorecard")
