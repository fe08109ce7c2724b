"""Goals as forms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms

from accounts.enums import GoalMetric, GoalPeriod, GoalStatus
from accounts.forms.fields import AccountChoiceField
from accounts.models import Account, Goal
from csplatform.models import Membership

DAY = {"type": "date"}
AUTOMATIC = "auto"


class QuantityField(forms.DecimalField):
    """A number as people here type it: `12,50,000` is 1250000."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **kwargs)

    def clean(self, value: object) -> Decimal | None:
        amount: Decimal | None = super().clean(str(value or "").replace("₹", "").replace(",", "").strip())
        return amount


class GoalForm(forms.Form):
    """A new goal, or what may be changed of one."""

    title = forms.CharField(max_length=255, label="What shall be reached")
    metric_type = forms.ChoiceField(choices=GoalMetric.choices, label="Measured by", initial=GoalMetric.ADOPTION)
    target_value = QuantityField(label="Target")
    current_value = QuantityField(
        label="Value now", required=False, help_text="Left empty it is read from the data where there is any."
    )
    unit = forms.CharField(max_length=50, required=False, help_text="Such as ₹, % or users.")
    target_date = forms.DateField(required=False, label="Until", widget=forms.DateInput(DAY, "%Y-%m-%d"))
    measurement_period = forms.ChoiceField(choices=GoalPeriod.choices, label="Looked at", initial=GoalPeriod.MONTHLY)
    description = forms.CharField(max_length=20_000, required=False, widget=forms.Textarea({"rows": 3}))

    def __init__(
        self,
        *args: Any,
        member: Membership,
        goal: Goal | None = None,
        account: Account | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if goal is None:
            self.fields["account"] = AccountChoiceField(member)
            self.order_fields(["account"])
            self.initial["account"] = account.name if account else ""
            return
        self.initial = {name: getattr(goal, name) for name in self.fields}
        self.fields["reason"] = forms.CharField(
            max_length=500, required=False, label="Why the day moves", help_text="Kept beside the first day."
        )
        self.fields["state"] = forms.ChoiceField(
            choices=[(AUTOMATIC, "By its pace"), *GoalStatus.choices],
            label="Status",
            initial=goal.status if goal.is_pinned else AUTOMATIC,
            help_text="A status that you choose holds until you let it go.",
        )
        self.order_fields(["title", "current_value", "target_value", "target_date", "reason", "state"])
        self.goal = goal

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        if "reason" in self.fields and "target_date" in facts and not facts.get("reason"):
            was = self.goal.target_date
            if was is not None and facts["target_date"] != was:
                self.add_error("reason", "Say why the day moves.")
        return facts

    @property
    def facts(self) -> dict[str, Any]:
        """What a service takes; a value that was left empty is not said."""
        facts = {name: value for name, value in self.cleaned_data.items() if name not in {"state", "current_value"}}
        if self.cleaned_data.get("current_value") is not None:
            facts["current_value"] = self.cleaned_data["current_value"]
        state = self.cleaned_data.get("state")
        if state == AUTOMATIC:
            facts["is_pinned"] = False
        elif state:
            facts |= {"status": state, "is_pinned": True}
        return facts


class MilestoneForm(forms.Form):
    """One more step on the way to a goal."""

    title = forms.CharField(max_length=255, label="Milestone")
    due_on = forms.DateField(required=False, label="Due", widget=forms.DateInput(DAY, "%Y-%m-%d"))
    target_value = QuantityField(required=False, label="At a value of")
