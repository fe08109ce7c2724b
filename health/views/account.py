"""The health tab of an account: why it has its score, how that came about, and the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.views.decorators.http import require_POST
from django.views.generic import DetailView

from accounts.models import Account
from accounts.permissions import can_edit_account, require_editable
from accounts.selectors.account_by_key import account_by_key
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView
from health.forms.override import OverrideForm
from health.forms.pulse import PulseForm
from health.querysets import DailyMetricsQuerySet
from health.selectors.churn_explanation import churn_explanation
from health.selectors.customer_360 import customer_360
from health.selectors.explanation import health_explanation
from health.selectors.history import HealthPoint, health_history, health_weeks
from health.selectors.pulse import PULSE, recent_pulses
from health.selectors.score_ledger import ScoreLedger, score_ledgers
from health.selectors.scorecard import health_scorecards
from health.services.override import end_override, set_override
from health.services.pulse import set_pulse
from health.views.charts import history_chart, history_finding, week_bars, weeks_in_words
from health.views.scorecards import customer_card
from health.views.waterfall import waterfall

HISTORY_DAYS = {"30": "30 days", "90": "90 days", "365": "12 months"}
DEFAULT_HISTORY = "365"
TAB = "health"


class AccountHealthView(OrganizationView, DetailView):
    """The explanation in full, its history and its last twelve weeks."""

    template_name = "health/account_health.html"
    context_object_name = "account"

    def get_object(self, queryset: object = None) -> Account:
        accounts = self.request.organization.accounts.for_list()
        return account_by_key(accounts, self.kwargs["key"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = periods.today(self.request.organization)
        asked = self.request.GET.get("days", "")
        days = asked if asked in HISTORY_DAYS else DEFAULT_HISTORY
        history = health_history(self.object, today=today, days=int(days))
        ledger = self._ledger(history, since=today - timedelta(days=int(days)), today=today)
        weeks = health_weeks(self.object, today=today)
        return super().get_context_data(
            explanation=health_explanation(self.object, today=today),
            risk=churn_explanation(self.object, today=today),
            **customer_card(customer_360(self.object, today=today)),
            ledger=ledger,
            bars=waterfall(ledger),
            chart=history_chart(history),
            chart_finding=history_finding(history),
            chart_period=HISTORY_DAYS[days],
            chart_choices=[
                {"label": label, "url": f"?{urlencode({'days': value})}", "is_current": value == days}
                for value, label in HISTORY_DAYS.items()
            ],
            weeks=week_bars(weeks),
            weeks_in_words=weeks_in_words(weeks),
            account_tab=TAB,
            override_form=self._override_form(),
            pulses=recent_pulses(self.object, today=today),
            pulse_form=self._pulse_form(),
            pulse_counts=health_scorecards(self.request.organization).of(self.object).rules.asks_for(PULSE),
            **kwargs,
        )

    def _ledger(self, history: Sequence[HealthPoint], *, since: date, today: date) -> ScoreLedger:
        """From the beginning of the time shown, or from the first score in it where there was none before."""
        organization = self.request.organization
        accounts = organization.accounts.filter(pk=self.object.pk)
        ledger = score_ledgers(organization, accounts, since=since, until=today)[self.object.pk]
        first = next((point.date for point in history if point.score is not None), None)
        if ledger.since.score is not None or first is None:
            return ledger
        return score_ledgers(organization, accounts, since=first, until=today)[self.object.pk]

    def _override_form(self) -> forms.Form | None:
        return OverrideForm(organization=self.request.organization) if self._may_judge() else None

    def _pulse_form(self) -> forms.Form | None:
        return PulseForm() if self._may_judge() else None

    def _may_judge(self) -> bool:
        """Whether a word of this member about the account counts: it is still scored, and theirs to edit."""
        scored = not (self.object.is_churned or self.object.is_archived)
        return scored and can_edit_account(self.request.member, self.object)


class JudgementView(AccountHealthView):
    """Keeps what whoever looks after the account says of it; what does not validate is shown on the page again."""

    http_method_names = ["post"]
    write_permission = Action.EDIT_OWN_ACCOUNTS
    keep: Callable[..., object]
    """The service: takes the account, who says it, and what the form holds."""
    kept = ""
    """What is said once it is kept; `{}` is the account."""
    form: forms.Form

    def post(self, request: AuthenticatedRequest, key: str) -> HttpResponse:
        self.object = self.get_object()
        require_editable(request.member, self.object)
        self.form = self.posted_form()
        if self.form.is_valid():
            try:
                self.keep(account=self.object, by=request.user, **self.form.cleaned_data)
            except DomainError as error:
                self.form.add_error(None, explain(error))
            else:
                messages.success(request, self.kept.format(self.object))
                return redirect("health:account_health", self.object.number)
        return self.render_to_response(self.get_context_data(), status=422)

    def posted_form(self) -> forms.Form:
        raise NotImplementedError


class PulseSetView(JudgementView):
    """Rates the account."""

    keep = staticmethod(set_pulse)
    kept = "The pulse of {} is kept."

    def posted_form(self) -> forms.Form:
        return PulseForm(self.request.POST)

    def _pulse_form(self) -> forms.Form:
        return self.form


class OverrideSetView(JudgementView):
    """Sets the score by hand."""

    keep = staticmethod(set_override)
    kept = "{} shows the score you set."

    def posted_form(self) -> forms.Form:
        return OverrideForm(self.request.POST, organization=self.request.organization)

    def _override_form(self) -> forms.Form:
        return self.form


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def override_end(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Takes the score back that somebody set by hand."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    require_editable(request.member, account)
    if end_override(account=account, by=request.user):
        messages.success(request, f"The score of {account} is computed again.")
    return redirect("health:account_health", account.number)


class AccountMetricsView(OrganizationView, PagedListView):
    """The daily metrics of an account as they were reported, newest first."""

    template_name = "health/account_metrics.html"
    context_object_name = "rows"
    default_page_size = 50

    def get_queryset(self) -> DailyMetricsQuerySet:
        organization = self.request.organization
        self.account = account_by_key(organization.accounts.for_list(), self.kwargs["key"])
        return self.account.daily_metrics.order_by("-date")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(account=self.account, account_tab=TAB, **kwargs)
