"""The account-management dashboard: the contract's sixteen blocks, from the figures its JSON is made of."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.generic import TemplateView

from accounts.enums import AccountScope, Band
from accounts.permissions import editable_accounts
from csplatform.exceptions import DomainError
from csplatform.formatting import date_text, moment_text
from csplatform.http import AuthenticatedRequest
from csplatform.periods import AccountPeriod, Window
from csplatform.views.base import OrganizationView
from csplatform.views.paging import PAGE_SIZES
from insights.selectors.dashboard.accounts import PortfolioRow, portfolio_size
from insights.selectors.dashboard.board import PortfolioBoard, portfolio_board, portfolio_page
from insights.selectors.dashboard.contract import contract_body, portfolio
from insights.selectors.dashboard.health import portfolio_health
from insights.selectors.dashboard.view import view_of_query
from insights.views import dashboard_charts as charts
from insights.views.dashboard_links import Links

Context = dict[str, Any]

PARAMETERS = ("period", "from", "to", "user", "source", "as_of", "band")
PERIOD_LABELS = {
    AccountPeriod.TODAY: "Today",
    AccountPeriod.WEEK: "Week",
    AccountPeriod.MONTH: "Month",
    AccountPeriod.QUARTER: "Quarter",
}
SCOPE_LABELS = {AccountScope.ALL: "All", AccountScope.MY_ACCOUNTS: "My", AccountScope.TEAM_ACCOUNTS: "Team"}


class PortfolioDashboardView(OrganizationView, TemplateView):
    """How the book of business is; htmx gets a page of the portfolio table alone."""

    template_name = "insights/portfolio/dashboard.html"
    request: AuthenticatedRequest

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        try:
            self.view = view_of_query(request.member, request.GET.dict(), now=timezone.now())
        except DomainError as error:
            if request.GET.get("period") == AccountPeriod.CUSTOM:
                return self.render_to_response(self._refused(error))
            return redirect(request.path)  # words that mean nothing: begin anew
        band = request.GET.get("band", "")
        self.band = Band(band) if band in Band.values else None
        self.query = {name: request.GET[name] for name in PARAMETERS if request.GET.get(name)}
        if request.htmx and request.htmx.target == "portfolio":
            self.template_name = "insights/portfolio/_table.html"
            response = self.render_to_response(self._table() | {"query": request.GET})
        else:
            response = self.render_to_response(self.get_context_data(**kwargs))
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response

    def get_context_data(self, **kwargs: Any) -> Context:
        view, links = self.view, Links(self.view)
        health = portfolio_health(view)
        table = self._page(health.in_band(self.band))
        board = portfolio_board(
            view, band=self.band, skip=max(table.start_index() - 1, 0), most=table.paginator.per_page, health=health
        )
        body = contract_body(view, board)
        where = links.as_context()
        return super().get_context_data(
            **self._filters(),
            **self._charts(board, where),
            **self._rows(board, body, links),
            **self._table_context(table, board.portfolio),
            board=board,
            body=body,
            links=where,
            is_empty=not (table.paginator.count or view.organization.accounts.exists()),
            **kwargs,
        )

    # -- filters

    def _filters(self) -> Context:
        view, organization = self.view, self.request.organization
        sources = organization.accounts.unarchived().exclude(lead_source="").order_by("lead_source")
        days = {name: self.query[name] for name in ("from", "to") if name in self.query}
        fixed = {name: value for name, value in self.query.items() if name not in {"period", "from", "to"}}
        people = {name: value for name, value in self.query.items() if name != "user"}
        return {
            "view": view,
            "asked": self.query,
            "chosen_band": self.band,
            "window": _days_in_words(view.window),
            "scope_label": SCOPE_LABELS[AccountScope(view.scope)],
            "sources": list(sources.values_list("lead_source", flat=True).distinct()),
            "is_filtered": bool(self.query),
            "custom_days": days,
            "periods": [
                {
                    "name": name.value,
                    "label": label,
                    "url": f"?{urlencode(fixed | {'period': name.value})}",
                    "is_current": name == view.period.name,
                }
                for name, label in PERIOD_LABELS.items()
            ],
            "scopes": [
                {
                    "name": scope.value,
                    "label": label,
                    "url": f"?{urlencode(people | {'user': scope.value})}",
                    "is_current": scope == view.scope,
                }
                for scope, label in SCOPE_LABELS.items()
            ],
        }

    def _refused(self, error: DomainError) -> Context:
        """A custom period of days that make no sense: the month, with a word on what is wrong."""
        self.query = {name: value for name, value in self.request.GET.dict().items() if name in {"user", "source"}}
        self.band = None
        try:
            self.view = view_of_query(self.request.member, self.query, now=timezone.now())
        except DomainError:
            self.query = {}
            self.view = view_of_query(self.request.member, {}, now=timezone.now())
        days = {name: self.request.GET.get(name, "") for name in ("from", "to")}
        return self.get_context_data() | {"refusal": str(error), "custom_days": days}

    # -- blocks

    def _charts(self, board: PortfolioBoard, where: Context) -> Context:
        return {
            "health_chart": charts.health_chart(board.health, self.query),
            "health_finding": charts.health_finding(board.health),
            "health_legend": charts.health_legend(board.health, self.query, self.band),
            "mrr_chart": charts.mrr_chart(board.revenue),
            "mrr_finding": charts.mrr_finding(board.revenue),
            "tickets_chart": charts.tickets_chart(board.support, where["tickets_by"]),
            "tickets_finding": charts.tickets_finding(board.support),
            "tickets_legend": charts.tickets_legend(board.support, where["tickets_by"]),
        }

    def _rows(self, board: PortfolioBoard, body: Context, links: Links) -> Context:
        """Rows with their printed form, and what their links need."""
        member = self.request.member
        worked_on = {row.account.pk for row in board.at_risk} | {row.account_id for row in board.follow_ups}
        editable: set[int] = set()
        if self.view.is_live:
            editable = set(editable_accounts(member).filter(pk__in=worked_on).values_list("pk", flat=True))

        def paired(rows: Any, block: str) -> list[Any]:
            return list(zip(rows, body[block], strict=True))

        return {
            "at_risk": paired(board.at_risk, "atRiskAccounts"),
            "renewals": paired(board.renewals, "upcomingRenewals"),
            "renewals_mrr": sum(row.mrr for row in board.renewals),
            "follow_ups": [
                (row, printed, self._when(row.due_at, printed["scheduledTime"]))
                for row, printed in paired(board.follow_ups, "followUps")
            ],
            "activities": paired(board.activities, "recentActivity"),
            "adoption": [
                (row, printed, links.product(row))
                for row, printed in zip(board.adoption, body["productAdoption"], strict=True)
            ],
            "usage": paired(board.usage, "usageInsights"),
            "tickets": paired(board.tickets, "criticalTickets"),
            "pipeline": paired(board.pipeline, "referralPipeline"),
            "candidates": paired(board.candidates, "advocacyCandidates"),
            "editable": editable,
            "here": self.request.get_full_path(),
        }

    def _when(self, due_at: datetime, printed: str) -> str:
        """Of today and tomorrow as the contract says it, else as pages write a moment."""
        return printed if printed.startswith("To") else moment_text(due_at, self.request.organization.zone)

    # -- the portfolio table

    def _page(self, size: int) -> Any:
        asked = self.request.GET.get("page_size", "")
        rows = int(asked) if asked in map(str, PAGE_SIZES) else PAGE_SIZES[0]
        return Paginator(range(size), rows).get_page(self.request.GET.get("page"))

    def _table(self) -> Context:
        page = self._page(portfolio_size(self.view, band=self.band))
        rows = portfolio_page(
            self.view, band=self.band, skip=max(page.start_index() - 1, 0), most=page.paginator.per_page
        )
        return self._table_context(page, rows) | {"chosen_band": self.band, "view": self.view}

    def _table_context(self, page: Any, rows: Any) -> Context:
        shown: list[PortfolioRow] = list(rows)
        return {
            "portfolio_page": page,
            "portfolio": list(zip(shown, portfolio(shown), strict=True)),
            "all_bands_url": charts.band_link(self.query, None),
            "dashboard_url": reverse("insights:portfolio"),
        }


def _days_in_words(window: Window) -> str:
    first, last = date_text(window.start), date_text(window.end)
    return last if first == last else f"{first} to {last}"
