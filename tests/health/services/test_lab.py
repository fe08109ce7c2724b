"""The lab looks back over a stored history whose end it knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import time_machine

from accounts.models import Account
from accounts.services.account import churn_account
from billing.services.mrr import post_arr_changes
from csplatform import bulk
from csplatform.jobs import run_now
from csplatform.models import Membership, Organization
from health.models import DailyMetrics, LabRun, Scorecard
from health.services.lab import NoScorecard, NothingProposed, draft_proposed_weights, start_lab_run
from health.services.lab_history import judged_months, lives, observed
from health.services.scorecard import copy_default_scorecards
from health.services.scorecard_versions import draft_version, edit_draft, new_scorecard, publish_draft
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def card(organization: Organization) -> Scorecard:
    return copy_default_scorecards(organization=organization, now=NOW)


def account(
    organization: Organization, name: str, *, score_of: float, since: date, paid_since: date | None = None
) -> Account:
    """All five signals at one share, so that the score is a hundred times it; a row a month, on the first."""
    made: Account = AccountFactory(organization=organization, name=name, seats=100)
    day = since
    while day <= TODAY:
        DailyMetricsFactory(account=made, date=day, **measured(score_of))
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    post_arr_changes(
        organization=organization, changes=[(made.pk, paid_since or since, Decimal("120000"))], cause="test"
    )
    return made


def measured(share: float) -> dict[str, Any]:
    return {
        "daily_active_users": round(100 * share),
        "adoption_pct": Decimal(str(100 * share)),
        "tickets_open": round(10 - 10 * share),
        "nps": round(200 * share - 100),
        "login_rate": Decimal(str(share)),
        "health_score": None,
    }


def run(organization: Organization, by: Membership, scorecard: str = "") -> LabRun:
    lab_run = start_lab_run(organization=organization, by=by.user, scorecard=scorecard)
    job = run_now(lab_run.job)
    assert job.status == "succeeded", job.error
    lab_run.refresh_from_db()
    return lab_run


def test_only_months_whose_ninety_days_are_over_are_judged(organization: Organization) -> None:
    """On 20 November the last day that is ninety days past is 22 August, so the last month's end is 31 July."""
    account(organization, "Acme", score_of=0.5, since=date(2026, 5, 15))

    months = judged_months(organization, today=TODAY)

    assert months == [date(2026, 5, 31), date(2026, 6, 30), date(2026, 7, 31)]


def test_young_and_departed_accounts_are_not_watched(organization: Organization, amir: Membership) -> None:
    """Known since 1 June: sixty days old on 31 July. Left on 15 July: watched on 30 June and no more."""
    young = account(organization, "Young", score_of=0.5, since=date(2026, 6, 1))
    gone = account(organization, "Gone", score_of=0.5, since=date(2026, 1, 1))
    churn_account(account=gone, by=amir.user, on=date(2026, 7, 15), reason="Price")

    known = lives(organization)

    assert known.known_on(date(2026, 6, 30)) == [gone.pk]
    assert known.known_on(date(2026, 7, 31)) == [young.pk]


def test_what_became_of_each_is_counted_by_hand(
    organization: Organization, amir: Membership, card: Scorecard
) -> None:
    """Watched at the ends of May, June and July: four accounts that pay since January, and send metrics from May.

    Low (score 30) left on 15 August: positive in May? 31 May to 29 August holds it, so in all three months; flagged
    in all three, since 31 May: 76 days of lead. Green (score 90) left on 20 July: positive in May and June, never
    flagged, and in July no longer there. Half (score 90) paid half from 1 September: 31 May + 90 days is 29 August,
    so positive in June and July. Fine (score 90) stayed. 3 + 2 + 3 + 3 = 11 observations, 3 + 2 + 2 = 7 positive,
    3 flagged and all three right."""
    shares = {"Low": 0.3, "Green": 0.9, "Half": 0.9, "Fine": 0.9}
    low, green, half, _ = (
        account(organization, name, score_of=share, since=date(2026, 5, 1), paid_since=date(2026, 1, 1))
        for name, share in shares.items()
    )
    churn_account(account=low, by=amir.user, on=date(2026, 8, 15), reason="Price")
    churn_account(account=green, by=amir.user, on=date(2026, 7, 20), reason="Price")
    post_arr_changes(organization=organization, changes=[(half.pk, date(2026, 9, 1), Decimal("60000"))], cause="test")

    result = run(organization, amir).result

    assert result["months"] == ["2026-05-31", "2026-06-30", "2026-07-31"]
    score = result["score"]
    assert (score["observations"], score["positives"], score["flagged"], score["hits"]) == (11, 7, 3, 3)
    assert (score["precision"], score["recall"]) == (1.0, pytest.approx(3 / 7))
    assert (result["accounts"], result["churned"], result["told_before"], result["lead_days"]) == (4, 2, 1, 76.0)
    assert [(each["name"], each["score"], each["churned_on"]) for each in result["green"]] == [
        ("Green", 90.0, "2026-07-20")
    ]
    assert result["refusal"] == (
        "Only 2 accounts churned among those that could be watched; 20 are needed before scores can be ranked by it."
    )
    assert score["separation"] is None
    assert result["fit"] is None


def planted(organization: Organization, *, accounts: int = 200, cause: bool) -> None:
    """Two years old, a row a month; who has the rarest logins leaves in August, or who leaves is drawn."""
    rng = np.random.default_rng(3)
    made = AccountFactory.create_batch(accounts, organization=organization, seats=100)
    keys = [each.pk for each in made]
    level = rng.random((accounts, 5))
    leaves = level[:, 4] < 0.2 if cause else rng.random(accounts) < 0.2
    days = [date(2026, month, 1) for month in range(1, 9)]
    columns: dict[str, list[Any]] = {name: [] for name in ("account_id", "date", *measured(0.5))}
    for at, key in enumerate(keys):
        for day in days:
            row = measured(0.5) | {
                "daily_active_users": int(100 * level[at, 0]),
                "adoption_pct": round(100 * level[at, 1], 1),
                "tickets_open": int(10 * level[at, 2]),
                "nps": int(200 * level[at, 3] - 100),
                "login_rate": round(float(level[at, 4]), 3),
            }
            for name, value in {"account_id": key, "date": day.isoformat(), **row}.items():
                columns[name].append(value)
    bulk.insert(
        DailyMetrics, columns, constants={"organization_id": organization.pk, "created_at": NOW, "updated_at": NOW}
    )
    gone = [key for key, left in zip(keys, leaves, strict=True) if left]
    assert len(gone) >= 20
    Account.objects.filter(pk__in=gone).update(status="churned", churned_on=date(2026, 8, 20))


def test_a_planted_cause_is_found_and_its_weights_are_proposed_but_not_applied(
    organization: Organization, amir: Membership, card: Scorecard
) -> None:
    planted(organization, cause=True)

    lab_run = run(organization, amir)

    fit = lab_run.result["fit"]
    assert fit["fresh"]["auc"] >= 0.9
    assert fit["is_better"]
    assert max(fit["weights"], key=fit["weights"].get) == "login_rate"
    assert not organization.scorecards.filter(status="draft").exists()
    draft = draft_proposed_weights(lab_run=lab_run, by=amir.user)
    assert {row["key"]: row["max_points"] for row in draft.signals} == {
        key: weight for key, weight in fit["weights"].items() if weight
    }
    card.refresh_from_db()
    assert card.status == "published"


def test_noise_is_called_noise_and_nothing_is_proposed(
    organization: Organization, amir: Membership, card: Scorecard
) -> None:
    planted(organization, cause=False)

    lab_run = run(organization, amir)

    separation = lab_run.result["score"]["separation"]
    assert separation["low"] <= 0.5 <= separation["high"]
    assert not (lab_run.result["fit"] and lab_run.result["fit"]["is_better"])
    with pytest.raises(NothingProposed):
        draft_proposed_weights(lab_run=lab_run, by=amir.user)


def test_a_draft_is_replayed_beside_the_live_version(
    organization: Organization, amir: Membership, card: Scorecard
) -> None:
    """Users full, all else empty. Live: 25 of 100. With users alone: 100. Critical becomes Healthy, with ₹10,000."""
    made = AccountFactory(organization=organization, name="Acme", seats=100)
    DailyMetricsFactory(account=made, date=TODAY, **(measured(0) | {"daily_active_users": 100}))
    post_arr_changes(organization=organization, changes=[(made.pk, TODAY, Decimal("120000"))], cause="test")
    draft = draft_version(scorecard=card, by=amir.user)
    edit_draft(draft=draft, by=amir.user, signals=[row for row in card.signals if row["key"] == "daily_active_users"])

    replay = run(organization, amir).result["replay"]

    assert replay["cells"] == [{"from": "Critical", "to": "Healthy", "accounts": 1, "mrr": "10000.00"}]
    assert replay["moved"] == 1
    assert replay["movers"] == [{"number": made.number, "name": "Acme", "before": 25.0, "after": 100.0}]


def test_an_empty_organisation_is_told_so(organization: Organization, amir: Membership, card: Scorecard) -> None:
    result = run(organization, amir).result

    assert (result["months"], result["accounts"], result["churned"]) == ([], 0, 0)
    assert result["refusal"].startswith("No account has churned")


def test_the_cost_does_not_grow_with_the_accounts(
    organization: Organization, amir: Membership, card: Scorecard, django_assert_max_num_queries: Any
) -> None:
    """Three months are judged; each costs the same for three accounts as for thirty."""
    for at in range(30):
        account(organization, f"Account {at}", score_of=0.5, since=date(2026, 5, 15))
    lab_run = start_lab_run(organization=organization, by=amir.user)

    with django_assert_max_num_queries(120):
        run_now(lab_run.job)


def test_a_first_draft_for_some_segments_is_held_against_the_primary_one(
    organization: Organization, mona: Membership, card: Scorecard
) -> None:
    large = account(organization, "Large", score_of=0.5, since=date(2026, 3, 1))
    account(organization, "Small", score_of=0.9, since=date(2026, 3, 1))
    Account.objects.filter(pk=large.pk).update(segment="Enterprise")
    draft = new_scorecard(source=card, name="Large ones", segments=["Enterprise"], by=mona.user)
    edit_draft(draft=draft, by=mona.user, signals=[row for row in card.signals if row["key"] == "nps"])
    DailyMetrics.objects.filter(account=large, date=date(2026, 11, 1)).update(nps=60)

    found = run(organization, mona, "large-ones")

    assert (found.scorecard, found.draft) == (card, draft)
    result = found.result or {}
    # Only Large is looked at: 50 by all five signals but NPS, which gives 12 of its 15; 80 by NPS alone.
    assert (result["accounts"], result["segments"], result["fit"]) == (1, ["Enterprise"], None)
    assert result["replay"]["movers"] == [{"number": large.number, "name": "Large", "before": 54.5, "after": 80.0}]


def test_a_live_one_for_some_segments_is_looked_at_alone(
    organization: Organization, mona: Membership, card: Scorecard
) -> None:
    large = account(organization, "Large", score_of=0.5, since=date(2026, 3, 1))
    account(organization, "Small", score_of=0.9, since=date(2026, 3, 1))
    Account.objects.filter(pk=large.pk).update(segment="Enterprise")
    draft = new_scorecard(source=card, name="Large ones", segments=["Enterprise"], by=mona.user)
    live, _ = publish_draft(draft=draft, by=mona.user, now=NOW)

    found, usual = run(organization, mona, "large-ones"), run(organization, mona)

    assert (found.scorecard, found.draft, (found.result or {})["accounts"]) == (live, None, 1)
    assert (usual.scorecard, (usual.result or {})["accounts"]) == (card, 2)
    with pytest.raises(NoScorecard):
        start_lab_run(organization=organization, by=mona.user, scorecard="weather")


def test_a_risk_of_the_past_is_by_the_rules_that_are_looked_at(
    organization: Organization, mona: Membership, card: Scorecard
) -> None:
    """Every signal stands at half of its points, then as a month before: 50 by any weights, and nothing declines."""
    account(organization, "One", score_of=0.5, since=date(2026, 3, 1))
    DailyMetrics.objects.update(health_score=Decimal(50))
    known, day = lives(organization), date(2026, 6, 30)
    (alike,) = observed(organization, known, day, card, None)
    draft = edit_draft(draft=draft_version(scorecard=card, by=mona.user), by=mona.user, signals=card.signals[:2])
    live, _ = publish_draft(draft=draft, by=mona.user, now=NOW)
    # What the version before had made of those days.
    DailyMetrics.objects.update(health_score=Decimal(90))

    (found,) = observed(organization, known, day, live, None)

    assert (found["live"].tolist(), found["risk"].tolist()) == ([50.0], alike["risk"].tolist())
