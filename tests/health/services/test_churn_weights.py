"""The weights of the churn risk: an organisation's own, kept with their history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from django.urls import reverse

from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from health.enums import JobKind
from health.scoring.churn_risk import risk_frame, weighed
from health.selectors.churn_explanation import churn_explanation
from health.selectors.churn_weights import churn_weights
from health.services.churn_weights import SameWeights, set_churn_weights
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.tickets import TicketFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
BUILT_IN = {"health": 30, "engagement": 20, "support": 15, "contract": 25, "competition": 10}
D = Decimal


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(mona: Membership) -> Account:
    """Two grave tickets fill the support factor; a score that stays at 85.3 is no trouble."""
    account = AccountFactory(organization=mona.organization, seats=None, contract_end=None)
    DailyMetricsFactory(account=account, date=date(2026, 10, 21), health_score=D("85.3"))
    DailyMetricsFactory(account=account, tickets_open=2)
    TicketFactory.create_batch(2, account=account, opened_at="2026-11-19T06:00Z", priority="critical")
    return account


def risk(account: Account) -> tuple[int, Decimal | None]:
    recompute_health(organization=account.organization, today=TODAY)
    account.refresh_from_db()
    explained = churn_explanation(account, today=TODAY)
    support = next(part for part in explained.parts if part.key == "support") if explained else None
    return account.churn_risk_score, support.adds if support else None


def test_a_recompute_weighs_by_them_and_the_parts_add_up(account: Account, mona: Membership) -> None:
    # Of health (30) and support (15) something is known: 15 of 45
    assert risk(account) == (33, D("33.3"))

    row, job = set_churn_weights(
        organization=mona.organization, weights={"support": 60}, by=mona.user, note="Tickets tell us first"
    )

    # 60 of 90
    assert risk(account) == (66, D("66.7"))
    assert row.weights == BUILT_IN | {"support": 60}
    assert (row.made_by, job.kind, job.asked_by) == (mona.user, JobKind.RECOMPUTE, mona.user)


def test_a_factor_without_weight_does_not_count(account: Account, mona: Membership) -> None:
    set_churn_weights(organization=mona.organization, weights={"support": 0}, by=mona.user)

    assert risk(account) == (0, None)


def test_where_only_weightless_factors_are_known_it_is_100_less_the_health() -> None:
    factors = weighed({"support": 0})

    frame = pd.DataFrame([{"grave_tickets": 2.0, "score": 85.0}])

    assert [factor.key for factor in factors] == ["health", "engagement", "contract", "competition"]
    assert risk_frame(frame)["churn_risk"].tolist() == [100]
    assert risk_frame(frame, factors)["churn_risk"].tolist() == [15]


def test_two_organisations_weigh_apart(mona: Membership, mallory: Membership) -> None:
    set_churn_weights(organization=mona.organization, weights={"support": 60}, by=mona.user)

    assert churn_weights(mallory.organization) == BUILT_IN


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({"weather": 1}, "“weather” is no factor; there are health, engagement, support, contract, competition."),
        ({"support": -1}, "Support escalations: the weight is a number from 0 to 100."),
        ({"support": 101}, "Support escalations: the weight is a number from 0 to 100."),
        (dict.fromkeys(BUILT_IN, 0), "At least one factor needs a weight above 0."),
    ],
)
def test_weights_that_make_no_sense_are_refused(mona: Membership, weights: dict[str, float], sentence: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_churn_weights(organization=mona.organization, weights=weights, by=mona.user)

    assert refusal.value.errors == {"weights": [sentence]}
    assert not mona.organization.churn_weights.exists()


def test_the_same_weights_are_no_change(mona: Membership) -> None:
    with pytest.raises(SameWeights):
        set_churn_weights(organization=mona.organization, weights={"support": 15}, by=mona.user)


def test_the_page_changes_them_for_managers(client_for: Any, mona: Membership, rita: Membership) -> None:
    client, url = client_for(mona), reverse("health:churn_weights")
    before = client.get(url).content.decode()

    answer = client.post(url, {**BUILT_IN, "support": 40, "note": "Tickets first"}, follow=True)
    wrong = client.post(url, {**BUILT_IN, "support": "much"})
    read = client_for(rita).get(url).content.decode()

    assert "The built-in weights count" in before
    assert [change["row"].note for change in answer.context["history"]] == ["Tickets first"]
    # 40 of 125
    assert "32%" in answer.content.decode()
    assert (wrong.status_code, "Enter a number." in wrong.content.decode()) == (422, True)
    assert "Tickets first" in read
    assert "Save weights" not in read
    assert client_for(rita).post(url, BUILT_IN).status_code == 403


def test_the_api_reads_and_changes_them(api_for: Any, mona: Membership) -> None:
    api = api_for(mona)

    answer = api.put(
        "/api/churn-weights", {"weights": {"support": 40}, "note": "Tickets first"}, format="json"
    ).json()
    again = api.put("/api/churn-weights", {"weights": {"support": 40}}, format="json")
    bad = api.put("/api/churn-weights", {"weights": {"support": "x"}}, format="json")

    assert answer["weights"] == BUILT_IN | {"support": 40}
    assert [(change["note"], change["made_by"]) for change in answer["history"]] == [("Tickets first", "Mona")]
    assert api.get(f"/api/jobs/{answer['job_id']}").status_code == 200
    assert (again.status_code, bad.status_code) == (409, 400)
    assert api.get("/api/churn-weights").json() == {**answer, "job_id": None}
