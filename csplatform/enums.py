"""Choice lists of the platform."""

from __future__ import annotations

from django.db import models


class Role(models.TextChoices):
    """What a member may do; the table is in `permissions.py`."""

    ADMIN = "admin", "Admin"
    MANAGER = "manager", "Manager"
    CSM = "csm", "CSM"
    FINANCE = "finance", "Finance"
    VIEWER = "viewer", "Viewer"


class Theme(models.TextChoices):
    SYSTEM = "system", "As the system"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class KeyScope(models.TextChoices):
    READ = "read", "Read only"
    READ_WRITE = "read_write", "Read and write"


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class ViewVisibility(models.TextChoices):
    """Who sees a saved view."""

    PRIVATE = "private", "Only me"
    TEAM = "team", "A team"
    ORGANIZATION = "organization", "Everybody"


class Density(models.TextChoices):
    """How tall the rows of a list are."""

    COMFORTABLE = "comfortable", "Comfortable"
    COMPACT = "compact", "Compact"


class ExportFormat(models.TextChoices):
    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    ZIP = "zip", "Archive of CSV files"


class NotificationChannel(models.TextChoices):
    """How somebody hears of something."""

    IN_APP = "in_app", "On the page"
    EMAIL = "email", "On the page and by mail"
    OFF = "off", "Not at all"


class WebhookFormat(models.TextChoices):
    SIGNED = "signed", "Signed JSON, for programs"
    SLACK = "slack", "A message, for Slack, Mattermost and the like"


class DeliveryStatus(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
