"""The ledger of stored scores: on the tab, over the API and in a few words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from csplatform.models import Membership, Organization
from health.models import Scorecard
from health.selectors.score_ledger import ScoreLedger, score_ledgers
from health.services.override import set_override
from health.services.scorecard_versions import draft_version, edit_draft, publish_draft
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
BEFORE = TODAY - timedelta(days=30)
D = Decimal


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, seats=None, contract_end=None)


def ledger(account: Account, since: date = BEFORE, until: date = TODAY) -> ScoreLedger:
    accounts = account.organization.accounts.filter(pk=account.pk)
    return score_ledgers(account.organization, accounts, since=since, until=until)[account.pk]


def recompute(organization: Organization, today: date) -> None:
    recompute_health(organization=organization, today=today)


def test_between_two_snapshots(account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE)
    recompute(account.organization, BEFORE)
    DailyMetricsFactory(account=account, date=TODAY, login_rate=0.44, tickets_open=4)
    recompute(account.organization, TODAY)

    found = ledger(account)

    assert (found.since.score, found.until.score, found.change) == (D("85.3"), D("74.7"), D("-10.6"))
    assert found.text == "-10.6: Login frequency 88% → 44%, Open support tickets 2 open → 4 open"


def test_days_imported_later_are_read_from_their_metrics(account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE - timedelta(days=3), nps=-45, health_score=D("77.8"))
    DailyMetricsFactory(account=account, date=TODAY)
    recompute(account.organization, TODAY)

    found = ledger(account)

    # NPS -45 is 4.125 points instead of 11.625: 77.825
    assert (found.since.score, found.until.score) == (D("77.8"), D("85.3"))
    assert [(part.signal, part.change) for part in found.parts] == [("nps", D("7.5"))]


def test_our_own_change_of_weights_is_told_apart(account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE)
    recompute(account.organization, BEFORE)
    old = Scorecard.objects.get(organization=account.organization)
    weights = [{**row, "max_points": 85 if row["key"] == "nps" else row["max_points"]} for row in old.signals]
    draft = edit_draft(draft=draft_version(scorecard=old, by=None), by=None, signals=weights)
    publish_draft(draft=draft, by=None, now=timezone.now())
    recompute(account.organization, TODAY)

    found = ledger(account)

    # 73.7 + 85 x 0.775 = 139.575 of 170: 82.10
    assert [(part.cause.value, part.change) for part in found.parts] == [("formula", D("-3.2"))]


def test_a_score_set_by_hand(account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE)
    recompute(account.organization, BEFORE)
    set_override(account=account, score=D(40), reason="They told us", by=None)

    assert ledger(account).text == "-45.3: Set by hand"


def test_without_a_score_at_an_end_there_is_no_change(account: Account) -> None:
    DailyMetricsFactory(account=account, date=TODAY)
    recompute(account.organization, TODAY)

    found = ledger(account)

    assert (found.since.score, found.until.score, found.change, found.parts, found.text) == (
        None,
        D("85.3"),
        None,
        (),
        "",
    )


@pytest.mark.parametrize("rows", [1, 3])
def test_many_accounts_cost_the_same(organization: Organization, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        account = AccountFactory(organization=organization, seats=None)
        DailyMetricsFactory(account=account, date=BEFORE, health_score=D(50))
        DailyMetricsFactory(account=account, date=TODAY)
    recompute(organization, TODAY)

    with django_assert_num_queries(8):
        found = score_ledgers(organization, organization.accounts.all(), since=BEFORE, until=TODAY)

    assert len(found) == rows


def test_the_api_says_it_all(api_for: Any, rita: Membership, account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE)
    recompute(account.organization, BEFORE)
    DailyMetricsFactory(account=account, date=TODAY, login_rate=0.44)
    recompute(account.organization, TODAY)

    answer = api_for(rita).get(f"/api/accounts/{account.uuid}/health/explain?from={BEFORE}&to={TODAY}").json()

    assert answer["from"] == {"date": "2026-10-21", "score": 85.3, "guard": None}
    assert answer["to"] == {"date": "2026-11-20", "score": 78.7, "guard": None}
    assert answer["change"] == -6.6
    assert answer["parts"] == [
        {
            "cause": "signal",
            "signal": "login_rate",
            "label": "Login frequency",
            "change": -6.6,
            "before": "88%",
            "after": "44%",
        }
    ]
    # Declining health is all that is known: a fall of 6.6 of 20 points and a score 1.3 under 80.
    # 1 - (1 - 0.33) x (1 - 0.0325) = 0.3518
    assert (answer["churn_risk"]["risk"], answer["churn_risk"]["since"]) == (35.2, "2026-11-20")
    assert sum(part["points"] or 0 for part in answer["churn_risk"]["parts"]) == pytest.approx(35.2)


def test_the_api_without_scores_and_with_bad_days(
    api_for: Any, rita: Membership, mallory: Membership, account: Account
) -> None:
    url = f"/api/accounts/{account.number}/health/explain"

    answer = api_for(rita).get(url).json()
    assert (answer["from"], answer["change"], answer["parts"]) == (
        {"date": "2026-08-22", "score": None, "guard": None},
        None,
        [],
    )
    assert answer["churn_risk"] is None
    assert api_for(rita).get(f"{url}?from=yesterday").status_code == 400
    assert api_for(rita).get(f"{url}?from=2026-11-20&to=2026-11-19").status_code == 400
    assert api_for(mallory).get(f"/api/accounts/{account.uuid}/health/explain").status_code == 404


def test_the_tab_and_the_health_page_say_why(client_for: Any, rita: Membership, account: Account) -> None:
    DailyMetricsFactory(account=account, date=BEFORE, health_score=D("85.3"))
    recompute(account.organization, BEFORE)
    DailyMetricsFactory(account=account, date=TODAY, login_rate=0.44)
    recompute(account.organization, TODAY)
    AccountFactory(organization=OrganizationFactory())

    tab = client_for(rita).get(reverse("health:account_health", args=[account.number]), {"days": "30"})
    year = client_for(rita).get(reverse("health:account_health", args=[account.number]), {"days": "365"})
    page = client_for(rita).get(reverse("health:overview"))

    assert [(bar.label, bar.text, bar.x, bar.width) for bar in tab.context["bars"]] == [
        ("21 Oct 2026", "85.3", 0, D("85.3")),
        ("Login frequency", "-6.6", D("78.7"), D("6.6")),
        ("20 Nov 2026", "78.7", 0, D("78.7")),
    ]
    # A year ago there was no score: it begins with the first one.
    assert year.context["bars"] == tab.context["bars"]
    assert "Login frequency 88% → 44%" in page.content.decode()
