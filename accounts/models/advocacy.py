"""What customers do for us: companies they name, words they let us quote."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from accounts.enums import ReferralStatus, TestimonialStatus
from accounts.querysets import ReferralQuerySet, TestimonialQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel

REFERRAL_TONES = {
    ReferralStatus.NEW: "gray",
    ReferralStatus.IN_CONTACT: "warning",
    ReferralStatus.INTERESTED: "info",
    ReferralStatus.WON: "success",
    ReferralStatus.LOST: "danger",
}
TESTIMONIAL_TONES = {
    TestimonialStatus.DRAFT: "gray",
    TestimonialStatus.APPROVED: "info",
    TestimonialStatus.PUBLISHED: "success",
}


class Referral(TimestampedModel):
    """A company that a customer told us of."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="referrals", db_index=False
    )
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="referrals", verbose_name="referrer"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    referred_company = models.CharField(max_length=255)
    contact_name = models.CharField(max_length=255, blank=True)
    """Whom to speak to there."""
    contact_email = models.EmailField(blank=True)
    status = models.CharField(max_length=20, choices=ReferralStatus, default=ReferralStatus.NEW)
    potential_mrr = models.DecimalField(
        "potential MRR", max_digits=12, decimal_places=2, default=Decimal(0), validators=[MinValueValidator(0)]
    )
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    """Set while it is won or lost."""
    note = models.TextField(max_length=5_000, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ReferralQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for."""

    class Meta:
        ordering = ["-opened_on", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(referred_company=""), name="referral_names_a_company"),
            models.CheckConstraint(condition=Q(status__in=ReferralStatus.values), name="referral_status_known"),
            models.CheckConstraint(condition=Q(potential_mrr__gte=0), name="referral_mrr_not_negative"),
            models.CheckConstraint(
                condition=Q(status__in=["won", "lost"], closed_on__isnull=False)
                | (~Q(status__in=["won", "lost"]) & Q(closed_on=None)),
                name="referral_closed_when_won_or_lost",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-opened_on"], name="referral_newest"),
            models.Index(fields=["organization", "status"], name="referral_status"),
        ]

    def __str__(self) -> str:
        return f"{self.referred_company} by {self.account}"

    @property
    def is_open(self) -> bool:
        return self.status not in (ReferralStatus.WON, ReferralStatus.LOST)

    @property
    def status_tone(self) -> str:
        return REFERRAL_TONES[ReferralStatus(self.status)]


class Testimonial(TimestampedModel):
    """A customer's words. They are published with the customer's consent only."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="testimonials", db_index=False
    )
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="testimonials")
    contact = models.ForeignKey(
        "accounts.Contact", on_delete=models.SET_NULL, null=True, blank=True, related_name="testimonials"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quote = models.TextField(max_length=2_000)
    note = models.TextField(max_length=5_000, blank=True)
    """Ours, never shown outside."""
    has_consent = models.BooleanField("consent", default=False)
    """The customer agreed to be quoted."""
    status = models.CharField(max_length=20, choices=TestimonialStatus, default=TestimonialStatus.DRAFT)
    published_on = models.DateField(null=True, blank=True)
    """Set while it is published."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = TestimonialQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for."""

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(quote=""), name="testimonial_has_a_quote"),
            models.CheckConstraint(condition=Q(status__in=TestimonialStatus.values), name="testimonial_status_known"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(has_consent=True), name="testimonial_published_with_consent"
            ),
            models.CheckConstraint(
                condition=Q(status="published", published_on__isnull=False)
                | (~Q(status="published") & Q(published_on=None)),
                name="testimonial_dated_when_published",
            ),
        ]
        indexes = [models.Index(fields=["organization", "status"], name="testimonial_status")]

    def __str__(self) -> str:
        return f"{self.account}: {self.quote[:60]}"

    @property
    def status_tone(self) -> str:
        return TESTIMONIAL_TONES[TestimonialStatus(self.status)]
