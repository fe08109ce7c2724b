"""Documents when accounts become one."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from accounts.signals import Merge
from billing.models import CustomerTaxProfile, Invoice, Payment
from billing.services.merge import merge_documents
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory
from tests.factories.documents import D, customer, issued, paid, tax_profile

pytestmark = pytest.mark.django_db


@time_machine.travel("2026-11-20T06:30:00Z", tick=False)
def test_what_was_billed_to_a_duplicate_was_billed_to_the_customer(organization: Organization) -> None:
    tax_profile(organization)
    duplicate = customer(organization, "Duplicate", payment_terms_days=45)
    survivor = AccountFactory(organization=organization, name="Survivor")
    invoice = issued(duplicate, "100", on=date(2026, 11, 1))
    paid(invoice, "118", on=date(2026, 11, 2))
    merge = Merge(into=survivor.pk, merged=(duplicate.pk,), on=date(2026, 11, 20), arr=D(0), cause="Merged")

    merge_documents(organization=organization, merge=merge)

    stored = Invoice.objects.get()
    assert (stored.account, stored.customer["name"], stored.total) == (survivor, "Duplicate", D(118))
    assert Payment.objects.get().account == survivor
    assert CustomerTaxProfile.objects.get(account=survivor).payment_terms_days == 45
