"""Alerts: by account, with what to do about each; and their rules, with how often those were right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST

from accounts.enums import AccountScope
from accounts.permissions import editable_among, require_editable
from accounts.querysets import AccountQuerySet
from csplatform.enums import Role
from csplatform.exceptions import DomainError
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today as civil_today
from csplatform.permissions import Action, can
from csplatform.services.notification import channels_of
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView
from health.alert_filter import WAITING, AlertFilter
from health.alert_kinds import ALERT_NEWS, AlertOutcome, AlertStatus
from health.forms.alert import SNOOZES, AlertSnoozeForm, AlertTimesForm, ResolveForm, RuleForm
from health.models import Alert, AlertPreference
from health.selectors.alert_groups import accounts_with_alerts, alert_counts, alerts_of
from health.selectors.alert_rules import JUDGED_DAYS, rule_records
from health.services import alert as services

SCOPES = [(AccountScope.MY_ACCOUNTS, "Mine"), (AccountScope.TEAM_ACCOUNTS, "My teams'"), ("", "Everybody's")]


class AlertListView(OrganizationView, PagedListView):
    """What waits to begin with, to a CSM of their own accounts; a page is of accounts, each with its alerts."""

    template_name = "health/alert_list.html"
    context_object_name = "accounts"

    def get_queryset(self) -> AccountQuerySet:
        self.query = self.request.GET.copy()
        mine = self.request.member.role == Role.CSM
        self.query.setdefault("owner", AccountScope.MY_ACCOUNTS if mine else "")
        self.query.setdefault("status", WAITING)
        rows = self.request.organization.alerts.all()
        self.filter = AlertFilter(self.query, queryset=rows, member=self.request.member)
        return accounts_with_alerts(self.request.organization, self.filter.qs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization, member = self.request.organization, self.request.member
        accounts = list(context["accounts"])
        alerts = alerts_of(accounts, self.filter.qs)
        wider = self.query.copy()
        wider.pop("status", None)
        counts = alert_counts(organization, AlertFilter(wider, queryset=organization.alerts.all(), member=member).qs)
        return context | {
            "filter": self.filter,
            "query": self.query,
            "groups": [(account, alerts[account.pk]) for account in accounts],
            "scopes": [
                {"label": label, "url": _with(self.query, owner=value), "is_current": self.query["owner"] == value}
                for value, label in SCOPES
            ],
            "tabs": [
                {
                    "label": label,
                    "url": _with(self.query, status=value),
                    "count": count,
                    "is_current": self.query["status"] == value,
                }
                for value, label, count in (
                    (WAITING, "Waiting", counts.waiting),
                    (AlertStatus.SNOOZED, "Snoozed", counts.snoozed),
                    (AlertStatus.RESOLVED, "Closed", counts.resolved),
                )
            ],
            "editable": editable_among(member, accounts),
            "snoozes": SNOOZES,
            "outcomes": list(OUTCOMES.items()),
            "today": civil_today(organization),
        }


OUTCOMES = {
    AlertOutcome.ACTED: "it was right, and something was done",
    AlertOutcome.CONFIRMED: "it was right, nothing to do",
    AlertOutcome.DISMISSED: "it was not worth the time",
}


def _with(query: QueryDict, **changes: str) -> str:
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed[name] = value
    return f"{reverse('health:alerts')}?{changed.urlencode()}"


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alert_acknowledge(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(request, uuid, services.acknowledge_alert, "“{}” is acknowledged.", now=timezone.now())


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alert_snooze(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    form = AlertSnoozeForm(request.POST)
    if not form.is_valid():
        return _refused(request, uuid, "Choose until when.")
    until = form.chosen(today=civil_today(request.organization))
    return _changed(request, uuid, services.snooze_alert, "“{}” is snoozed.", until=until, now=timezone.now())


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alert_resolve(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    form = ResolveForm(request.POST)
    if not form.is_valid():
        return _refused(request, uuid, "Say what came of it: acted on, confirmed or dismissed.")
    return _changed(request, uuid, services.resolve_alert, "“{}” is closed.", now=timezone.now(), **form.cleaned_data)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alert_reopen(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(request, uuid, services.reopen_alert, "“{}” is open again.")


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_SCORECARDS)
def alert_rules(request: AuthenticatedRequest) -> HttpResponse:
    """Every rule with its record; managers set thresholds and mute."""
    status = 200
    if request.method == "POST":
        form = RuleForm(request.POST)
        try:
            if not form.is_valid():
                raise DomainError("Choose a rule and give its threshold as a number.")
            mute = form.cleaned_data["mute"]
            rule = services.change_rule(
                organization=request.organization,
                kind=form.cleaned_data["kind"],
                by=request.user,
                threshold=form.cleaned_data["threshold"],
                is_muted=mute == "true" if mute else None,
            )
        except DomainError as error:
            messages.error(request, explain(error))
            status = 422
        else:
            messages.success(request, f"The rule “{rule}” is saved. It counts from the next look on.")
            return redirect("health:alert_rules")
    return _rules_page(request, status=status)


@require_POST
@page(write=Action.OWN_SETTINGS)
def alert_times(request: AuthenticatedRequest) -> HttpResponse:
    """When the member hears of alerts."""
    form = AlertTimesForm(request.POST)
    if form.is_valid():
        try:
            services.choose_alert_times(member=request.member, **form.facts())
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "Saved. It counts from the next alert on.")
            return redirect("health:alert_rules")
    return _rules_page(request, times=form, status=422)


def _rules_page(
    request: AuthenticatedRequest, *, times: AlertTimesForm | None = None, status: int = 200
) -> HttpResponse:
    known = AlertPreference.of(request.member)
    context = {
        "records": rule_records(request.organization, now=timezone.now()),
        "judged_days": JUDGED_DAYS,
        "may_edit": can(request.member, Action.EDIT_SCORECARDS),
        "times": times or AlertTimesForm(instance=known),
        "channel": channels_of(request.member)[ALERT_NEWS],
    }
    return render(request, "health/alert_rules.html", context, status=status)


def _changed(
    request: AuthenticatedRequest, uuid: UUID, service: Callable[..., Alert], told: str, **facts: Any
) -> HttpResponse:
    alert = get_object_or_404(request.organization.alerts.for_list(), uuid=uuid)
    require_editable(request.member, alert.account)
    try:
        service(alert=alert, by=request.user, **facts)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, told.format(f"{alert.account}: {alert.title}"))
    return _back(request)


def _refused(request: AuthenticatedRequest, uuid: UUID, sentence: str) -> HttpResponse:
    alert = get_object_or_404(request.organization.alerts.for_list(), uuid=uuid)
    require_editable(request.member, alert.account)
    messages.error(request, sentence)
    return _back(request)


def _back(request: AuthenticatedRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if safe else reverse("health:alerts"))
