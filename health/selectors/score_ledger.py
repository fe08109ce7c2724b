"""How a score came from what it was on one day to what it was on another, in figures and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from accounts.querysets import AccountQuerySet
from csplatform.formatting import trimmed
from csplatform.models import Organization
from health.models import DailyMetrics, HealthSnapshot
from health.scoring import Guard, ScorecardRules
from health.scoring.guards import guard_kept
from health.scoring.ledger import Cause, End, split_change
from health.scoring.signals import WEIGHT
from health.selectors.overrides import OverrideCalendar
from health.selectors.scorecard import health_scorecards
from health.selectors.signal_words import signal_value

WORDS = {
    Cause.OVERRIDE: "Set by hand",
    Cause.FORMULA: "The scorecard changed",
    Cause.COVERAGE: "Other signals were reported",
}
NAMED = 2
"""Parts of a short text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPart:
    """One bar: what caused it, by how much, and the signal's value at both ends where it is a signal's."""

    cause: Cause
    signal: str
    label: str
    change: Decimal
    before: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        """`Login frequency 82% → 41%`"""
        return f"{self.label} {self.before} → {self.after}" if self.before else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEnd:
    """The score last known on a day."""

    day: date
    end: End | None

    @property
    def score(self) -> Decimal | None:
        return None if self.end is None else self.end.shown

    @property
    def guard(self) -> str:
        """What a guard did to it, in words."""
        return "" if self.end is None or self.end.guard is None else self.end.guard.words


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreLedger:
    """The parts add up to the change exactly; there are none while a score is unknown at either end."""

    since: LedgerEnd
    until: LedgerEnd
    parts: tuple[LedgerPart, ...]

    @property
    def change(self) -> Decimal | None:
        if self.since.score is None or self.until.score is None:
            return None
        return self.until.score - self.since.score

    @property
    def reason(self) -> str:
        """`Login frequency 82% → 41%, Open support tickets 2 open → 4 open`: the parts that weigh most."""
        largest = sorted(self.parts, key=lambda part: abs(part.change), reverse=True)[:NAMED]
        return ", ".join(part.text for part in largest)

    @property
    def text(self) -> str:
        """`-14: Login frequency 82% → 41%, …`; empty where nothing moved."""
        return f"{'+' if self.change > 0 else ''}{trimmed(self.change)}: {self.reason}" if self.change else ""


def score_ledgers(
    organization: Organization, accounts: AccountQuerySet, *, since: date, until: date
) -> dict[int, ScoreLedger]:
    """Of every account given, in a constant number of queries."""
    before, after = _ends(organization, accounts, since), _ends(organization, accounts, until)
    keys = list(accounts.order_by("pk").values_list("pk", flat=True))
    return {key: _ledger(before.get(key), after.get(key), since=since, until=until) for key in keys}


def _ledger(before: End | None, after: End | None, *, since: date, until: date) -> ScoreLedger:
    parts: list[LedgerPart] = []
    if before is not None and after is not None:
        labels = {signal.key: signal.label for signal in after.rules.signals}
        for part in split_change(before, after):
            of_signal = part.cause == Cause.SIGNAL
            parts.append(
                LedgerPart(
                    cause=part.cause,
                    signal=part.signal,
                    label=labels[part.signal] if of_signal else part.words or WORDS[part.cause],
                    change=part.change,
                    before=signal_value(part.signal, before.values.get(part.signal)) if of_signal else "",
                    after=signal_value(part.signal, after.values.get(part.signal)) if of_signal else "",
                )
            )
    return ScoreLedger(
        since=LedgerEnd(day=since, end=before), until=LedgerEnd(day=until, end=after), parts=tuple(parts)
    )


def _ends(organization: Organization, accounts: AccountQuerySet, day: date) -> dict[int, End]:
    """The score last known on a day: of the newest snapshot, or of the newest metrics where those came later.

    Metrics that say what the snapshot says are no news: a snapshot is written when something differs only.
    """
    known = HealthSnapshot.objects.primary().up_to(day).filter(effective_score__isnull=False)
    snapshots = {each.account_id: each for each in known.newest_of(accounts).select_related("scorecard")}
    rows = DailyMetrics.objects.up_to(day).scored().newest_of(accounts).select_related("account")
    scorecards = health_scorecards(organization)
    ends = {key: _of_snapshot(snapshot) for key, snapshot in snapshots.items()}
    metrics = [row for row in rows if _is_news(row, snapshots.get(row.account_id))]
    overrides = OverrideCalendar.of(organization, [row.account_id for row in metrics], since=day, until=day)
    for row in metrics:
        snapshot = snapshots.get(row.account_id)
        rules = (snapshot.scorecard if snapshot else scorecards.of(row.account)).rules
        if rules.is_grouped:
            continue  # A day's metrics are not what it scores by; its snapshots are.
        target = row.account.seats or organization.active_users_target
        end = _of_metrics(
            row,
            rules,
            target=float(target),
            guard=guard_kept(snapshot.guard, rules.guards) if snapshot else None,
            override=overrides.score(row.account_id, day),
            fading=_fading(snapshot),
        )
        if end is not None:
            ends[row.account_id] = end
    return ends


def _is_news(row: DailyMetrics, snapshot: HealthSnapshot | None) -> bool:
    return snapshot is None or (row.date > snapshot.date and row.health_score != snapshot.score)


def _of_snapshot(snapshot: HealthSnapshot) -> End:
    targets: Iterable[float | None] = (
        part.get("target")
        for part, signal in zip(snapshot.points, snapshot.scorecard.rules.signals, strict=False)
        if signal.has_own_target
    )
    shown = snapshot.effective_score
    assert shown is not None  # noqa: S101 -- asked for so
    return End(
        shown=shown,
        values={part["signal"]: part["value"] for part in snapshot.points} | _weights(snapshot),
        target=next(iter(targets), None),
        rules=snapshot.scorecard.rules,
        guard=snapshot.guarded,
    )


def _weights(snapshot: HealthSnapshot) -> dict[str, float | None]:
    """Of its signals that fade, how much of their weight they had, as `score_one` takes it."""
    return {f"{WEIGHT}{part['signal']}": part["weight"] for part in snapshot.points if "weight" in part}


def _fading(snapshot: HealthSnapshot | None) -> dict[str, float | None]:
    """What no row of a day holds: as the snapshot before it had it."""
    if snapshot is None:
        return {}
    return {part["signal"]: part["value"] for part in snapshot.points if "weight" in part} | _weights(snapshot)


def _of_metrics(
    row: DailyMetrics,
    rules: ScorecardRules,
    *,
    target: float,
    guard: Guard | None,
    override: Decimal | None,
    fading: Mapping[str, float | None],
) -> End | None:
    """Of a day without a snapshot of its own: what guarded the newest one before it still does."""
    values = {key: getattr(row, key) for key in rules.columns} | dict(fading)
    end = End(shown=override or Decimal(0), values=values, target=target, rules=rules)
    computed = end.computed.guarded_by(guard)
    end = replace(end, guard=computed.guarded)
    if override is not None:
        return end
    return None if computed.score is None else replace(end, shown=Decimal(str(computed.score)))
