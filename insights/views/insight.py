"""Written insights that were kept: a list, each with the facts it was written from, and writing a new one."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe
from django.views.generic import ListView

from accounts.selectors.account_by_key import account_by_key
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.tenancy import organization_scope, own_transactions
from csplatform.views.base import OrganizationView, page
from insights.enums import InsightKind, InsightSource
from insights.models import Insight
from insights.querysets import InsightQuerySet
from insights.services.insight import is_being_rewritten, write_at_once
from insights.writers.base import Wishes

ROWS_A_PAGE = 25


class InsightListView(OrganizationView, ListView[Insight]):
    """What was written, newest first; `about` narrows it to the portfolio or to accounts."""

    template_name = "insights/insight_list.html"
    context_object_name = "insights"
    paginate_by = ROWS_A_PAGE

    def get_queryset(self) -> InsightQuerySet:
        insights = self.request.organization.insights.last_words().for_list()
        about = self.request.GET.get("about", "")
        return insights.filter(kind=about) if about in InsightKind.values else insights

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """A page that is not there is the nearest one."""
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = self.request.GET.get("about", "")
        choices = [("", "All"), (InsightKind.PORTFOLIO, "Portfolio"), (InsightKind.ACCOUNT, "Accounts")]
        return super().get_context_data(
            choices=[
                {
                    "label": label,
                    "url": f"{self.request.path}?about={value}" if value else self.request.path,
                    "is_current": about == value,
                }
                for value, label in choices
            ],
            **kwargs,
        )


@require_safe
@page()
def insight_detail(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One insight as it was written, with its facts; where the model has said it anew, that."""
    insights = request.organization.insights.select_related("account", "by", "followed_by", "organization")
    insight = get_object_or_404(insights, uuid=uuid)
    newer = getattr(insight, "followed_by", None)
    if newer is not None:
        return redirect("insights:insight_detail", uuid=newer.uuid)
    context = {
        "insight": insight,
        "facts": json.dumps(insight.facts, indent=2, ensure_ascii=False),
        "is_being_rewritten": insight.source == InsightSource.RULES and is_being_rewritten(insight),
    }
    return render(request, "insights/insight_detail.html", context)


@own_transactions
@require_POST
@page(write=Action.READ)
def portfolio_insight_write(request: AuthenticatedRequest) -> HttpResponse:
    """Write about the portfolio as it stands now, and keep it. Everybody who may read may ask."""
    insight = write_at_once(
        organization=request.organization, account=None, by=request.user, now=timezone.now(), wishes=Wishes()
    )
    return redirect("insights:insight_detail", uuid=insight.uuid)


@own_transactions
@require_POST
@page(write=Action.READ)
def account_insight_write(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """The same about one account."""
    with organization_scope(request.organization, write=False):
        account = account_by_key(request.organization.accounts.for_list(), key)
    insight = write_at_once(
        organization=request.organization, account=account, by=request.user, now=timezone.now(), wishes=Wishes()
    )
    return redirect("insights:insight_detail", uuid=insight.uuid)
