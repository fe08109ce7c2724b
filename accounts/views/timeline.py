"""The timeline: of one account, and of the whole portfolio."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.generic import TemplateView

from accounts.activity_filter import ActivityFilter
from accounts.enums import EngagementOutcome, EngagementType
from accounts.permissions import can_edit_account
from accounts.querysets import ActivityQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.timeline import ICONS, kind_counts, months, timeline_page, until_month
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView


class TimelineView(OrganizationView, TemplateView):
    """Everybody's lines. htmx gets the lines alone: all of them, or the older ones behind the last."""

    template_name = "accounts/timeline.html"

    def lines(self) -> ActivityQuerySet:
        lines: ActivityQuerySet = self.request.organization.activities.all()
        return lines

    def get_template_names(self) -> list[str]:
        if not self.request.htmx:
            return [self.template_name]
        is_older = self.request.htmx.target == "older"
        return ["accounts/_timeline_days.html" if is_older else "accounts/_timeline.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, member, query = self.request.organization, self.request.member, self.request.GET
        lines = self.lines()
        self.filter = ActivityFilter(query, queryset=lines, member=member)
        before = query.get("before", "")
        found = until_month(organization, self.filter.qs, query.get("month", ""))
        context = {
            "filter": self.filter,
            "timeline": timeline_page(organization, member, found, before=before),
            "chosen_kinds": query.getlist("type"),
            "month": query.get("month", ""),
            "may_write": can(member, Action.EDIT_OWN_ACCOUNTS),
        }
        if not (self.request.htmx and before):
            untyped = query.copy()
            untyped.pop("type", None)
            of_any_kind = ActivityFilter(untyped, queryset=lines, member=member).qs
            context |= {
                "kinds": [(*each, ICONS[each[0]]) for each in kind_counts(of_any_kind)],
                "months": months(organization, lines),
            }
        return super().get_context_data(**kwargs, **context)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response


class AccountTimelineView(TimelineView):
    """One account's, with the composer on top."""

    template_name = "accounts/account_timeline.html"

    def lines(self) -> ActivityQuerySet:
        accounts = self.request.organization.accounts.for_list()
        self.account = account_by_key(accounts, self.kwargs["key"])
        lines: ActivityQuerySet = self.account.activities.all()
        return lines

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        kind = self.request.GET.get("log", "")
        return context | {
            "account": self.account,
            "editable": not self.account.is_archived and can_edit_account(self.request.member, self.account),
            "types": [(each.value, each.label, ICONS[each]) for each in EngagementType],
            "outcomes": EngagementOutcome.choices,
            "preset": kind if kind in EngagementType.values else EngagementType.NOTE.value,
            "token": uuid.uuid4(),
        }
