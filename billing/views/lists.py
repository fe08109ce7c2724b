"""What the lists of billing have in common: one filter, columns to sort by, pages, and the same rows as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http.response import HttpResponseBase

from accounts.list_filter import ListFilter
from csplatform.exports import Cell, csv_response
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView
from csplatform.views.paging import PagedListView


class BillingListView(OrganizationView, PagedListView):
    """Rows by filter; `?format=csv` answers exactly the filtered and sorted rows, all pages.

    A list gives `all_rows`, names its filter and columns, and says how a row is exported."""

    filter_class: ClassVar[type[ListFilter]]
    sorts: ClassVar[Mapping[str, str]] = {}
    """What `sort` takes, and the column behind it."""
    default_sort: ClassVar[str] = ""
    then_by: ClassVar[Sequence[str]] = ("-pk",)
    export_name: ClassVar[str] = ""
    export_header: ClassVar[Sequence[str]] = ()

    def all_rows(self) -> QuerySet[Any]:
        """Everything the list is about, before its filters."""
        raise NotImplementedError

    def sums(self, rows: QuerySet[Any]) -> dict[str, Any]:
        """Figures over all the filtered rows, for the foot and the heading."""
        return {}

    def export_rows(self, rows: QuerySet[Any]) -> Iterable[list[Cell]]:
        raise NotImplementedError

    def get(self, request: AuthenticatedRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]
        if self.export_name and request.GET.get("format") == "csv":
            rows = self.get_queryset()
            name = f"{self.export_name}-{today(request.organization).isoformat()}.csv"
            return csv_response(request.organization, name, self.export_header, lambda: self.export_rows(rows))
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        self.filter = self.filter_class(self.request.GET, queryset=self.all_rows(), member=self.request.member)
        rows = self.filter.qs
        if self.sorts:
            column = F(self.sorts[self.sort.removeprefix("-")])
            order = column.desc(nulls_last=True) if self.sort.startswith("-") else column.asc(nulls_last=True)
            rows = rows.order_by(order, *self.then_by)
        return rows.for_list()

    @property
    def sort(self) -> str:
        wanted = self.request.GET.get("sort", self.default_sort)
        return wanted if wanted.removeprefix("-") in self.sorts else self.default_sort

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = self.filter.qs
        return context | {
            "filter": self.filter,
            "current_sort": self.sort,
            "list_url": self.request.path,
            "today": today(self.request.organization),
            "may_write": can(self.request.member, Action.WRITE_BILLING),
            "has_any": bool(context["page_obj"].paginator.count) or self.all_rows().exists(),
            **self.sums(rows),
        }
