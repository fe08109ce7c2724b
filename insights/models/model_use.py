"""Whether and how much an organisation lets a language model write, and each time that it was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from csplatform.models.base import TimestampedModel
from insights.enums import CallOutcome, InsightKind
from insights.querysets import ModelCallQuerySet

if TYPE_CHECKING:
    from csplatform.models import User

USUAL_DAILY_TOKENS = 200_000
MOST_DAILY_TOKENS = 100_000_000


class ModelSettings(TimestampedModel):
    """An organisation's switch and budget. Without a row it is on, with the usual budget, where a model is set up."""

    organization = models.OneToOneField(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="model_settings"
    )
    is_on = models.BooleanField(default=True)
    daily_tokens = models.PositiveIntegerField(
        default=USUAL_DAILY_TOKENS,
        validators=[MaxValueValidator(MOST_DAILY_TOKENS)],
        help_text="Asked and answered together, a day in the organisation's zone.",
    )

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "model settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(daily_tokens__range=(0, MOST_DAILY_TOKENS)), name="model_daily_tokens_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.daily_tokens} tokens a day" if self.is_on else "Off"


class ModelCall(models.Model):
    """One wish to ask the model, and what became of it. What was asked and answered is with the insight, not here."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="model_calls")
    kind = models.CharField(max_length=10, choices=InsightKind)
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="model_calls", null=True, blank=True
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="+", null=True)
    model = models.CharField(max_length=100)
    prompt_version = models.CharField(max_length=20)
    outcome = models.CharField(max_length=10, choices=CallOutcome, default=CallOutcome.UNDER_WAY)
    tokens_in = models.PositiveIntegerField(default=0)
    """What was asked; while it is under way, and for ever if its process died, the estimate that was set aside."""
    tokens_out = models.PositiveIntegerField(default=0)
    dropped = models.PositiveSmallIntegerField(default=0)
    """Sentences that the facts did not bear out."""
    milliseconds = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ModelCallQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="model_call_outcome_known"),
        ]
        indexes = [models.Index(fields=["organization", "-created_at"], name="model_call_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_outcome_display()}"
