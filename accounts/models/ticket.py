"""What customers asked support for."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts.enums import TicketPriority, TicketStatus
from accounts.querysets import TicketQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

OPEN_STATUSES = (TicketStatus.OPEN, TicketStatus.PENDING)
PRIORITY_TONES = {
    TicketPriority.CRITICAL: "danger",
    TicketPriority.HIGH: "orange",
    TicketPriority.MEDIUM: "warning",
    TicketPriority.LOW: "gray",
}
STATUS_TONES = {
    TicketStatus.OPEN: "info",
    TicketStatus.PENDING: "warning",
    TicketStatus.RESOLVED: "success",
    TicketStatus.CLOSED: "gray",
}


class SupportTicket(TimestampedModel):
    """A request to support by one account, mostly kept elsewhere and told to us."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="tickets", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="tickets")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    external_id = models.CharField(max_length=100, blank=True)
    """Its id in the support system, exactly as it is there; empty for one that is kept here."""
    subject = models.CharField(max_length=255)
    description = models.TextField(max_length=20_000, blank=True)
    priority = models.CharField(max_length=10, choices=TicketPriority, default=TicketPriority.MEDIUM)
    status = models.CharField(max_length=10, choices=TicketStatus, default=TicketStatus.OPEN)
    is_escalated = models.BooleanField("escalated", default=False)
    opened_at = models.DateTimeField()
    first_response_at = models.DateTimeField(null=True, blank=True)
    """When somebody first answered."""
    due_at = models.DateTimeField("due", null=True, blank=True)
    """Until when it has to be resolved by what was promised."""
    resolved_at = models.DateTimeField(null=True, blank=True)
    """Set while it is resolved or closed. Reopened tickets have none: what was known when is in the history."""
    csat = models.PositiveSmallIntegerField(
        "CSAT", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    """The customer's answer, 1 to 5."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TicketQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for."""
    _change_reason: str

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="ticket_external_id_unique_per_organization",
            ),
            models.CheckConstraint(condition=~Q(subject=""), name="ticket_has_a_subject"),
            models.CheckConstraint(condition=Q(priority__in=TicketPriority.values), name="ticket_priority_known"),
            models.CheckConstraint(condition=Q(status__in=TicketStatus.values), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(csat=None) | Q(csat__range=(1, 5)), name="ticket_csat_in_range"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "pending"], resolved_at=None)
                | Q(status__in=["resolved", "closed"], resolved_at__isnull=False),
                name="ticket_resolved_when_its_status_says_so",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None) | Q(resolved_at__gte=F("opened_at")),
                name="ticket_resolved_after_it_was_opened",
            ),
            models.CheckConstraint(
                condition=Q(first_response_at=None) | Q(first_response_at__gte=F("opened_at")),
                name="ticket_answered_after_it_was_opened",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "priority"], name="ticket_status"),
            models.Index(fields=["organization", "-opened_at"], name="ticket_newest"),
            models.Index(fields=["organization", "first_response_at"], name="ticket_answered"),
            models.Index(fields=["organization", "resolved_at"], name="ticket_resolved"),
        ]

    def __str__(self) -> str:
        return f"{self.external_id} {self.subject}" if self.external_id else self.subject

    def get_absolute_url(self) -> str:
        return reverse("accounts:ticket_detail", args=[self.uuid])

    @property
    def is_grave(self) -> bool:
        """Somebody should look today: open, and critical or escalated."""
        return self.is_open and (self.is_escalated or self.priority == TicketPriority.CRITICAL)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES

    @property
    def priority_tone(self) -> str:
        return PRIORITY_TONES[TicketPriority(self.priority)]

    @property
    def status_tone(self) -> str:
        return STATUS_TONES[TicketStatus(self.status)]

    @property
    def response_time(self) -> timedelta | None:
        return None if self.first_response_at is None else self.first_response_at - self.opened_at

    @property
    def resolution_time(self) -> timedelta | None:
        return None if self.resolved_at is None else self.resolved_at - self.opened_at

    def is_late(self, now: datetime) -> bool:
        """Promised for a moment that has passed, and still open."""
        return self.is_open and self.due_at is not None and self.due_at < now
