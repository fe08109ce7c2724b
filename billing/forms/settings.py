"""The settings of billing as a form."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.http import QueryDict

from billing.forms.documents import amount_field
from billing.models import BillingSettings
from billing.models.tax_profile import LONGEST_TERMS_DAYS


class BillingSettingsForm(forms.Form):
    """Terms, thresholds of the dashboard's alerts, and whether reminders go out by themselves."""

    sends_reminders = forms.BooleanField(
        required=False,
        label="Send due reminders by themselves each morning",
        help_text="To billing contacts with an address, once an invoice and step; never of disputed or settled ones.",
    )
    terms_days = forms.IntegerField(
        label="Days to pay",
        min_value=0,
        max_value=LONGEST_TERMS_DAYS,
        help_text="For customers whose own terms nobody has written.",
    )
    large_overdue = amount_field(
        "Large overdue amount, ₹", help_text="“Large Overdue Amount” is raised from this amount on …"
    )
    long_overdue_days = forms.IntegerField(
        label="Long overdue, days",
        min_value=0,
        max_value=3650,
        help_text="… where the oldest invoice is later than this.",
    )
    deadline_days = forms.IntegerField(
        label="Days before a filing is due", min_value=0, max_value=31, help_text="“GST Filing Deadline” begins then."
    )
    many_refunds = forms.IntegerField(
        label="Many refund requests in a month",
        min_value=1,
        max_value=1000,
        help_text="“High Refund Rate” from this number …",
    )
    high_refund_pct = forms.DecimalField(
        label="High refund rate, %",
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text="… where they come to this share of what the customer paid in the month.",
    )

    def __init__(self, data: QueryDict | None = None, *, stored: BillingSettings) -> None:
        super().__init__(data, initial={name: getattr(stored, name) for name in self.base_fields})
