"""Playbooks as an organisation has them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import factory

from csplatform.services.sequence import take_numbers
from playbooks.enums import Category, Priority
from playbooks.models import AutomationRule, Playbook, PlaybookRun, Step
from playbooks.services.playbook import NUMBERS
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


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


class RunFactory(factory.django.DjangoModelFactory[PlaybookRun]):
    """A bare running row without steps; `start_playbook` makes whole ones."""

    class Meta:
        model = PlaybookRun

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    title = factory.Sequence(lambda n: f"Playbook {n}")
    starts_on = date(2026, 11, 20)
    started_at = NOON
    start_mrr = Decimal(0)


class RuleFactory(factory.django.DjangoModelFactory[AutomationRule]):
    """One that is off, and would tell the owners of critical accounts."""

    class Meta:
        model = AutomationRule

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Rule {n}")
    trigger = "band"
    band = "Critical"
    action = "notify"
    words = "Look at it"
