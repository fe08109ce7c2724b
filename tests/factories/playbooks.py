"""Playbooks as an organisation has them."""

from __future__ import annotations

from typing import Any

import factory

from csplatform.services.sequence import take_numbers
from playbooks.enums import Category, Priority
from playbooks.models import Playbook, Step
from playbooks.services.library import NUMBERS
from tests.factories.csplatform import OrganizationFactory


class PlaybookFactory(factory.django.DjangoModelFactory[Playbook]):
    """An organisation's own playbook with the next number; `copy_library` gives the built-in ones."""

    class Meta:
        model = Playbook

    organization = factory.SubFactory(OrganizationFactory)
    key = factory.Sequence(lambda n: f"playbook-{n}")
    title = factory.Sequence(lambda n: f"Playbook {n}")
    description = "Do the right thing."
    category = Category.ADOPTION
    priority = Priority.MEDIUM
    estimated_effort = "2 hours"
    risk_factors: list[str] = ["Low feature adoption"]

    @classmethod
    def _create(cls, model_class: type[Playbook], *args: Any, **kwargs: Any) -> Playbook:
        kwargs.setdefault("number", take_numbers(kwargs["organization"], NUMBERS))
        return super()._create(model_class, *args, **kwargs)


class StepFactory(factory.django.DjangoModelFactory[Step]):
    class Meta:
        model = Step

    playbook = factory.SubFactory(PlaybookFactory)
    organization = factory.SelfAttribute("playbook.organization")
    n = 1
    text = "Day 1, CSM: call them."
