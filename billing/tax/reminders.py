"""When a customer is reminded: the steps from a week before the due date to the escalation; and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from billing.enums import ReminderStep
from csplatform.formatting import counted, date_text

STEPS: Mapping[ReminderStep, int] = {
    ReminderStep.BEFORE_7: -7,
    ReminderStep.AFTER_1: 1,
    ReminderStep.AFTER_7: 7,
    ReminderStep.AFTER_15: 15,
    ReminderStep.AFTER_30: 30,
    ReminderStep.ESCALATION: 60,
}
"""Days after the due date from which a step is due, in order."""

FIRST_DAY = min(STEPS.values())

CLOSINGS: Mapping[ReminderStep, str] = {
    ReminderStep.BEFORE_7: "Nothing is late. We write so that it can be planned for.",
    ReminderStep.AFTER_1: "It may have been overlooked.",
    ReminderStep.AFTER_7: "Please tell us by when you expect to pay.",
    ReminderStep.AFTER_15: "Please pay, or tell us what stands in the way.",
    ReminderStep.AFTER_30: "Please pay at once, or call us: we would like to settle this with you.",
    ReminderStep.ESCALATION: (
        "This is our last reminder. We shall now take it up with the management of both companies."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What a reminder is about, as it was printed on the invoice."""

    number: str
    issued_on: date | None
    due_on: date
    amount: str
    customer: str
    supplier: str


def step_on(day: date, *, due_date: date) -> ReminderStep | None:
    """The latest step reached on a day; none more than a week before the due date."""
    days = (day - due_date).days
    reached = [step for step, from_day in STEPS.items() if from_day <= days]
    return reached[-1] if reached else None


def subject_of(demand: Demand, day: date) -> str:
    late = (day - demand.due_on).days > 0
    return f"{'Overdue' if late else 'Upcoming'}: invoice {demand.number}, {demand.amount}"


def body_of(demand: Demand, step: ReminderStep, day: date) -> str:
    """A short letter in plain text: what is owed, since when, and what is asked for."""
    late = (day - demand.due_on).days
    when = f"was due {counted(late, 'day')} ago, on" if late > 0 else "is due on"
    return (
        f"Dear {demand.customer},\n\n"
        f"invoice {demand.number} of {date_text(demand.issued_on)} {when} {date_text(demand.due_on)}. "
        f"{demand.amount} is outstanding.\n\n"
        f"{CLOSINGS[step]}\n\n"
        f"If you have paid meanwhile, please tell us the reference.\n\n"
        f"{demand.supplier}\n"
    )
