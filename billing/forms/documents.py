"""What finance writes by hand: drafts, payments, refunds, write-offs, promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.models import Account, Product
from billing.enums import (
    CollectionNoteKind,
    LineKind,
    PaymentMethod,
    RefundMode,
    RefundReason,
    ReminderChannel,
)
from billing.models import CreditNote, Invoice
from billing.services.invoice import InvoiceFacts, LineFacts
from csplatform.models import Organization
from csplatform.money import ZERO
from csplatform.periods import today

DAY = {"type": "date"}


def day_field(label: str, *, required: bool = False, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=help_text, widget=forms.DateInput(DAY, "%Y-%m-%d")
    )


def amount_field(label: str, *, required: bool = True, help_text: str = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=required,
        max_digits=14,
        decimal_places=2,
        min_value=Decimal("0.01") if required else ZERO,
        help_text=help_text,
        widget=forms.NumberInput({"step": "0.01", "inputmode": "decimal"}),
    )


class InvoiceForm(forms.Form):
    """The head of a draft."""

    account = forms.ModelChoiceField(queryset=Account.objects.none(), empty_label="Choose a customer")
    issue_date = day_field("Date", help_text="Today unless given.")
    due_date = day_field("Due", help_text="By the customer's terms unless given.")
    currency = forms.RegexField(r"^[A-Z]{3}\Z", required=False, label="Currency", help_text="INR unless given.")
    exchange_rate = forms.DecimalField(
        required=False, max_digits=14, decimal_places=6, label="Rupees for one unit", min_value=Decimal("0.000001")
    )
    notes = forms.CharField(max_length=500, required=False, label="Note on the invoice")

    def __init__(self, *args: Any, organization: Organization, invoice: Invoice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = self.fields["account"]
        assert isinstance(accounts, forms.ModelChoiceField)  # noqa: S101 -- declared so above
        accounts.queryset = organization.accounts.unarchived().order_by("name_key")
        if invoice is not None:
            self.initial = {
                "account": invoice.account_id,
                "issue_date": invoice.issue_date,
                "due_date": invoice.due_date,
                "currency": invoice.currency,
                "exchange_rate": invoice.exchange_rate if invoice.is_foreign else None,
                "notes": invoice.notes,
            }

    def facts(self, lines: list[LineFacts]) -> InvoiceFacts:
        """What the service takes."""
        data = self.cleaned_data
        facts = InvoiceFacts(
            account=data["account"],
            issue_date=data["issue_date"],
            due_date=data["due_date"],
            notes=data["notes"],
            lines=lines,
        )
        if data["currency"]:
            facts["currency"] = data["currency"]
        if data["exchange_rate"]:
            facts["exchange_rate"] = data["exchange_rate"]
        return facts


class LineForm(forms.Form):
    """One line of a draft; left empty it is none."""

    product = forms.ModelChoiceField(queryset=Product.objects.none(), required=False, empty_label="No product")
    description = forms.CharField(max_length=255, required=False)
    quantity = forms.DecimalField(
        max_digits=14, decimal_places=4, min_value=Decimal("0.0001"), required=False, initial=1
    )
    unit_price = amount_field("Price", required=False)
    discount_pct = forms.DecimalField(
        max_digits=5,
        decimal_places=2,
        min_value=ZERO,
        max_value=Decimal(100),
        required=False,
        label="Discount %",
    )
    kind = forms.ChoiceField(choices=LineKind.choices, required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        products = self.fields["product"]
        assert isinstance(products, forms.ModelChoiceField)  # noqa: S101 -- declared so above
        products.queryset = organization.products.filter(is_active=True)

    @property
    def facts(self) -> LineFacts | None:
        data = self.cleaned_data
        if data.get("unit_price") is None:
            return None
        facts = LineFacts(
            product=data["product"],
            description=data["description"],
            quantity=data["quantity"] or Decimal(1),
            unit_price=data["unit_price"],
            kind=data["kind"],
        )
        if data["discount_pct"]:
            facts["discount_pct"] = data["discount_pct"]
        return facts


class LineFormSet(forms.BaseFormSet[LineForm]):
    """The lines of a draft."""

    @property
    def lines(self) -> list[LineFacts]:
        return [facts for form in self.forms if (facts := form.facts)]


def line_formset(
    data: QueryDict | None, *, organization: Organization, invoice: Invoice | None = None
) -> LineFormSet:
    """The lines of a draft, and some empty ones."""
    initial = [
        {
            "product": line.product_id,
            "description": line.description,
            "quantity": line.quantity.normalize(),
            "unit_price": line.unit_price,
            "discount_pct": line.discount_pct,
            "kind": line.kind,
        }
        for line in (invoice.lines.all() if invoice else [])
    ]
    made = forms.formset_factory(LineForm, formset=LineFormSet, extra=5, max_num=200)
    formset = made(data, initial=initial, prefix="lines", form_kwargs={"organization": organization})
    assert isinstance(formset, LineFormSet)  # noqa: S101 -- named above
    return formset


class ActionForm(forms.Form):
    """Something done to one invoice; knows it."""

    def __init__(self, *args: Any, invoice: Invoice, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoice = invoice
        self.today = today(invoice.organization)
        self.set_up()

    def set_up(self) -> None:
        """Fill in what is likely."""


class IssueForm(ActionForm):
    issue_date = day_field("Date of the invoice", help_text="Today unless given.")

    def set_up(self) -> None:
        self.initial = {"issue_date": self.invoice.issue_date or self.today}


class VoidForm(ActionForm):
    reason = forms.CharField(max_length=255, help_text="It keeps its number and counts nowhere.")


class PaymentForm(ActionForm):
    amount = amount_field("Money received")
    tds = amount_field("Tax withheld (TDS)", required=False)
    received_on = day_field("Received on", required=True)
    method = forms.ChoiceField(choices=PaymentMethod.choices)
    reference = forms.CharField(max_length=100, required=False)
    exchange_rate = forms.DecimalField(
        required=False, max_digits=14, decimal_places=6, min_value=Decimal("0.000001"), label="Rupees for one unit"
    )

    def set_up(self) -> None:
        self.initial = {"amount": self.invoice.outstanding, "received_on": self.today}
        if not self.invoice.is_foreign:
            del self.fields["exchange_rate"]


class RefundForm(ActionForm):
    amount = amount_field("Amount, with tax")
    reason = forms.ChoiceField(choices=RefundReason.choices)
    mode = forms.ChoiceField(choices=RefundMode.choices)
    date = day_field("Date", required=True)

    def set_up(self) -> None:
        self.initial = {"date": self.today}


class WriteOffForm(ActionForm):
    amount = amount_field("Amount, with tax", help_text="GST stays as it was filed.")
    date = day_field("Date", required=True)
    reason = forms.CharField(max_length=255)

    def set_up(self) -> None:
        self.initial = {"amount": self.invoice.outstanding, "date": self.today}


class RemindForm(ActionForm):
    channel = forms.ChoiceField(choices=ReminderChannel.choices)


class NoteForm(ActionForm):
    kind = forms.ChoiceField(choices=CollectionNoteKind.choices)
    promised_on = day_field("Promised by")
    promised_amount = amount_field(
        "Amount promised", required=False, help_text="All that is outstanding unless given."
    )
    text = forms.CharField(max_length=500, required=False, label="What was said")


class DisputeForm(ActionForm):
    is_disputed = forms.BooleanField(required=False, label="The customer disputes it")
    reason = forms.CharField(max_length=255, required=False)

    def set_up(self) -> None:
        self.initial = {"is_disputed": self.invoice.is_disputed, "reason": self.invoice.dispute_reason}


class ReverseForm(forms.Form):
    """A payment that bounced."""

    on = day_field("It bounced on", required=True)
    reason = forms.CharField(max_length=255)


class ApplyCreditForm(forms.Form):
    """Settle an open invoice of the same customer and currency with what a credit note left over."""

    invoice = forms.ModelChoiceField(queryset=Invoice.objects.none(), empty_label="Choose an invoice")
    amount = amount_field("Amount")

    def __init__(self, data: QueryDict | None = None, *, note: CreditNote) -> None:
        super().__init__(data, initial={"amount": note.left_over})
        invoices = self.fields["invoice"]
        assert isinstance(invoices, forms.ModelChoiceField)  # noqa: S101 -- declared so above
        owed = note.organization.invoices.open().filter(account=note.account_id, currency=note.invoice.currency)
        invoices.queryset = owed.order_by("due_date", "number")
