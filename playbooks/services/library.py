"""Copying the built-in playbooks into an organisation."""

from __future__ import annotations

from django.db import transaction

from csplatform.models import Organization
from csplatform.services.sequence import take_numbers
from playbooks.library import LIBRARY, BuiltInPlaybook
from playbooks.models import Playbook, Step
from playbooks.services.playbook import NUMBERS


@transaction.atomic
def copy_library(*, organization: Organization) -> list[Playbook]:
    """Give an organisation the built-in playbooks it lacks, in their published order.

    A second time adds nothing, so a release that brings a new one can simply call this again.
    """
    known = set(organization.playbooks.builtin().values_list("key", flat=True))
    missing = [item for item in LIBRARY if item.key not in known]
    if not missing:
        return []
    first = take_numbers(organization, NUMBERS, len(missing))
    return [_copy(organization, item, number) for number, item in enumerate(missing, start=first)]


def _copy(organization: Organization, item: BuiltInPlaybook, number: int) -> Playbook:
    playbook = Playbook.objects.create(
        organization=organization,
        number=number,
        key=item.key,
        is_builtin=True,
        title=item.title,
        description=item.description,
        category=item.category,
        priority=item.priority,
        estimated_effort=item.estimated_effort,
        risk_factors=[factor.value for factor in item.risk_factors],
    )
    for n, step in enumerate(item.steps, start=1):
        Step.objects.create(
            organization=organization,
            playbook=playbook,
            n=n,
            title=step.title,
            text=step.text,
            day=step.day,
            kind=step.kind,
            role=step.role,
        )
    return playbook
