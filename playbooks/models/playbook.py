"""Playbook and Step: what to do about a kind of risk, written down once."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from playbooks.enums import Category, Priority
from playbooks.querysets import PlaybookQuerySet
from playbooks.relevance import Candidate

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class Playbook(models.Model):
    """A way of answering certain risk factors: numbered per organisation, the ten built-in ones first."""

    organization = models.ForeignKey("csplatform.Organization", on_delete=models.CASCADE, related_name="playbooks")
    number = models.PositiveIntegerField(editable=False)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.SlugField(max_length=60, help_text="What releases recognise a built-in playbook by.")
    is_builtin = models.BooleanField(default=False, editable=False)
    title = models.CharField(max_length=200)
    description = models.TextField()
    category = models.CharField(max_length=20, choices=Category)
    priority = models.CharField(max_length=10, choices=Priority)
    estimated_effort = models.CharField(max_length=100)
    risk_factors = models.JSONField(
        default=list, blank=True, help_text="Names of the risk factors this playbook answers."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    history = HistoricalRecords()
    objects = PlaybookQuerySet.as_manager()

    if TYPE_CHECKING:
        steps: RelatedManager[Step]

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="playbook_number_unique_per_organization"
            ),
            models.UniqueConstraint(fields=["organization", "key"], name="playbook_key_unique_per_organization"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("playbooks:playbook_detail", args=[self.number])

    @property
    def as_candidate(self) -> Candidate:
        """The playbook as the relevance arithmetic sees it."""
        return Candidate(
            number=self.number, priority_rank=Priority(self.priority).rank, factors=tuple(self.risk_factors)
        )


class Step(models.Model):
    """One thing to do in a playbook: who, what and by when, in one sentence or two."""

    organization = models.ForeignKey(
        "csplatform.Organization", on_delete=models.CASCADE, related_name="playbook_steps"
    )
    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="steps")
    n = models.PositiveSmallIntegerField(verbose_name="place", help_text="1 for the first step.")
    text = models.TextField()

    history = HistoricalRecords()

    class Meta:
        ordering = ["playbook_id", "n"]
        constraints = [
            models.UniqueConstraint(fields=["playbook", "n"], name="step_place_unique_per_playbook"),
            models.CheckConstraint(condition=models.Q(n__gte=1), name="step_place_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.n}. {self.text}"

    @property
    def who_and_when(self) -> str:
        """What stands before the first colon (`Day 1, CSM`); empty for a step written without."""
        head, colon, _ = self.text.partition(": ")
        return head if colon else ""

    @property
    def what(self) -> str:
        """The step without its who and when."""
        return self.text.removeprefix(f"{self.who_and_when}: ")
