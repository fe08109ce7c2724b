"""The two list envelopes of the contracts. A bad page or size is 400 and names the parameter."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView


class _Numbered(BasePagination):
    size_parameters: tuple[str, ...]
    default_size = 25
    max_size = 100

    page: int
    size: int
    total: int

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.page = _whole_number(request, ("page",), default=1, most=10_000_000)
        self.size = _whole_number(request, self.size_parameters, default=self.default_size, most=self.max_size)
        self.total = Paginator(queryset, self.size).count
        start = (self.page - 1) * self.size
        return list(queryset[start : start + self.size])

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "page",
                "in": "query",
                "required": False,
                "schema": {"type": "integer", "minimum": 1, "default": 1},
            },
            {
                "name": self.size_parameters[0],
                "in": "query",
                "required": False,
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_size,
                    "default": self.default_size,
                },
            },
        ]


class ListPagination(_Numbered):
    """`{data, total, page, limit, hasMore}`; `limit` is 25, at most 100, and may be called `page_size`."""

    size_parameters = ("limit", "page_size")

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "data": data,
                "total": self.total,
                "page": self.page,
                "limit": self.size,
                "hasMore": self.page * self.size < self.total,
            }
        )

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = {"type": "integer"}
        return _envelope(
            {
                "data": {"type": "array", "items": schema.get("items", schema)},
                "total": whole,
                "page": whole,
                "limit": whole,
                "hasMore": {"type": "boolean"},
            }
        )


class SuccessInsightsPagination(_Numbered):
    """`{total, page, page_size, accounts}`; `page_size` is 50, at most 100, and may be called `limit`."""

    size_parameters = ("page_size", "limit")
    default_size = 50
    results_key = "accounts"

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"total": self.total, "page": self.page, "page_size": self.size, self.results_key: data})

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        whole = {"type": "integer"}
        return _envelope(
            {
                "total": whole,
                "page": whole,
                "page_size": whole,
                self.results_key: {"type": "array", "items": schema.get("items", schema)},
            }
        )


def _whole_number(request: Request, names: tuple[str, ...], *, default: int, most: int) -> int:
    name = next((each for each in names if each in request.query_params), None)
    if name is None:
        return default
    text = request.query_params[name]
    if not (text.isascii() and text.isdigit() and len(text) < 12 and 1 <= int(text) <= most):
        raise ValidationError({name: [f"takes a whole number from 1 to {most}."]})
    return int(text)


def _envelope(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
