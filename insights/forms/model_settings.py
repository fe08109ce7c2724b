"""Whether and how much the language model may write."""

from __future__ import annotations

from django import forms

from insights.models.model_use import MOST_DAILY_TOKENS


class ModelSettingsForm(forms.Form):
    is_on = forms.BooleanField(
        label="Let a language model write insights",
        required=False,
        help_text="Off: rules write them, and nothing leaves the installation.",
    )
    daily_tokens = forms.IntegerField(
        label="Tokens a day",
        min_value=0,
        max_value=MOST_DAILY_TOKENS,
        help_text="Asked and answered together. When they are used up, rules write until the next day.",
    )
