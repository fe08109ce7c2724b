"""When a customer is reminded: the steps from a week before the due date to the escalation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from billing.enums import ReminderStep

STEPS: Mapping[ReminderStep, int] = {
    ReminderStep.BEFORE_7: -7,
    ReminderStep.AFTER_1: 1,
    ReminderStep.AFTER_7: 7,
    ReminderStep.AFTER_15: 15,
    ReminderStep.AFTER_30: 30,
    ReminderStep.ESCALATION: 60,
}
"""Days after the due date from which a step is due, in order."""


def step_on(day: date, *, due_date: date) -> ReminderStep | None:
    """The latest step reached on a day; none more than a week before the due date."""
    days = (day - due_date).days
    reached = [step for step, from_day in STEPS.items() if from_day <= days]
    return reached[-1] if reached else None
