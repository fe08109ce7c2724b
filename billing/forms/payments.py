"""Recording money that came in, and saying which invoices it settles."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Account
from billing.enums import PaymentMethod, TdsCertificate
from billing.forms.documents import amount_field, day_field
from billing.models import Invoice, Payment
from billing.selectors.open_invoices import proposed_shares
from billing.services.payment import PaymentFacts, Share
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import today


class NewPaymentForm(forms.Form):
    """Money of a customer; which invoices it settles is said next."""

    account = forms.ModelChoiceField(queryset=Account.objects.none(), empty_label="Choose a customer")
    amount = amount_field("Money received", required=False)
    tds = amount_field(
        "Tax withheld (TDS)", required=False, help_text="It settles like money; ask for the certificate."
    )
    received_on = day_field("Received on", required=True)
    method = forms.ChoiceField(choices=PaymentMethod.choices)
    reference = forms.CharField(max_length=100, required=False, help_text="As on the bank statement.")
    currency = forms.RegexField(
        r"^[A-Z]{3}\Z",
        required=False,
        help_text="INR unless given.",
        error_messages={"invalid": "Three capital letters, such as INR or USD."},
    )
    exchange_rate = forms.DecimalField(
        required=False,
        max_digits=14,
        decimal_places=6,
        min_value=Decimal("0.000001"),
        label="Rupees for one unit",
        help_text="Of foreign money, on the day it came.",
    )

    def __init__(
        self, data: QueryDict | None = None, *, organization: Organization, account: Account | None = None
    ) -> None:
        super().__init__(data, initial={"account": account and account.pk, "received_on": today(organization)})
        accounts = self.fields["account"]
        assert isinstance(accounts, forms.ModelChoiceField)  # noqa: S101 -- declared so above
        accounts.queryset = organization.accounts.unarchived().order_by("name_key")

    def facts(self) -> PaymentFacts:
        data = self.cleaned_data
        facts = PaymentFacts(
            amount=data["amount"] or ZERO,
            tds=data["tds"] or ZERO,
            received_on=data["received_on"],
            method=data["method"],
            reference=data["reference"],
        )
        if data["currency"]:
            facts["currency"] = data["currency"]
        if data["exchange_rate"]:
            facts["exchange_rate"] = data["exchange_rate"]
        return facts


class AllocationForm(forms.Form):
    """Two amounts for each open invoice, the oldest first; what is proposed fills them."""

    def __init__(
        self, data: QueryDict | None = None, *, payment: Payment, invoices: Sequence[Invoice], **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.payment, self.invoices = payment, invoices
        for share in proposed_shares(payment, invoices):
            invoice = share["invoice"]
            for name, value in (("cash", share["cash"]), ("tds", share["tds"])):
                field = amount_field(f"{'Money' if name == 'cash' else 'TDS'} for {invoice}", required=False)
                field.initial = value or None
                field.widget.attrs["class"] = "form-control form-control-sm"
                self.fields[f"{name}-{invoice.uuid}"] = field

    def rows(self) -> list[tuple[Invoice, Any, Any]]:
        """Each invoice with its two fields."""
        return [(invoice, self[f"cash-{invoice.uuid}"], self[f"tds-{invoice.uuid}"]) for invoice in self.invoices]

    def shares(self) -> list[Share]:
        """What was entered; lines left empty are none."""
        found = []
        for invoice in self.invoices:
            cash = self.cleaned_data.get(f"cash-{invoice.uuid}") or ZERO
            tds = self.cleaned_data.get(f"tds-{invoice.uuid}") or ZERO
            if cash or tds:
                found.append(Share(invoice=invoice, cash=cash, tds=tds))
        return found


class CertificateForm(forms.Form):
    """How far the TDS certificate has come."""

    status = forms.ChoiceField(
        choices=[(each.value, each.label) for each in TdsCertificate if each.value], label="TDS certificate"
    )
