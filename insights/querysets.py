"""Ways of narrowing insights and snoozes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from csplatform.models import Membership
from insights.enums import InsightKind

if TYPE_CHECKING:
    from insights.models import AttentionSnooze, Insight


class InsightQuerySet(models.QuerySet["Insight"]):
    """An organisation's written insights, newest first."""

    def about_portfolio(self) -> Self:
        return self.filter(kind=InsightKind.PORTFOLIO)

    def for_list(self) -> Self:
        """With the account and the person who asked, as a list prints them."""
        return self.select_related("account", "by").defer("facts")


class AttentionSnoozeQuerySet(models.QuerySet["AttentionSnooze"]):
    """Accounts that members do not want to see for a while."""

    def going(self) -> Self:
        """Not taken back, and not replaced. Whether its time has come is for `AttentionSnooze.is_over` to say."""
        return self.filter(ended_at=None)

    def of_member(self, member: Membership) -> Self:
        return self.filter(membership=member)
