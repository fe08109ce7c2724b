"""Playbook and Step: what to do about a kind of risk, written down once."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.urls import reverse
from simple_history.models import HistoricalRecords

from csplatform.models import User
from csplatform.models.base import TimestampedModel
from playbooks.enums import Category, OwnerRole, Priority, StepKind
from playbooks.library import split_step
from playbooks.querysets import PlaybookQuerySet
from playbooks.relevance import Candidate

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


TITLE_LENGTH = 100
LAST_DAY = 730


class Playbook(TimestampedModel):
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

    history = HistoricalRecords()
    _history_user: User | None
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
    title = models.CharField(max_length=TITLE_LENGTH, blank=True)
    text = models.TextField()
    day = models.PositiveSmallIntegerField(default=1, help_text="Due by this day of a run, which starts on day 1.")
    kind = models.CharField(max_length=10, choices=StepKind, default=StepKind.TASK)
    role = models.CharField("done by", max_length=20, choices=OwnerRole, default=OwnerRole.ACCOUNT_OWNER)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """Who does it, where that is a certain person; once they are gone, the account's owner does."""

    history = HistoricalRecords()
    _history_user: User | None

    class Meta:
        ordering = ["playbook_id", "n"]
        constraints = [
            models.UniqueConstraint(fields=["playbook", "n"], name="step_place_unique_per_playbook"),
            models.CheckConstraint(condition=models.Q(n__gte=1), name="step_place_from_one"),
            models.CheckConstraint(condition=models.Q(day__range=(1, LAST_DAY)), name="step_day_in_range"),
            models.CheckConstraint(condition=models.Q(kind__in=StepKind.values), name="step_kind_known"),
            models.CheckConstraint(condition=models.Q(role__in=OwnerRole.values), name="step_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.n}. {self.text}"

    @property
    def name(self) -> str:
        """What the task is called that a run makes of it."""
        return self.title or first_words(self.what)

    @property
    def who_and_when(self) -> str:
        """In a shipped text's own words (`Day 1, CSM with support`); of others, the day and who."""
        head, _ = split_step(self.text)
        if head:
            return head
        somebody = self.member.display_name if self.role == OwnerRole.MEMBER and self.member else ""
        return f"Day {self.day}, {somebody or self.get_role_display().lower()}"

    @property
    def what(self) -> str:
        """The step without its who and when."""
        return split_step(self.text)[1]


def first_words(text: str) -> str:
    """A title for a step that has none: its first clause, at most as long as a title may be."""
    clause = re.split(r"[.,:;\n]", text.strip(), maxsplit=1)[0].strip()
    return f"{clause[:1].upper()}{clause[1:]}"[:TITLE_LENGTH] or "Step"
