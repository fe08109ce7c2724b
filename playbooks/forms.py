"""What comes in from the playbook pages."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.account import OwnerField
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account
from csplatform.models import Membership
from csplatform.periods import today
from health.enums import RiskFactor
from playbooks.enums import SAID_BY_PEOPLE, Category, Priority, RunOrigin
from playbooks.models import Playbook
from playbooks.models.run import NOTE_LENGTH

OFFERED_ORIGINS = [
    (origin.value, origin.label)
    for origin in RunOrigin
    if origin not in (RunOrigin.RULE, RunOrigin.API, RunOrigin.BULK)
]


class PlaybookFilterForm(forms.Form):
    """Narrows the library; what is not chosen shows everything."""

    category = forms.ChoiceField(choices=[("", "All categories"), *Category.choices], required=False)
    priority = forms.ChoiceField(choices=[("", "All priorities"), *Priority.choices], required=False)
    risk = forms.ChoiceField(
        label="Answers the risk", choices=[("", "Any risk"), *RiskFactor.choices], required=False
    )


class StartForm(forms.Form):
    """Which playbook with which account, from when on, and who sees it through."""

    def __init__(
        self, data: Any = None, *, member: Membership, account: Account | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        organization = member.organization
        self.fields["playbook"] = PlaybookField(
            organization.playbooks.all(), to_field_name="number", empty_label="Choose a playbook"
        )
        self.fields["account"] = AccountChoiceField(member)
        self.fields["starts_on"] = forms.DateField(
            label="Starts on",
            required=False,
            widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
            help_text="Day 1; the steps are due from there.",
        )
        self.fields["owner"] = OwnerField(organization, empty_label="The account's owner")
        self.fields["owner"].label = "Seen through by"
        self.fields["origin"] = forms.ChoiceField(choices=OFFERED_ORIGINS, required=False, widget=forms.HiddenInput())
        self.initial.setdefault("starts_on", today(organization))
        if account is not None:
            self.initial.setdefault("account", account.name)

    @property
    def facts(self) -> dict[str, Any]:
        cleaned = dict(self.cleaned_data)
        cleaned["origin"] = cleaned["origin"] or RunOrigin.HAND
        return cleaned


class PlaybookField(forms.ModelChoiceField):
    """A playbook by its number."""

    def label_from_instance(self, obj: Playbook) -> str:
        return obj.title


class FinishForm(forms.Form):
    """What came of a run."""

    outcome = forms.ChoiceField(
        choices=[(outcome.value, outcome.label) for outcome in SAID_BY_PEOPLE], widget=forms.RadioSelect()
    )
    note = forms.CharField(
        label="What was it that helped, or did not?",
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea({"rows": 3}),
    )
