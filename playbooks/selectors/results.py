"""What came of a playbook's runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median
from typing import NamedTuple

from csplatform.money import ZERO
from playbooks.enums import GOING_ON, RunOutcome, RunStatus
from playbooks.querysets import PlaybookRunQuerySet

FEW = 5
"""Of fewer runs a median says little, and pages say so."""


class _Row(NamedTuple):
    status: str
    outcome: str
    start_score: Decimal | None
    end_score: Decimal | None
    start_mrr: Decimal
    end_mrr: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookResults:
    """Counts of runs by what came of them, and over the completed ones what their accounts did from start to end.

    That a score rose while a playbook ran does not prove that it rose because of it."""

    going_on: int
    completed: int
    cancelled: int
    outcomes: Mapping[RunOutcome, int]
    unjudged: int
    """Completed, and nobody has said what came of it."""
    score_change: Decimal | None
    """The median change of the score, of the completed runs with a score at both ends."""
    scored: int
    """How many those are."""
    start_mrr: Decimal
    kept_mrr: Decimal
    """Of what the accounts of completed runs paid at the start, what they still paid at the end; growth left out."""

    @property
    def runs(self) -> int:
        return self.going_on + self.completed + self.cancelled

    @property
    def is_few(self) -> bool:
        return self.completed < FEW

    @property
    def kept_pct(self) -> Decimal | None:
        return self.kept_mrr * 100 / self.start_mrr if self.start_mrr else None


def playbook_results(runs: PlaybookRunQuerySet) -> PlaybookResults:
    """The results of some runs, such as those of one playbook; one query."""
    rows = runs.order_by().values_list("status", "outcome", "start_score", "end_score", "start_mrr", "end_mrr")
    return results_of(_Row(*row) for row in rows)


def results_of(rows: Iterable[_Row]) -> PlaybookResults:
    found: Sequence[_Row] = list(rows)
    completed = [row for row in found if row.status == RunStatus.COMPLETED]
    said = Counter(row.outcome for row in completed)
    changes = [
        row.end_score - row.start_score
        for row in completed
        if row.end_score is not None and row.start_score is not None
    ]
    return PlaybookResults(
        going_on=sum(row.status in GOING_ON for row in found),
        completed=len(completed),
        cancelled=sum(row.status == RunStatus.CANCELLED for row in found),
        outcomes={outcome: said[outcome] for outcome in RunOutcome},
        unjudged=said[""],
        score_change=Decimal(median(changes)) if changes else None,
        scored=len(changes),
        start_mrr=sum((row.start_mrr for row in completed), ZERO),
        kept_mrr=sum((min(row.start_mrr, row.end_mrr or ZERO) for row in completed), ZERO),
    )
