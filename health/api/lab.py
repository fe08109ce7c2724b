"""`/api/health/lab`: look back at how the scorecard would have told who leaves."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.pagination import ListPagination
from csplatform.api.views import TenantAPIView, TenantGenericView
from csplatform.permissions import Action
from health.enums import LabKind
from health.models import LabRun
from health.services.lab import draft_proposed_weights, start_lab_run
from health.services.lab_facts import start_facts_run


class LabRunSerializer(serializers.ModelSerializer[LabRun]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    job_id = serializers.UUIDField(source="job.uuid", read_only=True)
    status = serializers.CharField(source="job.status", read_only=True)
    scorecard_id = serializers.UUIDField(
        source="scorecard.uuid",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="Null where customer facts are looked at.",
    )
    draft_id = serializers.UUIDField(source="draft.uuid", read_only=True, allow_null=True, default=None)
    result = serializers.DictField(read_only=True, allow_null=True, help_text="Null until the job has ended well.")

    class Meta:
        model = LabRun
        fields = ["id", "job_id", "kind", "status", "scorecard_id", "draft_id", "result", "created_at"]
        read_only_fields = fields


class LabStartSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(
        choices=LabKind.choices,
        default=LabKind.SNAPSHOTS,
        help_text="What is held against who has left: the live scorecard month by month, or what is stored of"
        " customers now, which has no days and so no lead time.",
    )

    scorecard = serializers.SlugField(
        max_length=40,
        required=False,
        default="",
        help_text="The key of a scorecard of daily signals, be it only a draft yet; without one the primary.",
    )


class ProposedDraftSerializer(serializers.Serializer[Any]):
    scorecard_id = serializers.UUIDField(source="uuid", read_only=True)


class LabListView(TenantGenericView):
    """The runs, newest first; POST starts another one: of the live scorecard and its draft, or of customer facts."""

    queryset = LabRun.objects.none()
    serializer_class = LabRunSerializer
    pagination_class = ListPagination
    write_permission = Action.EDIT_SCORECARDS

    def get_queryset(self) -> QuerySet[LabRun]:
        return self.organization.lab_runs.select_related("job", "scorecard", "draft")

    @extend_schema(responses=LabRunSerializer(many=True), tags=["health"])
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(request=LabStartSerializer, responses={202: LabRunSerializer}, tags=["health"])
    def post(self, request: Request) -> Response:
        body = LabStartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked, by = body.validated_data, self.member.user
        if asked["kind"] == LabKind.FACTS:
            run = start_facts_run(organization=self.organization, by=by)
        else:
            run = start_lab_run(organization=self.organization, by=by, scorecard=asked["scorecard"])
        return Response(LabRunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class LabRunView(TenantAPIView):
    """One run with what it found."""

    @extend_schema(responses=LabRunSerializer, tags=["health"])
    def get(self, request: Request, uuid: str) -> Response:
        runs = self.organization.lab_runs.select_related("job", "scorecard", "draft")
        return Response(LabRunSerializer(get_object_or_404(runs, uuid=uuid)).data)


class LabProposeView(TenantAPIView):
    """Makes a draft scorecard of the weights that the run proposes; nothing is scored by it."""

    write_permission = Action.EDIT_SCORECARDS

    @extend_schema(request=None, responses={201: ProposedDraftSerializer}, tags=["health"])
    def post(self, request: Request, uuid: str) -> Response:
        runs = self.organization.lab_runs.select_related("scorecard__organization")
        draft = draft_proposed_weights(lab_run=get_object_or_404(runs, uuid=uuid), by=self.member.user)
        return Response(ProposedDraftSerializer(draft).data, status=status.HTTP_201_CREATED)
