"""The end of a term, and what came of it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from accounts.enums import Band
from billing.enums import RenewalOutcome, RenewalStatus
from billing.querysets import RenewalQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO

OPEN_STATUSES = (RenewalStatus.NOT_STARTED, RenewalStatus.IN_PROCESS, RenewalStatus.PREPARED_LOST)
OUTCOMES = {RenewalStatus.RENEWED: RenewalOutcome.RENEWED, RenewalStatus.CLOSED: RenewalOutcome.LOST}
STATUS_TONES = {
    RenewalStatus.NOT_STARTED: "gray",
    RenewalStatus.IN_PROCESS: "warning",
    RenewalStatus.PREPARED_LOST: "danger",
    RenewalStatus.RENEWED: "success",
    RenewalStatus.CLOSED: "danger",
}


def settled_by_notice(*, auto_renew: bool, status: str, notice_by: date, today: date) -> bool:
    """Whether a term counts as renewed because its notice deadline has passed, for rows read without a model."""
    still_wanted = status in OPEN_STATUSES and status != RenewalStatus.PREPARED_LOST
    return auto_renew and still_wanted and notice_by < today


class Renewal(TimestampedModel):
    """One term's end: of a subscription, or of the contract of an account that has none.

    A row belongs to one term for good. When the term is renewed the row keeps its outcome, and the next term gets a
    row of its own.
    """

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="renewals")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="renewals", db_index=False)
    subscription = models.ForeignKey(
        "billing.Subscription", on_delete=models.CASCADE, null=True, blank=True, related_name="renewals"
    )
    """None where the term is the account's contract."""
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField()
    """The last day of the term."""
    notice_days = models.PositiveSmallIntegerField(default=0)
    auto_renew = models.BooleanField(default=False)
    target_mrr = models.DecimalField(max_digits=14, decimal_places=2, default=ZERO)
    status = models.CharField(max_length=20, choices=RenewalStatus, default=RenewalStatus.NOT_STARTED)
    probability = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    """In percent: what the one who looks after the account believes."""
    outcome_reason = models.CharField(max_length=255, blank=True)
    renewed_mrr = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    band = models.CharField(max_length=20, choices=Band, blank=True)
    """The account's health band 60 to 120 days before the term's end; what the forecast learns from."""
    forecast_pct = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    """The probability that was forecast at that time, to be compared with what came of it."""

    objects = RenewalQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=RenewalStatus.values), name="renewal_status_known"),
            models.CheckConstraint(condition=Q(band__in=["", *Band.values]), name="renewal_band_known"),
            models.CheckConstraint(condition=Q(target_mrr__gte=0), name="renewal_target_not_negative"),
            models.CheckConstraint(
                condition=Q(probability=None) | Q(probability__range=(0, 100)), name="renewal_probability_in_range"
            ),
            models.CheckConstraint(
                condition=Q(forecast_pct=None) | Q(forecast_pct__range=(0, 100)), name="renewal_forecast_in_range"
            ),
            models.CheckConstraint(
                condition=Q(status=RenewalStatus.RENEWED, renewed_mrr__gte=0)
                | (~Q(status=RenewalStatus.RENEWED) & Q(renewed_mrr=None)),
                name="renewal_amount_when_renewed",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN_STATUSES, decided_on=None)
                | (~Q(status__in=OPEN_STATUSES) & Q(decided_on__isnull=False)),
                name="renewal_decided_when_over",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(due_on__gte=F("starts_on")), name="renewal_due_after_start"
            ),
            models.UniqueConstraint(
                fields=["subscription", "due_on"],
                condition=Q(subscription__isnull=False),
                name="renewal_once_per_term_of_subscription",
            ),
            models.UniqueConstraint(
                fields=["account", "due_on"],
                condition=Q(subscription=None),
                name="renewal_once_per_term_of_contract",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "due_on"], name="renewal_due"),
            models.Index(fields=["organization", "status", "due_on"], name="renewal_status"),
            models.Index(fields=["account", "due_on"], name="renewal_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, due {self.due_on:%d %b %Y}"

    @property
    def outcome(self) -> RenewalOutcome:
        return OUTCOMES.get(RenewalStatus(self.status), RenewalOutcome.OPEN)

    @property
    def is_open(self) -> bool:
        return self.outcome == RenewalOutcome.OPEN

    @property
    def status_tone(self) -> str:
        """The class of its badge: Closed is red, since it means closed without renewal."""
        return STATUS_TONES[RenewalStatus(self.status)]

    @property
    def notice_by(self) -> date:
        """The last day on which the customer, or we, can still stop it from renewing by itself."""
        return self.due_on - timedelta(days=self.notice_days)

    def is_settled_by_notice(self, today: date) -> bool:
        """Nobody gave notice in time, so it renews by itself: it counts as renewed from here on."""
        return settled_by_notice(
            auto_renew=self.auto_renew, status=self.status, notice_by=self.notice_by, today=today
        )
