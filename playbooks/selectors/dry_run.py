"""What a rule would do with today's data; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from csplatform.periods import civil_date
from playbooks.enums import HitOutcome
from playbooks.models import AutomationRule
from playbooks.selectors.rule_matches import rule_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """For which accounts a rule would act now if it was on, and how many it knows already."""

    would_fire: Sequence[tuple[int, str]]
    """Account and why, the largest revenue first."""
    known: int
    """It holds for these too, and has been acted on or passed over."""
    left_today: int
    """How many of them the limit leaves for today."""


def dry_run(rule: AutomationRule, *, now: datetime) -> DryRun:
    """The very question that a look at the rule asks."""
    today = civil_date(now, rule.organization)
    found = rule_matches(rule.organization, [rule], today=today)[rule.pk]
    known = set(rule.hits.held().order_by().values_list("account", flat=True))
    done_today = rule.hits.filter(fired_on=today, outcome=HitOutcome.FIRED).count()
    return DryRun(
        would_fire=[(key, why) for key, why in found.items() if key not in known],
        known=sum(key in known for key in found),
        left_today=max(0, rule.daily_limit - done_today),
    )
