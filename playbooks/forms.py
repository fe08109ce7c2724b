"""What comes in from the playbook pages."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.forms.account import OwnerField, SeenAtField
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account
from csplatform.models import Membership, Organization
from csplatform.periods import today
from playbooks.enums import SAID_BY_PEOPLE, Category, OwnerRole, Priority, RunOrigin, StepKind
from playbooks.models import Playbook
from playbooks.models.automation import RISKS
from playbooks.models.playbook import LAST_DAY, TITLE_LENGTH
from playbooks.models.run import NOTE_LENGTH
from playbooks.services.playbook import MOST_STEPS, STEP_FIELDS

OFFERED_ORIGINS = [
    (origin.value, origin.label)
    for origin in RunOrigin
    if origin not in (RunOrigin.RULE, RunOrigin.API, RunOrigin.BULK)
]


class PlaybookFilterForm(forms.Form):
    """Narrows the library; what is not chosen shows everything."""

    category = forms.ChoiceField(choices=[("", "All categories"), *Category.choices], required=False)
    priority = forms.ChoiceField(choices=[("", "All priorities"), *Priority.choices], required=False)
    risk = forms.ChoiceField(label="Answers the risk", choices=[("", "Any risk"), *RISKS], required=False)


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


class PlaybookForm(forms.ModelForm):
    """What a playbook says beside its steps."""

    risk_factors = forms.MultipleChoiceField(
        label="Risks it answers",
        choices=RISKS,
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="It is recommended to accounts that have one of these.",
    )
    seen_at = SeenAtField()

    class Meta:
        model = Playbook
        fields = ("title", "description", "category", "priority", "estimated_effort")
        widgets = {"description": forms.Textarea({"rows": 3})}
        help_texts = {"estimated_effort": "In words: 6-8 hours over 4 weeks."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial.setdefault("risk_factors", self.instance.risk_factors)
            self.initial.setdefault("seen_at", self.instance.updated_at.isoformat())


class StepForm(forms.Form):
    """One step; a row without text is no step."""

    text = forms.CharField(label="What is done", required=False, max_length=5_000, widget=forms.Textarea({"rows": 2}))
    title = forms.CharField(label="Called", required=False, max_length=TITLE_LENGTH)
    day = forms.IntegerField(label="By day", min_value=1, max_value=LAST_DAY, initial=1)
    kind = forms.ChoiceField(label="Kind", choices=StepKind.choices)
    role = forms.ChoiceField(label="Done by", choices=OwnerRole.choices)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = OwnerField(organization, empty_label="–")
        self.fields["member"].label = "Which person"


class BaseStepFormSet(forms.BaseFormSet):
    """Steps in the order of their places."""

    def clean(self) -> None:
        if not any(self.errors) and not self.steps:
            raise forms.ValidationError("Give it at least one step.")

    @property
    def steps(self) -> list[dict[str, Any]]:
        """What was written, in order; rows without text, and those that were struck out, are left out."""
        rows = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        kept = [(at, row) for at, row in enumerate(rows) if row.get("text", "").strip() and not row.get("DELETE")]
        kept.sort(key=lambda each: (each[1].get("ORDER") is None, each[1].get("ORDER") or 0, each[0]))
        return [{name: row[name] for name in STEP_FIELDS} for _, row in kept]


StepFormSet = forms.formset_factory(
    StepForm, formset=BaseStepFormSet, extra=2, can_delete=True, can_order=True, max_num=MOST_STEPS
)
"""Two empty rows more than there are steps, so that it grows without a script."""
