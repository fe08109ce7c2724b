"""The versions of a scorecard, and what one changes in another, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from csplatform.formatting import trimmed
from csplatform.models import Organization
from health.enums import ScorecardStatus
from health.models import Scorecard
from health.scoring.guards import Comparison, guard_words
from health.scoring.measures import MEASURES
from health.selectors.signal_words import signal_value


def live_scorecards(organization: Organization) -> list[Scorecard]:
    """The primary one first, then those of segments in the order in which they are asked."""
    cards = list(organization.scorecards.published().order_by("-is_primary", "priority", "key"))
    return sorted(cards, key=lambda card: (not card.is_primary, not card.segments))


def drafts(organization: Organization) -> dict[str, Scorecard]:
    """Key to its draft."""
    rows = organization.scorecards.filter(status=ScorecardStatus.DRAFT).select_related("made_by")
    return {draft.key: draft for draft in rows}


def versions_of(scorecard: Scorecard) -> list[Scorecard]:
    """All that there were, the newest first, with who made and who published them."""
    rows = scorecard.organization.scorecards.filter(key=scorecard.key)
    return list(rows.select_related("made_by", "published_by").order_by("-version"))


def scorecard_changes(old: Scorecard, new: Scorecard) -> list[str]:
    """What scores differently in `new`: `NPS: weight 15 → 20`."""
    return [
        *_audience_changes(old, new),
        *_signal_changes(old.signals, new.signals),
        *_guard_changes(old.guards, new.guards),
    ]


def guard_condition_words(row: Mapping[str, Any]) -> str:
    """`Feature adoption below 50%`"""
    measure = MEASURES[row["measure"]]
    return f"{measure.label} {Comparison(row['comparison']).words} {signal_value(measure.key, row['value'])}"


def _audience_changes(old: Scorecard, new: Scorecard) -> Iterator[str]:
    before, after = (", ".join(card.segment_names) or "none of their own" for card in (old, new))
    if before != after:
        yield f"For segments: {before} → {after}"
    if old.priority != new.priority and (old.segments or new.segments):
        yield f"Priority: {old.priority} → {new.priority}"


def _signal_changes(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    before, after = ({row["key"]: row for row in rows} for rows in (old, new))
    for key, row in after.items():
        if key not in before:
            yield f"{row['label']}: new, with a weight of {_plain(row['max_points'])}"
            continue
        if before[key]["max_points"] != row["max_points"]:
            yield f"{row['label']}: weight {_plain(before[key]['max_points'])} → {_plain(row['max_points'])}"
        if (before[key]["worst"], before[key]["best"]) != (row["worst"], row["best"]):
            yield f"{row['label']}: from worst to best {_curve(before[key])} → {_curve(row)}"
    yield from (f"{row['label']}: no longer counts" for key, row in before.items() if key not in after)


def _guard_changes(old: list[Mapping[str, Any]], new: list[Mapping[str, Any]]) -> Iterator[str]:
    yield from (f"New guard. {_guard(row)}" for row in new if row not in old)
    yield from (f"Guard removed. {_guard(row)}" for row in old if row not in new)
    kept = [row for row in new if row in old]
    if kept != [row for row in old if row in new]:
        yield "The guards count in another order"


def _guard(row: Mapping[str, Any]) -> str:
    when = " and ".join(guard_condition_words(each) for each in row["conditions"])
    return f"{guard_words(row['effect'], row['score'], row['text'])} (when {when})"


def _curve(row: Mapping[str, Any]) -> str:
    return f"{_plain(row['worst'])} to {'the seats' if row['best'] is None else _plain(row['best'])}"


def _plain(value: float) -> str:
    return trimmed(Decimal(str(value)), 2)
