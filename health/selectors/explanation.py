"""Why an account has the score it has: every part of it, in words, adding up exactly."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from accounts.bands import band
from accounts.enums import Band
from accounts.models import Account
from csplatform.formatting import UNKNOWN, date_text, percent, trimmed
from csplatform.money import round_half_up
from health.models import DailyMetrics, HealthOverride, HealthSnapshot
from health.risk_factors import describe_factor
from health.scoring import ScorecardRules, Signal, score_one, share_out
from health.selectors.overrides import override_on
from health.selectors.pulse import PULSE, pulses_on
from health.selectors.signal_words import signal_value
from health.values import known_values

COMPARED_DAYS = 90
MOST_MOVES = 3
ON_RECORD = "Support tickets on record"
FULL = Decimal("100.0")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedSignal:
    """One row of the explanation: what the signal earned, and what that adds to the score.

    Where all signals are reported the two are the same. Where one is missing the others weigh more: `weight_pct`
    is the signal's share of what could be judged, and `adds` its part of the score.
    """

    key: str
    label: str
    value: str
    target: str
    before: str
    points: Decimal | None
    max_points: Decimal
    weight_pct: Decimal | None
    adds: Decimal | None
    change: Decimal | None
    source: str

    @property
    def most(self) -> str:
        """What it could give: 25, 6.25."""
        return trimmed(self.max_points, 2)

    @property
    def is_missing(self) -> bool:
        return self.value == UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthExplanation:
    """A computed score taken apart. `change` compares with `since`, and the changes add up to it.

    The signals add up to the `mean`; the `guard` says what made another score of it, and `guarded` by how much.

    Where somebody set a score by hand, `override` says who, why and until when; `shown` is what the product shows.
    """

    score: Decimal | None
    mean: Decimal | None
    guard: str
    guarded: Decimal | None
    guard_change: Decimal | None
    shown: Decimal | None
    override: HealthOverride | None
    points: Decimal
    max_points: Decimal
    coverage_pct: Decimal
    scored_on: date
    scorecard: str
    metrics_date: date | None
    since: date | None
    score_before: Decimal | None
    change: Decimal | None
    signals: list[ExplainedSignal]
    moves: list[str]
    missing: str
    risks: list[str]

    @property
    def most(self) -> str:
        """What the known signals could give."""
        return trimmed(self.max_points, 2)

    @property
    def mean_change(self) -> Decimal | None:
        """What the signals moved together, before the guards."""
        return None if self.change is None or self.guard_change is None else self.change - self.guard_change

    @property
    def guard_sentence(self) -> str:
        """`Capped at 59: hardly used. The signals alone give 72.3.`"""
        if not self.guarded or self.mean is None:
            return ""
        return f"{self.guard.rstrip('.')}. The signals alone give {trimmed(self.mean)}."

    @property
    def band(self) -> Band | None:
        """Of the score that is shown."""
        return band(self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One of the two ends that are compared: values by signal, and the parts that make the score."""

    score: Decimal | None
    mean: Decimal | None
    guard: str
    values: Mapping[str, float | None]
    parts: Mapping[str, Decimal]

    @property
    def guarded(self) -> Decimal:
        """What the guard made of the mean."""
        return Decimal(0) if self.score is None or self.mean is None else self.score - self.mean


def health_explanation(account: Account, *, today: date) -> HealthExplanation | None:
    """Explain the score an account has now; None before its first one.

    What is explained is the latest snapshot, which is what the account's score was computed from. It is compared
    with the metrics of 90 days ago, or the oldest since then, scored by the same rules.
    """
    snapshot = account.health_snapshots.primary().up_to(today).select_related("scorecard").order_by("-date").first()
    if snapshot is None:
        return None

    rules = snapshot.scorecard.rules
    newest, earlier = _two_ends(account, today=today)
    past = _earlier_snapshot(account, snapshot, today=today) if rules.is_grouped else None
    stored = {part["signal"]: part for part in snapshot.points}
    left = _left(snapshot)
    most = _maximum(rules, (key for key, part in stored.items() if part["points"] is not None), left)
    now = _kept(snapshot)
    earned = _earned({key: part["points"] for key, part in stored.items()})
    if rules.is_grouped:
        before, since = (_kept(past), past.date) if past else (None, None)
        source = "Records of the platform"
    else:
        before = _scored(account, earlier, rules, target=_target(snapshot)) if earlier else None
        since = earlier.date if earlier else None
        source = f"Daily metrics, {date_text(newest.date)}" if newest else UNKNOWN
    signals = [
        ExplainedSignal(
            key=signal.key,
            label=signal.label,
            value=signal_value(signal.key, now.values.get(signal.key)),
            target=signal_value(signal.key, stored.get(signal.key, {}).get("target")),
            before=signal_value(signal.key, before.values.get(signal.key)) if before else UNKNOWN,
            points=earned.get(signal.key),
            max_points=Decimal(str(round(signal.max_points * left.get(signal.key, 1.0), 2))),
            weight_pct=most.get(signal.key),
            adds=now.parts.get(signal.key),
            change=_change(now, before, signal.key),
            source=_source(signal, source, newest, now, left),
        )
        for signal in rules.signals
    ]
    override = override_on(account, today)
    return HealthExplanation(
        score=now.score,
        mean=now.mean,
        guard=now.guard or (f"No longer {before.guard}" if before and before.guard else ""),
        guarded=now.guarded if now.guard else None,
        guard_change=_guard_change(now, before),
        shown=now.score if override is None else override.score,
        override=override,
        points=sum(earned.values(), Decimal(0)),
        max_points=sum((signal.max_points for signal in signals if signal.points is not None), Decimal(0)),
        coverage_pct=Decimal(str(round(snapshot.coverage * 100, 1))),
        scored_on=snapshot.date,
        scorecard=str(snapshot.scorecard),
        metrics_date=newest.date if newest else None,
        since=since,
        score_before=before.score if before else None,
        change=_difference(now, before),
        signals=signals,
        moves=_moves(signals, now, before),
        missing=_missing(snapshot, [signal.label for signal in rules.signals if signal.key not in most]),
        risks=[describe_factor(factor) for factor in snapshot.factors],
    )


def _source(signal: Signal, usual: str, newest: DailyMetrics | None, now: _Side, left: Mapping[str, float]) -> str:
    """Where its value is from; of one that fades, how much of its weight it has."""
    if signal.fades:
        return f"Set by hand, at {percent(Decimal(str(left[signal.key])) * 100)} of its weight" if left else UNKNOWN
    return ON_RECORD if _is_on_record(signal.key, newest, now) else usual


def _left(snapshot: HealthSnapshot) -> dict[str, float]:
    """Of signals that fade, how much of their weight they had."""
    return {part["signal"]: part["weight"] for part in snapshot.points if part.get("weight") is not None}


def _is_on_record(key: str, newest: DailyMetrics | None, now: _Side) -> bool:
    """Whether open tickets were counted from the tickets themselves, since nobody reported them."""
    reported = newest is not None and newest.tickets_open is not None
    return key == "tickets_open" and not reported and now.values.get(key) is not None


def _two_ends(account: Account, *, today: date) -> tuple[DailyMetrics | None, DailyMetrics | None]:
    """The newest metrics, and those to compare with: of 90 days ago, else the oldest before the newest. One query."""
    metrics = account.daily_metrics.up_to(today)
    newest = metrics.order_by("-date").values("date")[:1]
    older = metrics.filter(date__lt=Subquery(newest))
    then = older.up_to(today - timedelta(days=COMPARED_DAYS)).order_by("-date").values("date")[:1]
    compared = Coalesce(Subquery(then), Subquery(older.order_by("date").values("date")[:1]))
    rows = list(metrics.filter(Q(date=Subquery(newest)) | Q(date=compared)).order_by("-date"))
    return (rows[0] if rows else None, rows[1] if len(rows) > 1 else None)


def _earlier_snapshot(account: Account, now: HealthSnapshot, *, today: date) -> HealthSnapshot | None:
    """By the same scorecard, of 90 days ago, else the oldest: what it gathered of a past day is kept there alone."""
    kept = account.health_snapshots.filter(scorecard__key=now.scorecard.key, date__lt=now.date)
    kept = kept.select_related("scorecard")
    then = kept.up_to(today - timedelta(days=COMPARED_DAYS)).order_by("-date").first()
    return then or kept.order_by("date").first()


def _kept(snapshot: HealthSnapshot) -> _Side:
    """As a snapshot has it."""
    rules = snapshot.scorecard.rules
    points = {part["signal"]: part["points"] for part in snapshot.points}
    return _Side(
        score=snapshot.score,
        mean=snapshot.mean,
        guard=snapshot.guarded.words if snapshot.guarded else "",
        values={part["signal"]: part["value"] for part in snapshot.points},
        parts=_parts(snapshot.mean, points, rules, _left(snapshot)),
    )


def _scored(account: Account, row: DailyMetrics, rules: ScorecardRules, *, target: float | None) -> _Side:
    """A day of the past, scored by the rules of today so that the two ends can be compared."""
    values: dict[str, float | None] = {key: getattr(row, key) for key in rules.columns}
    if rules.asks_for(PULSE):
        pulses = pulses_on([account.pk], [row.date])
        values |= {str(name): known_values(pulses[name])[0] for name in pulses.columns}
    result = score_one(values | {"target": target}, rules)
    points = {part.signal.key: part.points for part in result.points}
    mean = None if result.mean is None else Decimal(str(result.mean))
    return _Side(
        score=None if result.score is None else Decimal(str(result.score)),
        mean=mean,
        guard=result.guard.words if result.guard else "",
        values=values,
        parts=_parts(mean, points, rules, {part.signal.key: part.left for part in result.points}),
    )


def _maximum(rules: ScorecardRules, present: Iterable[str], left: Mapping[str, float]) -> dict[str, Decimal]:
    """What each reported signal could add at most; together they are 100."""
    return share_out(FULL, rules.weights(set(present), left))


def _parts(
    mean: Decimal | None, points: Mapping[str, float | None], rules: ScorecardRules, left: Mapping[str, float]
) -> dict[str, Decimal]:
    """What each reported signal adds: together the mean, nothing while that is unknown."""
    if mean is None:
        return {}
    most = {signal.key: signal.max_points * left.get(signal.key, 1.0) for signal in rules.signals}
    earned = {key: value / most[key] for key, value in points.items() if value is not None}
    weights = rules.weights(earned, left)
    adds = {key: weights[key] * share for key, share in earned.items()}
    return share_out(mean, adds, at_most=_maximum(rules, earned, left))


def _earned(points: Mapping[str, float | None]) -> dict[str, Decimal]:
    """The unscaled points of each reported signal, to two decimals; their sum is shown as it is."""
    return {key: round_half_up(Decimal(str(value)), 2) for key, value in points.items() if value is not None}


def _target(snapshot: HealthSnapshot) -> float | None:
    """What active users were measured against."""
    for part, signal in zip(snapshot.points, snapshot.scorecard.rules.signals, strict=True):
        if signal.has_own_target:
            return part["target"]
    return None


def _difference(now: _Side, before: _Side | None) -> Decimal | None:
    return None if before is None or before.score is None or now.score is None else now.score - before.score


def _change(now: _Side, before: _Side | None, key: str) -> Decimal | None:
    """How much more the signal adds than it did; one reported at a single end adds or takes all it has."""
    if before is None or now.score is None or before.score is None:
        return None
    if key not in now.parts and key not in before.parts:
        return None
    return now.parts.get(key, Decimal(0)) - before.parts.get(key, Decimal(0))


def _guard_change(now: _Side, before: _Side | None) -> Decimal | None:
    """How much more a guard takes or gives than one did then."""
    return None if _difference(now, before) is None or before is None else now.guarded - before.guarded


def _moves(signals: Iterable[ExplainedSignal], now: _Side, before: _Side | None) -> list[str]:
    """The three largest changes in words: `Feature adoption fell from 62% to 31%: -7.8 points`."""
    if before is None:
        return []
    moved = [
        (
            signal.change,
            f"{signal.label} {_movement(signal, now.values.get(signal.key), before.values.get(signal.key))}",
        )
        for signal in signals
        if signal.change
    ]
    if change := _guard_change(now, before):
        moved.append((change, now.guard or f"No longer {before.guard}"))
    moved.sort(key=lambda each: abs(each[0]), reverse=True)
    return [f"{words}: {'+' if change > 0 else ''}{trimmed(change)} points" for change, words in moved[:MOST_MOVES]]


def _movement(signal: ExplainedSignal, now: float | None, before: float | None) -> str:
    if now is None:
        return f"is no longer reported (it was {signal.before})"
    if before is None:
        return f"is reported again ({signal.value})"
    if now == before:
        return f"stayed at {signal.value} while its weight in the score changed"
    return f"{'rose' if now > before else 'fell'} from {signal.before} to {signal.value}"


def _missing(snapshot: HealthSnapshot, absent: list[str]) -> str:
    """`No NPS: scored on 85 of 100 points.`, or nothing when everything was reported."""
    if not absent:
        return ""
    covered = trimmed(Decimal(str(snapshot.coverage * 100)))
    names = " and ".join(filter(None, [", ".join(absent[:-1]), absent[-1]]))
    if snapshot.score is None:
        return f"No {names}: only {covered} of 100 points could be judged, too few for a score."
    return f"No {names}: scored on {covered} of 100 points."
