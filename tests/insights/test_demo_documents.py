"""The demo's tax documents: whole, and of the promised kinds."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO

import numpy as np
import pytest
from django.core.management import call_command

from billing.enums import Section
from billing.models import CustomerTaxProfile, TaxProfile
from billing.tax.amounts import Amounts
from billing.tax.supply import decide_supply
from csplatform.models import Organization
from csplatform.periods import today
from insights.demo import documents
from insights.demo.bills import Bill
from insights.demo.portfolio import plan_portfolio

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
    asked = nimbus.refunds.filter(status="completed").count() / nimbus.invoices.count()
    assert 0.03 < asked < 0.15


@pytest.mark.parametrize("seed", range(8))
def test_nobody_pays_a_part_of_a_bill_of_forty_cents(
    seed: int, organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty to seventy per cent of $0.40 come to no whole dollar, and a payment of nothing is none."""
    monkeypatch.setattr(documents, "PARTIAL_SHARE", 1)
    day = date(2026, 1, 5)
    bill = Bill(
        account=1,
        profile=CustomerTaxProfile(treatment="overseas", country="US", currency="USD", payment_terms_days=15),
        plan=plan_portfolio(accounts=1, days=20, seed=seed, today=day)[0],
        rng=np.random.default_rng(seed),
        supply=decide_supply(supplier_state="29", treatment="overseas", country="US", has_lut=True),
        day=day,
        subscription=None,
        lines=[],
        amounts=Amounts(taxable=Decimal("0.40")),
        rate=Decimal("84.25"),
    )
    writer = documents._Writer(
        organization,
        TaxProfile(gstin="29AAGCN4821K1ZV"),
        {},
        today=date(2026, 12, 1),
        opening=lambda each: datetime.combine(each, time(9), UTC),
    )

    writer._plan([bill])

    assert all(each["amount"] + each["tds"] > 0 for each in writer.payments)
