"""The demo's tax documents: whole, and of the promised kinds."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from billing.enums import Section
from billing.selectors.document_checks import document_problems
from csplatform.models import Organization
from csplatform.periods import today

pytestmark = pytest.mark.django_db


def test_a_year_of_documents_adds_up_and_the_other_organisation_has_only_a_profile() -> None:
    call_command("seed_demo", "--accounts", "40", "--days", "20", stdout=StringIO(), stderr=StringIO())

    nimbus, other = Organization.objects.get(slug="demo"), Organization.objects.get(slug="demo-other")
    sections = set(nimbus.invoices.values_list("section", flat=True))
    assert list(document_problems(nimbus)) == []
    assert {Section.B2B, Section.B2CS, Section.EXPWOP} <= sections
    assert nimbus.invoices.overdue(today(nimbus)).exists()
    assert nimbus.payments.exclude(tds=0).exists()
    assert nimbus.credit_notes.exists()
    assert nimbus.payments.with_advance().exists()
    assert other.tax_profiles.get().has_lut_on(today(other))
    assert not other.invoices.exists()
