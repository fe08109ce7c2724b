"""A score set by hand: shown for a while, beside the computed one, and gone by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts.enums import AccountStatus, Band
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.models import Membership
from health.selectors.explanation import health_explanation
from health.services.override import end_override, set_override
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership):
    """Scores 85.3 by its metrics."""
    account = DailyMetricsFactory(account__organization=alice.organization, date=TODAY).account
    recompute_health(organization=alice.organization, today=TODAY)
    return account


def test_the_set_score_is_shown_and_the_computed_one_kept(account, alice: Membership) -> None:
    set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)

    account.refresh_from_db()
    snapshot = account.health_snapshots.get()
    assert (account.health_score, account.band) == (Decimal("35.0"), Band.CRITICAL)
    assert (snapshot.score, snapshot.effective_score, snapshot.band) == (
        Decimal("85.3"),
        Decimal("35.0"),
        Band.CRITICAL,
    )
    assert account.daily_metrics.get().health_score == Decimal("85.3")
    assert account.last_known_health_score == Decimal("85.3")
    # One number everywhere: the risks follow the score that is shown.
    assert "Critical health score" in [factor["name"] for factor in snapshot.factors]


def test_it_survives_a_recompute_and_new_metrics(account, alice: Membership) -> None:
    set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=1))

    recompute_health(organization=alice.organization, today=TODAY)

    account.refresh_from_db()
    assert account.health_score == Decimal("35.0")


def test_it_counts_for_two_weeks_its_last_day_included(account, alice: Membership) -> None:
    override = set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)
    assert override.expires_on == date(2026, 12, 4)

    shown = []
    for day in (date(2026, 12, 4), date(2026, 12, 5)):
        recompute_health(organization=alice.organization, today=day)
        account.refresh_from_db()
        shown.append(account.health_score)

    assert shown == [Decimal("35.0"), Decimal("85.3")]


def test_a_second_one_replaces_the_first_for_good(account, alice: Membership) -> None:
    set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)
    set_override(account=account, score=Decimal(60), reason="A new champion", by=alice.user)
    end_override(account=account, by=alice.user)

    account.refresh_from_db()
    assert account.health_score == Decimal("85.3")
    assert list(account.health_overrides.order_by("pk").values_list("ended_on", flat=True)) == [TODAY, TODAY]


def test_taking_it_back_twice_does_nothing_more(account, alice: Membership) -> None:
    set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)

    assert [end_override(account=account, by=alice.user), end_override(account=account, by=alice.user)] == [
        True,
        False,
    ]
    assert account.activities.filter(title="Health is computed again").count() == 1


def test_an_account_without_metrics_can_be_given_a_score(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)

    set_override(account=account, score=Decimal("72.5"), reason="Met them today", by=alice.user)

    account.refresh_from_db()
    assert (account.health_score, account.last_known_health_score) == (Decimal("72.5"), None)


def test_the_explanation_adds_up_to_the_computed_score_and_names_the_set_one(account, alice: Membership) -> None:
    set_override(account=account, score=Decimal(35), reason="Their champion left", by=alice.user)

    explanation = health_explanation(account, today=TODAY)

    assert explanation is not None
    assert explanation.override is not None
    assert (explanation.score, explanation.shown, explanation.band) == (
        Decimal("85.3"),
        Decimal("35.0"),
        Band.CRITICAL,
    )
    assert sum(signal.adds or 0 for signal in explanation.signals) == Decimal("85.3")
    assert explanation.override.reason == "Their champion left"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"score": Decimal("100.1")}, "score"),
        ({"score": Decimal("-0.1")}, "score"),
        ({"reason": "  "}, "reason"),
        ({"reason": "x" * 501}, "reason"),
        ({"expires_on": TODAY - timedelta(days=1)}, "expires_on"),
        ({"expires_on": TODAY + timedelta(days=367)}, "expires_on"),
        ({"starts_on": TODAY + timedelta(days=1)}, "starts_on"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field(account, alice: Membership, wrong, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_override(**{"account": account, "score": Decimal(50), "reason": "Why", "by": alice.user} | wrong)

    assert list(refusal.value.errors or {}) == [field]
    assert not account.health_overrides.exists()


def test_a_churned_account_is_no_longer_scored(alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, status=AccountStatus.CHURNED, churned_on=TODAY)

    with pytest.raises(DomainError, match="no longer scored"):
        set_override(account=account, score=Decimal(50), reason="Why", by=alice.user)
