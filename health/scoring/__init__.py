"""Arithmetic of health scores: numbers in, numbers out, no models and no database."""

from __future__ import annotations

from health.scoring.guards import Guard, Guarded, guard_words
from health.scoring.parts import share_out
from health.scoring.score import MINIMUM_COVERAGE, Points, Score, round_half_up, score_frame, score_one
from health.scoring.signals import SIGNALS_SCORECARD, Curve, ScorecardRules, Signal, rules_from_rows

__all__ = [
    "MINIMUM_COVERAGE",
    "SIGNALS_SCORECARD",
    "Curve",
    "Guard",
    "Guarded",
    "Points",
    "Score",
    "ScorecardRules",
    "Signal",
    "guard_words",
    "round_half_up",
    "rules_from_rows",
    "score_frame",
    "score_one",
    "share_out",
]
