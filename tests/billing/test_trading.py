"""Days of trade, by chance: nothing that services do in any order makes a figure disagree with another."""

from __future__ import annotations

import io
import random
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from billing.selectors.dashboard_checks import dashboard_problems
from billing.selectors.document_checks import document_problems
from csplatform.tenancy import every_organization
from tests.billing.trading import COMMON, FIRST, GROUND, OPERATIONS, Trader

SEEDS = (1, 2)
STEPS = 90
DAYS_BACK = (0, 16)


@pytest.mark.django_db
def test_check_ledger_is_silent_after_days_of_trade() -> None:
    with time_machine.travel(f"{FIRST}T06:30:00+00:00", tick=False) as clock:
        for seed in SEEDS:
            trader = Trader(seed, clock)
            chance = random.Random(seed)
            for _ in range(STEPS):
                trader.do(chance.choice([*OPERATIONS, *COMMON]))
            for _ in range(STEPS):  # until each of them happened
                missing = [name for name in OPERATIONS if not trader.done[name]]
                if missing:
                    trader.do(chance.choice([*missing, *GROUND]))

            assert not [name for name in OPERATIONS if not trader.done[name]]
            assert told_by_check_ledger(trader) == (0, "")


def told_by_check_ledger(trader: Trader) -> tuple[int, str]:
    """How it ended, and what it named."""
    problems = io.StringIO()
    try:
        call_command("check_ledger", organization=trader.organization.slug, stdout=io.StringIO(), stderr=problems)
    except CommandError:
        return 1, problems.getvalue()
    return 0, problems.getvalue()


class Sums(TestCase):
    """What adds up in the contract's sample adds up in any organisation, for every period and day."""

    @settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        seed=st.integers(min_value=0, max_value=2**20),
        story=st.lists(st.sampled_from([*OPERATIONS, *COMMON]), min_size=5, max_size=40),
    )
    def test_the_dashboard_adds_up_in_any_organisation(self, seed: int, story: list[str]) -> None:
        with (
            every_organization(write=True, why="a test arranges"),
            time_machine.travel(f"{FIRST}T06:30:00+00:00", tick=False) as clock,
        ):
            trader = Trader(seed, clock)
            for name in story:
                trader.do(name)

            assert problems_of(trader) == []


def problems_of(trader: Trader) -> list[Any]:
    organization = trader.organization
    return [
        *document_problems(organization),
        *dashboard_problems(organization, today=trader.day, days=DAYS_BACK),
    ]
