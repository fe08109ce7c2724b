"""Teams as forms."""

from __future__ import annotations

from django import forms
from django.http import QueryDict

from csplatform.models import Organization, Team


class TeamForm(forms.Form):
    """A team's name and members. Deactivated members are not offered; saving takes them out."""

    name = forms.CharField(max_length=80)

    def __init__(
        self, data: QueryDict | None = None, *, organization: Organization, team: Team | None = None
    ) -> None:
        initial = {"name": team.name, "members": [each.uuid for each in team.members.all()]} if team else {}
        super().__init__(data, initial=initial)
        self.fields["members"] = forms.ModelMultipleChoiceField(
            queryset=organization.memberships.active().select_related("user"),
            required=False,
            to_field_name="uuid",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Choose members from the list."},
        )
