"""Which risk factors apply now, to one account or to all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from csplatform.models import Organization
from csplatform.money import ZERO
from health.risk_factors import FactorRow
from health.selectors.risk_factors import current_risk_factors
from health.selectors.scorecard import HealthScorecards


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRisks:
    """An open account's factors, and what it pays a year."""

    account_id: int
    arr: Decimal
    factors: Sequence[FactorRow]

    @property
    def severities(self) -> dict[str, int]:
        return severities(self.factors)


def severities(factors: Sequence[FactorRow]) -> dict[str, int]:
    """The factors' names with their weights, as relevance asks for them."""
    return {factor["name"]: factor["severity"] for factor in factors}


def open_risks(organization: Organization, *, today: date) -> list[AccountRisks]:
    """The factors of every open account that has any."""
    accounts = organization.accounts.open()
    return with_arr(current_risk_factors(organization, accounts, today=today), open_arr(organization))


def open_arr(organization: Organization) -> dict[int, Decimal]:
    """What each open account pays a year, by key."""
    rows = organization.accounts.open().order_by("pk").values_list("pk", "arr")
    return {pk: arr or ZERO for pk, arr in rows}


def with_arr(factors: Mapping[int, Sequence[FactorRow]], arr: Mapping[int, Decimal]) -> list[AccountRisks]:
    """Factors by account, as `current_risk_factors` finds them, with the accounts' revenue."""
    return [
        AccountRisks(account_id=pk, arr=arr[pk], factors=found)
        for pk, found in factors.items()
        if found and pk in arr
    ]


def account_risks(
    organization: Organization, account: Account, *, today: date, scorecards: HealthScorecards | None = None
) -> list[FactorRow]:
    """The factors of one account; a churned or archived one has no open risks."""
    accounts = organization.accounts.open().filter(pk=account.pk)
    return current_risk_factors(organization, accounts, today=today, scorecards=scorecards).get(account.pk, [])
