"""Ways of narrowing the platform's rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from csplatform.enums import DeliveryStatus, JobStatus, Role, ViewVisibility

if TYPE_CHECKING:
    from csplatform.models import (
        ApiKey,
        Invitation,
        Job,
        Membership,
        Notification,
        SavedView,
        Webhook,
        WebhookDelivery,
    )


def among(field: str, keys: Sequence[int]) -> Q:
    """Rows whose `field` is one of some ascending keys.

    PERFORMANCE: as a range where no other key lies between them, as of rows that were made together: Django prepares
    each key of a list anew for every statement that names it, and a planner goes by the index of a range.
    """
    if len(keys) > 1 and keys[-1] - keys[0] == len(keys) - 1:
        return Q(**{f"{field}__gte": keys[0], f"{field}__lte": keys[-1]})
    return Q(**{f"{field}__in": keys})


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> Self:
        """Members who can act: neither they nor their login are switched off."""
        return self.filter(is_active=True, user__is_active=True)

    def admins(self) -> Self:
        return self.filter(role=Role.ADMIN)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: datetime) -> Self:
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self) -> Self:
        """Keys that still open the door: not revoked, and their member can act."""
        return self.filter(revoked_at=None, membership__is_active=True, membership__user__is_active=True)


class JobQuerySet(models.QuerySet["Job"]):
    def ready(self, now: datetime) -> Self:
        """Jobs that wait for a worker: queued and due, or running with a lease that has run out."""
        return self.filter(
            Q(status=JobStatus.QUEUED, run_after__lte=now) | Q(status=JobStatus.RUNNING, lease_until__lt=now)
        )


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, member: Membership) -> Self:
        """Their own, those of their teams, and those for everybody."""
        own = Q(owner=member)
        of_team = Q(visibility=ViewVisibility.TEAM, team__team_members__membership=member)
        return self.filter(own | of_team | Q(visibility=ViewVisibility.ORGANIZATION)).distinct()

    def of_page(self, page: str) -> Self:
        return self.filter(page=page)


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> Self:
        return self.filter(read_at=None)


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def active(self) -> Self:
        return self.filter(disabled_at=None)


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> Self:
        return self.filter(status=DeliveryStatus.WAITING)

    def due(self, now: datetime) -> Self:
        """To be sent now, the oldest first."""
        return self.waiting().filter(next_attempt_at__lte=now).order_by("pk")
