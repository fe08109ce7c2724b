"""Files kept with an account or one of its engagements."""

from __future__ import annotations

import uuid

from django.db import models
from django.urls import reverse

from csplatform.models.base import TimestampedModel


class Attachment(TimestampedModel):
    """A file that belongs to an account; its content lies in the database, see `Upload`."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="attachments", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="attachments")
    engagement = models.ForeignKey(
        "accounts.Engagement", on_delete=models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    upload = models.OneToOneField("csplatform.Upload", on_delete=models.CASCADE, related_name="attachment")
    content_type = models.CharField(max_length=100)
    """As found in the bytes, never as claimed."""

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["organization", "account", "-created_at"], name="attachment_newest")]

    def __str__(self) -> str:
        return self.upload.filename

    def get_absolute_url(self) -> str:
        return reverse("accounts:attachment", args=[self.uuid])
