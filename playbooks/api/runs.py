"""Runs of playbooks over the API."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.fields import AccountField, MemberField, NumberField
from accounts.permissions import require_doable, require_editable
from csplatform.api.resources import ResourceViewSet
from csplatform.periods import civil_date
from csplatform.permissions import Action
from playbooks.enums import SAID_BY_PEOPLE, RunOrigin
from playbooks.models import Playbook, PlaybookRun, RunStep
from playbooks.models.run import NOTE_LENGTH
from playbooks.querysets import PlaybookRunQuerySet
from playbooks.run_filter import RunFilter
from playbooks.selectors.playbook_by_key import playbook_named
from playbooks.services.run import cancel_run, finish_run, pause_run, resume_run, start_playbook
from playbooks.services.run_steps import complete_step


@extend_schema_field({"type": "string", "description": "The playbook's uuid or number."})
class PlaybookKeyField(serializers.Field[Any, Any, Any, Any]):
    """A playbook of the organisation, by uuid or number."""

    default_error_messages = {"unknown": "There is no such playbook."}

    def to_internal_value(self, data: Any) -> Playbook:
        playbook = playbook_named(self.context["organization"], data)
        if playbook is None:
            self.fail("unknown")
        return playbook

    def to_representation(self, value: Playbook) -> str:
        return str(value.uuid)


class RunStepSerializer(serializers.ModelSerializer[RunStep]):
    """A step of a run; `due_on` is the day on which its follow-up falls due while it is open."""

    due_on = serializers.SerializerMethodField()
    status = serializers.SerializerMethodField(help_text="open, done or skipped; waiting while the run is paused.")
    follow_up_id = serializers.UUIDField(source="follow_up.uuid", read_only=True, allow_null=True, default=None)
    assignee_id = serializers.UUIDField(
        source="follow_up.assignee.uuid", read_only=True, allow_null=True, default=None
    )
    settled_by = serializers.UUIDField(source="settled_by.uuid", read_only=True, allow_null=True, default=None)

    class Meta:
        model = RunStep
        fields = [
            "n",
            "title",
            "text",
            "kind",
            "role",
            "due_on",
            "status",
            "follow_up_id",
            "assignee_id",
            "settled_at",
            "settled_by",
        ]
        read_only_fields = fields

    def get_due_on(self, step: RunStep) -> str:
        due = step.falls_due_at
        return (civil_date(due, self.context["organization"]) if due else step.due_on).isoformat()

    def get_status(self, step: RunStep) -> str:
        return "waiting" if step.is_open and step.run.is_paused else step.status


class RunSerializer(serializers.ModelSerializer[PlaybookRun]):
    """A run as it stands, with where the account stood at its start and at its end."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    account_id = serializers.UUIDField(source="account.uuid", read_only=True)
    account_name = serializers.CharField(source="account.name", read_only=True)
    playbook_id = serializers.UUIDField(source="playbook.uuid", read_only=True, allow_null=True, default=None)
    playbook_number = serializers.IntegerField(
        source="playbook.number", read_only=True, allow_null=True, default=None
    )
    owner_id = serializers.UUIDField(source="in_charge.uuid", read_only=True, allow_null=True, default=None)
    started_by = serializers.UUIDField(source="started_by.uuid", read_only=True, allow_null=True, default=None)
    start_on = serializers.DateField(source="starts_on", read_only=True)
    risk_factors: serializers.ListField = serializers.ListField(child=serializers.CharField(), read_only=True)
    start_band = serializers.CharField(read_only=True, allow_null=True)
    end_band = serializers.CharField(read_only=True, allow_null=True)
    start_score = NumberField(read_only=True, allow_null=True)
    end_score = NumberField(read_only=True, allow_null=True)
    start_mrr = NumberField(read_only=True)
    end_mrr = NumberField(read_only=True, allow_null=True)
    steps = RunStepSerializer(many=True, read_only=True)

    class Meta:
        model = PlaybookRun
        fields = [
            "id",
            "account_id",
            "account_name",
            "playbook_id",
            "playbook_number",
            "title",
            "owner_id",
            "started_by",
            "origin",
            "risk_factors",
            "start_on",
            "started_at",
            "status",
            "paused_at",
            "finished_at",
            "outcome",
            "note",
            "start_score",
            "start_band",
            "start_mrr",
            "end_score",
            "end_band",
            "end_mrr",
            "steps",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class RunWriteSerializer(serializers.Serializer[Any]):
    """What starts a run."""

    account_id = AccountField(source="account")
    playbook_id = PlaybookKeyField(source="playbook")
    owner_id = MemberField(source="owner", required=False, allow_null=True)
    start_on = serializers.DateField(source="starts_on", required=False, help_text="Day 1; today, if left out.")


class RunCancelSerializer(serializers.Serializer[Any]):
    """Why it is called off."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LENGTH)


class RunFinishSerializer(serializers.Serializer[Any]):
    """What came of it."""

    outcome = serializers.ChoiceField(choices=[(outcome.value, outcome.label) for outcome in SAID_BY_PEOPLE])
    note = serializers.CharField(required=False, allow_blank=True, max_length=NOTE_LENGTH)


@extend_schema_view(
    create=extend_schema(
        request=RunWriteSerializer,
        responses={201: RunSerializer, 200: RunSerializer},
        description="Starts a playbook with an account (201); one that is going on is answered as it is (200).",
    )
)
class PlaybookRunViewSet(ResourceViewSet):
    """Playbooks being done with accounts. Each step is a follow-up from the start; the last one done completes it."""

    queryset = PlaybookRun.objects.none()
    serializer_class = RunSerializer
    write_serializer_class = RunWriteSerializer
    write_permission = Action.RUN_PLAYBOOKS
    filter_set = RunFilter
    default_ordering = ("-started_at", "-pk")
    ordering_fields = {
        "started_at": "started_at",
        "finished_at": "finished_at",
        "status": "status",
        "title": "title",
        "account_name": "account__name_key",
        "updated_at": "updated_at",
    }
    csv_columns = [name for name in RunSerializer.Meta.fields if name != "steps"]
    csv_name = "playbook-runs"

    def get_queryset(self) -> PlaybookRunQuerySet:
        runs: PlaybookRunQuerySet = self.organization.playbook_runs.for_list().with_steps()
        return runs

    def create(self, request: Request) -> Response:
        facts = self.checked(request).validated_data
        require_editable(self.member, facts["account"])
        run, is_new = start_playbook(by=self.member.user, now=timezone.now(), origin=RunOrigin.API, **facts)
        return self.shown(run, status=201 if is_new else 200)

    @extend_schema(request=None, responses=RunSerializer)
    def pause(self, request: Request, uuid: str) -> Response:
        """Let it rest; 409 when it is paused or over."""
        return self.shown(pause_run(run=self._editable(), by=self.member.user, now=timezone.now()))

    @extend_schema(request=None, responses=RunSerializer)
    def resume(self, request: Request, uuid: str) -> Response:
        """Go on; each open step is due as many days later as it waited."""
        return self.shown(resume_run(run=self._editable(), by=self.member.user, now=timezone.now()))

    @extend_schema(request=RunCancelSerializer, responses=RunSerializer)
    def cancel(self, request: Request, uuid: str) -> Response:
        """Call it off; its open follow-ups are taken away."""
        run = self._editable()
        body = RunCancelSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(cancel_run(run=run, by=self.member.user, now=timezone.now(), **body.validated_data))

    @extend_schema(request=RunFinishSerializer, responses=RunSerializer)
    def complete(self, request: Request, uuid: str) -> Response:
        """Say what came of it. A run that is going on ends with it, what is open of it is left out."""
        run = self._editable()
        body = RunFinishSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(finish_run(run=run, by=self.member.user, now=timezone.now(), **body.validated_data))

    @extend_schema(request=None, responses=RunSerializer)
    def complete_step(self, request: Request, uuid: str, n: int) -> Response:
        """Do a step; its follow-up is done. 409 when it was settled already."""
        run: PlaybookRun = self.get_object()
        step = get_object_or_404(
            run.steps.select_related("run", "follow_up__account", "follow_up__organization"), n=n
        )
        if step.follow_up is not None:
            require_doable(self.member, step.follow_up)
        else:
            require_editable(self.member, run.account)
        complete_step(step=step, by=self.member.user, now=timezone.now())
        return self.shown(run)

    def _editable(self) -> PlaybookRun:
        """Not locked here: who settles a run locks its tasks first."""
        run: PlaybookRun = self.get_object()
        require_editable(self.member, run.account)
        return run
