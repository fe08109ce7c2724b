"""The usage tab of an account: what it has, how widely that is used, and how the use moves."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.views.generic import DetailView

from accounts.models import Account
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.usage import UsageInsight, held_products, usage_insights
from csplatform.charts import ChartData
from csplatform.formatting import month_text, number
from csplatform.periods import last_months, today
from csplatform.views.base import OrganizationView

MONTHS = 6


class AccountUsageView(OrganizationView, DetailView[Account]):
    """Products, seats, active users and quantities of one account."""

    template_name = "accounts/account_usage.html"
    context_object_name = "account"

    def get_object(self, queryset: object = None) -> Account:
        return account_by_key(self.request.organization.accounts.for_list(), self.kwargs["key"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, account = self.request.organization, self.object
        day = today(organization)
        accounts = organization.accounts.filter(pk=account.pk)
        insights: list[UsageInsight] = usage_insights(organization, accounts=accounts, as_of=day)
        return super().get_context_data(
            products=held_products(account, on=day),
            insight=insights[0] if insights else None,
            chart=users_chart(account, day=day),
            **kwargs,
        )


def users_chart(account: Account, *, day: date) -> ChartData:
    """Active users of each product by month, as last measured in it."""
    months = last_months(day, MONTHS)
    rows = account.product_usage.filter(
        organization=account.organization, used_on__gte=months[0].start, active_users__isnull=False
    )
    newest: dict[tuple[str, date], int] = {}
    for name, used_on, users in rows.order_by("used_on").values_list("product__name", "used_on", "active_users"):
        newest[name, used_on.replace(day=1)] = users or 0
    names = list(dict.fromkeys(name for name, _ in newest))
    return {
        "labels": [month_text(month.start) for month in months] if names else [],
        "series": [
            {
                "name": name,
                "values": [
                    None if (users := newest.get((name, month.start))) is None else float(users) for month in months
                ],
                "texts": [
                    "–" if (users := newest.get((name, month.start))) is None else number(users) for month in months
                ],
            }
            for name in names[:4]
        ],
        "x_title": "Month",
        "y_title": "Active users",
        "minimum": 0,
    }
