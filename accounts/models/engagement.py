"""Contact with a customer: meetings, calls, mails, notes, demos and trainings, and what was promised in them."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import CommitmentSide, EngagementOutcome, EngagementState, EngagementType
from accounts.querysets import CommitmentQuerySet, EngagementQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

TITLE_LENGTH = 255
LONGEST_MINUTES = 24 * 60
OUTCOME_TONES = {
    EngagementOutcome.POSITIVE: "success",
    EngagementOutcome.NEUTRAL: "gray",
    EngagementOutcome.NEGATIVE: "danger",
    EngagementOutcome.ACTION_REQUIRED: "warning",
}


class Engagement(TimestampedModel):
    """One contact with an account, planned, done or cancelled. Never deleted: it is part of the account's story."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="engagements", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="engagements")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    type = models.CharField(max_length=20, choices=EngagementType)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(blank=True)
    outcome = models.CharField(max_length=20, choices=EngagementOutcome, blank=True)
    scheduled_at = models.DateTimeField(null=True, blank=True)
    duration_minutes = models.PositiveSmallIntegerField(
        default=30, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_MINUTES)]
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=255, blank=True)
    attendees = models.JSONField(default=list, blank=True)
    """`[{"name": …, "email": …, "role": …}]`, as the contract has them."""
    contacts = models.ManyToManyField(
        "accounts.Contact", through="accounts.EngagementContact", related_name="engagements", blank=True
    )
    """Those attendees that are known people of the account, found by email when the engagement is saved."""
    mentions_competitor = models.BooleanField(default=False)
    competitor = models.CharField(max_length=255, blank=True)
    """Which one, and what was said of it."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    form_token = models.UUIDField(null=True, blank=True, editable=False)
    """Of the form it was written in: sent twice, it is written once."""
    has_follow_up = models.BooleanField(default=False, editable=False)
    """Its outcome has left a follow-up behind; whatever is edited later, there is never a second."""

    objects = EngagementQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["form_token"])
    _history_user: User | None

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="engagement_has_a_title"),
            models.CheckConstraint(condition=Q(type__in=EngagementType.values), name="engagement_type_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", *EngagementOutcome.values]), name="engagement_outcome_known"
            ),
            models.CheckConstraint(
                condition=Q(completed_at=None) | Q(cancelled_at=None), name="engagement_not_both_done_and_cancelled"
            ),
            models.UniqueConstraint(
                fields=["organization", "form_token"],
                condition=Q(form_token__isnull=False),
                name="engagement_once_per_form",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "account"], name="engagement_account"),
            models.Index(fields=["organization", "-created_at"], name="engagement_created"),
            models.Index(fields=["organization", "type"], name="engagement_type"),
            models.Index(
                F("organization"),
                Coalesce("completed_at", "scheduled_at", "created_at").desc(),
                name="engagement_newest",
            ),
            models.Index(
                fields=["organization", "scheduled_at"],
                condition=Q(completed_at=None, cancelled_at=None, scheduled_at__isnull=False),
                name="engagement_planned",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("accounts:engagement_detail", args=[self.uuid])

    @property
    def happened_at(self) -> datetime:
        """When it was, or will be: what lists and the timeline sort by."""
        return self.completed_at or self.scheduled_at or self.created_at

    @property
    def ends_at(self) -> datetime:
        return self.happened_at + timedelta(minutes=self.duration_minutes)

    @property
    def state(self) -> EngagementState:
        if self.cancelled_at is not None:
            return EngagementState.CANCELLED
        is_planned = self.completed_at is None and self.scheduled_at is not None
        return EngagementState.PLANNED if is_planned else EngagementState.DONE

    @property
    def is_planned(self) -> bool:
        return self.state == EngagementState.PLANNED

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def outcome_tone(self) -> str:
        return OUTCOME_TONES[EngagementOutcome(self.outcome)] if self.outcome else "gray"


class EngagementContact(models.Model):
    """A contact who took part in an engagement."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="engagement_contacts")
    contact = models.ForeignKey("accounts.Contact", on_delete=models.CASCADE, related_name="engagement_contacts")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["engagement", "contact"], name="engagement_contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.contact} in {self.engagement}"


class Commitment(TimestampedModel):
    """Something that one side promised the other in an engagement."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="commitments")
    engagement = models.ForeignKey(Engagement, on_delete=models.CASCADE, related_name="commitments")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    side = models.CharField(max_length=10, choices=CommitmentSide)
    name = models.CharField(max_length=120, blank=True)
    """Who promised it, as people call them."""
    what = models.CharField(max_length=500)
    due_on = models.DateField(null=True, blank=True)
    kept_at = models.DateTimeField(null=True, blank=True)

    objects = CommitmentQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(what=""), name="commitment_says_what"),
            models.CheckConstraint(condition=Q(side__in=CommitmentSide.values), name="commitment_side_known"),
        ]
        indexes = [models.Index(fields=["organization", "kept_at", "due_on"], name="commitment_open")]

    def __str__(self) -> str:
        return self.what

    @property
    def is_kept(self) -> bool:
        return self.kept_at is not None
