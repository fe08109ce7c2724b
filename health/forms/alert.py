"""What people say of alerts, and how they want to hear of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from health.alert_kinds import SAID_BY_PEOPLE, AlertKind, AlertOutcome
from health.models import AlertPreference
from health.models.alert import NOTE_LENGTH
from health.services.alert import UNTIL_WORSE

SNOOZES = {"1": "Until tomorrow", "7": "For a week", "30": "For 30 days", UNTIL_WORSE: "Until it gets worse"}
HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class ResolveForm(forms.Form):
    outcome = forms.ChoiceField(
        choices=[(outcome.value, outcome.label) for outcome in AlertOutcome if outcome in SAID_BY_PEOPLE]
    )
    note = forms.CharField(max_length=NOTE_LENGTH, required=False)


class AlertSnoozeForm(forms.Form):
    until = forms.ChoiceField(choices=list(SNOOZES.items()))

    def chosen(self, *, today: date) -> date | str:
        """The day, or the word for a condition."""
        until: str = self.cleaned_data["until"]
        return until if until == UNTIL_WORSE else today + timedelta(days=int(until))


class RuleForm(forms.Form):
    """One row of the rules: another threshold, or muted."""

    kind = forms.ChoiceField(choices=AlertKind.choices)
    threshold = forms.DecimalField(max_digits=6, decimal_places=2, required=False)
    mute = forms.ChoiceField(choices=[("true", "Mute"), ("false", "Let it raise alerts")], required=False)


class AlertTimesForm(forms.ModelForm[AlertPreference]):
    """When the digest goes out, and when there is quiet."""

    digest_hour = forms.TypedChoiceField(choices=HOURS, coerce=int, label="Mail me the digest at")
    quiet_from = forms.TypedChoiceField(
        choices=[("", "No quiet hours"), *HOURS], coerce=int, empty_value=None, required=False, label="Quiet from"
    )
    quiet_to = forms.TypedChoiceField(
        choices=[("", "–"), *HOURS], coerce=int, empty_value=None, required=False, label="Quiet until"
    )

    class Meta:
        model = AlertPreference
        fields = ("digest_hour", "quiet_from", "quiet_to")

    def facts(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def _post_clean(self) -> None:
        """What may not be together is the service's to say, in a sentence."""
