"""Tax profiles as forms; what the law asks is checked by the services, which name the field and the reason."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from accounts.forms.account import OwnerField
from billing.enums import CustomerType, FilingFrequency, Treatment, TurnoverBand
from billing.forms.documents import day_field
from billing.models import CustomerTaxProfile, TaxProfile
from billing.models.tax_profile import LONGEST_TERMS_DAYS
from billing.tax.states import STATES, country_names
from csplatform.models import Organization

ADDRESS = {"rows": 3}


def state_choices(empty_label: str) -> list[tuple[str, str]]:
    return [("", empty_label), *((code, f"{name} ({code})") for code, name in STATES.items())]


class TaxProfileForm(forms.Form):
    """The registration under which the organisation invoices."""

    gstin = forms.CharField(
        label="GSTIN", max_length=30, help_text="Fifteen characters; spaces and hyphens are removed."
    )
    legal_name = forms.CharField(max_length=200)
    address = forms.CharField(max_length=500, widget=forms.Textarea(ADDRESS), help_text="As invoices print it.")
    turnover_band = forms.ChoiceField(
        choices=TurnoverBand.choices,
        label="Turnover a year",
        help_text="Above ₹5 crore invoices to businesses need an IRN.",
    )
    filing_frequency = forms.ChoiceField(choices=FilingFrequency.choices, label="GSTR-1 is filed")
    rounds_off = forms.BooleanField(required=False, label="Round totals of invoices to whole rupees")
    lut_number = forms.CharField(
        label="Letter of undertaking (LUT)",
        max_length=40,
        required=False,
        help_text="With it exports and supplies to SEZ bear no IGST. One for each financial year, April to March.",
    )
    lut_valid_from = day_field("LUT valid from")
    lut_valid_to = day_field("LUT valid to")

    def __init__(self, data: QueryDict | None = None, *, stored: TaxProfile | None) -> None:
        initial = {name: getattr(stored, name) for name in self.base_fields} if stored else {}
        super().__init__(data, initial=initial)


class CustomerTaxProfileForm(forms.Form):
    """How an account is billed."""

    treatment = forms.ChoiceField(choices=Treatment.choices, label="Treatment")
    gstin = forms.CharField(
        label="GSTIN",
        max_length=30,
        required=False,
        help_text="Of registered customers and SEZ; it decides the state.",
    )
    pan = forms.CharField(label="PAN", max_length=20, required=False)
    legal_name = forms.CharField(
        max_length=200, required=False, help_text="As invoices name it; the account's name unless given."
    )
    address = forms.CharField(max_length=500, required=False, label="Billing address", widget=forms.Textarea(ADDRESS))
    state_code = forms.ChoiceField(
        choices=lambda: state_choices("Follows from the GSTIN"),
        required=False,
        label="State (place of supply)",
        help_text="Has to be known of who has no GSTIN.",
    )
    country = forms.ChoiceField(
        choices=lambda: sorted(country_names().items(), key=lambda each: each[1]), label="Country"
    )
    currency = forms.CharField(max_length=3, min_length=3)
    payment_terms_days = forms.IntegerField(label="Days to pay", min_value=0, max_value=LONGEST_TERMS_DAYS)
    tds_rate = forms.DecimalField(
        label="TDS, %",
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(100),
        help_text="What it withholds of the value without GST.",
    )
    customer_type = forms.ChoiceField(
        choices=[("", "By the account's size"), *CustomerType.choices], required=False, label="Customer type"
    )

    def __init__(
        self, data: QueryDict | None = None, *, organization: Organization, stored: CustomerTaxProfile
    ) -> None:
        initial: dict[str, Any] = {name: getattr(stored, name) for name in self.base_fields}
        if stored.owner_id:
            member = organization.memberships.active().filter(user=stored.owner_id).first()
            initial["owner"] = member.uuid if member else None
        super().__init__(data, initial=initial)
        owner = OwnerField(organization, empty_label="Whoever writes the invoice")
        owner.label, owner.help_text = "Billing owner", "Looks after its invoices until they are paid."
        self.fields["owner"] = owner
