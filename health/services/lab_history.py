"""The past as the lab looks at it: every account at the end of each month, by given rules, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.db.models import Min, Q

from accounts.querysets import AccountQuerySet
from billing.selectors.mrr import mrr_by_account
from csplatform.models import Organization
from csplatform.periods import month_end, month_start
from csplatform.querysets import among
from health.lab.backtest import CONTRACTED_BELOW, HORIZON_DAYS, YOUNG_DAYS
from health.models import Scorecard
from health.scoring import ScorecardRules
from health.scoring.churn_risk import RISK
from health.selectors.churn_weights import churn_factors
from health.selectors.scored_accounts import scored_accounts, scored_beside
from health.services.churn_risk import with_churn_risk

MOST_MONTHS = 24
ACCOUNTS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """Since when each account is known, and when it left; by key."""

    since: dict[int, date]
    left: dict[int, date]

    def known_on(self, day: date) -> list[int]:
        """Those that were there for sixty days and had not left, by key."""
        youngest = day - timedelta(days=YOUNG_DAYS)
        return sorted(
            key
            for key, since in self.since.items()
            if since <= youngest and (key not in self.left or self.left[key] > day)
        )


def lives(organization: Organization, segments: Sequence[str] = ()) -> Lives:
    """Known since its first metrics or its first revenue, whichever was first; what was merged away is left out.

    All accounts, or those that are in some segments now."""
    accounts = organization.accounts.filter(Q(archived_at=None))
    if segments:
        accounts = accounts.filter(segment__in=segments)
    first_metrics = dict(organization.daily_metrics.order_by().values_list("account").annotate(Min("date")))
    first_paid = dict(organization.mrr_movements.order_by().values_list("account").annotate(Min("date")))
    since: dict[int, date] = {}
    left: dict[int, date] = {}
    for key, churned_on in accounts.order_by("pk").values_list("pk", "churned_on"):
        days = [day for day in (first_metrics.get(key), first_paid.get(key)) if day is not None]
        if days:
            since[key] = min(days)
        if churned_on is not None:
            left[key] = churned_on
    return Lives(since=since, left=left)


def judged_months(organization: Organization, *, today: date) -> list[date]:
    """The ends of months of which ninety days have passed, oldest first, from the first metrics on."""
    first = organization.daily_metrics.aggregate(first=Min("date"))["first"]
    if first is None:
        return []
    ends: list[date] = []
    day = month_end(today - timedelta(days=HORIZON_DAYS))
    if day > today - timedelta(days=HORIZON_DAYS):
        day = month_start(day) - timedelta(days=1)
    while day >= first and len(ends) < MOST_MONTHS:
        ends.append(day)
        day = month_start(day) - timedelta(days=1)
    return ends[::-1]


def observed(
    organization: Organization, known: Lives, day: date, scorecard: Scorecard, draft: Scorecard | None
) -> Iterator[pd.DataFrame]:
    """The accounts at the close of a day, in groups: `live`, `draft`, `risk`, `share_<signal>` and `positive`.

    Scores are what rules make of what was known then, not what was shown: a score set by hand tells nothing of
    the rules. Two queries for the revenue of all of them, and for each group what a recompute takes."""
    later = day + timedelta(days=HORIZON_DAYS)
    paid, paid_later = mrr_by_account(organization, day), mrr_by_account(organization, later)
    keys = known.known_on(day)
    for start in range(0, len(keys), ACCOUNTS_AT_ONCE):
        group = keys[start : start + ACCOUNTS_AT_ONCE]
        accounts: AccountQuerySet = organization.accounts.filter(among("pk", group))
        beside = [draft.rules] if draft else []
        frame = scored_accounts(organization, accounts, scorecard, today=day, beside=beside)
        risked = with_churn_risk(
            frame, organization=organization, accounts=accounts, factors=churn_factors(organization), today=day
        )
        found = pd.DataFrame(index=frame.index)
        found["live"] = frame["computed"]
        found["draft"] = scored_beside(frame, draft.rules)["computed"] if draft else np.nan
        found["risk"] = risked[RISK]
        for signal in scorecard.rules.signals:
            found[f"share_{signal.key}"] = frame[f"points_{signal.key}"] / signal.max_points
        found["positive"] = [
            (key in known.left and day < known.left[key] <= later)
            or (paid.get(key, 0) > 0 and float(paid_later.get(key, 0)) < CONTRACTED_BELOW * float(paid[key]))
            for key in frame.index.tolist()
        ]
        found["day"] = day.toordinal()
        yield found


def joined(frames: Sequence[pd.DataFrame], rules: ScorecardRules) -> pd.DataFrame:
    """All observations in one frame, whose index is the account; empty where there were none."""
    if frames:
        return pd.concat(frames)
    columns = ["live", "draft", "risk", *(f"share_{signal.key}" for signal in rules.signals), "positive", "day"]
    return pd.DataFrame({name: np.empty(0) for name in columns}, index=pd.Index([], dtype="int64"))


def shares_of(frame: pd.DataFrame, rules: ScorecardRules) -> npt.NDArray[np.float64]:
    return frame[[f"share_{signal.key}" for signal in rules.signals]].to_numpy(dtype="float64", na_value=np.nan)
