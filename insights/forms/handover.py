"""Who hands over to whom, and which accounts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from csplatform.models import Membership, Organization


class MemberField(forms.ModelChoiceField):
    """An active member, by public id."""

    def __init__(self, organization: Organization, *, label: str, empty_label: str) -> None:
        super().__init__(
            queryset=organization.memberships.active().select_related("user"),
            to_field_name="uuid",
            label=label,
            empty_label=empty_label,
            error_messages={
                "required": "Choose somebody.",
                "invalid_choice": "Choose an active member from the list.",
            },
        )

    def to_python(self, value: Any) -> Membership | None:
        """Text that is no id is nobody, as an id is that nobody has."""
        try:
            member: Membership | None = super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from None
        return member

    def label_from_instance(self, member: Membership) -> str:
        return member.user.display_name


class HandoverForm(forms.Form):
    """From somebody, or from nobody, to somebody else; the accounts that are ticked."""

    def __init__(self, data: QueryDict, *, organization: Organization) -> None:
        super().__init__(data)
        self.fields["from"] = MemberField(organization, label="From", empty_label="Nobody: accounts without an owner")
        self.fields["from"].required = False
        self.fields["to"] = MemberField(organization, label="To", empty_label="Choose")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("to") and given.get("to") == given.get("from"):
            self.add_error("to", "Choose somebody else.")
        return given
