"""Where the figures of the account-management dashboard lead: to exactly the rows that they count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.urls import reverse
from django.utils.http import urlencode

from accounts.enums import AccountScope, Band, TicketPriority
from accounts.list_filter import CUSTOMERS, IN_USE
from accounts.selectors.usage import ProductAdoption
from billing.filters import EXISTING
from billing.selectors.renewals import UPCOMING_DAYS
from csplatform.periods import last_days
from insights.selectors.dashboard.revenue import CHURN_DAYS, NET_CHANGE_DAYS
from insights.selectors.dashboard.view import PortfolioView


class Links:
    """Addresses of lists, narrowed as the dashboard is. Lists show what is there today: of a past day no figure
    leads anywhere, rather than to other rows."""

    def __init__(self, view: PortfolioView) -> None:
        self.view = view
        self.kept = {} if view.scope == AccountScope.ALL else {"owner": view.scope}
        if view.source:
            self.kept["source"] = view.source

    def as_context(self) -> dict[str, object]:
        """By name, for templates; nothing for a past day."""
        if not self.view.is_live:
            return {"tickets_by": {}}
        window, day = self.view.window, self.view.day
        return {
            "mrr": self.accounts(sort="-arr"),
            "net": self._movements(last_days(day, NET_CHANGE_DAYS).start, kind=EXISTING),
            "churn": self._movements(last_days(day, CHURN_DAYS).start, kind="churn"),
            "churned_in_window": self._movements(window.start, kind="churn"),
            "at_risk": self.customers(health_max="59", sort="health"),
            "advocates": self.customers(advocacy="ready"),
            "health": self.customers(sort="health"),
            "unknown": self.customers(band="unknown"),
            "customers": self.customers(sort="-arr"),
            "export": self._to("accounts:account_export", status=CUSTOMERS, sort="-arr"),
            "follow_ups": self._to("accounts:follow_up_list", assignee="", due="open", accounts=CUSTOMERS),
            "tickets": self.tickets(),
            "escalated": self.tickets(escalated="true"),
            "tickets_by": {priority: self.tickets(priority=priority.value) for priority in TicketPriority},
            "renewals": self._to(
                "insights:renewals",
                **{"from": day.isoformat(), "to": (day + timedelta(days=UPCOMING_DAYS)).isoformat()},
            ),
            "referrals": self._advocacy(**{"from": window.start.isoformat(), "to": window.end.isoformat()}),
            "advocacy": self._advocacy(),
            "timeline": self._to("accounts:timeline", accounts=IN_USE),
        }

    def accounts(self, **narrowed: str) -> str:
        """Of the account list."""
        return self._to("accounts:account_list", **narrowed)

    def customers(self, **narrowed: str) -> str:
        """The same without those that churned."""
        return self.accounts(status=CUSTOMERS, **narrowed)

    def band(self, band: Band) -> str:
        return self.customers(band=band.value)

    def tickets(self, **narrowed: str) -> str:
        """Open ones of customers."""
        return self._to("accounts:ticket_list", status="unresolved", accounts=CUSTOMERS, **narrowed)

    def product(self, row: ProductAdoption) -> str:
        return self.customers(product=row.product.name) if self.view.is_live else ""

    def _movements(self, since: date, *, kind: str) -> str:
        days = {"from": since.isoformat(), "to": self.view.day.isoformat()}
        return self._to("billing:revenue", kind=kind, accounts=IN_USE, **days)

    def _advocacy(self, **narrowed: str) -> str:
        return self._to("accounts:advocacy", accounts=IN_USE, **narrowed)

    def _to(self, name: str, **narrowed: str) -> str:
        query: Mapping[str, str] = {**narrowed, **self.kept}
        return f"{reverse(name)}?{urlencode(query)}"
