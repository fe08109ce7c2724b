"""Over which days a billing dashboard is, and as of when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from billing.document_querysets import InvoiceQuerySet
from csplatform import periods
from csplatform.models import Organization
from csplatform.periods import Period, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingView:
    """What a billing dashboard was asked for.

    Flows add up over the window; balances are taken at the close of `day`, its last one, from entries dated up to
    it. All money is in rupees.
    """

    organization: Organization
    period: Period
    today: date
    """The real one; `as_of` may have made `day` an earlier one."""

    @property
    def window(self) -> Window:
        return self.period.window

    @property
    def day(self) -> date:
        return self.period.window.end

    def standing(self) -> InvoiceQuerySet:
        """Every invoice issued by the close of the day and not void then."""
        invoices: InvoiceQuerySet = self.organization.invoices.standing_on(self.day).order_by()
        return invoices

    def issued(self) -> InvoiceQuerySet:
        """The invoices of the window."""
        invoices: InvoiceQuerySet = self.organization.invoices.issued_in(self.window).order_by()
        return invoices


def billing_view(
    organization: Organization, *, now: datetime, period: str | None = None, as_of: date | None = None
) -> BillingView:
    """Read the parameters of the dashboard; a period that is none raises `PeriodError`."""
    today = periods.today(organization, now=now)
    return BillingView(organization=organization, period=periods.billing_period(period, as_of or today), today=today)
