"""`GET /api/search`: everything that some words match, by kind."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.query import read_query
from csplatform.api.views import TenantAPIView
from csplatform.search import LONGEST, search_everything, search_kinds


class SearchQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=LONGEST, help_text="A name, number, id or any part of them.")
    limit = serializers.IntegerField(min_value=1, max_value=50, default=10, help_text="The most hits of one kind.")


class HitSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(allow_blank=True, help_text="The public id; empty for pages and commands.")
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)
    url = serializers.CharField()


class SearchSerializer(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Of all hits in the answer.")
    accounts = HitSerializer(many=True)
    contacts = HitSerializer(many=True)
    invoices = HitSerializer(many=True)
    tickets = HitSerializer(many=True)
    pages = HitSerializer(many=True)
    commands = HitSerializer(many=True)


class SearchView(TenantAPIView):
    """Exact and beginning matches of account names come first; former names, numbers and outside ids count too."""

    @extend_schema(parameters=[SearchQuery], responses=SearchSerializer, tags=["platform"])
    def get(self, request: Request) -> Response:
        wanted = read_query(request, SearchQuery)
        groups = search_everything(self.member, wanted["q"], limit=wanted["limit"])
        found: dict[str, list[Any]] = {kind: [] for kind in search_kinds()}
        found |= {group.kind: list(HitSerializer(group.hits, many=True).data) for group in groups}
        return Response({"total": sum(map(len, found.values())), **found})
