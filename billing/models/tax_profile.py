"""Who sells and who buys, in the eyes of GST."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from billing.document_querysets import CustomerTaxProfileQuerySet
from billing.enums import CustomerType, FilingFrequency, Treatment, TurnoverBand
from billing.tax.parameters import EINVOICE_TURNOVER
from billing.tax.states import HOME_COUNTRY, OTHER_COUNTRIES, STATES, place_name
from csplatform.models.base import TimestampedModel
from csplatform.money import CRORE, ZERO

DEFAULT_TERMS_DAYS = 15
LONGEST_TERMS_DAYS = 365
TURNOVER_ABOVE = {
    TurnoverBand.UP_TO_5_CRORE: ZERO,
    TurnoverBand.UP_TO_10_CRORE: 5 * CRORE,
    TurnoverBand.ABOVE_10_CRORE: 10 * CRORE,
}


class TaxProfile(TimestampedModel):
    """A GST registration of the organisation: what its invoices say about the supplier."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="tax_profiles")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    gstin = models.CharField("GSTIN", max_length=15)
    legal_name = models.CharField(max_length=200)
    address = models.TextField(max_length=500)
    state_code = models.CharField(max_length=2)
    lut_number = models.CharField("LUT number", max_length=40, blank=True)
    """The letter of undertaking under which exports bear no tax, valid for days of one financial year."""
    lut_valid_from = models.DateField(null=True, blank=True)
    lut_valid_to = models.DateField(null=True, blank=True)
    turnover_band = models.CharField(max_length=20, choices=TurnoverBand, default=TurnoverBand.UP_TO_5_CRORE)
    filing_frequency = models.CharField(max_length=10, choices=FilingFrequency, default=FilingFrequency.MONTHLY)
    filed_periods = models.JSONField(default=list, blank=True)
    """Periods whose GSTR-1 is filed, each named by its last month: `2026-10`."""
    rounds_off = models.BooleanField(default=False)
    """Whether totals of invoices are rounded to the nearest rupee."""
    is_default = models.BooleanField(default=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["-is_default", "gstin"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "gstin"], name="tax_profile_once_per_gstin"),
            models.UniqueConstraint(
                fields=["organization"], condition=Q(is_default=True), name="tax_profile_one_default"
            ),
            models.CheckConstraint(condition=Q(state_code__in=list(STATES)), name="tax_profile_state_known"),
            models.CheckConstraint(
                condition=Q(lut_valid_from=None) | Q(lut_valid_to=None) | Q(lut_valid_to__gte=F("lut_valid_from")),
                name="tax_profile_lut_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.legal_name} ({self.gstin})"

    @property
    def state_name(self) -> str:
        return STATES.get(self.state_code, "")

    def has_lut_on(self, day: date) -> bool:
        """Whether an undertaking covers exports of that day."""
        return bool(
            self.lut_number
            and self.lut_valid_from
            and self.lut_valid_to
            and self.lut_valid_from <= day <= self.lut_valid_to
        )

    def needs_irn_on(self, day: date) -> bool:
        """Whether its invoices to businesses have to be reported for an IRN."""
        threshold = EINVOICE_TURNOVER.on(day)
        return TURNOVER_ABOVE[TurnoverBand(self.turnover_band)] >= threshold


class CustomerTaxProfile(TimestampedModel):
    """How an account is billed: its registration, its state, its terms."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="customer_tax_profiles"
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    account = models.OneToOneField("accounts.Account", on_delete=models.CASCADE, related_name="tax_profile")
    treatment = models.CharField(max_length=20, choices=Treatment, default=Treatment.UNREGISTERED)
    gstin = models.CharField("GSTIN", max_length=15, blank=True)
    pan = models.CharField("PAN", max_length=10, blank=True)
    legal_name = models.CharField(max_length=200, blank=True)
    """As invoices name it; the account's name where this is empty."""
    address = models.TextField(max_length=500, blank=True)
    state_code = models.CharField(max_length=2, blank=True)
    country = models.CharField(max_length=2, default=HOME_COUNTRY)
    customer_type = models.CharField(max_length=20, choices=CustomerType, blank=True)
    payment_terms_days = models.PositiveSmallIntegerField(
        default=DEFAULT_TERMS_DAYS, validators=[MaxValueValidator(LONGEST_TERMS_DAYS)]
    )
    tds_rate = models.DecimalField(
        "TDS rate",
        max_digits=5,
        decimal_places=2,
        default=ZERO,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )
    """What it withholds of the value without GST, in percent."""
    currency = models.CharField(max_length=3, default="INR")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="billed_customers",
        verbose_name="billing owner",
    )
    """Who looks after its invoices; who writes one, where nobody is named."""

    objects = CustomerTaxProfileQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["account", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(treatment__in=Treatment.values), name="customer_tax_treatment_known"),
            models.CheckConstraint(
                condition=(
                    Q(treatment__in=[Treatment.REGISTERED, Treatment.SEZ]) & ~Q(gstin="")
                    | Q(treatment__in=[Treatment.UNREGISTERED, Treatment.OVERSEAS], gstin="")
                ),
                name="customer_tax_gstin_where_registered",
            ),
            models.CheckConstraint(condition=Q(state_code__in=["", *STATES]), name="customer_tax_state_known"),
            models.CheckConstraint(condition=Q(tds_rate__range=(0, 100)), name="customer_tax_tds_in_range"),
            models.CheckConstraint(
                condition=Q(payment_terms_days__lte=LONGEST_TERMS_DAYS), name="customer_tax_terms_in_range"
            ),
        ]
        indexes = [models.Index(fields=["organization", "treatment"], name="customer_tax_treatment")]

    def __str__(self) -> str:
        return f"{self.account}: {self.get_treatment_display()}"

    @property
    def place_name(self) -> str:
        """The state, or the country of a customer abroad."""
        return place_name(OTHER_COUNTRIES if self.country != HOME_COUNTRY else self.state_code, self.country)
