"""Goals over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers

from accounts.api.fields import AccountField, NumberField
from accounts.enums import GoalMetric, GoalPeriod, GoalStatus
from accounts.goal_filter import GoalFilter
from accounts.models import Goal, GoalMilestone
from accounts.permissions import require_editable
from accounts.querysets import GoalQuerySet
from accounts.services.goal import create_goal, update_goal
from csplatform.api.fields import WholeSerializer
from csplatform.api.resources import ResourceViewSet
from csplatform.periods import today
from csplatform.permissions import Action


class MilestoneSerializer(serializers.ModelSerializer[GoalMilestone]):
    """A step on the way to a goal."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    target_value = NumberField(read_only=True, allow_null=True)

    class Meta:
        model = GoalMilestone
        fields = ["id", "title", "due_on", "target_value", "reached_on"]
        read_only_fields = fields


class GoalSerializer(serializers.ModelSerializer[Goal]):
    """A goal, how far it has come, and when it will be reached at this pace."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    organization_id = serializers.UUIDField(source="organization.uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    description = serializers.SerializerMethodField()
    unit = serializers.SerializerMethodField()
    baseline_value = NumberField(read_only=True)
    current_value = NumberField(read_only=True)
    target_value = NumberField(read_only=True)
    progress = serializers.SerializerMethodField(help_text="Percent of the way from baseline to target, 0 to 100.")
    projected_on = serializers.SerializerMethodField(help_text="When it is reached at the pace kept so far.")
    created_by = serializers.UUIDField(source="created_by.uuid", read_only=True, allow_null=True, default=None)
    milestones = MilestoneSerializer(many=True, read_only=True)

    class Meta:
        model = Goal
        fields = [
            "id",
            "organization_id",
            "account_id",
            "account_name",
            "title",
            "description",
            "metric_type",
            "current_value",
            "target_value",
            "baseline_value",
            "unit",
            "measurement_period",
            "status",
            "is_pinned",
            "starts_on",
            "target_date",
            "original_target_date",
            "completion_date",
            "progress",
            "projected_on",
            "milestones",
            "created_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_description(self, goal: Goal) -> str | None:
        return goal.description or None

    def get_unit(self, goal: Goal) -> str | None:
        return goal.unit or None

    def get_progress(self, goal: Goal) -> float:
        return round(float(goal.progress_pct), 2)

    def get_projected_on(self, goal: Goal) -> str | None:
        day = goal.projected_on(today(goal.organization))
        return day.isoformat() if day else None


class MilestoneWriteSerializer(WholeSerializer):
    """A milestone as it shall be; `id` names one that is there."""

    id = serializers.UUIDField(required=False)
    title = serializers.CharField(max_length=255)
    due_on = serializers.DateField(required=False, allow_null=True)
    target_value = NumberField(required=False, allow_null=True)
    reached_on = serializers.DateField(required=False, allow_null=True)


class NullableText(serializers.CharField):
    """Text that may be null, which means there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, allow_null=True, allow_blank=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation("" if data is None else data)


class GoalWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a goal."""

    account_id = AccountField(source="account")
    title = serializers.CharField(max_length=255)
    description = NullableText(max_length=20_000)
    metric_type = serializers.ChoiceField(GoalMetric.choices)
    baseline_value = NumberField(required=False)
    current_value = NumberField(required=False)
    target_value = NumberField()
    unit = NullableText(max_length=50)
    measurement_period = serializers.ChoiceField(GoalPeriod.choices)
    status = serializers.ChoiceField(
        GoalStatus.choices, required=False, help_text="Another one than it has holds until `is_pinned` is false."
    )
    is_pinned = serializers.BooleanField(required=False)
    starts_on = serializers.DateField(required=False)
    target_date = serializers.DateField(required=False, allow_null=True)
    completion_date = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, write_only=True, help_text="Why the target date moves."
    )
    milestones = MilestoneWriteSerializer(many=True, required=False)


@extend_schema_view(
    create=extend_schema(request=GoalWriteSerializer, responses={201: GoalSerializer}),
    update=extend_schema(request=GoalWriteSerializer, responses=GoalSerializer),
)
class GoalViewSet(ResourceViewSet):
    """Goals of accounts. Values of all but custom ones are read from live data every night."""

    queryset = Goal.objects.none()
    serializer_class = GoalSerializer
    write_serializer_class = GoalWriteSerializer
    write_permission = Action.EDIT_OWN_ACCOUNTS
    http_method_names = ["get", "post", "put", "head", "options"]
    filter_set = GoalFilter
    ordering_fields = {
        "title": "title",
        "account_name": "account__name_key",
        "status": "status",
        "target_date": "target_date",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    csv_columns = [name for name in GoalSerializer.Meta.fields if name != "milestones"]
    csv_name = "goals"

    def get_queryset(self) -> GoalQuerySet:
        goals: GoalQuerySet = self.organization.goals.for_list().prefetch_related("milestones")
        return goals.select_related("account", "created_by", "organization")

    def perform_create(self, facts: dict[str, Any]) -> Goal:
        require_editable(self.member, facts["account"])
        facts.pop("reason", None)
        facts.pop("is_pinned", None)
        return create_goal(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Goal, facts: dict[str, Any]) -> Goal:
        require_editable(self.member, row.account)
        if "account" in facts:
            require_editable(self.member, facts["account"])
        return update_goal(goal=row, by=self.member.user, **facts)
