"""Engagements over the API, as the contract has them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField, MemberField
from accounts.engagement_filter import EngagementFilter
from accounts.enums import CommitmentSide, EngagementOutcome, EngagementState, EngagementType, FollowUpPriority
from accounts.models import Commitment, Engagement
from accounts.models.engagement import LONGEST_MINUTES
from accounts.permissions import require_editable
from accounts.querysets import EngagementQuerySet
from accounts.services.engagement import (
    NextStep,
    Promise,
    cancel_engagement,
    complete_engagement,
    log_engagement,
    reinstate_engagement,
    update_engagement,
)
from csplatform.api.fields import WholeSerializer
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action

LONGEST_TEXT = 20_000


class AttendeeSerializer(WholeSerializer):
    """Somebody who took part."""

    name = serializers.CharField(max_length=255, required=False, allow_blank=True, allow_null=True)
    email = serializers.EmailField(required=False, allow_blank=True, allow_null=True)
    role = serializers.CharField(max_length=120, required=False, allow_blank=True, allow_null=True)


class CommitmentSerializer(serializers.ModelSerializer[Commitment]):
    """Something that one side promised the other."""

    id = serializers.UUIDField(source="uuid", read_only=True)

    class Meta:
        model = Commitment
        fields = ["id", "side", "name", "what", "due_on", "kept_at"]
        read_only_fields = fields


class EngagementSerializer(serializers.ModelSerializer[Engagement]):
    """An engagement as it stands."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    organization_id = serializers.UUIDField(source="organization.uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    created_by = serializers.UUIDField(source="created_by.uuid", read_only=True, allow_null=True, default=None)
    description = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    attendees = AttendeeSerializer(many=True, read_only=True)
    state = serializers.ChoiceField(EngagementState.choices, read_only=True)
    commitments = CommitmentSerializer(many=True, read_only=True)
    follow_up_ids = serializers.SerializerMethodField()

    class Meta:
        model = Engagement
        fields = [
            "id",
            "organization_id",
            "account_id",
            "account_name",
            "created_by",
            "type",
            "title",
            "description",
            "outcome",
            "state",
            "scheduled_at",
            "duration_minutes",
            "completed_at",
            "cancelled_at",
            "cancel_reason",
            "attendees",
            "mentions_competitor",
            "competitor",
            "commitments",
            "follow_up_ids",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_description(self, engagement: Engagement) -> str | None:
        return engagement.description or None

    @extend_schema_field(serializers.ChoiceField(EngagementOutcome.choices, allow_null=True))
    def get_outcome(self, engagement: Engagement) -> str | None:
        return engagement.outcome or None

    def get_follow_up_ids(self, engagement: Engagement) -> list[str]:
        return [str(follow_up.uuid) for follow_up in engagement.follow_ups.all()]


class NextStepSerializer(serializers.Serializer[Any]):
    """What the follow-up shall say that an outcome of `action_required` leaves behind."""

    task_type = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    due_at = serializers.DateTimeField(required=False)
    assignee_id = MemberField(source="assignee", required=False)
    priority = serializers.ChoiceField(FollowUpPriority.choices, required=False)


class PromiseSerializer(WholeSerializer):
    """A commitment to write; with an `id` it is one of the engagement's that changes."""

    id = serializers.UUIDField(required=False)
    side = serializers.ChoiceField(CommitmentSide.choices)
    name = serializers.CharField(max_length=120, required=False, allow_blank=True)
    what = serializers.CharField(max_length=500)
    due_on = serializers.DateField(required=False, allow_null=True)
    is_kept = serializers.BooleanField(required=False)


class OutcomeSerializer(serializers.Serializer[Any]):
    """How a planned engagement went."""

    completed_at = serializers.DateTimeField(required=False, source="at")
    outcome = serializers.ChoiceField(EngagementOutcome.choices, required=False)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)
    next_step = NextStepSerializer(required=False)


class CancelSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class EngagementWriteSerializer(serializers.Serializer[Any]):
    """What may be written of an engagement. What is left out of a change stays; lists are replaced whole."""

    account_id = AccountField(source="account")
    type = serializers.ChoiceField(EngagementType.choices)
    title = serializers.CharField(max_length=255)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True, allow_null=True)
    outcome = serializers.ChoiceField(EngagementOutcome.choices, required=False, allow_blank=True, allow_null=True)
    scheduled_at = serializers.DateTimeField(required=False, allow_null=True)
    duration_minutes = serializers.IntegerField(required=False, min_value=1, max_value=LONGEST_MINUTES)
    completed_at = serializers.DateTimeField(required=False, allow_null=True)
    attendees = AttendeeSerializer(many=True, required=False)
    mentions_competitor = serializers.BooleanField(required=False)
    competitor = serializers.CharField(max_length=255, required=False, allow_blank=True)
    commitments = PromiseSerializer(many=True, required=False)
    next_step = NextStepSerializer(required=False, write_only=True)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        engagement: Engagement | None = self.instance
        account = facts.pop("account", None)
        if engagement is None:
            facts["account"] = account
        elif account is not None and account.pk != engagement.account_id:
            raise ValidationError({"account_id": ["An engagement stays with its account."]})
        for name in ("description", "outcome"):
            if name in facts:
                facts[name] = facts[name] or ""
        if "commitments" in facts:
            facts["commitments"] = [Promise(**each) for each in facts["commitments"]]
        return _with_next_step(facts)


@extend_schema_view(
    create=extend_schema(request=EngagementWriteSerializer, responses={201: EngagementSerializer}),
    update=extend_schema(request=EngagementWriteSerializer, responses=EngagementSerializer),
)
class EngagementViewSet(ResourceViewSet):
    """Contact with customers. Nothing is deleted: what was planned and did not take place is cancelled."""

    queryset = Engagement.objects.none()
    serializer_class = EngagementSerializer
    write_serializer_class = EngagementWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    filter_set = EngagementFilter
    default_ordering = ("-at", "-pk")
    ordering_fields = {
        "at": "at",
        "created_at": "created_at",
        "updated_at": "updated_at",
        "scheduled_at": "scheduled_at",
        "completed_at": "completed_at",
        "type": "type",
        "outcome": "outcome",
        "title": "title",
        "account_name": "account__name_key",
    }
    csv_columns = EngagementSerializer.Meta.fields
    csv_name = "engagements"

    def get_queryset(self) -> EngagementQuerySet:
        rows: EngagementQuerySet = self.organization.engagements.dated().for_list()
        return rows.select_related("organization").prefetch_related("commitments", "follow_ups")

    def perform_create(self, facts: dict[str, Any]) -> Engagement:
        require_editable(self.member, facts["account"])
        return log_engagement(by=self.member.user, **facts)

    def perform_update(self, row: Engagement, facts: dict[str, Any]) -> Engagement:
        require_editable(self.member, row.account)
        return update_engagement(engagement=row, by=self.member.user, **facts)

    @extend_schema(request=OutcomeSerializer, responses=EngagementSerializer)
    def complete(self, request: Request, uuid: str) -> Response:
        """Say that a planned engagement took place, and how it went."""
        engagement = self._editable(request)
        facts = _with_next_step(self._body(request, OutcomeSerializer))
        return self.shown(complete_engagement(engagement=engagement, by=self.member.user, **facts))

    @extend_schema(request=CancelSerializer, responses=EngagementSerializer)
    def cancel(self, request: Request, uuid: str) -> Response:
        """Say that a planned engagement will not take place."""
        engagement = self._editable(request)
        facts = self._body(request, CancelSerializer)
        return self.shown(cancel_engagement(engagement=engagement, by=self.member.user, **facts))

    @extend_schema(request=None, responses=EngagementSerializer)
    def reinstate(self, request: Request, uuid: str) -> Response:
        """Take a cancellation back."""
        return self.shown(reinstate_engagement(engagement=self._editable(request), by=self.member.user))

    def _editable(self, request: Request) -> Engagement:
        engagement: Engagement = self.locked_object(request)
        require_editable(self.member, engagement.account)
        return engagement

    def _body(self, request: Request, serializer_class: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        body = serializer_class(data=request.data, context=self.get_serializer_context())
        body.is_valid(raise_exception=True)
        facts: dict[str, Any] = body.validated_data
        return facts


def _with_next_step(facts: dict[str, Any]) -> dict[str, Any]:
    step = facts.pop("next_step", None)
    return facts | {"next_step": NextStep(**step)} if step is not None else facts
