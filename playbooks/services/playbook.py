"""Writing playbooks: an organisation's own, and the built-in ones as it wants them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.db import transaction

from csplatform.models import Organization, User
from csplatform.services.sequence import take_numbers
from health.enums import RiskFactor
from playbooks.enums import OwnerRole, StepKind
from playbooks.exceptions import (
    BuiltInPlaybookStays,
    InvalidPlaybook,
    NothingToRestore,
    PlaybookChangedMeanwhile,
    PlaybookIsUsed,
)
from playbooks.library import LIBRARY, BuiltInPlaybook
from playbooks.models import Playbook, Step
from playbooks.models.playbook import LAST_DAY

NUMBERS = "playbook"
MOST_STEPS = 30
DETAILS = ("title", "description", "category", "priority", "estimated_effort", "risk_factors")
STEP_FIELDS = ("title", "text", "day", "kind", "role", "member")
COMPUTED = ["organization", "number", "key", "created_at", "updated_at"]


class StepFacts(TypedDict, total=False):
    """One step as it shall be."""

    title: str
    text: str
    day: int
    kind: str
    role: str
    member: User | None


class PlaybookFacts(TypedDict, total=False):
    """What may be written of a playbook; what is left out stays. The steps given are all its steps, in order."""

    title: str
    description: str
    category: str
    priority: str
    estimated_effort: str
    risk_factors: Sequence[str]
    steps: Sequence[StepFacts]


@transaction.atomic
def create_playbook(*, organization: Organization, by: User | None, **facts: Unpack[PlaybookFacts]) -> Playbook:
    """Add a playbook of the organisation's own, with the next number."""
    number = take_numbers(organization, NUMBERS)
    playbook = Playbook(organization=organization, number=number, key=f"own-{number}")
    _write(playbook, facts, by=by)
    _set_steps(playbook, facts.get("steps", ()), by=by)
    return playbook


@transaction.atomic
def update_playbook(
    *, playbook: Playbook, by: User | None, seen_at: datetime | None = None, **facts: Unpack[PlaybookFacts]
) -> Playbook:
    """Change a playbook from the next run on; runs that have started keep their own steps.

    ``seen_at`` is when it had last been saved as the person saw it: when it was saved since, nothing is changed."""
    stored = _held(playbook)
    if seen_at is not None and stored.updated_at != seen_at:
        raise PlaybookChangedMeanwhile
    _write(stored, facts, by=by)
    if "steps" in facts:
        _set_steps(stored, facts["steps"], by=by)
    return stored


@transaction.atomic
def restore_playbook(*, playbook: Playbook, by: User | None) -> Playbook:
    """A built-in playbook as it ships."""
    shipped = shipped_of(playbook)
    if shipped is None:
        raise NothingToRestore
    stored = _held(playbook)
    facts = shipped_facts(shipped)
    _write(stored, facts, by=by)
    _set_steps(stored, facts["steps"], by=by)
    return stored


@transaction.atomic
def delete_playbook(*, playbook: Playbook, by: User | None) -> None:
    """Take one of the organisation's own away; its runs go on, with their own title and steps."""
    stored = _held(playbook)
    if stored.is_builtin:
        raise BuiltInPlaybookStays
    if stored.rules.exists():
        raise PlaybookIsUsed
    stored._history_user = by
    stored.delete()


def shipped_of(playbook: Playbook) -> BuiltInPlaybook | None:
    """What a built-in playbook was copied from."""
    return next((item for item in LIBRARY if playbook.is_builtin and item.key == playbook.key), None)


def shipped_facts(item: BuiltInPlaybook) -> PlaybookFacts:
    """A built-in playbook as one writes it."""
    return {
        "title": item.title,
        "description": item.description,
        "category": item.category,
        "priority": item.priority,
        "estimated_effort": item.estimated_effort,
        "risk_factors": [factor.value for factor in item.risk_factors],
        "steps": [
            {"title": step.title, "text": step.text, "day": step.day, "kind": step.kind, "role": step.role}
            for step in item.steps
        ],
    }


def is_changed(playbook: Playbook) -> bool:
    """Whether a built-in playbook differs from what ships; its steps are at hand."""
    shipped = shipped_of(playbook)
    if shipped is None:
        return False
    wanted: dict[str, Any] = {**shipped_facts(shipped)}
    steps = wanted.pop("steps")
    known = [{name: getattr(step, name) for name in STEP_FIELDS[:-1]} for step in playbook.steps.all()]
    return known != steps or any(getattr(playbook, name) != value for name, value in wanted.items())


def _held(playbook: Playbook) -> Playbook:
    stored: Playbook = playbook.organization.playbooks.select_for_update(no_key=True).get(pk=playbook.pk)
    return stored


def _write(playbook: Playbook, facts: PlaybookFacts, *, by: User | None) -> None:
    for name in DETAILS:
        if name in facts:
            value: Any = facts[name]  # type: ignore[literal-required]  # one of them
            setattr(playbook, name, list(value) if name == "risk_factors" else value.strip())
    if not playbook.title:
        raise InvalidPlaybook("title", "Give it a title.")
    unknown = [name for name in playbook.risk_factors if name not in RiskFactor.values]
    if unknown:
        raise InvalidPlaybook(
            "risk_factors", f"“{unknown[0]}” is no risk factor. It takes {', '.join(RiskFactor.values)}."
        )
    _clean(playbook, COMPUTED)
    playbook._history_user = by
    playbook.save()


def _set_steps(playbook: Playbook, steps: Sequence[StepFacts], *, by: User | None) -> None:
    """Bring the steps to what is given, place by place; a place that stays the same is not written."""
    if not steps:
        raise InvalidPlaybook("steps", "Give it at least one step.")
    if len(steps) > MOST_STEPS:
        raise InvalidPlaybook("steps", f"It takes at most {MOST_STEPS} steps.")
    known = {step.n: step for step in playbook.steps.select_related("member")}
    for n, facts in enumerate(steps, start=1):
        _set_step(
            playbook, known.get(n) or Step(organization=playbook.organization, playbook=playbook, n=n), facts, by
        )
    for n, step in known.items():
        if n > len(steps):
            step._history_user = by
            step.delete()


def _set_step(playbook: Playbook, step: Step, facts: StepFacts, by: User | None) -> None:
    wanted: dict[str, Any] = {
        "title": facts.get("title", "").strip(),
        "text": facts.get("text", "").strip(),
        "day": facts.get("day", 1),
        "kind": facts.get("kind", StepKind.TASK),
        "role": facts.get("role", OwnerRole.ACCOUNT_OWNER),
        "member": facts.get("member"),
    }
    if step.pk and all(getattr(step, name) == value for name, value in wanted.items()):
        return
    if not wanted["text"]:
        raise InvalidPlaybook("steps", f"Step {step.n} says nothing.")
    if not 1 <= wanted["day"] <= LAST_DAY:
        raise InvalidPlaybook("steps", f"The day of step {step.n} lies between 1 and {LAST_DAY}.")
    if wanted["role"] != OwnerRole.MEMBER:
        wanted["member"] = None
    elif wanted["member"] is None:
        raise InvalidPlaybook("steps", f"Say which person does step {step.n}.")
    elif not playbook.organization.memberships.active().filter(user=wanted["member"]).exists():
        raise InvalidPlaybook("steps", f"Who does step {step.n} must be an active member.")
    for name, value in wanted.items():
        setattr(step, name, value)
    _clean(step, ["organization", "playbook", "member"])
    step._history_user = by
    step.save()


def _clean(row: Playbook | Step, exclude: list[str]) -> None:
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        name, sentences = next(iter(error.message_dict.items()))
        raise InvalidPlaybook(name if isinstance(row, Playbook) else "steps", sentences[0]) from error
