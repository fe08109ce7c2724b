"""Choice lists of billing."""

from __future__ import annotations

from django.db import models


class MovementKind(models.TextChoices):
    """Why MRR moved, read from an account's day as a whole."""

    NEW = "new", "New"
    EXPANSION = "expansion", "Expansion"
    CONTRACTION = "contraction", "Contraction"
    CHURN = "churn", "Churn"
    REACTIVATION = "reactivation", "Reactivation"
