"""Who is told over HTTP of what happens, and each message with what became of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from csplatform.enums import DeliveryStatus, WebhookFormat
from csplatform.models.base import TimestampedModel
from csplatform.querysets import WebhookDeliveryQuerySet, WebhookQuerySet

if TYPE_CHECKING:
    from csplatform.models import User

URL_LENGTH = 500
NOTE_LENGTH = 300


class Webhook(TimestampedModel):
    """An address that gets a signed message, or a line in a chat, of each event that it chose."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="webhooks")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    url = models.CharField(max_length=URL_LENGTH)
    format = models.CharField(max_length=10, choices=WebhookFormat, default=WebhookFormat.SIGNED)
    events = models.JSONField(default=list)
    """Names of `WebhookEvent`s, in their order."""
    sealed_secret = models.TextField(editable=False)
    """What its messages are signed with, sealed with a key made from SECRET_KEY."""
    failures = models.PositiveIntegerField(default=0, editable=False)
    """Attempts in a row that failed."""
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    delivered_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_at = models.DateTimeField(null=True, blank=True, editable=False)
    disabled_reason = models.CharField(max_length=NOTE_LENGTH, blank=True, editable=False)

    _history_user: User | None
    objects = WebhookQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["sealed_secret", "failures", "failing_since", "delivered_at", "updated_at"]
    )

    class Meta:
        ordering = ["created_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(format__in=WebhookFormat.values), name="webhook_format_known"),
        ]

    def __str__(self) -> str:
        return self.host

    @property
    def host(self) -> str:
        """The address without its path, which for a chat is as good as a password."""
        return urlsplit(self.url).netloc

    @property
    def is_active(self) -> bool:
        return self.disabled_at is None


class WebhookDelivery(models.Model):
    """One message on its way. Its public id travels along, so that a receiver knows a repetition."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="webhook_deliveries"
    )
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    event = models.CharField(max_length=60)
    body = models.TextField()
    """The very text that is sent and signed."""
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    answered = models.PositiveSmallIntegerField(null=True)
    """The HTTP status of the last answer."""
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    """Why the last attempt failed."""
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="webhook_delivery_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-created_at"], name="webhook_delivery_newest"),
            models.Index(
                fields=["webhook", "next_attempt_at"],
                condition=Q(status=DeliveryStatus.WAITING),
                name="webhook_delivery_waiting",
            ),
            models.Index(fields=["organization", "created_at"], name="webhook_delivery_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook}"
