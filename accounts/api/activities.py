"""The timeline over the API, to read."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.activity_filter import ActivityFilter
from accounts.enums import ActivityKind
from accounts.models import Activity
from accounts.querysets import ActivityQuerySet
from csplatform.api.resources import FORMAT, ORDERING, TenantListMixin
from csplatform.api.views import TenantGenericView


class ActivitySerializer(serializers.ModelSerializer[Activity]):
    """One line of the timeline."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    type = serializers.ChoiceField(ActivityKind.choices, source="kind", read_only=True)
    actor_id = serializers.UUIDField(source="actor.uuid", read_only=True, allow_null=True, default=None)
    actor = serializers.CharField(source="actor.display_name", read_only=True, allow_null=True, default=None)
    details: Any = serializers.JSONField(read_only=True)

    class Meta:
        model = Activity
        fields = [
            "id",
            "account_id",
            "account_name",
            "type",
            "title",
            "text",
            "occurred_at",
            "actor_id",
            "actor",
            "is_system",
            "subject_kind",
            "subject_id",
            "event",
            "details",
            "edited_at",
            "created_at",
        ]
        read_only_fields = fields


class ActivityListView(TenantListMixin, TenantGenericView):
    """What happened with accounts, newest first. Lines come from what they tell of; there is no writing them."""

    queryset = Activity.objects.none()
    serializer_class = ActivitySerializer
    filter_set = ActivityFilter
    default_ordering = ("-occurred_at", "-pk")
    ordering_fields = {"occurred_at": "occurred_at", "created_at": "created_at"}
    csv_columns = ActivitySerializer.Meta.fields
    csv_name = "activities"

    def get_queryset(self) -> ActivityQuerySet:
        lines: ActivityQuerySet = self.organization.activities.select_related("account", "actor")
        return lines

    @extend_schema(parameters=[ORDERING, FORMAT])
    def get(self, request: Request) -> HttpResponseBase:
        return self.list_response(self.get_queryset())
