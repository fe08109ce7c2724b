"""The renewals desk: what renews when, at what risk, and what is to be expected of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import ExpressionWrapper, F, QuerySet, Sum
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.permissions import can_edit_account, editable_among
from billing.enums import RenewalStatus
from billing.models import Renewal
from billing.models.renewal import OPEN_STATUSES
from billing.querysets import MONEY, RenewalQuerySet
from billing.selectors.renewal_months import loss_reasons, renewals_by_month
from billing.selectors.renewals import (
    RenewalRates,
    forecast_quality,
    notice_deadlines,
    renewal_forecast,
    renewal_rates,
)
from billing.services.renewal import update_renewal
from csplatform import periods
from csplatform.exceptions import DomainError
from csplatform.formatting import counted, month_text, percent
from csplatform.http import AuthenticatedRequest
from csplatform.money import MONTHS_A_YEAR
from csplatform.periods import Window, add_months, month_end, month_start
from csplatform.permissions import Action, can
from csplatform.views.base import explain, page
from csplatform.views.lists import ListExportView, ListPageView
from insights.month_table import month_table
from insights.renewal_list import RENEWALS, day_or_none, filtered_renewals, with_days

YEAR_BACK = 12
"""Rates, reasons and the quality of forecasts look at so many months that are over."""
FEW = 10
"""Below so many decided terms a rate says more about chance than about us."""
NOTICE_AHEAD = 30
STATUS_MENU = (RenewalStatus.NOT_STARTED, RenewalStatus.IN_PROCESS, RenewalStatus.PREPARED_LOST)
FINAL_MENU = (RenewalStatus.RENEWED, RenewalStatus.CLOSED)


class RenewalDeskView(ListPageView):
    """Months of totals over the list; `show=calendar` shows one month as a table of days with its list under it."""

    list_name = RENEWALS
    list_template = "insights/_renewal_desk.html"
    template_name = "insights/renewals.html"
    context_object_name = "renewals"
    totals = {"arr": Sum(ExpressionWrapper(F("target_mrr") * MONTHS_A_YEAR, output_field=MONEY))}

    def get_rows(self) -> QuerySet[Renewal]:
        self.query = with_days(self.request.GET, today=self.arrangement.context.today)
        self.filter = filtered_renewals(self.request.member, self.query)
        rows: QuerySet[Renewal] = self.filter.qs.for_list()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        member, today = self.request.member, self.arrangement.context.today
        organization = member.organization
        start, end = _days_of(self.query)
        all_days = _without_days(self.request.GET)
        everything: RenewalQuerySet = filtered_renewals(member, all_days).qs
        scope = self.request.GET.get("owner", "")
        accounts = organization.accounts.for_member_scope(member, scope) if scope in SCOPES else None
        shown, past = Window(start, end), Window(add_months(month_start(today), -YEAR_BACK), today)
        since = month_start(min(today, start))
        editable = editable_among(member, [row.account for row in context["renewals"]])
        works, bills = can(member, Action.WORK_RENEWALS), can(member, Action.WRITE_BILLING)
        return context | {
            "filter": self.filter,
            "months": renewals_by_month(everything, since=since),
            "start": start,
            "end": end,
            "undecided": everything.overdue(today=today).count(),
            "forecast": renewal_forecast(organization, shown, today=today, accounts=accounts),
            "rates": renewal_rates(organization, shown, accounts=accounts),
            "quality": forecast_quality(organization, past, accounts=accounts),
            "losses": loss_reasons(everything, start=past.start, end=past.end),
            "notices": notice_deadlines(organization, today=today, days=NOTICE_AHEAD, accounts=accounts),
            **_rates(renewal_rates(organization, past, accounts=accounts)),
            "expected_hint": "call, else own history",
            "back": _address(self.request.GET),
            "calendar": self._calendar(everything, start) if self.shows_calendar else None,
            "shows_calendar": self.shows_calendar,
            "editable": {row.pk for row in context["renewals"] if works and (bills or row.account_id in editable)},
            "status_menu": STATUS_MENU,
            "final_menu": FINAL_MENU,
            "here": self.request.GET.urlencode(),
            "as_of": timezone.now(),
        }

    @property
    def shows_calendar(self) -> bool:
        return self.request.GET.get("show") == "calendar"

    def _calendar(self, rows: RenewalQuerySet, start: date) -> dict[str, Any]:
        first = month_start(start)
        terms = rows.due_between(first, month_end(first)).select_related("account").order_by("due_on", "pk")
        return {
            "label": month_text(first),
            "weeks": month_table(first, list(terms), day_of=lambda term: term.due_on),
            "before": add_months(first, -1),
            "after": add_months(first, 1),
        }


class RenewalExportView(ListExportView):
    """The terms of the list, one row each, as CSV or Excel."""

    list_name = RENEWALS

    def get_rows(self, request: AuthenticatedRequest) -> QuerySet[Renewal]:
        query = with_days(request.GET, today=periods.today(request.organization))
        rows: QuerySet[Renewal] = filtered_renewals(request.member, query).qs.for_list()
        return rows


def _rates(past: RenewalRates) -> dict[str, str]:
    """The three rates in words; few decided terms, or none with money, say nothing yet."""
    known = past.due_count >= FEW and past.due_mrr
    return {
        "gross_rate": percent(past.gross_pct) if known else "n/a",
        "net_rate": percent(past.net_pct) if known else "n/a",
        "logo_rate": percent(past.logo_pct) if known else "n/a",
        "rate_hint": f"{counted(past.renewed_count, 'term')} of {past.due_count:,} renewed, 12 months",
    }


SCOPES = ("my_accounts", "team_accounts", "all")


def _days_of(query: QueryDict) -> tuple[date, date]:
    start = day_or_none(query.get("from")) or date(2000, 1, 1)
    end = day_or_none(query.get("to")) or date(2199, 12, 31)
    return start, max(start, end)


def _without_days(query: QueryDict) -> QueryDict:
    given = query.copy()
    for name in ("from", "to"):
        given.pop(name, None)
    return given


def _address(query: QueryDict) -> str:
    """Where a form goes back to; what was searched for is typed again sooner than it is wanted in another address."""
    kept = query.copy()
    for name in ("q", "search"):
        kept.pop(name, None)
    return f"{reverse('insights:renewals')}{'?' if kept else ''}{kept.urlencode()}"


@require_POST
@page(write=Action.WORK_RENEWALS)
def renewal_status(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Say by menu how the work on a term stands; asked for twice it is said once. What ends a term takes its form."""
    renewal = get_object_or_404(request.organization.renewals.for_list().select_related("organization"), uuid=uuid)
    if not can(request.member, Action.WRITE_BILLING) and not can_edit_account(request.member, renewal.account):
        raise PermissionDenied(f"{renewal.account} is not yours or your team's. Ask its owner or a manager.")
    wanted, was = request.POST.get("status") or request.GET.get("status", ""), renewal.status
    if wanted not in OPEN_STATUSES:
        messages.error(request, "Choose Not Started, In Process or Prepared Lost.")
    elif wanted != was:
        try:
            renewal = update_renewal(renewal=renewal, by=request.user, status=wanted)
        except DomainError as error:
            messages.error(request, explain(error))
        else:
            undo = f"{reverse('insights:renewal_status', args=[uuid])}?status={was}"
            told = f"The renewal of {renewal.account} is {renewal.get_status_display().lower()}."
            messages.success(request, told, extra_tags=f"undo:{undo}" if was in OPEN_STATUSES else "")
    return redirect(_address(QueryDict(request.POST.get("here", ""))))
