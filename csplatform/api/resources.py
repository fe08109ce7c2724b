"""What the nouns of the platform's REST have in common: lists, one object, CSV, writes that notice other writers.

A noun's viewset names its serializers and filter, gives `get_queryset`, and writes `perform_create`, `perform_update`
and, where there is a DELETE, `perform_destroy` by calling one service each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import F, Model, QuerySet
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django_filters import FilterSet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from csplatform.api.pagination import ListPagination
from csplatform.api.views import TenantViewSet
from csplatform.exports import Cell, csv_response

CSV = "text/csv"

ORDERING = OpenApiParameter(
    "ordering", str, description="A field to sort by; `-field` for descending. What ties is sorted by id."
)
FORMAT = OpenApiParameter("format", str, enum=["json", "csv"], description="`csv` answers all rows of the filter.")
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that the caller read; the write is refused (412) when the object has changed since.",
)


class StaleWrite(APIException):
    """Somebody else changed the object after the caller read it."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "This has changed since you read it. Read it again and repeat your change."


class TenantListMixin:
    """A list with filters, sorting, pages and CSV; mixed into a viewset or a generic view."""

    pagination_class: Any = ListPagination
    filter_set: ClassVar[type[FilterSet] | None] = None
    """Takes `data, queryset, member`. Its errors are 400 and name the parameter."""
    ordering_fields: ClassVar[Mapping[str, str]] = {}
    """What `ordering` takes: the API's name and the column behind it."""
    default_ordering: ClassVar[Sequence[str]] = ()
    """Columns, used where `ordering` is not given; the model's own order where this is empty."""
    csv_columns: ClassVar[Sequence[str]] = ()
    """Keys of a serialised row, in order; empty means no CSV."""
    csv_name: ClassVar[str] = "export"

    def filtered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """What the query parameters leave of the rows, sorted."""
        view: Any = self
        if self.filter_set is not None:
            chosen = self.filter_set(view.request.query_params, queryset=rows, member=view.member)
            if not chosen.form.is_valid():
                raise ValidationError(chosen.form.errors)
            rows = chosen.qs
        return self.ordered(rows, view.request.query_params)

    def ordered(self, rows: QuerySet[Any], parameters: QueryDict) -> QuerySet[Any]:
        wanted = parameters.get("ordering", "")
        if not wanted:
            return rows.order_by(*self.default_ordering) if self.default_ordering else rows
        name = wanted.removeprefix("-")
        if name not in self.ordering_fields:
            taken = ", ".join(self.ordering_fields) or "nothing here"
            raise ValidationError({"ordering": [f"takes {taken}, each also with a minus in front."]})
        column = F(self.ordering_fields[name])
        order = column.desc(nulls_last=True) if wanted.startswith("-") else column.asc(nulls_last=True)
        return rows.order_by(order, "pk")

    def list_response(self, rows: QuerySet[Any]) -> HttpResponseBase:
        """One page as JSON, or all rows as CSV where that was asked for."""
        view: Any = self
        rows = self.filtered(rows)
        if self.csv_columns and _wants_csv(view.request):
            return csv_response(
                view.organization, f"{self.csv_name}.csv", list(self.csv_columns), lambda: self._csv_rows(rows)
            )
        page = view.paginate_queryset(rows)
        answer: Response = view.get_paginated_response(view.get_serializer(page, many=True).data)
        return answer

    def _csv_rows(self, rows: QuerySet[Any]) -> Any:
        view: Any = self
        for row in rows.iterator(chunk_size=1000):
            shown = view.get_serializer(row).data
            yield [_cell(shown.get(name)) for name in self.csv_columns]


class ResourceViewSet(TenantListMixin, TenantViewSet):
    """List, get, create and change of one noun. Ids in addresses are public ids (uuid).

    PUT changes what the body names and leaves the rest, as the contract has it."""

    lookup_field = "uuid"
    lookup_url_kwarg = "uuid"
    write_serializer_class: ClassVar[type[Serializer[Any]] | None] = None
    """Checks what came in; gets `context["organization"]`, `context["member"]`, and the object on changes."""

    def get_serializer_context(self) -> dict[str, Any]:
        if getattr(self, "swagger_fake_view", False):
            return dict(super().get_serializer_context())
        return {**super().get_serializer_context(), "organization": self.organization, "member": self.member}

    def get_object(self) -> Any:
        return get_object_or_404(self.get_queryset(), **{self.lookup_field: self.kwargs[self.lookup_url_kwarg]})

    @extend_schema(parameters=[ORDERING, FORMAT])
    def list(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.get_queryset())

    def retrieve(self, request: Request, uuid: str) -> Response:
        return self.shown(self.get_object())

    def create(self, request: Request) -> Response:
        body = self.checked(request)
        return self.shown(self.perform_create(body.validated_data), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[IF_MATCH])
    def update(self, request: Request, uuid: str) -> Response:
        row = self.locked_object(request)
        body = self.checked(request, row)
        return self.shown(self.perform_update(row, body.validated_data))

    def destroy(self, request: Request, uuid: str) -> Response:
        self.perform_destroy(self.locked_object(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    # What a noun writes

    def perform_create(self, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    def perform_update(self, row: Any, facts: dict[str, Any]) -> Any:
        raise NotImplementedError

    def perform_destroy(self, row: Any) -> None:
        raise NotImplementedError

    # What its own actions may use too

    def checked(self, request: Request, row: Any = None) -> BaseSerializer[Any]:
        """The body, validated by the noun's write serializer; fields left out of a change stay."""
        serializer_class = self.write_serializer_class or self.get_serializer_class()
        body = serializer_class(
            row, data=request.data, partial=row is not None, context=self.get_serializer_context()
        )
        body.is_valid(raise_exception=True)
        return body

    def locked_object(self, request: Request) -> Any:
        """The object of the address, held against other writers; 412 where `If-Match` names an older state."""
        key = get_object_or_404(
            self.get_queryset().values_list("pk", flat=True),
            **{self.lookup_field: self.kwargs[self.lookup_url_kwarg]},
        )
        self.get_queryset().model._default_manager.select_for_update(no_key=True).filter(
            pk=key, organization=self.organization
        ).values_list("pk").first()
        row = self.get_object()
        held = request.headers.get("If-Match", "")
        if held and held != "*" and etag_of(row) not in [each.strip() for each in held.split(",")]:
            raise StaleWrite
        return row

    def shown(self, row: Any, *, status: int = 200) -> Response:
        """The object as it is now, with its ETag."""
        row = self.get_queryset().filter(pk=row.pk).first() or row
        response = Response(self.get_serializer(row).data, status=status)
        response["ETag"] = etag_of(row)
        return response


def etag_of(row: Model) -> str:
    """A tag that changes with each write of the row: made of its `updated_at`."""
    return f'"{row.pk}-{row.updated_at.timestamp():.6f}"'  # type: ignore[attr-defined]  # every resource is a TimestampedModel


def _wants_csv(request: Request) -> bool:
    wanted = request.query_params.get("format", "")
    if wanted not in {"", "json", "csv"}:
        raise ValidationError({"format": ["takes json or csv."]})
    return wanted == "csv" or (not wanted and CSV in request.headers.get("Accept", ""))


def _cell(value: Any) -> Cell:
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    return str(value) if isinstance(value, dict) else value
