"""The choices a playbook is described with."""

from __future__ import annotations

from django.db import models


class Category(models.TextChoices):
    """What part of the relationship a playbook works on (the names are the API contract's)."""

    ENGAGEMENT = "Engagement"
    ADOPTION = "Adoption"
    SUPPORT = "Support"


class Priority(models.TextChoices):
    """How soon a playbook wants to be started."""

    HIGH = "High"
    MEDIUM = "Medium"
    LOW = "Low"

    @property
    def rank(self) -> int:
        """0 for the most urgent, so that sorting by rank puts it first."""
        return list(type(self)).index(self)
