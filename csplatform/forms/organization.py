"""The organisation's settings as a form."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from csplatform.forms.base import TimezoneField
from csplatform.imports.enums import DateOrder
from csplatform.models import Organization

FIELDS = ("name", "timezone", "active_users_target", "stale_after_days", "import_date_order")


class OrganizationForm(forms.Form):
    """Name, clock and thresholds."""

    name = forms.CharField(max_length=120)
    timezone = TimezoneField(help_text="“Today”, weeks, months and ageing follow this clock.")
    active_users_target = forms.IntegerField(
        label="Daily active users that count as full use",
        min_value=1,
        max_value=1_000_000,
        help_text="The target for accounts whose number of seats is not known.",
    )
    stale_after_days = forms.IntegerField(
        label="Days until metrics count as stale",
        min_value=1,
        max_value=365,
        help_text="An account with nothing newer is marked, and “Low data quality” becomes one of its risks.",
    )

    import_date_order = forms.ChoiceField(
        label="Dates with slashes in imports",
        required=False,
        choices=[
            ("", "Ask where a file fits both orders"),
            (DateOrder.DAY_FIRST.value, DateOrder.DAY_FIRST.label),
            (DateOrder.MONTH_FIRST.value, DateOrder.MONTH_FIRST.label),
        ],
        help_text="How to read 03/04/2026. Files that can be read in one order only decide for themselves.",
    )

    def __init__(self, data: QueryDict | None = None, *, organization: Organization) -> None:
        super().__init__(data, initial={name: getattr(organization, name) for name in FIELDS})
        self.organization = organization

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def save(self) -> Organization:
        """Write what changed, by field: the data version in the same row is counted by others meanwhile."""
        for name in FIELDS:
            setattr(self.organization, name, self.cleaned_data[name])
        if self.changed_data:
            self.organization.save(update_fields=[*FIELDS, "updated_at"])
        return self.organization
