"""Tax profiles, invoices and what settles them, made through the services."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import Account
from billing.enums import Treatment
from billing.models import Allocation, CustomerTaxProfile, Invoice, Payment, TaxProfile
from billing.services.invoice import InvoiceFacts, LineFacts, create_draft, issue_invoice
from billing.services.payment import Share, record_payment
from billing.services.tax_profile import save_customer_tax_profile, save_tax_profile
from csplatform.models import Organization, User
from tests.factories.accounts import AccountFactory

KARNATAKA = "29AAPFU0939F1ZR"
MAHARASHTRA = "27AAPFU0939F1ZV"
D = Decimal


def tax_profile(organization: Organization, **facts: Any) -> TaxProfile:
    """A supplier in Karnataka without an undertaking."""
    given = {"gstin": KARNATAKA, "legal_name": "Acme Cloud Pvt Ltd", "address": "1 MG Road, Bengaluru", **facts}
    return save_tax_profile(organization=organization, by=None, **given)


def with_lut(organization: Organization, **facts: Any) -> TaxProfile:
    lut = {
        "lut_number": "AD290426000001X",
        "lut_valid_from": date(2026, 4, 1),
        "lut_valid_to": date(2027, 3, 31),
    }
    return tax_profile(organization, **lut, **facts)


def customer(organization: Organization, name: str = "TechStart Inc", **facts: Any) -> Account:
    """An account with a tax profile; unregistered in Karnataka unless told otherwise."""
    account = AccountFactory(organization=organization, name=name)
    given = {"treatment": Treatment.UNREGISTERED, "state_code": "29", **facts}
    if given["treatment"] in {Treatment.REGISTERED, Treatment.SEZ, Treatment.OVERSEAS} and "state_code" not in facts:
        given["state_code"] = ""
    save_customer_tax_profile(account=account, by=None, **given)
    return account


def profile_of(account: Account) -> CustomerTaxProfile:
    return CustomerTaxProfile.objects.get(account=account)


def draft(account: Account, *prices: str, by: User | None = None, **facts: Any) -> Invoice:
    lines = facts.pop("lines", [LineFacts(unit_price=D(price)) for price in prices])
    given = InvoiceFacts(account=account, lines=lines, **facts)
    return create_draft(organization=account.organization, by=by, facts=given)


def issued(account: Account, *prices: str, on: date, due: date | None = None, **facts: Any) -> Invoice:
    """An invoice over these prices without tax, of a day."""
    invoice = draft(account, *prices, issue_date=on, due_date=due, **facts)
    return issue_invoice(invoice=invoice, by=facts.get("by"))


def paid(invoice: Invoice, cash: str, *, on: date, tds: str = "0", **facts: Any) -> Payment:
    """A payment that settles part of one invoice and nothing else."""
    share = Share(invoice=invoice, cash=D(cash), tds=D(tds))
    given: Any = {"amount": D(cash), "tds": D(tds), "received_on": on, "currency": invoice.currency, **facts}
    return record_payment(account=invoice.account, by=None, facts=given, allocations=[share])


def entries_of(invoice: Invoice) -> list[tuple[date, Decimal]]:
    return list(Allocation.objects.filter(invoice=invoice).values_list("date", "amount"))
