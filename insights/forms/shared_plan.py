"""For how long a customer may read their plan."""

from __future__ import annotations

from django import forms

from insights.services.shared_plan import MOST_DAYS, USUAL_DAYS


class SharePlanForm(forms.Form):
    days = forms.IntegerField(
        label="Works for so many days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        help_text="Then it stops by itself. You can revoke it before.",
    )
