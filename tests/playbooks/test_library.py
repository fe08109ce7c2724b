"""The ten built-in playbooks, as published clients know them."""

from __future__ import annotations

from health.enums import RiskFactor
from playbooks.enums import Category, Priority
from playbooks.library import LIBRARY


def test_the_ten_stand_in_their_published_order() -> None:
    assert [(item.title, item.category, item.priority) for item in LIBRARY] == [
        ("Executive Business Review", Category.ENGAGEMENT, Priority.HIGH),
        ("Feature Adoption Campaign", Category.ADOPTION, Priority.HIGH),
        ("Technical Health Check", Category.SUPPORT, Priority.HIGH),
        ("User Training & Enablement", Category.ADOPTION, Priority.MEDIUM),
        ("Quarterly Success Planning", Category.ENGAGEMENT, Priority.MEDIUM),
        ("Champion User Program", Category.ENGAGEMENT, Priority.MEDIUM),
        ("NPS Recovery Plan", Category.SUPPORT, Priority.HIGH),
        ("Integration Optimization", Category.ADOPTION, Priority.MEDIUM),
        ("Renewal Risk Mitigation", Category.ENGAGEMENT, Priority.HIGH),
        ("Data Quality Improvement", Category.ADOPTION, Priority.LOW),
    ]


def test_each_answers_its_published_factors_and_the_newer_ones_given_to_it() -> None:
    assert [{str(factor) for factor in item.risk_factors} for item in LIBRARY] == [
        {
            "Low user engagement",
            "Critical health score",
            "Below target health score",
            "No recent engagement",
            "Declining health trend",
        },
        {"Low feature adoption", "Low user engagement"},
        {"High support ticket volume", "Critical health score", "Support escalation open"},
        {"Low feature adoption", "High support ticket volume", "Infrequent logins"},
        {"Below target health score", "Low user engagement", "Declining health trend"},
        {"Low user engagement", "Infrequent logins"},
        {"Negative NPS score", "Critical health score"},
        {"Low feature adoption", "Below target health score"},
        {
            "Critical health score",
            "Negative NPS score",
            "Low user engagement",
            "Renewal at risk",
            "Overdue invoices",
        },
        {"Low feature adoption", "Below target health score", "Low data quality"},
    ]


def test_every_risk_factor_has_an_answer() -> None:
    assert {factor for item in LIBRARY for factor in item.risk_factors} == set(RiskFactor)


def test_steps_are_six_or_seven_and_each_says_when() -> None:
    assert {len(item.steps) for item in LIBRARY} <= {6, 7}
    for item in LIBRARY:
        assert len({step.text for step in item.steps}) == len({step.title for step in item.steps}) == len(item.steps)
        for step in item.steps:
            when, _, what = step.text.partition(": ")
            assert when, step
            assert len(what) > 40, step


def test_keys_are_settled_and_unique() -> None:
    assert len({item.key for item in LIBRARY}) == len(LIBRARY) == 10
