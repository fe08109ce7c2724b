"""`/api/saved-views`: names over a list's filters, sorting and columns."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from csplatform.api.resources import ResourceViewSet
from csplatform.enums import ViewVisibility
from csplatform.models import SavedView, Team
from csplatform.models.saved_view import QUERY_LENGTH, VIEW_NAME_LENGTH
from csplatform.permissions import Action
from csplatform.services import saved_view as services


class SavedViewSerializer(serializers.ModelSerializer[SavedView]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    shared = serializers.BooleanField(source="is_shared", read_only=True)
    team_id = serializers.UUIDField(source="team.uuid", read_only=True, allow_null=True, default=None)
    owner_id = serializers.UUIDField(source="owner.user.uuid", read_only=True)
    columns: Any = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = SavedView
        fields = [
            "id",
            "page",
            "name",
            "query",
            "columns",
            "shared",
            "visibility",
            "team_id",
            "owner_id",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class SavedViewWriteSerializer(serializers.Serializer[Any]):
    page = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=VIEW_NAME_LENGTH)
    query = serializers.CharField(required=False, allow_blank=True, max_length=QUERY_LENGTH)
    columns: Any = serializers.ListField(child=serializers.CharField(max_length=40), required=False, max_length=100)
    shared = serializers.BooleanField(
        required=False, help_text="True shares it with everybody; `visibility` says it finer."
    )
    visibility = serializers.ChoiceField(choices=ViewVisibility.choices, required=False)
    team_id = serializers.UUIDField(required=False, allow_null=True)

    def validate_team_id(self, value: Any) -> Team | None:
        if value is None:
            return None
        team: Team | None = self.context["organization"].teams.filter(uuid=value).first()
        if team is None:
            raise serializers.ValidationError("There is no such team.")
        return team

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        """`shared` and `visibility` are one thing said twice; the finer word counts."""
        shared = facts.pop("shared", None)
        if "team_id" in facts:
            facts["team"] = facts.pop("team_id")
        if shared is not None and "visibility" not in facts:
            current = self.instance.visibility if isinstance(self.instance, SavedView) else ViewVisibility.PRIVATE
            if shared is not (current != ViewVisibility.PRIVATE):
                facts["visibility"] = ViewVisibility.ORGANIZATION if shared else ViewVisibility.PRIVATE
        return facts


@extend_schema(tags=["platform"])
class SavedViewViewSet(ResourceViewSet):
    """The caller's own views, and those that are shared with them."""

    queryset = SavedView.objects.none()
    serializer_class = SavedViewSerializer
    write_serializer_class = SavedViewWriteSerializer
    write_permission = Action.OWN_SETTINGS
    ordering_fields = {"name": "name", "page": "page", "created_at": "created_at"}
    default_ordering = ("page", "name", "pk")

    def get_queryset(self) -> QuerySet[SavedView]:
        visible = self.organization.saved_views.visible_to(self.member).values("pk")
        return self.organization.saved_views.filter(pk__in=visible).select_related("owner__user", "team")

    def perform_create(self, facts: dict[str, Any]) -> SavedView:
        return services.create_view(member=self.member, **facts)

    def perform_update(self, row: SavedView, facts: dict[str, Any]) -> SavedView:
        facts.pop("page", None)
        return services.update_view(view=row, by=self.member, **facts)

    def perform_destroy(self, row: SavedView) -> None:
        services.delete_view(view=row, by=self.member)
