"""Facts as JSON: what a text is stored with."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from insights.facts import as_json
from tests.factories.insights import AccountFactsFactory, PortfolioFactsFactory


@pytest.mark.parametrize("facts", [AccountFactsFactory(), PortfolioFactsFactory()])
def test_facts_survive_json_unchanged(facts: object) -> None:
    assert json.loads(json.dumps(as_json(facts))) == as_json(facts)


def test_money_and_scores_are_numbers_and_days_are_iso() -> None:
    found = as_json(AccountFactsFactory())

    assert isinstance(found, dict)
    assert (found["arr"], found["score"], found["renews_on"]) == (4280000, 52.3, "2026-12-11")
    assert found["signals"][0]["before"] == 0.62


def test_what_is_no_fact_is_refused() -> None:
    with pytest.raises(TypeError, match="object is not a fact"):
        as_json(object())


def test_whole_decimals_become_integers() -> None:
    assert [as_json(Decimal("12.0")), as_json(Decimal("12.5"))] == [12, 12.5]
