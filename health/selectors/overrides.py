"""Scores set by hand: which one counts on a day, for one account or for many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Account
from csplatform.models import Organization
from health.models import HealthOverride


def overriding_scores(organization: Organization, *, today: date) -> dict[int, float]:
    """Account key to the score that counts today; in one query, of as many rows as somebody overrode."""
    rows = organization.health_overrides.covering(today).values_list("account_id", "score")
    # Newest first: the last one written into the mapping has to be the newest.
    return {account: float(score) for account, score in reversed(list(rows))}


def override_on(account: Account, day: date) -> HealthOverride | None:
    """The override that counts on a day."""
    return account.health_overrides.covering(day).select_related("set_by").first()


@dataclass(frozen=True, slots=True)
class OverrideCalendar:
    """The overrides of some accounts over some time, to be asked day by day without a query each."""

    rows: Sequence[HealthOverride]
    """Newest first."""

    @classmethod
    def of(cls, organization: Organization, accounts: Iterable[int], *, since: date, until: date) -> OverrideCalendar:
        rows = organization.health_overrides.filter(account__in=set(accounts)).touching(since, until)
        return cls(list(rows.order_by("-created_at", "-pk")))

    def score(self, account: int, day: date) -> Decimal | None:
        """What was set for the account on the day; None where nobody had."""
        for row in self.rows:
            ended = row.ended_on is not None and row.ended_on <= day
            if row.account_id == account and row.starts_on <= day <= row.expires_on and not ended:
                return row.score
        return None
