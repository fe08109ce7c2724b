"""Writing an automation rule."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import Segment
from accounts.forms.account import OwnerField
from csplatform.models import Organization
from playbooks.enums import OwnerRole, RuleAction, Trigger
from playbooks.models import AutomationRule
from playbooks.models.automation import BANDS_UNDER, MOST_A_DAY, MOST_DAYS, RISKS, USUAL_LIMIT, WORDS_LENGTH

MONEY: dict[str, Any] = {"required": False, "min_value": 0, "max_digits": 12, "decimal_places": 2}
PEOPLE = ("owner", "member")


class RuleForm(forms.Form):
    """When, for whom, what. Which fields count depends on the two choices; the service says what is missing."""

    name = forms.CharField(max_length=120)
    trigger = forms.ChoiceField(label="When", choices=Trigger.choices)
    band = forms.ChoiceField(label="Band", choices=[("", "–"), *BANDS_UNDER], required=False)
    risk_factor = forms.ChoiceField(label="Risk factor", choices=[("", "–"), *RISKS], required=False)
    days = forms.IntegerField(label="Days", required=False, min_value=1, max_value=MOST_DAYS)
    segment = forms.ChoiceField(label="Segment", choices=[("", "Any segment"), *Segment.choices], required=False)
    arr_from = forms.DecimalField(label="ARR from", **MONEY)
    arr_to = forms.DecimalField(label="ARR to", **MONEY)
    action = forms.ChoiceField(label="Then", choices=RuleAction.choices)
    words = forms.CharField(
        label="Follow-up or news", required=False, max_length=WORDS_LENGTH, help_text="What it is called."
    )
    due_in_days = forms.IntegerField(label="Due in days", required=False, min_value=0, max_value=MOST_DAYS)
    role = forms.ChoiceField(label="Who", choices=OwnerRole.choices)
    daily_limit = forms.IntegerField(
        label="At most a day",
        min_value=1,
        max_value=MOST_A_DAY,
        help_text="Accounts; the others have their turn the next day.",
    )

    def __init__(self, data: Any, *, organization: Organization, rule: AutomationRule | None) -> None:
        super().__init__(data, initial=_initial(organization, rule))
        self.fields["owner"] = OwnerField(organization, empty_label="Anybody's")
        self.fields["owner"].label = "Accounts of"
        self.fields["member"] = OwnerField(organization, empty_label="–")
        self.fields["member"].label = "Which person"
        self.fields["playbook"] = forms.ModelChoiceField(
            organization.playbooks.all(), required=False, to_field_name="number", empty_label="–"
        )

    def clean_due_in_days(self) -> int:
        days: int | None = self.cleaned_data["due_in_days"]
        return 2 if days is None else days


def _initial(organization: Organization, rule: AutomationRule | None) -> dict[str, Any]:
    if rule is None:
        return {"daily_limit": USUAL_LIMIT, "due_in_days": 2}
    names = (
        "name", "trigger", "band", "risk_factor", "days", "segment", "arr_from", "arr_to", "action", "words",
        "due_in_days", "role", "daily_limit",
    )  # fmt: skip
    keys = dict(organization.memberships.values_list("user_id", "uuid"))
    people = {name: keys.get(getattr(rule, f"{name}_id")) for name in PEOPLE}
    return (
        {name: getattr(rule, name) for name in names} | people | {"playbook": rule.playbook and rule.playbook.number}
    )
