"""The weights of the churn risk over the API."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.views import TenantAPIView
from csplatform.models import Job
from csplatform.permissions import Action
from health.models import ChurnWeights
from health.models.churn_weights import NOTE_LENGTH
from health.selectors.churn_weights import churn_weight_history, churn_weights
from health.services.churn_weights import set_churn_weights

TAGS = ["health"]


class ChurnWeightsChangeSerializer(serializers.ModelSerializer[ChurnWeights]):
    """The weights from a moment on."""

    weights = serializers.DictField(child=serializers.FloatField())
    made_by = serializers.CharField(source="made_by.display_name", allow_null=True, default=None)

    class Meta:
        model = ChurnWeights
        fields = ["weights", "note", "made_by", "created_at"]


class ChurnWeightsSerializer(serializers.Serializer[Any]):
    """What counts now, and every change, the newest first; `job_id` works the risks out after a change."""

    weights = serializers.DictField(child=serializers.FloatField())
    history = ChurnWeightsChangeSerializer(many=True)
    job_id = serializers.UUIDField(allow_null=True)


class ChurnWeightsWriteSerializer(serializers.Serializer[Any]):
    """Factor to weight (0 to 100; 0 leaves one out). Factors that are not named keep theirs."""

    weights = serializers.DictField(child=serializers.FloatField())
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class ChurnWeightsView(TenantAPIView):
    """How much each factor weighs in the churn risk."""

    write_permission = Action.EDIT_SCORECARDS

    @extend_schema(operation_id="churn_weights", responses=ChurnWeightsSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        return self._shown()

    @extend_schema(
        operation_id="set_churn_weights",
        request=ChurnWeightsWriteSerializer,
        responses=ChurnWeightsSerializer,
        tags=TAGS,
    )
    def put(self, request: Request) -> Response:
        body = ChurnWeightsWriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        _, job = set_churn_weights(organization=self.organization, by=self.member.user, **body.validated_data)
        return self._shown(job)

    def _shown(self, job: Job | None = None) -> Response:
        shown = {
            "weights": churn_weights(self.organization),
            "history": churn_weight_history(self.organization),
            "job_id": job.uuid if job else None,
        }
        return Response(ChurnWeightsSerializer(shown).data)
