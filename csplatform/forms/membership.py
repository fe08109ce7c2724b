"""Forms that change a member."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from csplatform.enums import Role
from csplatform.forms.base import TeamsField
from csplatform.models import Membership


class MemberForm(forms.Form):
    """A member's role and teams."""

    role = forms.ChoiceField(label="Role", choices=Role.choices)

    def __init__(self, data: QueryDict | None = None, *, membership: Membership) -> None:
        initial = {"role": membership.role, "teams": [team.uuid for team in membership.teams.all()]}
        super().__init__(data, initial=initial)
        self.fields["teams"] = TeamsField(membership.organization)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class SuccessorForm(forms.Form):
    """Who takes over the accounts of somebody who leaves."""

    def __init__(self, data: QueryDict | None = None, *, leaving: Membership) -> None:
        super().__init__(data)
        colleagues = leaving.organization.memberships.active().exclude(pk=leaving.pk)
        self.fields["successor"] = forms.ModelChoiceField(
            queryset=colleagues.select_related("user"),
            required=False,
            label="Who takes over the accounts?",
            empty_label="Nobody: leave them without an owner",
            to_field_name="uuid",
            error_messages={"invalid_choice": "Choose somebody from the list."},
        )
