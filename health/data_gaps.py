"""What the score misses: metrics that never came, that stopped coming, or that are only half there."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q

from accounts.data_gaps import DataGap, register_data_gap
from csplatform.models import Organization
from health.models import DailyMetrics
from health.risk_factors import LITTLE_COVERAGE


def _never_measured(_: Organization, __: date) -> Q:
    return Q(~_has_metrics())


def _stopped(organization: Organization, today: date) -> Q:
    since = today - timedelta(days=organization.stale_after_days)
    return Q(_has_metrics()) & Q(~_has_metrics(date__gte=since))


def _half_known(_: Organization, __: date) -> Q:
    return Q(health_coverage__lt=LITTLE_COVERAGE, health_coverage__gt=0)


def _has_metrics(**facts: date) -> Exists:
    return Exists(DailyMetrics.objects.filter(account=OuterRef("pk"), **facts))


def register_own() -> None:
    """Called once, when the room is ready."""
    for gap in (
        DataGap(
            key="no_metrics",
            label="No metrics have ever come",
            todo="Add them to the nightly upload; a name that is spelt otherwise there makes another account.",
            condition=_never_measured,
            url_name="csplatform:import_list",
        ),
        DataGap(
            key="old_metrics",
            label="Metrics have stopped coming",
            todo="Ask whoever sends the upload; until then the score is of the last day that came.",
            condition=_stopped,
            url_name="csplatform:import_list",
        ),
        DataGap(
            key="thin_metrics",
            label="Under 60% of the scorecard is known",
            todo="See on the Health tab which signals are missing, and add their columns to the upload.",
            condition=_half_known,
            url_name="csplatform:import_columns",
        ),
    ):
        register_data_gap(gap)
