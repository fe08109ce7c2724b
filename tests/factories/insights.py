"""Facts as a writer gets them, plain and unsurprising."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory

from insights.facts import (
    AccountFacts,
    FactorFact,
    GroupFact,
    NamedAccountFact,
    PlaybookFact,
    PlayFact,
    PortfolioFacts,
    SignalFact,
)

TODAY = date(2026, 11, 20)


class SignalFactFactory(factory.Factory[SignalFact]):
    """Feature adoption, half of what it was: 0.62 gave 15.5 of 25 points, 0.31 gives 7.75."""

    class Meta:
        model = SignalFact

    key = "adoption_pct"
    label = "Feature adoption"
    value = Decimal("0.31")
    points = Decimal("7.8")
    max_points = Decimal(25)
    before = Decimal("0.62")
    before_on = date(2026, 10, 12)
    before_points = Decimal("15.5")


class PlaybookFactFactory(factory.Factory[PlaybookFact]):
    class Meta:
        model = PlaybookFact

    number = factory.Sequence(lambda n: n + 1)
    title = factory.LazyAttribute(lambda fact: f"Playbook {fact.number}")
    category = "Adoption"
    priority = "High"
    effort = "4 hours"
    first_step = "Day 1, CSM: call them."
    relevance = Decimal("0.80")
    matching = ("Low feature adoption",)


class AccountFactsFactory(factory.Factory[AccountFacts]):
    """An account that fell from 66.1 to 52.3 because its people stopped using features."""

    class Meta:
        model = AccountFacts

    as_of = TODAY
    number = 7
    name = "Acme Cloud"
    status = "Active"
    is_closed = False
    segment = "Enterprise"
    region = "West"
    owner = "Alice Rao"
    arr = Decimal(4_280_000)
    arr_change_90d = Decimal(0)
    renews_on = date(2026, 12, 11)
    score = Decimal("52.3")
    band = "At Risk"
    bucket = "At-Risk"
    coverage = Decimal(1)
    scored_on = TODAY
    score_before = Decimal("61.7")
    score_before_on = date(2026, 10, 21)
    engagement_trend = "declining"
    signals = factory.LazyFunction(lambda: (SignalFactFactory(),))
    factors = factory.LazyFunction(lambda: (FactorFact(name="Low feature adoption", severity=2),))
    playbooks = factory.LazyFunction(lambda: (PlaybookFactFactory(),))


class NamedAccountFactFactory(factory.Factory[NamedAccountFact]):
    class Meta:
        model = NamedAccountFact

    number = factory.Sequence(lambda n: n + 1)
    name = factory.LazyAttribute(lambda fact: f"Account {fact.number}")
    arr = Decimal(1_000_000)
    score = Decimal("45.0")


class PortfolioFactsFactory(factory.Factory[PortfolioFacts]):
    """Ten accounts, three of them at risk with a quarter of the money."""

    class Meta:
        model = PortfolioFacts

    as_of = TODAY
    accounts = 10
    total_arr = Decimal(20_000_000)
    average_score = Decimal("68.4")
    scored = 10
    arr_change_30d = Decimal(-500_000)
    arr_change_90d = Decimal(1_500_000)
    buckets = (
        GroupFact(name="Healthy", accounts=6, arr=Decimal(13_000_000)),
        GroupFact(name="At-Risk", accounts=3, arr=Decimal(5_000_000)),
        GroupFact(name="Critical", accounts=1, arr=Decimal(2_000_000)),
    )
    at_risk = GroupFact(name="At risk", accounts=3, arr=Decimal(5_000_000))
    segments = (
        GroupFact(name="Enterprise", accounts=4, arr=Decimal(15_000_000), average_score=Decimal("72.5")),
        GroupFact(name="SMB", accounts=6, arr=Decimal(5_000_000), average_score=Decimal("61.0")),
    )
    factors = (GroupFact(name="Low feature adoption", accounts=4, arr=Decimal(6_000_000)),)
    worst = factory.LazyFunction(
        lambda: (
            NamedAccountFactFactory(name="Acme Cloud", arr=Decimal(3_000_000), score=Decimal("38.2")),
            NamedAccountFactFactory(name="Beta Retail", arr=Decimal(1_500_000), score=Decimal("51.0")),
            NamedAccountFactFactory(name="Gamma Media", arr=Decimal(500_000), score=Decimal("44.4")),
        )
    )
    fallers = factory.LazyFunction(
        lambda: (
            NamedAccountFactFactory(
                name="Beta Retail",
                score=Decimal("51.0"),
                score_before=Decimal("70.5"),
            ),
        )
    )
    risers = ()
    renewing_at_risk = GroupFact(name="Renewal at risk", accounts=0, arr=Decimal(0))
    renewals_at_risk = ()
    expansion = ()
    advocates = ()
    plays = (PlayFact(number=2, title="Feature Adoption Campaign", accounts=4, arr=Decimal(6_000_000)),)
