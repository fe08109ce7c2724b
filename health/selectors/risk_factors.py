"""Which named risks an account has now, and why."""

from __future__ import annotations

from datetime import date

from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from health.risk_factors import FactorRow, factor_rows, match_factors
from health.selectors.scorecard import HealthScorecards, health_scorecards
from health.selectors.scored_accounts import scored_by_own_cards


def current_risk_factors(
    organization: Organization,
    accounts: AccountQuerySet,
    *,
    today: date,
    scorecards: HealthScorecards | None = None,
) -> dict[int, list[FactorRow]]:
    """The factors of each account, worst rules first, in a constant number of queries.

    The same evaluation that a recompute stores in the snapshots, on what is known at this moment. `scorecards` are
    the organisation's, where the caller has them at hand.
    """
    frame = scored_by_own_cards(organization, accounts, scorecards or health_scorecards(organization), today=today)
    return dict(zip(frame.index.tolist(), factor_rows(frame, match_factors(frame)), strict=True))
