"""Who belongs to an organisation, in which role and teams; and who was asked to join."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from csplatform.enums import Role
from csplatform.models.base import TimestampedModel
from csplatform.querysets import InvitationQuerySet, MembershipQuerySet

USUAL_CAPACITY, MOST_CAPACITY = 15, 100


class Team(TimestampedModel):
    """Members who look after accounts together."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="teams")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)

    history = HistoricalRecords()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="team_name_unique_per_organization")
        ]

    def __str__(self) -> str:
        return self.name


class Membership(TimestampedModel):
    """A user's place in one organisation. Deactivated, never deleted: their work keeps its author."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    role = models.CharField(max_length=10, choices=Role, default=Role.VIEWER)
    teams = models.ManyToManyField(Team, through="csplatform.TeamMember", related_name="members", blank=True)
    daily_capacity = models.PositiveSmallIntegerField(
        default=USUAL_CAPACITY, validators=[MinValueValidator(1), MaxValueValidator(MOST_CAPACITY)]
    )
    """How many accounts fit the member's day: so many are listed for today, the others are counted."""
    is_active = models.BooleanField(default=True)
    deactivated_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = MembershipQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["teams"])

    class Meta:
        ordering = ["user__name", "user__email", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "user"], name="membership_once_per_organization"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(daily_capacity__range=(1, MOST_CAPACITY)), name="membership_capacity_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


class TeamMember(models.Model):
    """A member in a team."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="+")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="team_members")
    membership = models.ForeignKey(Membership, on_delete=models.CASCADE, related_name="team_members")

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["team", "membership"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.membership} in {self.team}"


class Invitation(TimestampedModel):
    """A link that lets one person join; only its hash is kept."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="invitations")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role, default=Role.CSM)
    teams = models.ManyToManyField(Team, related_name="+", blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["token_hash"])

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="invitation_open_once_per_email",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"
