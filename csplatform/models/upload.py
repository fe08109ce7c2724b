"""Files that people hand us, kept in the database: web and workers on several hosts share no disk."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

PART_SIZE = 1024 * 1024
"""Bytes in one part: small enough to hold a few in memory, large enough that a file is a few hundred rows."""


class Upload(models.Model):
    """A file as it arrived. Its content is in its parts, which go a week after the work on it has ended."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="uploads")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    filename = models.CharField(max_length=120)
    """Made safe for a header and a page; it is never used as a path."""
    size = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    """As found in the bytes."""
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.filename


class UploadPart(models.Model):
    """A piece of an upload, numbered from 0."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["upload", "number"]
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="upload_part_once")]

    def __str__(self) -> str:
        return f"{self.upload}, part {self.number}"
