"""Ways of narrowing insights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from insights.enums import InsightKind

if TYPE_CHECKING:
    from insights.models import Insight


class InsightQuerySet(models.QuerySet["Insight"]):
    """An organisation's written insights, newest first."""

    def about_portfolio(self) -> Self:
        return self.filter(kind=InsightKind.PORTFOLIO)

    def for_list(self) -> Self:
        """With the account and the person who asked, as a list prints them."""
        return self.select_related("account", "by").defer("facts")
