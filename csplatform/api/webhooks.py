"""`/api/webhooks`: who is told over HTTP of what happens, and what became of each message. For admins."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from csplatform.api.resources import ResourceViewSet
from csplatform.enums import DeliveryStatus, WebhookFormat
from csplatform.models import Webhook, WebhookDelivery
from csplatform.models.webhook import URL_LENGTH
from csplatform.permissions import Action
from csplatform.services import webhook as services


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    id = serializers.UUIDField(source="uuid", read_only=True)
    events: Any = serializers.ListField(child=serializers.CharField(), read_only=True)
    active = serializers.BooleanField(source="is_active", read_only=True)

    class Meta:
        model = Webhook
        fields = [
            "id",
            "url",
            "format",
            "events",
            "active",
            "disabled_reason",
            "failing_since",
            "delivered_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class NewWebhookSerializer(WebhookSerializer):
    """The answer to a POST, the only one with the secret."""

    secret = serializers.CharField(read_only=True, help_text="Shown this once; messages are signed with it.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


class SecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(read_only=True)


class WebhookWriteSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=URL_LENGTH, help_text="A public address that begins with https://.")
    events: Any = serializers.ListField(child=serializers.CharField(max_length=60), max_length=100)
    format = serializers.ChoiceField(choices=WebhookFormat.choices, required=False)
    active = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    id = serializers.UUIDField(source="uuid", read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id",
            "event",
            "body",
            "status",
            "attempts",
            "answered",
            "note",
            "next_attempt_at",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


@extend_schema(tags=["platform"])
class WebhookViewSet(ResourceViewSet):
    """Messages are signed by the Standard Webhooks scheme and sent in order, again after a failure."""

    queryset = Webhook.objects.none()
    serializer_class = WebhookSerializer
    write_serializer_class = WebhookWriteSerializer
    read_permission = Action.MANAGE_ORGANIZATION
    write_permission = Action.MANAGE_ORGANIZATION
    ordering_fields = {"created_at": "created_at", "url": "url"}
    default_ordering = ("created_at", "pk")

    def get_queryset(self) -> QuerySet[Webhook]:
        return self.organization.webhooks.select_related("organization")

    @extend_schema(request=WebhookWriteSerializer, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        facts = self.checked(request).validated_data
        facts.pop("active", None)
        webhook, secret = services.create_webhook(organization=self.organization, by=self.member.user, **facts)
        body = {**self.get_serializer(webhook).data, "secret": secret}
        return Response(body, status=status.HTTP_201_CREATED)

    def perform_update(self, row: Webhook, facts: dict[str, Any]) -> Webhook:
        if "active" in facts:
            facts["is_active"] = facts.pop("active")
        return services.update_webhook(webhook=row, by=self.member.user, **facts)

    def perform_destroy(self, row: Webhook) -> None:
        services.delete_webhook(webhook=row, by=self.member.user)

    @extend_schema(request=None, responses={201: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, uuid: str) -> Response:
        """Send a message that says it is a test; the deliveries tell what became of it."""
        delivery = services.send_test(webhook=self.get_object())
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SecretSerializer)
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, uuid: str) -> Response:
        """Sign with a new secret from now on; the answer is the only place that shows it."""
        return Response({"secret": services.renew_secret(webhook=self.locked_object(request), by=self.member.user)})

    @extend_schema(
        parameters=[OpenApiParameter("status", str, enum=DeliveryStatus.values)],
        responses=DeliverySerializer(many=True),
        filters=False,
    )
    @action(detail=True, methods=["get"], serializer_class=DeliverySerializer)
    def deliveries(self, request: Request, uuid: str) -> Response:
        """What was sent within thirty days, newest first."""
        rows = self.get_object().deliveries.all()
        if wanted := request.query_params.get("status", ""):
            if wanted not in DeliveryStatus.values:
                raise serializers.ValidationError({"status": [f"takes {', '.join(DeliveryStatus.values)}."]})
            rows = rows.filter(status=wanted)
        return self.get_paginated_response(DeliverySerializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(
        request=None,
        responses=DeliverySerializer,
        parameters=[OpenApiParameter("delivery", str, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="deliveries/<uuid:delivery>/redeliver")
    def redeliver(self, request: Request, uuid: str, delivery: str) -> Response:
        """Send one message once more, with its id."""
        found = self.get_object().deliveries.select_related("webhook__organization")
        sent = services.redeliver(delivery=get_object_or_404(found, uuid=delivery))
        return Response(DeliverySerializer(sent).data)
