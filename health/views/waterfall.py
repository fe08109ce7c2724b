"""The ledger of a score as bars: each begins where the one before it ended."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from csplatform.formatting import date_text, trimmed
from health.selectors.score_ledger import ScoreLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """From `x`, `width` wide, on a scale of 0 to 100; `is_end` for the two scores themselves."""

    label: str
    detail: str
    text: str
    x: Decimal
    width: Decimal
    tone: str
    is_end: bool = False


def waterfall(ledger: ScoreLedger) -> list[Bar]:
    """The old score, what moved it, the largest first, and the new one; nothing while either is unknown."""
    start, end = ledger.since.score, ledger.until.score
    if start is None or end is None:
        return []
    bars = [_end(date_text(ledger.since.day), start)]
    level = start
    for part in sorted(ledger.parts, key=lambda part: abs(part.change), reverse=True):
        after = level + part.change
        bars.append(
            Bar(
                label=part.label,
                detail=f"{part.before} → {part.after}" if part.before else "",
                text=f"{'+' if part.change > 0 else ''}{trimmed(part.change)}",
                # A part may lead beyond the scale on the way to a score within it.
                x=min(max(min(level, after), Decimal(0)), Decimal(100)),
                width=abs(part.change),
                tone="success" if part.change > 0 else "danger",
            )
        )
        level = after
    return [*bars, _end(date_text(ledger.until.day), end)]


def _end(label: str, score: Decimal) -> Bar:
    return Bar(label=label, detail="", text=trimmed(score), x=Decimal(0), width=score, tone="primary", is_end=True)
