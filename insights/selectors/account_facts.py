"""What is known about one account, gathered for whoever writes about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd

from accounts.models import Account
from billing.selectors.mrr import arr_change
from csplatform.models import Organization
from csplatform.money import ZERO, round_half_up
from health.enums import EngagementTrend
from health.risk_factors import FactorRow
from health.scoring import ScorecardRules, Signal, score_frame
from health.selectors.scorecard import daily_rules, health_scorecards, scored_anew_until
from health.selectors.trends import use_trend
from health.trends import engagement_trend
from insights.facts import AccountFacts, FactorFact, PlaybookFact, SignalFact
from playbooks.selectors.open_risks import account_risks
from playbooks.selectors.recommendations import Recommendation, answers_to

REMEMBERED_DAYS = 90
TREND_DAYS = 30
USERS = "daily_active_users"
BASELINES = (30, 60, 90)
TELLING_CHANGE = Decimal(5)
"""The nearest baseline with a change of so many points is the one worth telling about."""
AS_RATE = frozenset({"adoption_pct"})
"""Stored in percent, spoken of as a rate of 0-1, as the API has it."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One signal on one day, and what the scorecard gives for it today."""

    on: date
    value: float
    points: float


def account_facts(organization: Organization, account: Account, *, today: date) -> AccountFacts:
    """The facts about an account on a day, in a fixed number of queries."""
    scorecards = health_scorecards(organization)
    risks = account_risks(organization, account, today=today, scorecards=scorecards)
    rules = daily_rules(organization, scorecards.of(account).rules)
    return facts_from(
        organization,
        account,
        today=today,
        rules=rules,
        anew_until=scored_anew_until(account, scorecards, today=today, days=REMEMBERED_DAYS),
        days=remembered_days(account, rules, today=today),
        risks=risks,
        recommended=answers_to(organization, risks),
    )


def remembered_days(account: Account, rules: ScorecardRules, *, today: date) -> list[dict[str, Any]]:
    """The rows of ninety days, oldest first, with their score and every signal of the scorecard."""
    window = account.daily_metrics.filter(date__gte=today - timedelta(days=REMEMBERED_DAYS)).up_to(today)
    return list(window.order_by("date").values(*_columns(rules)))


def facts_from(
    organization: Organization,
    account: Account,
    *,
    today: date,
    rules: ScorecardRules,
    days: Sequence[dict[str, Any]],
    risks: Sequence[FactorRow],
    recommended: Sequence[Recommendation],
    anew_until: date | None = None,
) -> AccountFacts:
    """The same where the rules, the days, risks and recommendations are already at hand.

    Days before `anew_until` were scored by another scorecard: they are compared as these rules score them.
    """
    history = _history(organization, account, rules, days, today=today)
    if anew_until is not None:
        is_before = pd.Series([day < anew_until for day in history["date"]], index=history.index, dtype=bool)
        history["health_score"] = history["health_score"].where(~is_before, history["score"])
    scores = _scores(history)
    baseline = _baseline(scores, today=today)
    before_on, before = _score_before(scores, baseline)
    trend = _use_trend(organization, account, history, today=today)
    since = today - timedelta(days=REMEMBERED_DAYS)
    return AccountFacts(
        as_of=today,
        number=account.number,
        name=account.name,
        status="Archived" if account.is_archived else account.get_status_display(),
        is_closed=account.is_archived or account.is_churned,
        segment=account.segment or None,
        region=account.region or None,
        owner=account.owner.display_name if account.owner else None,
        arr=account.arr or ZERO,
        arr_change_90d=arr_change(organization, since=since, until=today, accounts=[account.pk]),
        renews_on=account.contract_end,
        score=account.health_score,
        band=account.band.label if account.band else None,
        bucket=account.bucket.label if account.bucket else None,
        coverage=None if account.health_coverage is None else Decimal(str(account.health_coverage)),
        scored_on=history["date"].iloc[-1] if len(history) else None,
        score_before=before,
        score_before_on=before_on,
        engagement_trend=trend.value if trend else None,
        signals=_signals(history, rules, baseline=baseline),
        factors=tuple(FactorFact(name=row["name"], severity=row["severity"]) for row in risks),
        playbooks=tuple(_playbook(match) for match in recommended),
    )


def _use_trend(
    organization: Organization, account: Account, history: pd.DataFrame, *, today: date
) -> EngagementTrend | None:
    """Where its use has gone in thirty days, from the rows at hand where the scorecard looks at users."""
    if USERS not in history:
        return use_trend(organization, account, today=today)
    recent = history[USERS][history["date"] >= today - timedelta(days=TREND_DAYS)]
    users = [None if pd.isna(count) else int(count) for count in recent]
    return engagement_trend(users) if len(users) > 1 else None


def _columns(rules: ScorecardRules) -> list[str]:
    return ["date", "health_score", *(signal.key for signal in rules.signals)]


def _history(
    organization: Organization,
    account: Account,
    rules: ScorecardRules,
    days: Sequence[dict[str, Any]],
    *,
    today: date,
) -> pd.DataFrame:
    """The days, else the newest one before them, oldest first and scored by today's rules."""
    columns = _columns(rules)
    keys = columns[2:]
    rows = days or list(account.daily_metrics.up_to(today).order_by("-date").values(*columns)[:1])
    frame = pd.DataFrame(list(rows), columns=columns, dtype="object")
    frame[keys] = frame[keys].astype("float64")
    frame["target"] = float(account.seats or organization.active_users_target)
    points = score_frame(frame, rules)
    return frame.join(points[["score", *(f"points_{key}" for key in keys)]])


def _scores(history: pd.DataFrame) -> list[tuple[date, Decimal]]:
    return [
        (day, Decimal(str(score)))
        for day, score in zip(history["date"], history["health_score"], strict=True)
        if score is not None and not pd.isna(score)
    ]


def _baseline(scores: list[tuple[date, Decimal]], *, today: date) -> date:
    """The day to compare with: the nearest since which the score moved tellingly, else a month ago."""
    days = [today - timedelta(days=back) for back in BASELINES]
    telling = (day for day in days if scores and abs(scores[-1][1] - _up_to(scores, day)[1]) >= TELLING_CHANGE)
    return next(telling, days[0])


def _score_before(scores: list[tuple[date, Decimal]], baseline: date) -> tuple[date | None, Decimal | None]:
    """The score then; unknown where nothing is older than the newest one."""
    if not scores or _up_to(scores, baseline)[0] == scores[-1][0]:
        return None, None
    return _up_to(scores, baseline)


def _up_to(scores: list[tuple[date, Decimal]], day: date) -> tuple[date, Decimal]:
    """The newest score of that day or earlier, else the oldest there is."""
    earlier = [pair for pair in scores if pair[0] <= day]
    return earlier[-1] if earlier else scores[0]


def _signals(history: pd.DataFrame, rules: ScorecardRules, *, baseline: date) -> tuple[SignalFact, ...]:
    if history.empty:
        return tuple(_missing(signal) for signal in rules.signals)
    newest = history["date"].iloc[-1]
    readings = {signal.key: _readings(history, signal) for signal in rules.signals}
    known = sum(signal.max_points for signal in rules.signals if _is_now(readings[signal.key], newest))
    scale = Decimal(str(rules.total_points / known)) if known else Decimal(1)
    target = Decimal(str(history["target"].iloc[-1]))
    return tuple(
        _signal(signal, readings[signal.key], scale=scale, target=target, baseline=baseline)
        if _is_now(readings[signal.key], newest)
        else _missing(signal)
        for signal in rules.signals
    )


def _readings(history: pd.DataFrame, signal: Signal) -> list[_Reading]:
    columns = zip(history["date"], history[signal.key], history[f"points_{signal.key}"], strict=True)
    return [
        _Reading(on, value, points) for on, value, points in columns if not pd.isna(value) and not pd.isna(points)
    ]


def _is_now(readings: list[_Reading], newest: date) -> bool:
    """Whether the newest row has the signal: an older value does not count in the score either."""
    return bool(readings) and readings[-1].on == newest


def _missing(signal: Signal) -> SignalFact:
    return SignalFact(
        key=signal.key, label=signal.label, value=None, points=None, max_points=Decimal(str(signal.max_points))
    )


def _signal(
    signal: Signal, readings: list[_Reading], *, scale: Decimal, target: Decimal, baseline: date
) -> SignalFact:
    now = readings[-1]
    earlier = [reading for reading in readings if reading.on <= baseline] or readings[:1]
    before = earlier[-1] if earlier[-1].on < now.on else None
    best = max(readings, key=lambda reading: (reading.points, reading.on))
    return SignalFact(
        key=signal.key,
        label=signal.label,
        value=_spoken(signal.key, now.value),
        points=_tenth(now.points),
        max_points=Decimal(str(signal.max_points)),
        scale=scale,
        fewer_is_better=signal.curve.best is not None and signal.curve.best < signal.curve.worst,
        target=target if signal.has_own_target else None,
        before=_spoken(signal.key, before.value) if before else None,
        before_on=before.on if before else None,
        before_points=_tenth(before.points) if before else None,
        best=_spoken(signal.key, best.value),
        best_on=best.on,
        best_points=_tenth(best.points),
    )


def _spoken(key: str, value: float) -> Decimal:
    return round_half_up(Decimal(str(value)) / (100 if key in AS_RATE else 1), 4)


def _tenth(points: float) -> Decimal:
    return round_half_up(Decimal(str(points)), 1)


def _playbook(match: Recommendation) -> PlaybookFact:
    steps = list(match.playbook.steps.all())
    return PlaybookFact(
        number=match.playbook.number,
        title=match.playbook.title,
        category=match.playbook.category,
        priority=match.playbook.priority,
        effort=match.playbook.estimated_effort,
        first_step=steps[0].text if steps else match.playbook.description,
        relevance=match.relevance,
        matching=match.factors,
    )
