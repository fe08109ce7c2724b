"""Scorecards over the API: read every version, write drafts, publish them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.enums import Segment
from csplatform.api.resources import ResourceViewSet
from csplatform.permissions import Action
from health.models import Scorecard
from health.models.scorecard import NAME_LENGTH, NOTE_LENGTH
from health.scoring.guards import Comparison, Effect
from health.services.scorecard_versions import (
    LAST_PRIORITY,
    discard_draft,
    draft_version,
    edit_draft,
    make_primary,
    new_scorecard,
    publish_draft,
    retire_scorecard,
    score_beside,
)

SIGNAL = {
    "type": "object",
    "properties": {
        "key": {"type": "string"},
        "max_points": {"type": "number", "minimum": 0},
        "worst": {"type": "number"},
        "best": {"type": "number", "nullable": True, "description": "Null: the account's own target, its seats."},
    },
    "required": ["key", "max_points", "worst", "best"],
}
GUARD = {
    "type": "object",
    "properties": {
        "conditions": {
            "type": "array",
            "description": "All of them have to hold; a value that is not known meets none.",
            "items": {
                "type": "object",
                "properties": {
                    "measure": {"type": "string"},
                    "comparison": {"type": "string", "enum": [each.value for each in Comparison]},
                    "value": {"type": "number"},
                },
                "required": ["measure", "comparison", "value"],
            },
        },
        "effect": {"type": "string", "enum": [each.value for each in Effect]},
        "score": {"type": "number", "minimum": 0, "maximum": 100},
        "text": {"type": "string"},
    },
    "required": ["conditions", "effect", "score", "text"],
}


@extend_schema_field({"type": "array", "items": SIGNAL})
class SignalsField(serializers.JSONField):
    """The signals in full; what may be in them is the service's to say."""


@extend_schema_field({"type": "array", "items": GUARD})
class GuardsField(serializers.JSONField):
    """The guards in full, in the order they count."""


class ScorecardSerializer(serializers.ModelSerializer[Scorecard]):
    """A version of a scorecard. Only a draft can be changed."""

    id = serializers.UUIDField(source="uuid", read_only=True)
    signals = SignalsField(read_only=True)
    guards = GuardsField(read_only=True)
    segments = serializers.ListField(child=serializers.ChoiceField(choices=Segment.choices), read_only=True)
    made_by = serializers.CharField(source="made_by.display_name", read_only=True, allow_null=True, default=None)
    published_by = serializers.CharField(
        source="published_by.display_name", read_only=True, allow_null=True, default=None
    )

    class Meta:
        model = Scorecard
        fields = [
            "id",
            "key",
            "name",
            "kind",
            "version",
            "status",
            "segments",
            "priority",
            "is_primary",
            "is_scored_beside",
            "signals",
            "guards",
            "note",
            "made_by",
            "published_at",
            "published_by",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class ScorecardDraftSerializer(serializers.Serializer[Any]):
    """Which scorecard to make a new version of: its key, such as `signals`. The live version is copied.

    With a `name` the copy is the first draft of another scorecard, for accounts of some segments.
    """

    key = serializers.SlugField(max_length=40)
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    segments = serializers.ListField(child=serializers.ChoiceField(choices=Segment.choices), required=False)
    priority = serializers.IntegerField(min_value=1, max_value=LAST_PRIORITY, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "name" not in attrs and (attrs.keys() & {"segments", "priority"}):
            sentence = "Segments and a priority belong to a new scorecard, with its name; of a draft, PATCH them."
            raise serializers.ValidationError({"name": [sentence]})
        return attrs


class ScorecardChangeSerializer(serializers.Serializer[Any]):
    """What changes in a draft; what is left out stays."""

    signals = SignalsField(required=False)
    guards = GuardsField(required=False)
    segments = serializers.ListField(child=serializers.ChoiceField(choices=Segment.choices), required=False)
    priority = serializers.IntegerField(min_value=1, max_value=LAST_PRIORITY, required=False)
    note = serializers.CharField(max_length=NOTE_LENGTH, required=False, allow_blank=True)


class ScorecardBesideSerializer(serializers.Serializer[Any]):
    """Whether to score by it beside the primary one."""

    is_on = serializers.BooleanField()


class ScorecardRecomputeSerializer(ScorecardSerializer):
    """The scorecard, and the job that scores the accounts by it; null where nothing changed."""

    job_id = serializers.SerializerMethodField()

    class Meta(ScorecardSerializer.Meta):
        fields = [*ScorecardSerializer.Meta.fields, "job_id"]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uuid", "nullable": True})
    def get_job_id(self, _: Scorecard) -> str | None:
        job = self.context.get("job")
        return None if job is None else str(job.uuid)


@extend_schema_view(
    create=extend_schema(request=ScorecardDraftSerializer, responses={201: ScorecardSerializer}),
    update=extend_schema(request=ScorecardChangeSerializer, responses=ScorecardSerializer),
)
class ScorecardViewSet(ResourceViewSet):
    """Every version of every scorecard. A draft scores nothing until it is published; what is live never changes."""

    queryset = Scorecard.objects.none()
    serializer_class = ScorecardSerializer
    write_permission = Action.EDIT_SCORECARDS
    lookup_value_converter = "uuid"
    default_ordering = ("key", "-version", "pk")
    ordering_fields = {"key": "key", "version": "version", "status": "status", "published_at": "published_at"}

    def get_queryset(self) -> QuerySet[Scorecard]:
        cards: QuerySet[Scorecard] = self.organization.scorecards.select_related("made_by", "published_by")
        return cards

    def create(self, request: Request) -> Response:
        body = ScorecardDraftSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        live = self.organization.scorecards.published().filter(key=body.validated_data["key"]).first()
        if live is None:
            keys = ", ".join(self.organization.scorecards.published().values_list("key", flat=True))
            raise serializers.ValidationError({"key": [f"There is no such scorecard; there are {keys}."]})
        wanted = {name: value for name, value in body.validated_data.items() if name != "key"}
        draft = (
            new_scorecard(source=live, by=self.member.user, **wanted)
            if wanted
            else draft_version(scorecard=live, by=self.member.user)
        )
        return self.shown(draft, status=status.HTTP_201_CREATED)

    def update(self, request: Request, uuid: str) -> Response:
        draft = self.locked_object(request)
        body = ScorecardChangeSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self.shown(edit_draft(draft=draft, by=self.member.user, **body.validated_data))

    def perform_destroy(self, row: Scorecard) -> None:
        discard_draft(draft=row, by=self.member.user)

    @extend_schema(request=None, responses=ScorecardRecomputeSerializer)
    def publish(self, request: Request, uuid: str) -> Response:
        """Make a draft the live version; 409 for what is none, or scores as the live one does."""
        card, job = publish_draft(draft=self.locked_object(request), by=self.member.user, now=timezone.now())
        return self._with_job(card, job)

    @extend_schema(request=None, responses=ScorecardRecomputeSerializer)
    def primary(self, request: Request, uuid: str) -> Response:
        """Let a live scorecard give the accounts their health."""
        card, job = make_primary(scorecard=self.locked_object(request), by=self.member.user, now=timezone.now())
        return self._with_job(card, job)

    @extend_schema(request=None, responses=ScorecardRecomputeSerializer)
    def retire(self, request: Request, uuid: str) -> Response:
        """Score by a live scorecard no longer; its accounts go back to the primary one."""
        card = self.locked_object(request)
        return self._with_job(*retire_scorecard(scorecard=card, by=self.member.user, now=timezone.now()))

    @extend_schema(request=ScorecardBesideSerializer, responses=ScorecardRecomputeSerializer)
    def beside(self, request: Request, uuid: str) -> Response:
        """Let a live scorecard leave snapshots beside the primary one's, or no longer."""
        card = self.locked_object(request)
        body = ScorecardBesideSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        return self._with_job(*score_beside(scorecard=card, by=self.member.user, **body.validated_data))

    def _with_job(self, card: Scorecard, job: Any) -> Response:
        row = self.get_queryset().get(pk=card.pk)
        context = {**self.get_serializer_context(), "job": job}
        return Response(ScorecardRecomputeSerializer(row, context=context).data)
