"""Goals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory

from accounts.models import Goal
from tests.factories.accounts import AccountFactory


class GoalFactory(factory.django.DjangoModelFactory[Goal]):
    """A bare goal of its own measure, halfway, without a day to reach it by."""

    class Meta:
        model = Goal

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    title = factory.Sequence(lambda n: f"Goal {n}")
    metric_type = "custom"
    current_value = Decimal(50)
    target_value = Decimal(100)
    starts_on = date(2026, 11, 1)
