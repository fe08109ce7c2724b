"""The customer whose health we watch."""

from __future__ import annotations

import math
import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from simple_history.models import HistoricalRecords

from accounts import bands
from accounts.enums import AccountSize, AccountStatus, Band, Bucket, Segment
from accounts.names import KEY_LENGTH, NAME_LENGTH
from accounts.querysets import AccountQuerySet
from csplatform.models import User
from csplatform.models.base import TimestampedModel
from csplatform.money import ZERO, monthly

SCORE = (0, 100)
MOST_SEATS = 100_000_000
LONGEST_TERM = 240
STATUS_TONES = {
    AccountStatus.ONBOARDING: "info",
    AccountStatus.ACTIVE: "success",
    AccountStatus.AT_RISK: "warning",
    AccountStatus.CHURNED: "gray",
}


class Account(TimestampedModel):
    """A customer of one organisation: the thing whose health we watch. Never a login."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="accounts")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.PositiveBigIntegerField(editable=False)
    """1, 2, 3 … within the organisation, in order of creation, never given twice."""

    name = models.CharField(max_length=NAME_LENGTH)
    name_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    """What names are compared and sorted by; see `accounts.names`."""
    external_id = models.CharField(max_length=NAME_LENGTH, blank=True)
    """The customer's id in the organisation's own systems."""

    segment = models.CharField(max_length=20, choices=Segment, blank=True)
    size = models.CharField(max_length=20, choices=AccountSize, blank=True)
    region = models.CharField(max_length=100, blank=True)
    industry = models.CharField(max_length=100, blank=True)
    lead_source = models.CharField(max_length=100, blank=True)
    tags = models.ManyToManyField("accounts.Tag", through="accounts.AccountTag", related_name="accounts", blank=True)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="owned_accounts"
    )
    team = models.ForeignKey(
        "csplatform.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts"
    )

    status = models.CharField(max_length=20, choices=AccountStatus, default=AccountStatus.ACTIVE)
    churned_on = models.DateField(null=True, blank=True)
    """The first day without service."""
    churn_reason = models.CharField(max_length=255, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="merged_accounts", db_index=False
    )
    """The account that it turned out to be a duplicate of; never itself a merged one."""

    parent = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="children", db_index=False
    )
    """The account it belongs to, as a subsidiary does to its group; never in a circle."""

    arr = models.DecimalField(
        "ARR", max_digits=12, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    """What it pays a year, now. Written by services only: each change posts to the MRR ledger."""
    seats = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(MOST_SEATS)])
    contract_start = models.DateField(null=True, blank=True)
    contract_end = models.DateField(null=True, blank=True)
    contract_term_months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_TERM)]
    )
    """For how long it renews each time."""
    custom_fields = models.JSONField(default=dict, blank=True)
    """What the organisation's `CustomField`s hold for it, by their key; what is unknown is left out."""

    health_score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    """Of the newest metrics by the primary scorecard; null while too little is known."""
    last_known_health_score = models.DecimalField(max_digits=4, decimal_places=1, null=True, blank=True)
    health_coverage = models.FloatField(null=True, blank=True)
    """The share (0-1) of the scorecard's weight that had data."""
    churn_risk_score = models.PositiveSmallIntegerField(default=0)

    objects = AccountQuerySet.as_manager()
    history = HistoricalRecords()
    _history_user: User | None
    """Who a service writes for; the history row records them."""
    _change_reason: str

    class Meta:
        ordering = ["name_key", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name_key"], name="account_name_unique_per_organization"),
            models.UniqueConstraint(fields=["organization", "number"], name="account_number_unique_per_organization"),
            models.UniqueConstraint(
                fields=["organization", "external_id"],
                condition=~Q(external_id=""),
                name="account_external_id_unique_per_organization",
            ),
            models.CheckConstraint(condition=~Q(name_key=""), name="account_has_a_name"),
            models.CheckConstraint(condition=Q(number__gte=1), name="account_number_from_one"),
            models.CheckConstraint(condition=Q(status__in=AccountStatus.values), name="account_status_known"),
            models.CheckConstraint(condition=Q(segment__in=["", *Segment.values]), name="account_segment_known"),
            models.CheckConstraint(condition=Q(size__in=["", *AccountSize.values]), name="account_size_known"),
            models.CheckConstraint(condition=Q(arr=None) | Q(arr__gte=0), name="account_arr_not_negative"),
            models.CheckConstraint(
                condition=Q(health_score=None) | Q(health_score__range=SCORE), name="account_health_in_range"
            ),
            models.CheckConstraint(
                condition=Q(last_known_health_score=None) | Q(last_known_health_score__range=SCORE),
                name="account_last_health_in_range",
            ),
            models.CheckConstraint(
                condition=Q(health_coverage=None) | Q(health_coverage__range=(0, 1)),
                name="account_coverage_in_range",
            ),
            models.CheckConstraint(condition=Q(churn_risk_score__range=SCORE), name="account_churn_risk_in_range"),
            models.CheckConstraint(
                condition=Q(contract_start=None) | Q(contract_end=None) | Q(contract_end__gte=F("contract_start")),
                name="account_contract_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(contract_term_months=None) | Q(contract_term_months__range=(1, LONGEST_TERM)),
                name="account_term_in_range",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(archived_at__isnull=False), name="account_merged_is_archived"
            ),
        ]
        # The organisation leads each index: every query starts with it.
        indexes = [
            models.Index(fields=["organization", "status"], name="account_status"),
            models.Index(fields=["organization", "region"], name="account_region"),
            models.Index(fields=["organization", "health_score"], name="account_health"),
            models.Index(fields=["organization", "churn_risk_score"], name="account_churn_risk"),
            # Also answers how many are in use and what they pay together, without reading a row.
            models.Index(fields=["organization", "archived_at", "arr"], name="account_arr"),
            models.Index(fields=["organization", "contract_end"], name="account_renewal"),
            models.Index(fields=["parent"], name="account_parent", condition=Q(parent__isnull=False)),
            models.Index(fields=["merged_into"], name="account_merged", condition=Q(merged_into__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("insights:account_overview", args=[self.number])

    @property
    def band(self) -> Band | None:
        return bands.band(self.health_score)

    @property
    def printed_health_score(self) -> int:
        """The whole score that contracts print: its floor, else the last known one's, else 50."""
        known = (self.health_score, self.last_known_health_score)
        return math.floor(next((score for score in known if score is not None), bands.SCORE_WHEN_UNKNOWN))

    @property
    def bucket(self) -> Bucket | None:
        return bands.bucket(self.health_score)

    @property
    def mrr(self) -> Decimal:
        """A twelfth of what it pays a year, to paise; the MRR ledger adds up to this."""
        return monthly(self.arr or ZERO)

    @property
    def coverage_pct(self) -> float | None:
        return None if self.health_coverage is None else self.health_coverage * 100

    @property
    def status_tone(self) -> str:
        """How loud its status badge is."""
        return STATUS_TONES[AccountStatus(self.status)]

    @property
    def is_churned(self) -> bool:
        return self.status == AccountStatus.CHURNED

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def needs_status_review(self) -> bool:
        """A person calls it active while the score calls it critical: neither overwrites the other."""
        return self.status == AccountStatus.ACTIVE and self.band == Band.CRITICAL

    def renews_in_days(self, today: date) -> int | None:
        return None if self.contract_end is None else (self.contract_end - today).days
