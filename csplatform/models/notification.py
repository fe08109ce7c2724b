"""What a member is told, and how they want to be told."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from csplatform.enums import NotificationChannel
from csplatform.querysets import NotificationQuerySet

TITLE_LENGTH = 200
URL_LENGTH = 500


class Notification(models.Model):
    """One piece of news for one member."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="notifications"
    )
    membership = models.ForeignKey("csplatform.Membership", on_delete=models.CASCADE, related_name="notifications")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=40)
    title = models.CharField(max_length=TITLE_LENGTH)
    text = models.TextField(blank=True)
    url = models.CharField(max_length=URL_LENGTH, blank=True)
    """A page of ours, beginning with a slash."""
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="notification_has_a_title"),
            models.CheckConstraint(condition=Q(url="") | Q(url__startswith="/"), name="notification_url_is_ours"),
        ]
        indexes = [
            models.Index(fields=["membership", "-created_at"], name="notification_newest"),
            models.Index(fields=["membership"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class NotificationPreference(models.Model):
    """How a member wants to hear of one kind of news, where that differs from the usual."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    membership = models.ForeignKey(
        "csplatform.Membership", on_delete=models.CASCADE, related_name="notification_preferences"
    )
    kind = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=NotificationChannel)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["membership", "kind"], name="notification_preference_once_per_kind"),
            models.CheckConstraint(
                condition=Q(channel__in=NotificationChannel.values), name="notification_channel_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_channel_display()}"
