"""`manage.py recompute_health` scores one organisation or all."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from csplatform.models import Membership, Organization
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("recompute_health", *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_all_organisations_are_scored_one_after_the_other(organization: Organization, mallory: Membership) -> None:
    for each in (organization, mallory.organization):
        DailyMetricsFactory(account__organization=each, date=date(2026, 1, 1))

    assert run() == "acme: 1 scored, 1 changed, 1 snapshots.\nelsewhere: 1 scored, 1 changed, 1 snapshots.\n"


def test_a_named_organisation_is_scored_alone(organization: Organization, mallory: Membership) -> None:
    here = DailyMetricsFactory(account__organization=organization, date=date(2026, 1, 1)).account
    there = DailyMetricsFactory(account__organization=mallory.organization, date=date(2026, 1, 1)).account

    run("--organization", "acme")

    here.refresh_from_db()
    there.refresh_from_db()
    assert (here.health_score is None, there.health_score is None) == (False, True)


def test_an_unknown_organisation_is_an_error(organization: Organization) -> None:
    with pytest.raises(CommandError, match="'nowhere'"):
        run("--organization", "nowhere")
