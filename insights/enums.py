"""What an insight is about and what wrote it; why an account asks for somebody, and until when it does not."""

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


class CallOutcome(models.TextChoices):
    """What became of a wish to ask the language model."""

    UNDER_WAY = "under_way", "Under way"
    ANSWERED = "answered", "Answered"
    CACHED = "cached", "Answered before, from what was kept"
    UNFOUNDED = "unfounded", "Nothing in it was borne out by the facts"
    INVALID = "invalid", "Cut off, or not in the shape asked for"
    REFUSED = "refused", "It refused"
    TIMEOUT = "timeout", "No answer in time"
    ERROR = "error", "The provider failed"
    BREAKER = "breaker", "Not asked: the provider has just failed"
    BUDGET = "budget", "Not asked: the day's tokens are used up"


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


class ReasonKind(models.TextChoices):
    """Why an account asks for somebody today. The order is that in which a row says its reasons."""

    FOLLOW_UP = "follow_up", "Follow-up due"
    PROMISE = "promise", "Promise due"
    TICKET = "ticket", "Critical or escalated ticket"
    RENEWAL = "renewal", "Renewal near"
    HEALTH = "health", "Health fell"
    INVOICE = "invoice", "Invoice late"
    SILENCE = "silence", "No contact"

    @property
    def icon(self) -> str:
        return _ICONS[self]


_ICONS = {
    ReasonKind.FOLLOW_UP: "checkbox",
    ReasonKind.PROMISE: "flag",
    ReasonKind.TICKET: "ticket",
    ReasonKind.RENEWAL: "calendar-event",
    ReasonKind.HEALTH: "heartbeat",
    ReasonKind.INVOICE: "receipt-rupee",
    ReasonKind.SILENCE: "phone",
}


class SnoozeUntil(models.TextChoices):
    """What brings a snoozed account back to a member's list."""

    DATE = "date", "Until a day"
    RENEWAL = "renewal", "Until its renewal is near"
    BAND = "band", "Until its health changes band"
    NEWS = "news", "Until something new happens"
