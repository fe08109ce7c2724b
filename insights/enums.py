"""What an insight is about, and what wrote it."""

from __future__ import annotations

from decimal import Decimal

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


class Growth(models.TextChoices):
    """What an account pays, compared with ninety days ago."""

    EXPANDED = "Expanded", "Expanded"
    STABLE = "Stable", "Stable"
    CONTRACTED = "Contracted", "Contracted"

    @classmethod
    def of(cls, moved: Decimal) -> Growth:
        if moved:
            return cls.EXPANDED if moved > 0 else cls.CONTRACTED
        return cls.STABLE
