"""Shapes of the platform's own resources."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from csplatform.enums import Role
from csplatform.models import Job, Membership, Organization, Team, User
from csplatform.permissions import TABLE


class PersonSerializer(serializers.ModelSerializer[User]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    name = serializers.CharField(source="display_name", read_only=True)

    class Meta:
        model = User
        fields = ["id", "name", "email"]


class OrganizationSerializer(serializers.ModelSerializer[Organization]):
    id = serializers.UUIDField(source="uuid", read_only=True)

    class Meta:
        model = Organization
        fields = ["id", "name", "slug", "timezone"]


class TeamSerializer(serializers.ModelSerializer[Team]):
    id = serializers.UUIDField(source="uuid", read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name"]


class MeSerializer(serializers.ModelSerializer[Membership]):
    """Who the caller is, and what the role allows."""

    user = PersonSerializer(read_only=True)
    organization = OrganizationSerializer(read_only=True)
    teams = TeamSerializer(many=True, read_only=True)
    permissions = serializers.SerializerMethodField()

    class Meta:
        model = Membership
        fields = ["user", "organization", "role", "teams", "permissions"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_permissions(self, member: Membership) -> list[str]:
        return sorted(action.value for action in TABLE[Role(member.role)])


class JobSerializer(serializers.ModelSerializer[Job]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    result: Any = serializers.JSONField(read_only=True, allow_null=True)
    time_left = serializers.CharField(
        read_only=True, help_text="Such as `about 2 min left`; empty while nobody can tell."
    )

    class Meta:
        model = Job
        fields = [
            "id",
            "kind",
            "status",
            "done",
            "total",
            "time_left",
            "message",
            "result",
            "error",
            "created_at",
            "started_at",
            "finished_at",
        ]
        read_only_fields = fields


class ServiceStatusSerializer(serializers.Serializer[dict[str, str]]):
    status = serializers.CharField()
    service = serializers.CharField()
    version = serializers.CharField()
