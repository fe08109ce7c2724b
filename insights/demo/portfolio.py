"""The demo's accounts as a plan: who they are, what they pay and since when, and which story they live."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import TypeVar

import numpy as np

from accounts.enums import AccountSize, AccountStatus, Band, Segment
from insights.demo import data
from insights.demo.story import Arc, Story

DECK: Mapping[tuple[Band | None, Story], int] = {
    (Band.HEALTHY, Story.STEADY): 48,
    (Band.HEALTHY, Story.SEASONAL): 9,
    (Band.HEALTHY, Story.RECOVERING): 9,
    (Band.HEALTHY, Story.NO_SURVEYS): 7,
    (Band.HEALTHY, Story.NEW): 5,
    (Band.HEALTHY, Story.STALE): 2,
    (Band.WATCHLIST, Story.STEADY): 13,
    (Band.WATCHLIST, Story.DECLINING): 9,
    (Band.WATCHLIST, Story.RECOVERING): 4,
    (Band.WATCHLIST, Story.SEASONAL): 2,
    (Band.WATCHLIST, Story.NO_SURVEYS): 3,
    (Band.WATCHLIST, Story.NEW): 2,
    (Band.AT_RISK, Story.DECLINING): 9,
    (Band.AT_RISK, Story.STEADY): 3,
    (Band.AT_RISK, Story.NEVER_ADOPTED): 3,
    (Band.AT_RISK, Story.RECOVERING): 1,
    (Band.AT_RISK, Story.NO_SURVEYS): 1,
    (Band.AT_RISK, Story.STALE): 1,
    (Band.CRITICAL, Story.DECLINING): 5,
    (Band.CRITICAL, Story.NEVER_ADOPTED): 3,
    (Band.CRITICAL, Story.STALE): 1,
    (None, Story.THIN): 2,
    (None, Story.SILENT): 1,
    (None, Story.CHURNED): 4,
}
"""How many of 147 accounts live which story, and where their health stands."""

TARGETS = {
    Band.HEALTHY: (83.5, 95.0),
    Band.WATCHLIST: (63.5, 76.5),
    Band.AT_RISK: (43.5, 56.5),
    Band.CRITICAL: (18.0, 36.0),
    None: (55.0, 75.0),
}
"""Away from the edges, so that a noisy last day does not change the band."""

SEGMENT_SHARES = {Segment.ENTERPRISE: 12, Segment.MID_MARKET: 35, Segment.SMB: 53}
MEAN_ARR = {Segment.ENTERPRISE: 1_530_000, Segment.MID_MARKET: 350_000, Segment.SMB: 100_000}
"""Together ₹3.6 lakh an account, so that 143 open ones pay about ₹42.8 lakh a month."""

ARR_STEP = 6_000
"""Prices are round by the month: ₹500."""
SEATS = {Segment.ENTERPRISE: (160, 900), Segment.MID_MARKET: (50, 200), Segment.SMB: (16, 60)}
SIZES = {
    Segment.ENTERPRISE: (AccountSize.ENTERPRISE, AccountSize.LARGE),
    Segment.MID_MARKET: (AccountSize.MEDIUM, AccountSize.LARGE),
    Segment.SMB: (AccountSize.STARTUP, AccountSize.SMALL),
}
UNKNOWN_SEATS_SHARE = 0.05
ASSUMED_SEATS = 100.0
TERM = timedelta(days=364)
YEAR = timedelta(days=365)
YEARS_BEFORE = (0.12, 0.34, 0.3, 0.24)
"""The share of accounts with no term before the current one, with one, two, three."""
OVERDUE_RENEWALS_SHARE = 0.02

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPlan:
    """One account of the demo, with everything that was decided about it."""

    uuid: uuid.UUID
    name: str
    segment: Segment
    size: AccountSize
    region: str
    industry: str
    lead_source: str
    team: str
    owner: data.Person | None
    status: AccountStatus
    seats: int | None
    tags: tuple[str, ...]
    arc: Arc
    started_on: date
    contract_start: date
    contract_end: date
    arr_changes: tuple[tuple[date, Decimal], ...]
    """What it pays a year, from which day on; the first on the day it came."""
    churned_on: date | None
    churn_reason: str
    reported_until: date | None
    """The last day with metrics; none where there never were any."""

    @property
    def arr(self) -> Decimal:
        """What it pays, or paid last."""
        return self.arr_changes[-1][1]

    @property
    def changed_on(self) -> date:
        """When somebody last wrote to it: a new term, or a new price."""
        return max(self.contract_start, self.arr_changes[-1][0])


def plan_portfolio(*, accounts: int, days: int, seed: int, today: date) -> list[AccountPlan]:
    """Plan the accounts in the order in which they came; the first is a large one in trouble."""
    rng = np.random.default_rng(seed)
    deck = _shuffled(_deal(DECK, accounts), rng)
    _put_first(deck, (Band.AT_RISK, Story.DECLINING))
    segments = _shuffled(_deal(SEGMENT_SHARES, accounts), rng)
    _put_first(segments, Segment.ENTERPRISE)
    arrs = _arrs(segments, rng)
    renewals = _shuffled([round(days_left) for days_left in np.linspace(4, 363, accounts)], rng)
    words = list(company_names(rng, accounts))
    plans = [
        _plan(
            rng,
            is_first=at == 0,
            band=deck[at][0],
            story=deck[at][1],
            segment=segments[at],
            arr=arrs[at],
            renews_in=renewals[at],
            name=words[at][0],
            industry=words[at][1],
            window=(today - timedelta(days=days - 1), today),
        )
        for at in range(accounts)
    ]
    return sorted(plans, key=lambda plan: (plan.started_on, plan.name))


def _plan(
    rng: np.random.Generator,
    *,
    is_first: bool,
    band: Band | None,
    story: Story,
    segment: Segment,
    arr: int,
    renews_in: int,
    name: str,
    industry: str,
    window: tuple[date, date],
) -> AccountPlan:
    today = window[1]
    if story is Story.SEASONAL and industry not in data.SEASONAL_INDUSTRIES:
        story = Story.STEADY
    churned_on = today - timedelta(days=int(rng.integers(12, 300))) if story is Story.CHURNED else None
    started_on, contract_start, contract_end = _term(rng, story, renews_in, churned_on, today, is_first=is_first)
    seats = None if rng.random() < UNKNOWN_SEATS_SHARE else int(rng.integers(*SEATS[segment]))
    team = data.TEAM_OF_SEGMENT[segment]
    owner = _pick(rng, data.OWNER_SHARES[team])
    low, high = (22.0, 38.0) if story is Story.CHURNED else TARGETS[band]
    return AccountPlan(
        uuid=uuid.UUID(bytes=rng.bytes(16), version=4),
        name=name,
        segment=segment,
        size=SIZES[segment][int(rng.random() < 0.3)],
        region=_pick(rng, data.REGIONS) or "Mumbai",
        industry=industry,
        lead_source=_pick(rng, data.LEAD_SOURCES) or "Website",
        team=team,
        owner=data.CSM if is_first else owner,
        status=_status(rng, band, story),
        seats=seats,
        tags=tuple(tag for tag, share in data.TAGS.items() if rng.random() * 100 < share),
        arc=Arc(story=story, target=float(rng.uniform(low, high)), seats=float(seats or ASSUMED_SEATS)),
        started_on=started_on,
        contract_start=contract_start,
        contract_end=contract_end,
        arr_changes=_arr_changes(rng, story, arr, started_on, (window[0], churned_on or today)),
        churned_on=churned_on,
        churn_reason=data.CHURN_REASONS[int(rng.integers(len(data.CHURN_REASONS)))] if churned_on else "",
        reported_until=_reported_until(rng, story, churned_on, today),
    )


def _term(
    rng: np.random.Generator, story: Story, renews_in: int, churned_on: date | None, today: date, *, is_first: bool
) -> tuple[date, date, date]:
    """When the account came, and the first and last day of its current contract."""
    recent = {Story.NEW: (20, 70), Story.NEVER_ADOPTED: (110, 220), Story.SILENT: (1, 3)}
    if story in recent:
        started_on = today - timedelta(days=int(rng.integers(*recent[story])))
        return started_on, started_on, started_on + TERM
    years = int(rng.choice(len(YEARS_BEFORE), p=YEARS_BEFORE))
    if is_first:
        renews_in, years = 41, 4  # the longest standing customer, soon to renew
    elif rng.random() < OVERDUE_RENEWALS_SHARE:
        renews_in = -int(rng.integers(2, 12))
    contract_end = churned_on - timedelta(days=1) if churned_on else today + timedelta(days=renews_in)
    contract_start = contract_end - TERM
    return contract_start - years * YEAR, contract_start, contract_end


def _arr_changes(
    rng: np.random.Generator, story: Story, arr: int, started_on: date, window: tuple[date, date]
) -> tuple[tuple[date, Decimal], ...]:
    """Work backwards from what it pays now: each change in the window had another figure before it."""
    first = max(window[0], started_on + timedelta(days=30))
    room = (window[1] - first).days - 5
    days = sorted({int(day) for day in rng.integers(0, room, size=rng.poisson(0.9))}) if room > 0 else []
    shrinks = 0.6 if story in (Story.DECLINING, Story.CHURNED) else 0.12
    changes = []
    for day in reversed(days):
        changes.append((first + timedelta(days=day), Decimal(arr)))
        grew = rng.uniform(0.72, 0.94) if rng.random() < shrinks else rng.uniform(1.12, 1.68)
        arr = _round_arr(arr / grew)
    changes.append((started_on, Decimal(arr)))
    return tuple(reversed(changes))


def _reported_until(rng: np.random.Generator, story: Story, churned_on: date | None, today: date) -> date | None:
    if story is Story.SILENT:
        return None
    if churned_on:
        return churned_on - timedelta(days=1)
    return today - timedelta(days=int(rng.integers(18, 45))) if story is Story.STALE else today


def _status(rng: np.random.Generator, band: Band | None, story: Story) -> AccountStatus:
    """As people set it: they notice only half of what goes wrong. Churn comes later, by its service."""
    if story in (Story.NEW, Story.SILENT):
        return AccountStatus.ONBOARDING
    if band in (Band.AT_RISK, Band.CRITICAL) and rng.random() < 0.5:
        return AccountStatus.AT_RISK
    return AccountStatus.ACTIVE


def _arrs(segments: Sequence[Segment], rng: np.random.Generator) -> list[int]:
    """What each pays: spread as prices are, their mean exactly the segment's, before rounding."""
    raw = np.exp(rng.normal(0.0, 0.55, len(segments)))
    arrs = [0] * len(segments)
    for segment in Segment:
        at = [position for position, each in enumerate(segments) if each is segment]
        for position in at:
            arrs[position] = _round_arr(MEAN_ARR[segment] * raw[position] / raw[at].mean())
    return arrs


def _round_arr(arr: float) -> int:
    return max(ARR_STEP, ARR_STEP * round(arr / ARR_STEP))


def company_names(rng: np.random.Generator, count: int) -> Iterator[tuple[str, str]]:
    """So many different company names, each with its industry."""
    businesses = [(word, industry) for industry, words in data.INDUSTRIES.items() for word in words]
    pairs = _shuffled(list(product(data.PLACES, businesses)), rng)
    endings = rng.integers(len(data.ENDINGS), size=len(pairs)).tolist()
    for at in range(count):
        lap, position = divmod(at, len(pairs))
        place, (word, industry) = pairs[position]
        # Each lap goes on to the next ending, and after the last one starts to count.
        again, turn = divmod(lap, len(data.ENDINGS))
        ending = data.ENDINGS[(endings[position] + turn) % len(data.ENDINGS)]
        yield " ".join(part for part in (place, word, ending, str(again + 1) if again else "") if part), industry


def _deal(weights: Mapping[Choice, int], count: int) -> list[Choice]:
    """As many cards of each kind as its weight asks for: whole ones first, then the largest remainders."""
    exact = {choice: count * weight / sum(weights.values()) for choice, weight in weights.items()}
    dealt = {choice: int(share) for choice, share in exact.items()}
    by_remainder = sorted(weights, key=lambda choice: dealt[choice] - exact[choice])
    for choice in by_remainder[: count - sum(dealt.values())]:
        dealt[choice] += 1
    return [choice for choice, cards in dealt.items() for _ in range(cards)]


def _shuffled(cards: Sequence[Choice], rng: np.random.Generator) -> list[Choice]:
    return [cards[at] for at in rng.permutation(len(cards)).tolist()]


def _put_first(cards: list[Choice], card: Choice) -> None:
    if card in cards:
        at = cards.index(card)
        cards[0], cards[at] = cards[at], cards[0]


def _pick(rng: np.random.Generator, shares: Mapping[Choice, int]) -> Choice | None:
    """One of them by its share of a hundred; none in the rest."""
    drawn = rng.random() * 100
    for choice, share in shares.items():
        drawn -= share
        if drawn < 0:
            return choice
    return None
