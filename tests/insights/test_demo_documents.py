"""The demo's tax documents: whole, and of the promised kinds."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from billing.enums import Section
from csplatform.models import Organization
from csplatform.periods import today

pytestmark = pytest.mark.django_db


def test_a_year_of_documents_adds_up_and_the_other_organisation_has_only_a_profile() -> None:
    call_command("seed_demo", "--accounts", "40", "--days", "20", stdout=StringIO(), stderr=StringIO())

    nimbus, other = Organization.objects.get(slug="demo"), Organization.objects.get(slug="demo-other")
    sections = set(nimbus.invoices.values_list("section", flat=True))
    call_command("check_ledger", stdout=StringIO(), stderr=StringIO())
    assert {Section.B2B, Section.B2CS, Section.EXPWOP} <= sections
    assert nimbus.invoices.overdue(today(nimbus)).exists()
    assert nimbus.payments.exclude(tds=0).exists()
    assert nimbus.credit_notes.exists()
    assert nimbus.payments.with_advance().exists()
    assert nimbus.payments.exclude(reversed_on=None).exists()
    assert set(nimbus.payments.filter(tds__gt=0).values_list("tds_certificate", flat=True)) == {"claimed", "verified"}
    assert nimbus.invoices.filter(is_disputed=True).count() == 3
    assert nimbus.invoices.filter(state="void").count() == 1
    assert nimbus.invoices.drafts().count() == 3
    assert nimbus.invoices.in_status("partially_paid", today=today(nimbus)).exists()
    assert nimbus.write_offs.filter(reversed_on=today(nimbus)).count() == 1
    assert other.tax_profiles.get().has_lut_on(today(other))
    assert not other.invoices.exists()
