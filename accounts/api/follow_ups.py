"""Follow-ups over the API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField, MemberField
from accounts.enums import FollowUpPriority
from accounts.follow_up_filter import FollowUpFilter
from accounts.models import Engagement, FollowUp
from accounts.permissions import require_doable, require_editable
from accounts.querysets import FollowUpQuerySet
from accounts.services.follow_up import (
    complete_follow_up,
    end_of_work,
    open_follow_up,
    remove_follow_up,
    reopen_follow_up,
    snooze_follow_up,
    update_follow_up,
)
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action


class FollowUpSerializer(serializers.ModelSerializer[FollowUp]):
    """A task for a person, as it stands."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    assignee_id = serializers.UUIDField(source="assignee.uuid", read_only=True, allow_null=True, default=None)
    assignee = serializers.CharField(source="assignee.display_name", read_only=True, allow_null=True, default=None)
    engagement_id = serializers.UUIDField(source="engagement.uuid", read_only=True, allow_null=True, default=None)
    completed_by = serializers.UUIDField(source="completed_by.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = FollowUp
        fields = [
            "id",
            "account_id",
            "account_name",
            "assignee_id",
            "assignee",
            "task_type",
            "description",
            "priority",
            "due_at",
            "snoozed_until",
            "waits_since",
            "department",
            "engagement_id",
            "playbook_run_id",
            "completed_at",
            "completed_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


@extend_schema_field({"type": "string", "format": "uuid", "description": "An engagement of the same account."})
class EngagementField(serializers.Field[Any, Any, Any, Any]):
    """An engagement of the organisation, by id."""

    default_error_messages = {"unknown": "There is no such engagement."}

    def to_internal_value(self, data: Any) -> Engagement:
        uuid = serializers.UUIDField().to_internal_value(data)
        engagement: Engagement | None = self.context["organization"].engagements.filter(uuid=uuid).first()
        if engagement is None:
            self.fail("unknown")
        return engagement

    def to_representation(self, value: Engagement) -> str:
        return str(value.uuid)


class FollowUpWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a follow-up. Without `due_at` it is due at 17:00 of the day after tomorrow."""

    account_id = AccountField(source="account")
    assignee_id = MemberField(source="assignee", required=False, allow_null=True)
    task_type = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    priority = serializers.ChoiceField(FollowUpPriority.choices, required=False)
    due_at = serializers.DateTimeField(required=False)
    department = serializers.CharField(max_length=100, required=False, allow_blank=True)
    engagement_id = EngagementField(source="engagement", required=False, allow_null=True)
    playbook_run_id = serializers.UUIDField(required=False, allow_null=True)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        follow_up: FollowUp | None = self.instance
        if follow_up is not None:
            account = facts.pop("account", follow_up.account)
            if account.pk != follow_up.account_id:
                raise serializers.ValidationError({"account_id": ["A follow-up stays with its account."]})
            facts.pop("engagement", None)
        elif (engagement := facts.get("engagement")) and engagement.account_id != facts["account"].pk:
            raise serializers.ValidationError({"engagement_id": ["This engagement is with another account."]})
        return facts


@extend_schema_field({"type": "string", "description": "A moment, or a day: then 17:00 in the organisation's zone."})
class DayOrMomentField(serializers.Field[Any, Any, Any, Any]):
    default_error_messages = {"invalid": "Takes a date (YYYY-MM-DD) or a moment (YYYY-MM-DDTHH:MM:SSZ)."}

    def to_internal_value(self, data: Any) -> datetime:
        if isinstance(data, str):
            try:
                return end_of_work(date.fromisoformat(data), self.context["organization"])
            except ValueError:
                pass
        try:
            moment = serializers.DateTimeField().to_internal_value(data)
        except (serializers.ValidationError, TypeError):
            self.fail("invalid")
        return moment

    def to_representation(self, value: datetime) -> str:
        return value.isoformat()


class SnoozeSerializer(serializers.Serializer[Any]):
    """Until when a task is put off; null wakes it."""

    until = DayOrMomentField(allow_null=True)


@extend_schema_view(
    create=extend_schema(request=FollowUpWriteSerializer, responses={201: FollowUpSerializer}),
    update=extend_schema(request=FollowUpWriteSerializer, responses=FollowUpSerializer),
)
class FollowUpViewSet(ResourceViewSet):
    """Tasks about accounts. Whoever a task is given to may do it; the rest is for who may change the account."""

    queryset = FollowUp.objects.none()
    serializer_class = FollowUpSerializer
    write_serializer_class = FollowUpWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    filter_set = FollowUpFilter
    default_ordering = ("falls_due", "pk")
    ordering_fields = {
        "due_at": "falls_due",
        "priority": "rank",
        "task_type": "task_type",
        "account_name": "account__name_key",
        "completed_at": "completed_at",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = FollowUpSerializer.Meta.fields
    csv_name = "follow-ups"

    def get_queryset(self) -> FollowUpQuerySet:
        rows: FollowUpQuerySet = self.organization.follow_ups.dated().with_rank().for_list()
        return rows

    def perform_create(self, facts: dict[str, Any]) -> FollowUp:
        require_editable(self.member, facts["account"])
        return open_follow_up(by=self.member.user, **facts)

    def perform_update(self, row: FollowUp, facts: dict[str, Any]) -> FollowUp:
        require_editable(self.member, row.account)
        return update_follow_up(follow_up=row, by=self.member.user, **facts)

    def perform_destroy(self, row: FollowUp) -> None:
        require_editable(self.member, row.account)
        remove_follow_up(follow_up=row, by=self.member.user)

    @extend_schema(request=None, responses=FollowUpSerializer)
    def complete(self, request: Request, uuid: str) -> Response:
        """Done; 409 when it was already."""
        return self.shown(complete_follow_up(follow_up=self._doable(request), by=self.member.user))

    @extend_schema(request=None, responses=FollowUpSerializer)
    def reopen(self, request: Request, uuid: str) -> Response:
        """Not done after all; 409 when it is open."""
        return self.shown(reopen_follow_up(follow_up=self._doable(request), by=self.member.user))

    @extend_schema(request=SnoozeSerializer, responses=FollowUpSerializer)
    def snooze(self, request: Request, uuid: str) -> Response:
        """Put it off to a time after it is due."""
        follow_up = self._doable(request)
        body = SnoozeSerializer(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        return self.shown(snooze_follow_up(follow_up=follow_up, by=self.member.user, **body.validated_data))

    def _doable(self, request: Request) -> FollowUp:
        follow_up: FollowUp = self.locked_object(request)
        require_doable(self.member, follow_up)
        return follow_up
