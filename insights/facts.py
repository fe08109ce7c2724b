"""The facts that words are written from: frozen values, gathered by selectors, small enough to read as JSON.

A writer sees nothing else. Whatever it says can therefore be checked against what is stored beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

WORTH_SAYING = Decimal(1)
"""Changes of the score smaller than a point are noise to a reader."""

Json: TypeAlias = str | int | float | bool | list["Json"] | dict[str, "Json"] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalFact:
    """One signal of the scorecard on an account: now, earlier, and at its best in the last 90 days.

    Points are the scorecard's; `before_points` and `best_points` say what that value would give today. `scale` is
    what a point counts in the score shown: more than 1 where other signals are missing. Rates are 0-1.
    """

    key: str
    label: str
    value: Decimal | None
    points: Decimal | None
    max_points: Decimal
    scale: Decimal = Decimal(1)
    fewer_is_better: bool = False
    target: Decimal | None = None
    before: Decimal | None = None
    before_on: date | None = None
    before_points: Decimal | None = None
    best: Decimal | None = None
    best_on: date | None = None
    best_points: Decimal | None = None

    @property
    def points_moved(self) -> Decimal:
        """What the change since `before_on` did to the score; 0 where one end is not known."""
        if self.points is None or self.before_points is None:
            return Decimal(0)
        return (self.points - self.before_points) * self.scale

    @property
    def points_missing(self) -> Decimal:
        """What the score could still win here."""
        return Decimal(0) if self.points is None else (self.max_points - self.points) * self.scale

    @property
    def points_below_best(self) -> Decimal:
        """What the score would win if the signal were back at its best."""
        if self.points is None or self.best_points is None:
            return Decimal(0)
        return (self.best_points - self.points) * self.scale


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorFact:
    """A risk factor that applies, and how serious it is (1 to 3)."""

    name: str
    severity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookFact:
    """A recommended playbook and why."""

    number: int
    title: str
    category: str
    priority: str
    effort: str
    first_step: str
    relevance: Decimal
    matching: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What is known about one account on a day."""

    as_of: date
    number: int
    name: str
    status: str
    is_closed: bool
    segment: str | None
    region: str | None
    owner: str | None
    arr: Decimal
    arr_change_90d: Decimal
    renews_on: date | None
    score: Decimal | None
    band: str | None
    bucket: str | None
    coverage: Decimal | None
    scored_on: date | None
    score_before: Decimal | None
    score_before_on: date | None
    engagement_trend: str | None
    signals: tuple[SignalFact, ...]
    factors: tuple[FactorFact, ...]
    playbooks: tuple[PlaybookFact, ...]

    @property
    def days_to_renewal(self) -> int | None:
        return None if self.renews_on is None else (self.renews_on - self.as_of).days

    @property
    def score_change(self) -> Decimal | None:
        return None if self.score is None or self.score_before is None else self.score - self.score_before

    def signal(self, key: str) -> SignalFact | None:
        return next((signal for signal in self.signals if signal.key == key), None)

    def falls(self) -> list[SignalFact]:
        """Signals that took a point or more off the score, the largest loss first."""
        found = [signal for signal in self.signals if signal.points_moved <= -WORTH_SAYING]
        return sorted(found, key=lambda signal: signal.points_moved)

    def rises(self) -> list[SignalFact]:
        """Signals that added a point or more, the largest gain first."""
        found = [signal for signal in self.signals if signal.points_moved >= WORTH_SAYING]
        return sorted(found, key=lambda signal: -signal.points_moved)

    def gaps(self) -> list[SignalFact]:
        """Signals with a point or more still to win, most first."""
        found = [signal for signal in self.signals if signal.points_missing >= WORTH_SAYING]
        return sorted(found, key=lambda signal: -signal.points_missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFact:
    """How many accounts share something, and what they pay a year."""

    name: str
    accounts: int
    arr: Decimal
    average_score: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAccountFact:
    """An account worth naming in a sentence about all of them; `score_before` is of 30 days ago."""

    number: int
    name: str
    arr: Decimal
    score: Decimal | None
    score_before: Decimal | None = None
    renews_on: date | None = None
    band: str | None = None
    factors: tuple[str, ...] = ()

    @property
    def score_change(self) -> Decimal | None:
        return None if self.score is None or self.score_before is None else self.score - self.score_before


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayFact:
    """A playbook and the accounts it is the best answer for."""

    number: int
    title: str
    accounts: int
    arr: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioFacts:
    """What is known about all open accounts on a day."""

    as_of: date
    accounts: int
    total_arr: Decimal
    average_score: Decimal
    scored: int
    arr_change_30d: Decimal
    arr_change_90d: Decimal
    buckets: tuple[GroupFact, ...]
    at_risk: GroupFact
    """Accounts in the bands At Risk and Critical."""
    segments: tuple[GroupFact, ...]
    factors: tuple[GroupFact, ...]
    """Risk factors by the yearly revenue they touch, largest first; those that only repeat the score left out."""
    worst: tuple[NamedAccountFact, ...]
    """Accounts in the two lower bands, the largest revenue first."""
    fallers: tuple[NamedAccountFact, ...]
    risers: tuple[NamedAccountFact, ...]
    renewing_at_risk: GroupFact
    """Accounts that renew within 90 days with a score under 60."""
    renewals_at_risk: tuple[NamedAccountFact, ...]
    """Some of them, soonest first."""
    expansion: tuple[NamedAccountFact, ...]
    """Healthy accounts that use nearly all of their seats; like all named ones at most a handful."""
    advocates: tuple[NamedAccountFact, ...]
    """Healthy accounts whose users recommend us."""
    plays: tuple[PlayFact, ...]
    """The playbooks that are the best answer for most revenue."""

    def bucket(self, name: str) -> GroupFact | None:
        return next((group for group in self.buckets if group.name == name), None)


Facts: TypeAlias = AccountFacts | PortfolioFacts


def as_json(value: object) -> Json:
    """The facts as plain JSON: money and scores as numbers, days as ISO dates."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if value is None or isinstance(value, str | int | float):
        return value
    raise TypeError(f"{type(value).__name__} is not a fact")
