"""Playbooks over the platform's API: the built-in ones and the organisation's own, with their results."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import MemberField, NumberField
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action
from health.enums import RiskFactor
from playbooks.enums import Category, OwnerRole, Priority, RunOutcome, StepKind
from playbooks.models import Playbook, Step
from playbooks.models.automation import RISKS
from playbooks.models.playbook import LAST_DAY, TITLE_LENGTH
from playbooks.playbook_filter import PlaybookFilter
from playbooks.querysets import PlaybookQuerySet
from playbooks.selectors.playbook_by_key import playbook_named
from playbooks.selectors.results import playbook_results
from playbooks.services.playbook import (
    MOST_STEPS,
    create_playbook,
    delete_playbook,
    is_changed,
    restore_playbook,
    update_playbook,
)

NOBODY = UUID(int=0)


class StepSerializer(serializers.ModelSerializer[Step]):
    """A step: what is done, by whom, by which day of a run."""

    member_id = serializers.UUIDField(source="member.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Step
        fields = ["n", "title", "text", "day", "kind", "role", "member_id"]
        read_only_fields = fields


class OwnPlaybookSerializer(serializers.ModelSerializer[Playbook]):
    """A playbook as the organisation has it."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    risk_factors: serializers.ListField = serializers.ListField(child=serializers.CharField(), read_only=True)
    is_changed = serializers.SerializerMethodField(help_text="A built-in one that differs from how it ships.")
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = Playbook
        fields = [
            "id",
            "number",
            "title",
            "description",
            "category",
            "priority",
            "estimated_effort",
            "risk_factors",
            "is_builtin",
            "is_changed",
            "steps",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields

    def get_is_changed(self, playbook: Playbook) -> bool:
        return is_changed(playbook)


class ResultsSerializer(serializers.Serializer[Any]):
    """What came of a playbook's runs; the median and the MRR are over the completed ones."""

    runs = serializers.IntegerField()
    going_on = serializers.IntegerField()
    completed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    outcomes = serializers.SerializerMethodField()
    unjudged = serializers.IntegerField()
    score_change = NumberField(allow_null=True)
    scored = serializers.IntegerField()
    start_mrr = NumberField()
    kept_mrr = NumberField()
    kept_pct = NumberField(allow_null=True)

    @extend_schema_field({"type": "object", "additionalProperties": {"type": "integer"}})
    def get_outcomes(self, results: Any) -> dict[str, int]:
        return {outcome.value: results.outcomes[outcome] for outcome in RunOutcome}


class StepWriteSerializer(serializers.Serializer[Any]):
    """A step as it shall be; a plain text is one too."""

    title = serializers.CharField(max_length=TITLE_LENGTH, required=False, allow_blank=True)
    text = serializers.CharField(max_length=5_000)
    day = serializers.IntegerField(min_value=1, max_value=LAST_DAY, required=False)
    kind = serializers.ChoiceField(StepKind.choices, required=False)
    role = serializers.ChoiceField(OwnerRole.choices, required=False)
    member_id = MemberField(source="member", required=False, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value({"text": data} if isinstance(data, str) else data)


class PlaybookWriteSerializer(serializers.Serializer[Any]):
    """What may be written of a playbook."""

    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=5_000)
    category = serializers.ChoiceField(Category.choices)
    priority = serializers.ChoiceField(Priority.choices)
    estimated_effort = serializers.CharField(max_length=100)
    risk_factors: serializers.ListField = serializers.ListField(
        child=serializers.ChoiceField(RISKS), required=False, max_length=len(RiskFactor)
    )
    steps = StepWriteSerializer(many=True, max_length=MOST_STEPS)  # type: ignore[call-arg]  # the list takes it


@extend_schema_view(
    create=extend_schema(request=PlaybookWriteSerializer, responses={201: OwnPlaybookSerializer}),
    update=extend_schema(request=PlaybookWriteSerializer, responses=OwnPlaybookSerializer),
)
class PlaybookViewSet(ResourceViewSet):
    """The library. Admins and managers write it; a built-in playbook can be changed and brought back, not deleted."""

    queryset = Playbook.objects.none()
    serializer_class = OwnPlaybookSerializer
    write_serializer_class = PlaybookWriteSerializer
    write_permission = Action.EDIT_PLAYBOOKS
    filter_set = PlaybookFilter
    default_ordering = ("number",)
    ordering_fields = {"number": "number", "title": "title", "created_at": "created_at", "updated_at": "updated_at"}
    csv_columns = [name for name in OwnPlaybookSerializer.Meta.fields if name != "steps"]
    csv_name = "playbooks"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """A playbook's number in the address means its uuid."""
        super().initial(request, *args, **kwargs)
        if "uuid" in self.kwargs:
            playbook = playbook_named(self.organization, str(self.kwargs["uuid"]))
            self.kwargs["uuid"] = playbook.uuid if playbook else NOBODY

    def get_queryset(self) -> PlaybookQuerySet:
        playbooks: PlaybookQuerySet = self.organization.playbooks.with_steps()
        return playbooks

    def perform_create(self, facts: dict[str, Any]) -> Playbook:
        return create_playbook(organization=self.organization, by=self.member.user, **facts)

    def perform_update(self, row: Playbook, facts: dict[str, Any]) -> Playbook:
        return update_playbook(playbook=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Playbook) -> None:
        delete_playbook(playbook=row, by=self.member.user)

    @extend_schema(request=None, responses=OwnPlaybookSerializer)
    def restore(self, request: Request, uuid: str) -> Response:
        """Bring a built-in playbook back to how it ships; 409 for one's own."""
        return self.shown(restore_playbook(playbook=self.locked_object(request), by=self.member.user))

    @extend_schema(responses=ResultsSerializer)
    def results(self, request: Request, uuid: str) -> Response:
        """What came of its runs, in counts; few of them say little."""
        runs = self.get_object().runs.visible()
        return Response(ResultsSerializer(playbook_results(runs)).data)
