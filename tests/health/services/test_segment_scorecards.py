"""Scorecards for accounts of some segments: which one counts, and what follows when another one does."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from health.alert_kinds import AlertKind
from health.enums import JobKind
from health.models import Scorecard
from health.selectors.alert_conditions import alert_conditions
from health.selectors.alert_rules import thresholds
from health.selectors.risk_factors import current_risk_factors
from health.selectors.scorecard import health_scorecards
from health.selectors.trends import account_trends, recent_change
from health.services.daily_metrics import report_day
from health.services.scorecard import copy_customer_360
from health.services.scorecard_versions import (
    IsForSegments,
    IsPrimary,
    NotLive,
    draft_version,
    edit_draft,
    make_primary,
    new_scorecard,
    publish_draft,
    retire_scorecard,
    score_beside,
)
from health.services.scoring import recompute_health
from insights.selectors.account_facts import account_facts
from tests.factories.accounts import AccountFactory
from tests.factories.health import NOON, DailyMetricsFactory, primary_scorecard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
D = Decimal


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def primary(mona: Membership) -> Scorecard:
    return primary_scorecard(mona.organization, now=NOON)


def account_of(mona: Membership, segment: str, **facts: Any) -> Account:
    return AccountFactory(organization=mona.organization, seats=None, contract_end=None, segment=segment, **facts)


def only(card: Scorecard, key: str) -> list[dict[str, Any]]:
    return [row for row in card.signals if row["key"] == key]


def published(
    primary: Scorecard, by: Membership, name: str, key: str, *segments: str, priority: int = 1
) -> Scorecard:
    """One that looks at a single signal."""
    draft = new_scorecard(source=primary, name=name, segments=segments, priority=priority, by=by.user)
    draft = edit_draft(draft=draft, by=by.user, signals=only(primary, key))
    return publish_draft(draft=draft, by=by.user, now=timezone.now())[0]


def recompute(card: Scorecard, today: date = TODAY) -> None:
    recompute_health(organization=card.organization, today=today)


def score_of(account: Account) -> Decimal | None:
    account.refresh_from_db()
    return account.health_score


def test_each_account_is_scored_by_the_scorecard_of_its_segment(primary: Scorecard, mona: Membership) -> None:
    accounts = {segment: account_of(mona, segment) for segment in ("Enterprise", "Mid-Market", "SMB", "")}
    for account in accounts.values():
        DailyMetricsFactory(account=account)
    published(primary, mona, "Adoption", "adoption_pct", "Enterprise", "SMB", priority=2)
    published(primary, mona, "Logins", "login_rate", "Enterprise", priority=1)

    recompute(primary)

    # Adoption is 78 %, logins 0.88; all five signals give 85.3. Both are for Enterprise: the lower number counts.
    scores = {segment: score_of(account) for segment, account in accounts.items()}
    assert scores == {"Enterprise": D("88.0"), "Mid-Market": D("85.3"), "SMB": D("78.0"), "": D("85.3")}
    for account in accounts.values():
        snapshot = account.health_snapshots.get()
        assert (snapshot.is_primary, snapshot.effective_score) == (True, account.health_score)
        assert account.daily_metrics.get().health_score == account.health_score


def test_nothing_changes_before_it_is_published(primary: Scorecard, mona: Membership) -> None:
    account = account_of(mona, "SMB")
    DailyMetricsFactory(account=account)
    draft = new_scorecard(source=primary, name="Small ones", segments=["SMB"], by=mona.user)
    edit_draft(draft=draft, by=mona.user, signals=only(primary, "login_rate"))

    recompute(primary)

    assert score_of(account) == D("85.3")
    assert (draft.key, draft.kind, draft.version, draft.status) == ("small-ones", "signals", 1, "draft")


def test_a_second_recompute_writes_nothing(primary: Scorecard, mona: Membership) -> None:
    for segment in ("SMB", "Enterprise"):
        DailyMetricsFactory(account=account_of(mona, segment))
    published(primary, mona, "Logins", "login_rate", "SMB")
    recompute(primary)

    again = recompute_health(organization=primary.organization, today=TODAY)

    assert (again.scored, again.changed, again.snapshots_created) == (2, 0, 0)


def test_an_account_that_changes_its_segment_changes_its_scorecard(primary: Scorecard, mona: Membership) -> None:
    logins = published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "Enterprise")
    DailyMetricsFactory(account=account)

    shown = []
    for segment in ("Enterprise", "SMB", "Enterprise", "SMB"):
        Account.objects.filter(pk=account.pk).update(segment=segment)
        recompute(primary)
        newest = account.health_snapshots.primary().get(date=TODAY)
        shown.append((score_of(account), newest.score, newest.scorecard_id))

    assert (
        shown
        == [
            (D("85.3"), D("85.3"), primary.pk),
            (D("88.0"), D("88.0"), logins.pk),
        ]
        * 2
    )


def test_going_back_days_later_is_written_down_again(primary: Scorecard, mona: Membership) -> None:
    """Its snapshot of the first day says the same, but is no longer the account's latest word."""
    published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "SMB")
    DailyMetricsFactory(account=account)
    for day, segment in enumerate(("SMB", "Enterprise", "SMB")):
        Account.objects.filter(pk=account.pk).update(segment=segment)
        recompute(primary, TODAY + timedelta(days=day))

    rows = account.health_snapshots.primary().order_by("date").values_list("date", "effective_score")

    assert [score for _, score in rows] == [D("88.0"), D("85.3"), D("88.0")]


def test_another_segment_is_no_change_of_the_account(primary: Scorecard, mona: Membership) -> None:
    """Neither for its trend, nor for its risks, nor for alerts."""
    published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "Enterprise")
    for ago in (40, 20, 8):
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=ago), login_rate=0.5, health_score=D("79.6"))
    recompute(primary, TODAY - timedelta(days=8))
    Account.objects.filter(pk=account.pk).update(segment="SMB")
    DailyMetricsFactory(account=account, login_rate=0.5)
    recompute(primary)

    account.refresh_from_db()
    moved = recent_change(account)
    factors = current_risk_factors(primary.organization, primary.organization.accounts.all(), today=TODAY)[account.pk]
    alerts = alert_conditions(primary.organization, thresholds(primary.organization), held={}, now=timezone.now())

    # It fell from 79.6 to 50 because it is looked at in another way: half of all logins, then as now.
    assert score_of(account) == D("50.0")
    assert (moved.change, moved.anew_until) == (D("0.0"), TODAY)
    assert "Declining health trend" not in [factor["name"] for factor in factors]
    assert AlertKind.HEALTH_DROP not in {kind for _, kind in alerts}
    trend = account_trends(primary.organization, [account.pk], today=TODAY)[account.pk][30]
    told = account_facts(primary.organization, account, today=TODAY)
    assert told.score_before == told.score == D("50.0")
    assert trend is not None
    assert trend.health_score_change == D("0.0")


def test_a_real_fall_after_the_segment_changed_is_one(primary: Scorecard, mona: Membership) -> None:
    """By logins alone it was 90 thirty-one days ago, and is 50."""
    published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "Enterprise")
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=31), login_rate=0.9, health_score=D("85.6"))
    recompute(primary, TODAY - timedelta(days=31))
    Account.objects.filter(pk=account.pk).update(segment="SMB")
    DailyMetricsFactory(account=account, login_rate=0.5)
    recompute(primary)

    factors = current_risk_factors(primary.organization, primary.organization.accounts.all(), today=TODAY)[account.pk]

    assert ("Declining health trend", -40.0) in [(factor["name"], factor["value"]) for factor in factors]


def test_a_day_that_is_reported_is_scored_by_it(primary: Scorecard, mona: Membership) -> None:
    published(primary, mona, "Adoption", "adoption_pct", "SMB")
    account = account_of(mona, "SMB")

    row, _ = report_day(account=account, day=TODAY, by=mona.user, adoption_pct=41.0)

    row.refresh_from_db()
    assert (row.health_score, score_of(account)) == (D("41.0"), D("41.0"))


def test_one_beside_does_not_score_its_own_accounts_twice(primary: Scorecard, mona: Membership) -> None:
    logins = published(primary, mona, "Logins", "login_rate", "SMB")
    score_beside(scorecard=logins, is_on=True, by=mona.user)
    small, large = account_of(mona, "SMB"), account_of(mona, "Enterprise")
    for account in (small, large):
        DailyMetricsFactory(account=account)

    recompute(primary)

    assert [(one.scorecard_id, one.is_primary) for one in small.health_snapshots.all()] == [(logins.pk, True)]
    assert {(one.scorecard_id, one.is_primary) for one in large.health_snapshots.all()} == {
        (primary.pk, True),
        (logins.pk, False),
    }


def test_a_customer_360_scorecard_for_one_segment(primary: Scorecard, mona: Membership) -> None:
    copy_customer_360(organization=mona.organization, now=NOON)
    source = mona.organization.scorecards.get(key="customer_360")
    draft = new_scorecard(source=source, name="Large accounts", segments=["Enterprise"], by=mona.user)
    publish_draft(draft=draft, by=mona.user, now=timezone.now())
    account = account_of(mona, "Enterprise")
    DailyMetricsFactory(account=account, session_minutes=30)

    recompute(primary)

    snapshot = account.health_snapshots.primary().get()
    assert snapshot.scorecard.kind == "customer_360"
    # 40 of 100 points are known: logins 88 %, adoption 78 %, sessions and users in full.
    assert snapshot.points[0]["signal"] == "login_rate"
    assert score_of(account) == snapshot.effective_score == D("91.5")


def test_retiring_it_gives_its_accounts_back(primary: Scorecard, mona: Membership) -> None:
    logins = published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "SMB")
    DailyMetricsFactory(account=account)
    recompute(primary)
    mona.organization.jobs.all().delete()

    retired, job = retire_scorecard(scorecard=logins, by=mona.user, now=timezone.now())
    recompute(primary)

    assert retired.status == "retired"
    assert job is not None
    assert job.kind == JobKind.RECOMPUTE
    assert score_of(account) == D("85.3")
    assert health_scorecards(mona.organization).of_segments == ()
    with pytest.raises(NotLive):
        retire_scorecard(scorecard=logins, by=mona.user, now=timezone.now())
    with pytest.raises(IsPrimary):
        retire_scorecard(scorecard=primary, by=mona.user, now=timezone.now())


def test_a_version_for_no_segment_gives_them_back_too(primary: Scorecard, mona: Membership) -> None:
    logins = published(primary, mona, "Logins", "login_rate", "SMB")
    account = account_of(mona, "SMB")
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=3), health_score=D("88.0"))
    recompute(primary, TODAY - timedelta(days=3))
    DailyMetricsFactory(account=account)
    draft = edit_draft(draft=draft_version(scorecard=logins, by=mona.user), by=mona.user, segments=[])
    publish_draft(draft=draft, by=mona.user, now=timezone.now())
    recompute(primary)

    account.refresh_from_db()

    assert account.health_score == D("85.3")
    # Nothing was reported differently: by the primary scorecard both days are 85.3.
    assert recent_change(account).change == D("0.0")


def test_what_is_for_segments_is_not_for_all(primary: Scorecard, mona: Membership) -> None:
    logins = published(primary, mona, "Logins", "login_rate", "SMB")

    with pytest.raises(IsForSegments):
        make_primary(scorecard=logins, by=mona.user, now=timezone.now())
    with pytest.raises(InvalidInput) as refused:
        edit_draft(draft=draft_version(scorecard=primary, by=mona.user), by=mona.user, segments=["SMB"])

    assert refused.value.errors == {
        "segments": ["The primary scorecard is for every account whose segment has none of its own."]
    }


@pytest.mark.parametrize(
    ("facts", "problems"),
    [
        ({"name": " "}, {"name": ["takes 1 to 80 characters."]}),
        ({"name": "signals"}, {"name": ["There is a scorecard of this name already."]}),
        (
            {"name": "X", "segments": ["Huge"]},
            {"segments": ["“Huge” is no segment; there are Enterprise, Mid-Market, SMB."]},
        ),
        (
            {"name": "X", "priority": 0},
            {"priority": ["is a whole number from 1, which counts first, to 99."]},
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    primary: Scorecard, mona: Membership, facts: dict[str, Any], problems: dict[str, list[str]]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        new_scorecard(source=primary, by=mona.user, **facts)

    assert refused.value.errors == problems
    assert not mona.organization.scorecards.filter(status="draft").exists()


def test_names_that_read_alike_have_keys_of_their_own(primary: Scorecard, mona: Membership) -> None:
    names = ("Big ones", "Big, ones", "大", "Customer_360")

    keys = [new_scorecard(source=primary, name=name, by=mona.user).key for name in names]

    # Those that every organisation is given stay theirs.
    assert keys == ["big-ones", "big-ones-2", "scorecard", "customer_360-2"]
