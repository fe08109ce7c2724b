"""What list pages start from, and what people do with their lists: save, pin, choose columns and density."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.generic import ListView, View

from csplatform.enums import ExportFormat
from csplatform.exceptions import DomainError
from csplatform.exports import MOST_XLSX_ROWS, TooLongForExcel, file_response
from csplatform.forms.saved_view import SavedViewForm
from csplatform.http import AuthenticatedRequest
from csplatform.lists.arrangement import Arrangement, arrange, is_bare
from csplatform.lists.columns import ColumnSet, export_rows, lines_of, list_context
from csplatform.lists.queries import columns_parameter
from csplatform.lists.registry import ListPage, list_named
from csplatform.models import SavedView
from csplatform.permissions import Action
from csplatform.services import saved_view as services
from csplatform.views.base import OrganizationView, explain, page

PAGE_SIZES = (25, 50, 100)


class ListPageView(OrganizationView, ListView[Any]):
    """A registered list: columns, sorting, pages, saved views. htmx gets the list alone.

    A list names itself (`list_name`), its templates and `get_rows`; its own facts go into `get_context_data`.
    """

    list_name: ClassVar[str]
    list_template: ClassVar[str]
    """The part that filters refresh."""
    totals: ClassVar[dict[str, Any]] = {}
    """Aggregates over all rows of the filter, under the keys that columns name as their `total`."""

    arrangement: Arrangement

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if getattr(request, "member", None) is not None:
            self.arrangement = arrange(_page_named(self.list_name), request.member, request.GET)  # type: ignore[attr-defined]
            default = self.arrangement.default_view
            if request.method in {"GET", "HEAD"} and is_bare(request.GET) and default is not None:
                return HttpResponseRedirect(f"{request.path}{default.address}")
        return super().dispatch(request, *args, **kwargs)

    def get_rows(self) -> QuerySet[Any]:
        """What the filters of the address leave, in no order."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        columns = self.arrangement.page.columns
        return columns.sorted(self.get_rows(), self.arrangement.sort, self.arrangement.context)

    def get_paginate_by(self, queryset: object) -> int:
        wanted = self.request.GET.get("page_size", "")
        return int(wanted) if wanted in map(str, PAGE_SIZES) else PAGE_SIZES[0]

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """A page that is not there is the nearest one, not an error: rows come and go between two clicks."""
        paginator = self.get_paginator(queryset, page_size)
        self.sums = queryset.order_by().aggregate(count=Count("*"), **self.totals)
        paginator.count = self.sums["count"]
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, list(page.object_list), page.has_other_pages()

    def get_template_names(self) -> list[str]:
        return [self.list_template if self.request.htmx else str(self.template_name)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        arrangement, rows = self.arrangement, context["object_list"]
        save = SavedViewForm(member=self.request.member) if arrangement.can_be_saved or arrangement.view else None
        return context | {
            "arrangement": arrangement,
            "columns": arrangement.columns,
            "lines": lines_of(arrangement.columns, rows, arrangement.context),
            "current_sort": arrangement.sort,
            "sums": self.sums,
            "today": arrangement.context.today,
            "save_form": save,
            "delete_view_fields": [("do", "delete")],
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class ListExportView(OrganizationView, View):
    """Exactly the filtered and sorted rows with the columns of the screen; `columns=all` for every column."""

    list_name: ClassVar[str]

    def get_rows(self, request: AuthenticatedRequest) -> QuerySet[Any]:
        return _page_named(self.list_name).narrowed(request.member, request.GET)

    def get(self, request: AuthenticatedRequest) -> HttpResponseBase:
        arrangement = arrange(_page_named(self.list_name), request.member, request.GET)
        known: ColumnSet = arrangement.page.columns
        columns = arrangement.columns
        if request.GET.get("columns") == "all":
            columns = [*known, *arrangement.page.file_columns(request.organization)]
        context = list_context(request.member)
        rows = known.sorted(self.get_rows(request), arrangement.sort, context)
        chosen = request.GET.get("format", ExportFormat.CSV)
        if chosen not in {ExportFormat.CSV, ExportFormat.XLSX}:
            raise Http404
        if chosen == ExportFormat.XLSX and rows.order_by().count() > MOST_XLSX_ROWS:
            messages.error(request, TooLongForExcel.message)
            return redirect(f"{arrangement.page.url}?{request.GET.urlencode()}")
        return file_response(
            request.organization,
            f"{self.list_name}-{context.today.isoformat()}",
            [heading for column in columns for heading in column.headings],
            lambda: export_rows(columns, rows, context),
            kind=ExportFormat(chosen),
        )


# -- what people do with their views ------------------------------------------------------------------


@require_GET
@page()
def saved_view_open(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The list as the view has it; the address says everything, so that it can be shared and changed."""
    view = _view(request, uuid)
    return redirect(f"{_page_named(view.page).url}{view.address}")


@require_POST
@page(write=Action.OWN_SETTINGS)
def saved_view_create(request: AuthenticatedRequest) -> HttpResponse:
    """Save what the list shows under a name; it is open afterwards."""
    of = _page_named(request.POST.get("list", ""))
    form = SavedViewForm(request.POST, member=request.member)
    query = QueryDict(request.POST.get("query", ""))
    if not form.is_valid():
        for sentences in form.errors.values():
            messages.error(request, " ".join(map(str, sentences)))
        return redirect(_back(request, of))
    try:
        columns = [column.name for column in arrange(of, request.member, query).columns]
        view = services.create_view(
            member=request.member, page=of.name, query=query.urlencode(), columns=columns, **form.cleaned_data
        )
        if request.POST.get("pin"):
            services.pin_view(view=view, member=request.member)
        if request.POST.get("default"):
            services.choose_default(member=request.member, page=of, view=view)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(_back(request, of))
    messages.success(request, f"The view “{view}” is saved.")
    return redirect(f"{of.url}{view.address}")


@require_POST
@page(write=Action.OWN_SETTINGS)
def saved_view_update(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Save the changes to the view that is open."""
    view = _view(request, uuid)
    of = _page_named(view.page)
    query = QueryDict(request.POST.get("query", ""))
    columns = [column.name for column in arrange(of, request.member, query).columns]
    try:
        view = services.update_view(view=view, by=request.member, query=query.urlencode(), columns=columns)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(_back(request, of))
    messages.success(request, f"The view “{view}” is saved.")
    return redirect(f"{of.url}{view.address}")


@require_POST
@page(write=Action.OWN_SETTINGS)
def saved_view_settings(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One thing about a view: pin it, open the list with it, share it, rename it, delete it."""
    view = _view(request, uuid)
    of = _page_named(view.page)
    try:
        text = _apply(request, view, of, request.POST.get("do", ""))
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, text)
    return redirect(_back(request, of))


def _apply(request: AuthenticatedRequest, view: SavedView, of: ListPage, wish: str) -> str:
    member = request.member
    match wish:
        case "pin":
            services.pin_view(view=view, member=member)
            return f"“{view}” is in your sidebar."
        case "unpin":
            services.unpin_view(view=view, member=member)
            return f"“{view}” is no longer in your sidebar."
        case "default":
            services.choose_default(member=member, page=of, view=view)
            return f"{of.label} opens with “{view}” for you."
        case "no-default":
            services.choose_default(member=member, page=of, view=None)
            return f"{of.label} opens with the plain list for you."
        case "delete":
            services.delete_view(view=view, by=member)
            return f"The view “{view}” is gone."
        case "change":
            form = SavedViewForm(request.POST, member=member)
            if not form.is_valid():
                raise services.NotYourView(" ".join(str(each) for errors in form.errors.values() for each in errors))
            services.update_view(view=view, by=member, **form.cleaned_data)
            return f"The view “{view}” is saved."
    raise Http404


@require_POST
@page(write=Action.OWN_SETTINGS)
def list_columns(request: AuthenticatedRequest) -> HttpResponse:
    """Choose and order columns. With a view open that is a change to it, in the address; else the member's own."""
    of = _page_named(request.POST.get("list", ""))
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    query.pop("columns", None)
    query.pop("page", None)
    wanted = [] if request.POST.get("reset") else request.POST.getlist("column")
    try:
        if query.get("view"):
            if wanted:
                query["columns"] = columns_parameter(wanted)
        else:
            services.choose_columns(member=request.member, page=of, columns=wanted)
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(f"{of.url}?{query.urlencode()}" if query else of.url)


@require_POST
@page(write=Action.OWN_SETTINGS)
def list_density(request: AuthenticatedRequest) -> HttpResponse:
    of = _page_named(request.POST.get("list", ""))
    try:
        services.choose_density(member=request.member, page=of, density=request.POST.get("density", ""))
    except DomainError as error:
        messages.error(request, explain(error))
    return redirect(_back(request, of))


def _view(request: AuthenticatedRequest, uuid: UUID) -> SavedView:
    visible = request.organization.saved_views.visible_to(request.member)
    return get_object_or_404(visible.select_related("owner", "team"), uuid=uuid)


def _page_named(name: str) -> ListPage:
    found = list_named(name)
    if found is None:
        raise Http404
    return found


def _back(request: AuthenticatedRequest, of: ListPage) -> str:
    """To where the form was; an address of somebody else's site is not followed."""
    query = request.POST.get("query")
    if query is not None:
        return f"{of.url}?{QueryDict(query).urlencode()}"
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts=None) and back.startswith("/")
    return back if safe else of.url
