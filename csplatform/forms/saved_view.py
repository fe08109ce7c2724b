"""Naming and sharing a view."""

from __future__ import annotations

from typing import Any

from django import forms

from csplatform.enums import ViewVisibility
from csplatform.models import Membership, Team
from csplatform.models.saved_view import VIEW_NAME_LENGTH
from csplatform.permissions import Action, can

TEAM_PREFIX = "team:"


class SavedViewForm(forms.Form):
    """The name of a view and who sees it, as one choice: me, everybody, or one of my teams."""

    name = forms.CharField(
        max_length=VIEW_NAME_LENGTH, label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    seen_by = forms.ChoiceField(label="Seen by", required=False)

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.teams: dict[str, Team] = {}
        choices = [(ViewVisibility.PRIVATE.value, ViewVisibility.PRIVATE.label)]
        if can(member, Action.SHARE_VIEWS):
            self.teams = {str(team.uuid): team for team in member.teams.all()}
            choices += [(f"{TEAM_PREFIX}{key}", team.name) for key, team in self.teams.items()]
            choices.append((ViewVisibility.ORGANIZATION.value, ViewVisibility.ORGANIZATION.label))
        self.fields["seen_by"] = forms.ChoiceField(choices=choices, label="Seen by", required=False)

    def clean(self) -> dict[str, Any]:
        """As the service takes it: name, visibility, team."""
        super().clean()
        seen_by = self.cleaned_data.get("seen_by") or ViewVisibility.PRIVATE
        team = self.teams.get(seen_by.removeprefix(TEAM_PREFIX))
        visibility = ViewVisibility.TEAM if team else seen_by
        return {"name": self.cleaned_data.get("name", ""), "visibility": visibility, "team": team}
