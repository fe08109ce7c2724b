"""The three scales of a score at every boundary."""

from __future__ import annotations

from decimal import Decimal

import pytest

from accounts import bands
from accounts.enums import Band, Bucket
from accounts.models import Account
from csplatform.models import Organization
from tests.factories.accounts import AccountFactory

TABLE = [
    ("0", "Critical", "critical", "Critical", "low"),
    ("39.9", "Critical", "critical", "Critical", "low"),
    ("40", "At Risk", "high", "At-Risk", "low"),
    ("49.9", "At Risk", "high", "At-Risk", "low"),
    ("50", "At Risk", "high", "At-Risk", "medium"),
    ("59.9", "At Risk", "high", "At-Risk", "medium"),
    ("60", "Watchlist", "medium", "At-Risk", "medium"),
    ("69.9", "Watchlist", "medium", "At-Risk", "medium"),
    ("70", "Watchlist", "medium", "Healthy", "medium"),
    ("79.9", "Watchlist", "medium", "Healthy", "medium"),
    ("80", "Healthy", "low", "Healthy", "high"),
    ("100", "Healthy", "low", "Healthy", "high"),
]


@pytest.mark.parametrize(("text", "band", "risk", "bucket", "portfolio_class"), TABLE)
def test_scales(text: str, band: str, risk: str, bucket: str, portfolio_class: str) -> None:
    score = Decimal(text)

    assert bands.band(score) == band
    assert bands.billing_risk(score) == risk
    assert bands.bucket(score) == bucket
    assert bands.portfolio_class(score) == portfolio_class


def test_an_unknown_score_is_on_no_scale() -> None:
    assert {read(None) for read in (bands.band, bands.billing_risk, bands.bucket, bands.portfolio_class)} == {None}


def test_filters_find_exactly_what_the_functions_say(organization: Organization) -> None:
    for text, *_ in TABLE:
        AccountFactory(organization=organization, health_score=Decimal(text))
    AccountFactory(organization=organization)  # unknown: in no band

    accounts: list[Account] = list(organization.accounts.scored())

    for band in Band:
        assert set(organization.accounts.in_band(band)) == {a for a in accounts if a.band == band}
    for bucket in Bucket:
        assert set(organization.accounts.in_bucket(bucket)) == {a for a in accounts if a.bucket == bucket}
    assert set(organization.accounts.at_risk()) == {a for a in accounts if a.band in {Band.AT_RISK, Band.CRITICAL}}
    assert not organization.accounts.in_bucket("Watchlist").exists()  # a band's word, not a bucket's
