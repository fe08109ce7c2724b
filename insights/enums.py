"""What an insight is about, and what wrote it."""

from __future__ import annotations

from django.db import models


class InsightKind(models.TextChoices):
    """Whether a text speaks of one account or of all of them."""

    PORTFOLIO = "portfolio", "Portfolio"
    ACCOUNT = "account", "Account"


class InsightSource(models.TextChoices):
    """What wrote the words; the names are the API contract's."""

    RULES = "rules", "Rules"
    LLM = "llm", "Language model"


class FocusArea(models.TextChoices):
    """What a reader may ask to hear about first."""

    REVENUE = "revenue", "Revenue"
    HEALTH = "health", "Health"
    ENGAGEMENT = "engagement", "Engagement"
    ADOPTION = "adoption", "Adoption"
    SUPPORT = "support", "Support"
    SENTIMENT = "sentiment", "Sentiment"
    RENEWALS = "renewals", "Renewals"
    DATA = "data", "Data quality"
