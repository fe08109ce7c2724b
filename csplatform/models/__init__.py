"""The platform's models."""

from __future__ import annotations

from csplatform.models.api_key import ApiKey
from csplatform.models.data_care import DeletionRequest, Erasure, OrganizationExport, RetentionPolicy
from csplatform.models.export import ExportRecord
from csplatform.models.idempotency import IdempotencyKey
from csplatform.models.imports import Import, ImportBefore, ImportMapping, ImportRowError
from csplatform.models.job import Job
from csplatform.models.membership import Invitation, Membership, Team, TeamMember
from csplatform.models.notification import Notification, NotificationPreference
from csplatform.models.organization import Organization
from csplatform.models.saved_view import ListPreference, SavedView, SavedViewPin
from csplatform.models.sequence import Sequence
from csplatform.models.upload import Upload, UploadPart
from csplatform.models.user import User
from csplatform.models.webhook import Webhook, WebhookDelivery

__all__ = [
    "ApiKey",
    "DeletionRequest",
    "Erasure",
    "ExportRecord",
    "IdempotencyKey",
    "Import",
    "ImportBefore",
    "ImportMapping",
    "ImportRowError",
    "Invitation",
    "Job",
    "ListPreference",
    "Membership",
    "Notification",
    "NotificationPreference",
    "Organization",
    "OrganizationExport",
    "RetentionPolicy",
    "SavedView",
    "SavedViewPin",
    "Sequence",
    "Team",
    "TeamMember",
    "Upload",
    "UploadPart",
    "User",
    "Webhook",
    "WebhookDelivery",
]
