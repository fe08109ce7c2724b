"""How much of what customers pay a year is at risk: what is to be expected, and the headline."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import DecimalField, F, Sum

from accounts.querysets import AccountQuerySet
from csplatform.money import ZERO, round2
from health.selectors.portfolio import health_distribution

MONEY = DecimalField(max_digits=18, decimal_places=2)


def expected_arr_at_risk(accounts: AccountQuerySet) -> Decimal:
    """The sum over open accounts of ARR × churn risk ÷ 100: what would leave if every risk came true as often as
    it says."""
    weighed = Sum(F("arr") * F("churn_risk_score"), output_field=MONEY)
    return round2((accounts.open().order_by().aggregate(total=weighed)["total"] or ZERO) / 100)


def headline_arr_at_risk(accounts: AccountQuerySet) -> Decimal:
    """The ARR of the open accounts in the At Risk and Critical bands."""
    return health_distribution(accounts).arr_at_risk
