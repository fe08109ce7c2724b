"""Renewals: what is due, what came of it, and what is to be expected. Every page, contract and prompt asks here.

``accounts`` narrows each answer to some accounts, by queryset or keys; left out, it is the whole organisation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from accounts.bands import band
from accounts.enums import Band
from accounts.querysets import AccountQuerySet
from billing.calculations import brier_score, renewal_probability
from billing.enums import RenewalStatus
from billing.models import Renewal
from billing.models.renewal import settled_by_notice
from billing.querysets import RenewalQuerySet
from billing.services.forecast import forecast_assumptions
from csplatform.formatting import share_pct
from csplatform.models import Organization
from csplatform.money import MONTHS_A_YEAR, ZERO, round2
from csplatform.periods import Window

Accounts = AccountQuerySet | Iterable[int] | None

UPCOMING_DAYS = 90
SEGMENT_COUNTS_FROM = 30
"""Finished renewals of a band and segment from which on these two are looked at together."""
COMMIT_FROM = Decimal("0.90")


# -- what is due ------------------------------------------------------------------------------------


def upcoming_renewals(
    organization: Organization, *, today: date, days: int = UPCOMING_DAYS, accounts: Accounts = None
) -> RenewalQuerySet:
    """Terms that end today or within so many days, soonest first, of accounts in use; decided ones among them."""
    renewals: RenewalQuerySet = organization.renewals.of_accounts(accounts).due_within(days, today=today)
    return renewals.filter(account__archived_at=None).for_list().order_by("due_on", "account__name_key", "pk")


def notice_deadlines(
    organization: Organization, *, today: date, days: int = 30, accounts: Accounts = None
) -> list[Renewal]:
    """Open terms that renew by themselves unless notice is given within so many days, the soonest first."""
    open_terms: RenewalQuerySet = organization.renewals.of_accounts(accounts).open().filter(auto_renew=True)
    soon = open_terms.filter(due_on__gte=today, account__archived_at=None).for_list()
    last = today + timedelta(days=days)
    return sorted(
        (renewal for renewal in soon if today <= renewal.notice_by <= last),
        key=lambda each: (each.notice_by, each.pk),
    )


# -- what came of it --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalRates:
    """What was due in a window and decided: open terms are in `open_count` and `open_mrr`, and in no rate."""

    due_count: int
    renewed_count: int
    due_mrr: Decimal
    kept_mrr: Decimal
    """Each renewal at most at its target."""
    renewed_mrr: Decimal
    open_count: int
    open_mrr: Decimal

    @property
    def lost_mrr(self) -> Decimal:
        return self.due_mrr - self.kept_mrr

    @property
    def lost_count(self) -> int:
        return self.due_count - self.renewed_count

    @property
    def all_count(self) -> int:
        """Decided or not."""
        return self.due_count + self.open_count

    @property
    def gross_pct(self) -> Decimal:
        """Of what was due, how much was renewed, upsell left out."""
        return share_pct(self.kept_mrr, self.due_mrr)

    @property
    def net_pct(self) -> Decimal:
        """The same with upsell on the renewal."""
        return share_pct(self.renewed_mrr, self.due_mrr)

    @property
    def logo_pct(self) -> Decimal:
        """Of the terms that were due, how many were renewed."""
        return share_pct(self.renewed_count, self.due_count)


def renewal_rates(organization: Organization, window: Window, *, accounts: Accounts = None) -> RenewalRates:
    """Gross, net and logo renewal rate of the terms that ended, or end, in the window. One query."""
    due: RenewalQuerySet = organization.renewals.of_accounts(accounts).due_between(window.start, window.end)
    rows = list(due.order_by().values_list("status", "target_mrr", "renewed_mrr"))
    decided = [row for row in rows if row[0] in (RenewalStatus.RENEWED, RenewalStatus.CLOSED)]
    renewed = [(target, amount or ZERO) for status, target, amount in decided if status == RenewalStatus.RENEWED]
    return RenewalRates(
        due_count=len(decided),
        renewed_count=len(renewed),
        due_mrr=sum((target for _, target, _ in decided), ZERO),
        kept_mrr=sum((min(target, amount) for target, amount in renewed), ZERO),
        renewed_mrr=sum((amount for _, amount in renewed), ZERO),
        open_count=len(rows) - len(decided),
        open_mrr=sum((row[1] for row in rows), ZERO) - sum((row[1] for row in decided), ZERO),
    )


# -- what is to be expected -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BandExperience:
    """What the forecast knows of one health band."""

    label: str
    prior_pct: Decimal
    finished: int
    renewed: int
    chance_pct: Decimal


@dataclass(frozen=True, slots=True)
class ForecastModel:
    """How often terms of a band were renewed, and of a band and segment; and what is assumed of a band."""

    priors: Mapping[str, Decimal]
    weight: int
    of_band: Counter[str] = field(default_factory=Counter)
    renewed_of_band: Counter[str] = field(default_factory=Counter)
    of_segment: Counter[tuple[str, str]] = field(default_factory=Counter)
    renewed_of_segment: Counter[tuple[str, str]] = field(default_factory=Counter)

    def probability(self, band: str | None, segment: str = "") -> Decimal:
        """The chance (0-1) that a term of an account in this band is renewed."""
        known = band or ""
        renewed, finished = self.renewed_of_band[known], self.of_band[known]
        key = (known, segment)
        if segment and self.of_segment[key] >= SEGMENT_COUNTS_FROM:
            renewed, finished = self.renewed_of_segment[key], self.of_segment[key]
        return renewal_probability(renewed, finished, prior=self.priors[known], weight=self.weight)

    def bands(self) -> list[BandExperience]:
        """What is assumed, what came of it, and the chance that follows; unknown health last."""
        return [
            BandExperience(
                label=Band(name).label if name else "Unknown",
                prior_pct=prior * 100,
                finished=self.of_band[name],
                renewed=self.renewed_of_band[name],
                chance_pct=self.probability(name) * 100,
            )
            for name, prior in self.priors.items()
        ]


def forecast_model(organization: Organization) -> ForecastModel:
    """Learnt from the organisation's own finished renewals, by the band the account was in 60 to 120 days before; and
    from what it assumes as long as these are few. Two queries."""
    assumed = forecast_assumptions(organization)
    model = ForecastModel(priors=assumed.priors, weight=assumed.weight)
    decided: RenewalQuerySet = organization.renewals.decided().exclude(band="").order_by()
    for key, segment, status in decided.values_list("band", "account__segment", "status"):
        model.of_band[key] += 1
        model.of_segment[key, segment] += 1
        if status == RenewalStatus.RENEWED:
            model.renewed_of_band[key] += 1
            model.renewed_of_segment[key, segment] += 1
    return model


def expected(renewal: Renewal, model: ForecastModel, *, today: date) -> Decimal:
    """The chance (0-1) of one term: certain once decided or when its notice deadline has passed, else the call of
    the one who looks after it, else the model's."""
    return _chance(
        model,
        status=renewal.status,
        is_settled=renewal.is_settled_by_notice(today),
        call=renewal.probability,
        band=renewal.account.band,
        segment=renewal.account.segment,
    )


def _chance(
    model: ForecastModel, *, status: str, is_settled: bool, call: Decimal | None, band: str | None, segment: str
) -> Decimal:
    if status == RenewalStatus.RENEWED or is_settled:
        return Decimal(1)
    if status == RenewalStatus.CLOSED:
        return Decimal(0)
    return model.probability(band, segment) if call is None else call / 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalForecast:
    """A month's MRR at stake: won, committed (from 90 %), expected, and all that is due."""

    due_mrr: Decimal
    won_mrr: Decimal
    commit_mrr: Decimal
    expected_mrr: Decimal
    upsell_mrr: Decimal
    """What won terms were renewed at above their target: in none of the others."""

    @property
    def commit_arr(self) -> Decimal:
        return self.commit_mrr * MONTHS_A_YEAR

    @property
    def expected_arr(self) -> Decimal:
        return round2(self.expected_mrr * MONTHS_A_YEAR)

    @property
    def won_arr(self) -> Decimal:
        """The worst that can come."""
        return self.won_mrr * MONTHS_A_YEAR


def renewal_forecast(
    organization: Organization, window: Window, *, today: date, accounts: Accounts = None
) -> RenewalForecast:
    """Σ amount × probability over open terms of the window, and what is won already. Three queries.

    PERFORMANCE: columns, not models: ten thousand terms with their accounts took four times as long.
    """
    model = forecast_model(organization)
    due: RenewalQuerySet = organization.renewals.of_accounts(accounts).due_between(window.start, window.end)
    won = commit = likely = total = upsell = Decimal(0)
    for status, target, renewed, call, auto_renew, due_on, notice_days, score, segment in due.order_by().values_list(
        "status", "target_mrr", "renewed_mrr", "probability", "auto_renew", "due_on", "notice_days",
        "account__health_score", "account__segment",
    ):  # fmt: skip
        notice_by = due_on - timedelta(days=notice_days)
        settled = settled_by_notice(auto_renew=auto_renew, status=status, notice_by=notice_by, today=today)
        chance = _chance(model, status=status, is_settled=settled, call=call, band=band(score), segment=segment)
        amount = target
        total += amount
        if status == RenewalStatus.RENEWED:
            amount = min(renewed or ZERO, target)
            upsell += max((renewed or ZERO) - target, ZERO)
        won += amount if chance == 1 else ZERO
        commit += amount if chance >= COMMIT_FROM else ZERO
        likely += amount * chance
    return RenewalForecast(due_mrr=total, won_mrr=won, commit_mrr=commit, expected_mrr=likely, upsell_mrr=upsell)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastQuality:
    """How good forecasts were: Brier scores (0 is perfect) of the model and of people's calls, with their counts."""

    model_score: Decimal | None
    model_count: int
    people_score: Decimal | None
    people_count: int
    error_pct: Decimal | None
    """By how much the model's sum, taken in time, missed what was renewed."""


def forecast_quality(organization: Organization, window: Window, *, accounts: Accounts = None) -> ForecastQuality:
    """Of the terms that ended in the window and were decided. One query."""
    due: RenewalQuerySet = organization.renewals.of_accounts(accounts).due_between(window.start, window.end).decided()
    rows = [
        (forecast, call, status == RenewalStatus.RENEWED, target, renewed or ZERO)
        for status, forecast, call, target, renewed in due.order_by().values_list(
            "status", "forecast_pct", "probability", "target_mrr", "renewed_mrr"
        )
    ]
    by_model = [(forecast / 100, won) for forecast, _, won, _, _ in rows if forecast is not None]
    by_people = [(call / 100, won) for _, call, won, _, _ in rows if call is not None]
    forecast_sum = sum((target * forecast / 100 for forecast, _, _, target, _ in rows if forecast is not None), ZERO)
    actual = sum((min(target, renewed) for forecast, _, _, target, renewed in rows if forecast is not None), ZERO)
    return ForecastQuality(
        model_score=brier_score(by_model),
        model_count=len(by_model),
        people_score=brier_score(by_people),
        people_count=len(by_people),
        error_pct=abs(forecast_sum - actual) * 100 / actual if actual else None,
    )
