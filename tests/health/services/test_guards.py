"""A guard of the scorecard, from a recompute to everything that explains the score."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Band
from accounts.models import Account
from csplatform.models import Membership
from health.models import Scorecard
from health.selectors.explanation import HealthExplanation, health_explanation
from health.selectors.score_ledger import ScoreLedger, score_ledgers
from health.services.override import set_override
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import NOON, DailyMetricsFactory, primary_scorecard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
BEFORE = TODAY - timedelta(days=30)
D = Decimal
NEAR_AND_LITTLE = {
    "conditions": [
        {"measure": "days_to_renewal", "comparison": "at_most", "value": 60},
        {"measure": "adoption_pct", "comparison": "below", "value": 80},
    ],
    "effect": "cap",
    "score": 59,
    "text": "The renewal is near and little is used",
}
WORDS = "Capped at 59: The renewal is near and little is used"


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership) -> Account:
    """Scores 85.3 by its metrics; its contract ends in 80 days from BEFORE, in 50 from TODAY."""
    scorecard = primary_scorecard(alice.organization, now=NOON)
    Scorecard.objects.filter(pk=scorecard.pk).update(guards=[NEAR_AND_LITTLE])
    account = AccountFactory(
        organization=alice.organization, owner=alice.user, seats=None, contract_end=TODAY + timedelta(days=50)
    )
    DailyMetricsFactory(account=account, date=BEFORE)
    recompute_health(organization=account.organization, today=BEFORE)
    DailyMetricsFactory(account=account, date=TODAY)
    recompute_health(organization=account.organization, today=TODAY)
    account.refresh_from_db()
    return account


def explanation(account: Account) -> HealthExplanation:
    found = health_explanation(account, today=TODAY)
    assert found is not None
    return found


def ledger(account: Account, since: date = BEFORE) -> ScoreLedger:
    accounts = account.organization.accounts.filter(pk=account.pk)
    return score_ledgers(account.organization, accounts, since=since, until=TODAY)[account.pk]


def test_the_account_its_day_and_its_snapshot_have_the_guarded_score(account: Account) -> None:
    before, now = account.health_snapshots.order_by("date")

    assert (account.health_score, account.band) == (D("59.0"), Band.AT_RISK)
    assert account.daily_metrics.get(date=TODAY).health_score == D("59.0")
    assert (before.score, before.guard, before.mean) == (D("85.3"), {}, D("85.3"))
    assert (now.score, now.effective_score, now.mean) == (D("59.0"), D("59.0"), D("85.3"))
    assert now.guard == {
        "effect": "cap",
        "score": 59.0,
        "text": "The renewal is near and little is used",
        "mean": 85.3,
    }


def test_a_guard_that_goes_on_is_no_news_and_one_that_ends_is(account: Account) -> None:
    again = recompute_health(organization=account.organization, today=TODAY)
    assert (again.changed, again.snapshots_created) == (0, 0)

    account.contract_end = TODAY + timedelta(days=365)
    account.save()
    recompute_health(organization=account.organization, today=TODAY + timedelta(days=1))

    account.refresh_from_db()
    newest = account.health_snapshots.order_by("-date")[0]
    assert (account.health_score, newest.score, newest.guard) == (D("85.3"), D("85.3"), {})


def test_the_explanation_adds_up_through_the_guard(account: Account) -> None:
    found = explanation(account)

    assert (found.score, found.mean, found.guarded, found.guard) == (D("59.0"), D("85.3"), D("-26.3"), WORDS)
    assert sum(signal.adds or 0 for signal in found.signals) + found.guarded == found.score
    # The day before is compared by its metrics alone: nothing moved but the guard.
    assert (found.change, found.guard_change) == (D("-26.3"), D("-26.3"))
    assert found.mean_change == 0
    assert found.moves == [f"{WORDS}: -26.3 points"]
    assert found.guard_sentence == f"{WORDS}. The signals alone give 85.3."


def test_the_ledger_has_a_bar_for_the_guard(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY + timedelta(days=1))
    account.daily_metrics.filter(date=TODAY).update(adoption_pct=70)
    recompute_health(organization=account.organization, today=TODAY)

    found = ledger(account)

    # Adoption from 78 to 70 is 2 points: the signals go from 85.3 to 83.3, the guard takes 24.3 of that.
    assert (found.since.score, found.until.score, found.until.guard) == (D("85.3"), D("59.0"), WORDS)
    assert [(part.label, part.change) for part in found.parts] == [
        (WORDS, D("-24.3")),
        ("Feature adoption", D("-2.0")),
    ]


def test_a_guard_that_no_longer_counts_has_its_bar_too(account: Account) -> None:
    account.contract_end = TODAY + timedelta(days=365)
    account.save()
    recompute_health(organization=account.organization, today=TODAY + timedelta(days=1))
    accounts = account.organization.accounts.filter(pk=account.pk)

    found = score_ledgers(account.organization, accounts, since=TODAY, until=TODAY + timedelta(days=1))[account.pk]

    assert [(part.label, part.change) for part in found.parts] == [
        ("No longer capped at 59: The renewal is near and little is used", D("26.3"))
    ]


def test_a_score_set_by_hand_comes_last(account: Account) -> None:
    set_override(account=account, score=D(70), reason="They renewed by phone", by=None)

    account.refresh_from_db()
    found = explanation(account)
    assert (account.health_score, found.shown, found.score, found.guarded) == (D(70), D(70), D("59.0"), D("-26.3"))
    # 85.3 - 26.3 + 11 = 70
    assert {part.label: part.change for part in ledger(account).parts} == {
        WORDS: D("-26.3"),
        "Set by hand": D("11.0"),
    }


def test_the_api_says_which_guard(api_for: Any, rita: Membership, account: Account) -> None:
    url = f"/api/accounts/{account.uuid}/health"

    explained = api_for(rita).get(f"{url}/explain?from={BEFORE}&to={TODAY}").json()
    days = api_for(rita).get(f"{url}?from={BEFORE}&to={TODAY}").json()["data"]

    assert (explained["from"]["guard"], explained["to"]["guard"]) == (None, WORDS)
    assert [(part["cause"], part["label"], part["change"]) for part in explained["parts"]] == [
        ("guard", WORDS, -26.3)
    ]
    assert [(day["score"], day["guard"]) for day in days] == [(85.3, None), (59, WORDS)]


def test_the_same_file_again_is_no_news_where_the_score_was_guarded(api_for: Any, mona: Membership) -> None:
    scorecard = primary_scorecard(mona.organization, now=NOON)
    Scorecard.objects.filter(pk=scorecard.pk).update(guards=[NEAR_AND_LITTLE])
    account = AccountFactory(organization=mona.organization, name="Acme", contract_end=TODAY + timedelta(days=50))
    csv = "account_name,date,daily_active_users,feature_adoption,nps,login_rate\nAcme,2026-11-20,160,0.78,55,0.88\n"

    first, again = (
        api_for(mona)
        .post("/ingest/csv", {"file": SimpleUploadedFile("days.csv", csv.encode())}, format="multipart")
        .json()
        for _ in range(2)
    )
    account.refresh_from_db()

    # 25 + 19.5 + 11.625 + 13.2 = 69.325 of 80 points: 86.7
    assert account.health_score == D("59.0")
    assert (first["metrics_created"], again["metrics_unchanged"]) == (1, 1)


def test_the_pages_say_it(client_for: Any, rita: Membership, account: Account) -> None:
    tab = client_for(rita).get(reverse("health:account_health", args=[account.number])).content.decode()
    overview = client_for(rita).get(f"/dashboard/accounts/{account.number}").content.decode()

    assert f"{WORDS}. The signals alone give 85.3." in tab
    assert "Mean of the signals" in tab
    assert f"{WORDS}. The signals alone give 85.3." in overview


def test_the_administration_refuses_guards_that_cannot_be(account: Account) -> None:
    scorecard = account.organization.scorecards.primary().get()
    scorecard.guards = [NEAR_AND_LITTLE | {"score": 101}]

    with pytest.raises(ValidationError) as refusal:
        scorecard.full_clean()

    assert refusal.value.message_dict == {"guards": ["Guard 1: the score is a number from 0 to 100."]}
