"""Billing what subscriptions owe, many at a time."""

from __future__ import annotations

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from billing.enums import BillingOutcome, SkipReason
from billing.models.document import money
from csplatform.money import ZERO
from csplatform.periods import Window, month_end


class BillingRun(models.Model):
    """One time that somebody had the intervals of some days invoiced. What became of each is on its items."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="billing_runs")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    job = models.OneToOneField("csplatform.Job", on_delete=models.CASCADE, related_name="billing_run")
    """The newest of its jobs: billing, issuing its drafts, or taking it back."""
    starts_on = models.DateField()
    ends_on = models.DateField()
    """Intervals that begin on these days, both included, are billed."""
    as_drafts = models.BooleanField(default=False)
    issue_date = models.DateField(null=True, blank=True)
    """The date of all its invoices; each bears the first day it bills where this is empty."""
    includes_disputed = models.BooleanField(default=False)
    exchange_rates = models.JSONField(default=dict, blank=True)
    """Rupees for one unit of a currency, as text; the subscription's own rate where one is not named."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="billing_run_ends_after_it_starts")
        ]
        indexes = [models.Index(fields=["organization", "-created_at"], name="billing_run_newest")]

    def __str__(self) -> str:
        return f"Billing of {self.period_text}"

    def get_absolute_url(self) -> str:
        return reverse("billing:run_detail", args=[self.uuid])

    @property
    def window(self) -> Window:
        return Window(self.starts_on, self.ends_on)

    @property
    def period_text(self) -> str:
        """`November 2026` for a whole month, else its first and last day."""
        if self.starts_on.day == 1 and self.ends_on == month_end(self.starts_on):
            return f"{self.starts_on:%B %Y}"
        return f"{_day(self.starts_on)} to {_day(self.ends_on)}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


class BillingRunItem(models.Model):
    """One interval of a subscription in a run: the invoice it became, or why it became none."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="billing_run_items"
    )
    run = models.ForeignKey(BillingRun, on_delete=models.CASCADE, related_name="items", db_index=False)
    subscription = models.ForeignKey("billing.Subscription", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+")
    period_start = models.DateField()
    outcome = models.CharField(max_length=12, choices=BillingOutcome, default=BillingOutcome.PLANNED)
    skipped = models.CharField(max_length=20, choices=SkipReason, blank=True)
    told = models.CharField(max_length=255, blank=True)
    """The rest of the sentence: which invoice, what was refused."""
    invoice = models.ForeignKey(
        "billing.Invoice", on_delete=models.SET_NULL, null=True, blank=True, related_name="billing_run_items"
    )
    taxable_inr = money(default=ZERO)
    total_inr = money(default=ZERO)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "subscription", "period_start"], name="billing_run_item_once_per_interval"
            ),
            models.CheckConstraint(
                condition=Q(outcome=BillingOutcome.SKIPPED) | Q(skipped=""), name="billing_run_item_skipped_says_why"
            ),
        ]
        indexes = [models.Index(fields=["run", "outcome"], name="billing_run_item_outcome")]

    def __str__(self) -> str:
        return f"{self.account}, from {_day(self.period_start)}"
