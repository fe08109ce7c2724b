"""The form that confirms a merge, after its preview."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms.account import RupeeField
from accounts.models import Account
from csplatform.models import Organization


class MergeForm(forms.Form):
    """Which accounts become which one, what it pays, and as they stood when the preview was looked at."""

    selected = forms.ModelMultipleChoiceField(
        Account.objects.none(), to_field_name="number", widget=forms.MultipleHiddenInput
    )
    survivor = forms.ModelChoiceField(
        Account.objects.none(), to_field_name="number", widget=forms.HiddenInput, empty_label=None
    )
    arr = RupeeField(
        label="ARR of the one account (₹ a year)",
        help_text="What they pay together. Where the same contract was counted twice, write what it is: the "
        "difference is booked in the MRR ledger today, and past days stay as they are.",
    )
    seen_at = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("selected", "survivor"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 -- as declared above
            field.queryset = organization.accounts.for_list()
            field.error_messages["invalid_choice"] = "An account is not there any more. Choose the accounts again."

    def clean_seen_at(self) -> list[datetime]:
        try:
            return [datetime.fromisoformat(moment) for moment in self.cleaned_data["seen_at"].split()]
        except ValueError as error:
            raise ValidationError("Open the preview again.") from error

    @staticmethod
    def seen(accounts: Sequence[Account]) -> str:
        """When the accounts were last saved, in order of their keys; see `merge_accounts`."""
        return " ".join(each.updated_at.isoformat() for each in sorted(accounts, key=lambda account: account.pk))
