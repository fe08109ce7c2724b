"""Insight: a text about an account or the portfolio, with the facts it was written from."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from insights.enums import InsightKind, InsightSource
from insights.querysets import InsightQuerySet


class Insight(models.Model):
    """What was said, when, by what, and the facts it may be checked against. Never changed afterwards."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="insights")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=InsightKind)
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.CASCADE, related_name="insights", null=True, blank=True
    )
    source = models.CharField(max_length=10, choices=InsightSource)
    facts = models.JSONField()
    body = models.JSONField(help_text="The text as the API answers it.")
    created_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="insights", null=True, blank=True
    )

    facts_key = models.CharField(max_length=64, blank=True, editable=False)
    """Of the facts, the wishes, the prompt and the model: the same question has its answer already."""
    rests_on = models.JSONField(default=list, editable=False)
    """Where a model wrote: each sentence (`text`) with the `facts` it rests on."""
    follows = models.OneToOneField(
        "self", on_delete=models.SET_NULL, related_name="followed_by", null=True, blank=True, editable=False
    )
    """What the rules wrote at once, while the model was asked."""

    objects = InsightQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=InsightKind.ACCOUNT, account__isnull=False)
                | Q(kind=InsightKind.PORTFOLIO, account__isnull=True),
                name="insight_account_when_about_one",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "-created_at"], name="insight_newest_first"),
            models.Index(
                fields=["organization", "facts_key"], condition=~Q(facts_key=""), name="insight_by_question"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} insight of {self.created_at:%Y-%m-%d %H:%M}"

    def get_absolute_url(self) -> str:
        return reverse("insights:insight_detail", args=[self.uuid])

    @property
    def summary(self) -> str:
        return str(self.body.get("summary", ""))
