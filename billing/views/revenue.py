"""The revenue page: how MRR came to be what it is, who is kept, and the movements behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.utils.cache import patch_vary_headers
from django.views.generic import ListView, View

from billing.enums import MovementKind
from billing.filters import MovementFilter
from billing.models import MrrMovement
from billing.querysets import MrrMovementQuerySet
from billing.selectors.mrr import arr_at, mrr_at, mrr_bridge
from billing.selectors.retention import CohortRow, Retention, cohorts, retention, top_movers
from billing.views.charts import bridge_chart, bridge_finding
from csplatform import periods
from csplatform.exports import Cell, csv_response
from csplatform.formatting import counted, date_text, month_text, percent, rupees_compact, trimmed
from csplatform.http import AuthenticatedRequest
from csplatform.models import Membership
from csplatform.periods import Window
from csplatform.views.base import OrganizationView

PERIODS = {"30": "30 days", "90": "90 days", "365": "12 months"}
DEFAULT_PERIOD = "365"
MOVERS_SHOWN = 5
EXPORT_HEADER = ["Date", "Account", "Number", "Kind", "MRR", "ARR", "Cause", "Booked"]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The movements that the address asks for, and the window they are of."""

    filter: MovementFilter
    window: Window
    period: str
    """Empty where days were given instead."""

    @property
    def in_words(self) -> str:
        named = PERIODS.get(self.period)
        return f"last {named}" if named else f"{date_text(self.window.start)} to {date_text(self.window.end)}"


def narrowed(parameters: QueryDict, member: Membership) -> Narrowed:
    """`from` and `to` win over `period`, and count for the bridge too."""
    organization = member.organization
    today = periods.today(organization)
    rows = organization.mrr_movements.select_related("account").order_by("-date", "-pk")
    chosen = MovementFilter(parameters, queryset=rows, member=member)
    said = chosen.form.cleaned_data if chosen.form.is_valid() else {}
    since, until = said.get("from"), said.get("to")
    period = parameters.get("period", DEFAULT_PERIOD)
    period = "" if since or until else period if period in PERIODS else DEFAULT_PERIOD
    if period:
        first = periods.add_months(today, -12) + periods.ONE_DAY
        year, days = Window(first, today), periods.last_days(today, int(period))
        return Narrowed(chosen, year if period == DEFAULT_PERIOD else days, period)
    end = min(until or today, today)
    return Narrowed(chosen, Window(min(since or end - timedelta(days=364), end), end), "")


def movements_of(chosen: Narrowed) -> MrrMovementQuerySet:
    rows: MrrMovementQuerySet = chosen.filter.qs
    return rows.between(chosen.window.start, chosen.window.end)


class RevenueView(OrganizationView, ListView[MrrMovement]):
    """Answers what grows; the table below holds the rows behind every figure above it."""

    context_object_name = "movements"
    paginate_by = 25

    def get_queryset(self) -> MrrMovementQuerySet:
        self.chosen = narrowed(self.request.GET, self.request.member)
        return movements_of(self.chosen)

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """A page that is not there is the nearest one."""
        size = self.request.GET.get("page_size", "")
        size_wanted = int(size) if size in {"25", "50", "100"} else page_size
        page = self.get_paginator(queryset, size_wanted).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_template_names(self) -> list[str]:
        return ["billing/_movement_table.html" if self.request.htmx else "billing/revenue.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(filter=self.chosen.filter, **kwargs)
        if self.request.htmx:
            return context
        organization, window = self.request.organization, self.chosen.window
        today = periods.today(organization)
        bridge = mrr_bridge(organization, window)
        year = retention(organization, as_of=today)
        return context | {
            "has_movements": bool(context["page_obj"].paginator.count) or organization.mrr_movements.exists(),
            "window": window,
            "period": self.chosen.in_words,
            "choices": [
                {"label": label, "url": f"?period={value}", "is_current": value == self.chosen.period}
                for value, label in PERIODS.items()
            ],
            "today": today,
            "mrr": mrr_at(organization, today),
            "arr": arr_at(organization, today),
            "bridge": bridge,
            "retention": year,
            "rates": rates_in_words(year),
            "causes": causes_in_words(year),
            "chart": bridge_chart(bridge),
            "chart_finding": bridge_finding(bridge),
            "cohorts": (lines := cohort_rows(cohorts(organization, until=today))),
            "cohort_months": range(max((len(line.cells) for line in lines), default=0)),
            "movers": [
                {
                    "title": title,
                    "rows": top_movers(organization, window, kind, most=MOVERS_SHOWN),
                }
                for title, kind in (
                    ("Largest expansions", MovementKind.EXPANSION),
                    ("Largest contractions", MovementKind.CONTRACTION),
                    ("Churn", MovementKind.CHURN),
                )
            ],
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class MovementExportView(OrganizationView, View):
    """Exactly the filtered rows, all pages."""

    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        organization = request.organization
        rows = movements_of(narrowed(request.GET, request.member))
        filename = f"mrr-movements-{periods.today(organization).isoformat()}.csv"
        return csv_response(organization, filename, EXPORT_HEADER, lambda: _export_rows(rows))


def _export_rows(movements: MrrMovementQuerySet) -> Iterator[list[Cell]]:
    for row in movements.iterator(chunk_size=2_000):
        yield [
            row.date,
            row.account.name,
            row.account.number,
            row.get_kind_display(),
            row.amount,
            row.arr_amount,
            row.cause,
            row.created_at,
        ]


# -- in words ---------------------------------------------------------------------------------------


def rates_in_words(year: Retention) -> dict[str, str]:
    """The KPI texts; of a base under ten accounts no rate is told, but its counts."""
    counts = f"{year.cohort.retained} of {counted(year.cohort.accounts, 'account')} kept"
    ratio = "–" if year.quick_ratio is None else trimmed(year.quick_ratio)
    if year.is_small:
        return {"nrr": "n/a", "grr": "n/a", "logo": "n/a", "hint": counts, "ratio": ratio}
    return {
        "nrr": percent(year.nrr),
        "grr": percent(year.grr),
        "logo": percent(year.logo_churn),
        "hint": "12 months",
        "logo_hint": f"{year.lost} of {counted(year.cohort.accounts, 'account')} left",
        "ratio": ratio,
    }


def causes_in_words(year: Retention) -> list[tuple[str, str, str, list[tuple[str, str]]]]:
    """Cohort and bridge side by side, with what sets them apart."""
    nrr, grr = year.nrr_difference, year.grr_difference
    return [
        (
            "Net revenue retention",
            percent(year.nrr),
            percent(year.nrr_bridge),
            [
                ("Accounts that left and came back", rupees_compact(nrr["returned"])),
                ("Movements of accounts that are newer", rupees_compact(nrr["newer_accounts"])),
            ],
        ),
        (
            "Gross revenue retention",
            percent(year.grr),
            percent(year.grr_bridge),
            [
                ("Losses made good within the year", rupees_compact(grr["recovered"])),
                ("Losses of accounts that are newer", rupees_compact(grr["newer_accounts"])),
            ],
        ),
    ]


@dataclass(frozen=True, slots=True)
class CohortCell:
    text: str
    title: str
    heat: int
    """0 to 5: how much of the start is there."""


@dataclass(frozen=True, slots=True)
class CohortLine:
    month: str
    accounts: int
    start_mrr: Decimal
    cells: list[CohortCell]
    blanks: range


def cohort_rows(rows: Sequence[CohortRow]) -> list[CohortLine]:
    """As the table prints them, every line as long as the longest."""
    width = max((len(row.mrr) for row in rows), default=0)
    return [
        CohortLine(
            month=month_text(row.month),
            accounts=row.accounts,
            start_mrr=row.start_mrr,
            cells=[
                CohortCell(
                    text=percent(pct.quantize(Decimal(1))),
                    title=f"{rupees_compact(mrr)} a month from {counted(paying, 'account')}",
                    heat=heat_of(pct),
                )
                for pct, mrr, paying in zip(row.mrr_pct, row.mrr, row.paying, strict=True)
            ],
            blanks=range(width - len(row.mrr)),
        )
        for row in rows
    ]


def heat_of(pct: Decimal) -> int:
    return sum(pct >= floor for floor in (50, 75, 90, 100, 115))
