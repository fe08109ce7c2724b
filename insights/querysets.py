"""Ways of narrowing insights and snoozes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import F, Sum

from csplatform.models import Membership
from insights.enums import InsightKind

if TYPE_CHECKING:
    from insights.models import AttentionSnooze, Insight, ModelCall


class InsightQuerySet(models.QuerySet["Insight"]):
    """An organisation's written insights, newest first."""

    def about_portfolio(self) -> Self:
        return self.filter(kind=InsightKind.PORTFOLIO)

    def last_words(self) -> Self:
        """Without those that the language model has written anew since."""
        return self.filter(followed_by=None)

    def for_list(self) -> Self:
        """With the account and the person who asked, as a list prints them."""
        return self.select_related("account", "by").defer("facts")


class ModelCallQuerySet(models.QuerySet["ModelCall"]):
    def tokens_since(self, moment: datetime) -> int:
        """Asked and answered together, what is under way as it was estimated."""
        found = self.filter(created_at__gte=moment).aggregate(tokens=Sum(F("tokens_in") + F("tokens_out")))
        return int(found["tokens"] or 0)


class AttentionSnoozeQuerySet(models.QuerySet["AttentionSnooze"]):
    """Accounts that members do not want to see for a while."""

    def going(self) -> Self:
        """Not taken back, and not replaced. Whether its time has come is for `AttentionSnooze.is_over` to say."""
        return self.filter(ended_at=None)

    def of_member(self, member: Membership) -> Self:
        return self.filter(membership=member)
