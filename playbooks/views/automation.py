"""Automation: the rules, what each would do today, what they did, and the switch that stops them all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import OrganizationView, explain, page
from playbooks.enums import HitOutcome
from playbooks.forms_automation import RuleForm
from playbooks.models import AutomationRule
from playbooks.selectors.automation_stop import automation_stop as automation_stop_of
from playbooks.selectors.dry_run import dry_run
from playbooks.services import rule as services

SHOWN_HITS = 10
PAGE_SIZE = 25
EDITORS = {"read": Action.EDIT_PLAYBOOKS, "write": Action.EDIT_PLAYBOOKS}


class AutomationView(OrganizationView, TemplateView):
    """All rules with how often they acted, and the newest of what they did."""

    template_name = "playbooks/automation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        fired = Count("hits", filter=Q(hits__outcome=HitOutcome.FIRED))
        rules = organization.automation_rules.select_related("playbook", "member", "owner").annotate(fired=fired)
        hits = Paginator(organization.automation_hits.for_list(), PAGE_SIZE)
        return super().get_context_data(
            rules=rules.order_by("-is_on", "name"),
            page_obj=hits.get_page(self.request.GET.get("page")),
            stop=automation_stop_of(organization),
            **kwargs,
        )


class RuleDetailView(OrganizationView, TemplateView):
    """One rule: what it would do with today's data, and what it did."""

    template_name = "playbooks/rule_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        rule = _found(self.request, kwargs["uuid"])
        run = dry_run(rule, now=timezone.now())
        page_obj = Paginator(run.would_fire, PAGE_SIZE).get_page(self.request.GET.get("page"))
        accounts = organization.accounts.for_list().in_bulk([key for key, _ in page_obj])
        return super().get_context_data(
            rule=rule,
            dry_run=run,
            page_obj=page_obj,
            lines=[(accounts[key], why) for key, why in page_obj],
            hits=rule.hits.for_list()[:SHOWN_HITS],
            stop=automation_stop_of(organization),
            as_of=timezone.now(),
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(**EDITORS)
def rule_create(request: AuthenticatedRequest) -> HttpResponse:
    """Write a rule; it is off until somebody switches it on."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(**EDITORS)
def rule_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _edited(request, _found(request, uuid))


@require_POST
@page(write=Action.EDIT_PLAYBOOKS)
def rule_switch(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """On (`on=1`), with `present=1` for the accounts for which it holds now too, or off."""
    rule = _found(request, uuid)
    is_on = request.POST.get("on") == "1"
    try:
        services.switch_rule(
            rule=rule,
            is_on=is_on,
            by=request.user,
            now=timezone.now(),
            acts_on_present=request.POST.get("present") == "1",
        )
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"“{rule}” is {'on' if is_on else 'off'}.")
    return redirect(rule)


@require_POST
@page(write=Action.EDIT_PLAYBOOKS)
def rule_delete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """With its log; what it started stays."""
    rule = _found(request, uuid)
    services.delete_rule(rule=rule, by=request.user)
    messages.success(request, f"“{rule}” is deleted. What it started stays.")
    return redirect("playbooks:automation")


@require_POST
@page(write=Action.EDIT_PLAYBOOKS)
def automation_stop(request: AuthenticatedRequest) -> HttpResponse:
    """Stop every rule at once, or with `resume=1` let them go on."""
    if request.POST.get("resume") == "1":
        services.resume_automation(organization=request.organization, by=request.user)
        messages.success(request, "Rules act again, from the next look on.")
    else:
        services.stop_automation(organization=request.organization, by=request.user, now=timezone.now())
        messages.success(request, "Automation is stopped. No rule does anything until you let them go on.")
    return redirect("playbooks:automation")


def _found(request: AuthenticatedRequest, uuid: UUID) -> AutomationRule:
    rules = request.organization.automation_rules.select_related("playbook", "member", "owner", "organization")
    rule: AutomationRule = get_object_or_404(rules, uuid=uuid)
    return rule


def _edited(request: AuthenticatedRequest, rule: AutomationRule | None) -> HttpResponse:
    form = RuleForm(posted(request), organization=request.organization, rule=rule)
    if form.is_valid():
        try:
            if rule is None:
                saved = services.create_rule(organization=request.organization, by=request.user, **form.cleaned_data)
            else:
                saved = services.update_rule(rule=rule, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{saved}” is saved. Below is what it would do now.")
            return redirect(saved)
    context = {"form": form, "rule": rule}
    return render(request, "playbooks/rule_form.html", context, status=422 if form.is_bound else 200)
