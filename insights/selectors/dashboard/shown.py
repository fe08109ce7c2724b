"""What the blocks tell of the accounts that they show: asked once for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from accounts.models import Account
from billing.selectors.mrr import Paid, paid_by_account
from csplatform import periods
from insights.selectors.dashboard.revenue import CHURN_DAYS
from insights.selectors.dashboard.view import PortfolioView

GROWTH_DAYS = CHURN_DAYS
"""Over so many days an account is said to have grown or shrunk."""


class Contact(NamedTuple):
    """Whom to write to: the primary contact, else the first by name; the address of the first who has one."""

    name: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """By the key of the account."""

    paid: Mapping[int, Paid]
    ends: Mapping[int, date | None]
    """When their terms end, as recorded at the close of the day."""
    contacts: Mapping[int, Contact]

    def mrr(self, account: int) -> Decimal:
        return self.paid.get(account, Paid()).mrr

    def change(self, account: int) -> Decimal:
        """How much more it pays than ninety days before."""
        return self.paid.get(account, Paid()).change

    def contact(self, account: int) -> Contact:
        return self.contacts.get(account, Contact())


def shown(view: PortfolioView, accounts: Iterable[Account], *, others: Iterable[int] = ()) -> Shown:
    """Of these accounts, and of others that only their keys are known of. Two queries; three of a past day."""
    present = {account.pk: account.contract_end for account in accounts}
    keys = [*present, *set(others).difference(present)]
    since = view.day - timedelta(days=GROWTH_DAYS)
    return Shown(
        paid=paid_by_account(view.organization, view.day, since=since, accounts=keys),
        ends=_ends(view, present),
        contacts=_contacts(view, keys),
    )


def _ends(view: PortfolioView, now: Mapping[int, date | None]) -> Mapping[int, date | None]:
    if view.is_live:
        return now
    end = periods.end_of_day(view.day, view.organization)
    rows = Account.history.filter(id__in=list(now), history_date__lte=end).order_by("history_id")
    return {**now, **dict(rows.values_list("id", "contract_end"))}  # the newest is read last


def _contacts(view: PortfolioView, accounts: list[int]) -> dict[int, Contact]:
    contacts = view.organization.contacts.current().filter(account__in=accounts)
    rows = contacts.order_by("account", "is_primary", "-name", "-pk").values_list("account", "name", "email")
    found: dict[int, Contact] = {}
    for account, name, email in rows:  # the best one is read last
        found[account] = Contact(name, email or found.get(account, Contact()).email)
    return found
