"""How often, how well and how promptly we are in touch; and how often we want to be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from accounts.enums import AccountScope, EngagementOutcome, EngagementType
from accounts.models.cadence import DEFAULT_DAYS
from accounts.selectors.engagement_analytics import EngagementAnalytics, cadences, engagement_analytics
from accounts.selectors.health_effect import AFTER_DAYS, health_around_engagements
from accounts.services.cadence import set_cadences
from csplatform.charts import ChartData, Series, Tone
from csplatform.formatting import date_text, days, hours
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, page

TONES: tuple[Tone, ...] = ("blue", "green", "amber", "orange", "gray", "red")
OUTCOME_TONES: dict[str, Tone] = {
    "positive": "green", "neutral": "blue", "negative": "red", "action_required": "amber", "": "gray",
}  # fmt: skip
FIELDS = {segment: f"days_{number}" for number, segment in enumerate(DEFAULT_DAYS)}


class CadenceForm(forms.Form):
    """Days for each segment."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for segment, name in FIELDS.items():
            self.fields[name] = forms.IntegerField(min_value=1, max_value=366, label=segment or "No segment")


class EngagementAnalyticsView(OrganizationView, TemplateView):
    """The last twelve weeks of everybody's accounts, mine, or my teams'."""

    template_name = "accounts/engagement_analytics.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, member = self.request.organization, self.request.member
        wanted = self.request.GET.get("owner", "")
        scope = wanted if wanted in AccountScope.values else AccountScope.ALL.value
        accounts = organization.accounts.unarchived().for_member_scope(member, scope)
        now = timezone.now()
        figures = engagement_analytics(organization, accounts, now=now)
        set_days = cadences(organization)
        return super().get_context_data(
            figures=figures,
            frequency=_frequency(figures),
            outcomes=_outcomes(figures),
            effects=health_around_engagements(organization, accounts, now=now),
            after_days=AFTER_DAYS,
            scopes=[
                {"label": each.label, "url": f"?owner={each.value}", "is_current": each == scope}
                for each in AccountScope
            ],
            cadence_form=CadenceForm(initial={name: set_days[segment] for segment, name in FIELDS.items()}),
            task_time=_in_words(figures),
            may_set=can(member, Action.EDIT_ACCOUNTS),
            **kwargs,
        )


@require_POST
@page(write=Action.EDIT_ACCOUNTS)
def cadence_set(request: AuthenticatedRequest) -> HttpResponse:
    """How many days may lie between two engagements."""
    form = CadenceForm(request.POST)
    if form.is_valid():
        wanted = {segment: form.cleaned_data[name] for segment, name in FIELDS.items()}
        set_cadences(organization=request.organization, days=wanted, by=request.user)
        messages.success(request, "The cadence is saved.")
    else:
        messages.error(request, "A cadence takes a whole number of days from 1 to 366 for each segment.")
    return redirect("accounts:engagement_analytics")


def _in_words(figures: EngagementAnalytics) -> str:
    """`4.2h`, and from two days on `3 days`."""
    if figures.task_time is None:
        return ""
    took = Decimal(int(figures.task_time.total_seconds())) / 3600
    return hours(took) if took < 48 else days(took / 24)


def _frequency(figures: EngagementAnalytics) -> ChartData:
    series: list[Series] = [
        {"name": str(kind.label), "values": [float(n) for n in figures.by_type[kind]], "tone": TONES[at]}
        for at, kind in enumerate(EngagementType)
    ]
    labels = [date_text(week) for week in figures.weeks] if figures.total else []
    return {"labels": labels, "series": series, "x_title": "Week from", "y_title": "Engagements"}


def _outcomes(figures: EngagementAnalytics) -> ChartData:
    words = dict(EngagementOutcome.choices) | {"": "Not said"}
    shown = {value: n for value, n in figures.by_outcome.items() if n}
    return {
        "labels": [str(words[value]) for value in shown],
        "series": [{"name": "Engagements", "values": [float(n) for n in shown.values()]}],
        "tones": [OUTCOME_TONES[value] for value in shown],
        "x_title": "Outcome",
        "y_title": "Engagements",
    }
