"""Referrals and testimonials as forms."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import ReferralStatus, TestimonialStatus
from accounts.forms.fields import AccountChoiceField
from accounts.forms.goal import QuantityField
from csplatform.models import Membership


class ReferralForm(forms.Form):
    """A company that a customer named."""

    referred_company = forms.CharField(max_length=255, label="Company")
    contact_name = forms.CharField(max_length=255, required=False, label="Whom to speak to")
    contact_email = forms.EmailField(required=False, label="Their e-mail")
    potential_mrr = QuantityField(required=False, min_value=0, label="Potential MRR (₹)")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"] = AccountChoiceField(member, label="Referred by")
        self.order_fields(["account"])

    @property
    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


class ReferralStatusForm(forms.Form):
    """How far a referral has come."""

    status = forms.ChoiceField(choices=ReferralStatus.choices)


class TestimonialForm(forms.Form):
    """A customer's words."""

    quote = forms.CharField(max_length=2_000, label="Their words", widget=forms.Textarea({"rows": 3}))
    note = forms.CharField(max_length=5_000, required=False, label="Our note", widget=forms.Textarea({"rows": 2}))
    has_consent = forms.BooleanField(required=False, label="They agreed to be quoted")

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"] = AccountChoiceField(member)
        self.order_fields(["account"])


class TestimonialStatusForm(forms.Form):
    """Where a testimonial stands."""

    status = forms.ChoiceField(choices=TestimonialStatus.choices)
    has_consent = forms.BooleanField(required=False)
