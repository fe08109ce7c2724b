"""What the renewal forecast assumes: the page, the API, and what a change does."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from accounts.enums import Band
from billing.models import ForecastAssumptions
from billing.selectors.renewals import forecast_model, renewal_forecast
from billing.services.forecast import save_forecast_assumptions
from csplatform.models import Membership
from csplatform.periods import Window
from tests.factories.accounts import AccountFactory
from tests.factories.billing import RenewalFactory

pytestmark = pytest.mark.django_db
PAGE, API = "/dashboard/renewals/forecast", "/api/renewals/forecast"
D = Decimal
TODAY = date(2026, 11, 20)
FIGURES = {
    "healthy_pct": "90", "watchlist_pct": "80", "at_risk_pct": "50", "critical_pct": "20", "unknown_pct": "70",
    "weight": "20",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC), tick=False):
        yield


def expected(member: Membership) -> Decimal:
    return renewal_forecast(member.organization, Window(TODAY, date(2026, 12, 31)), today=TODAY).expected_mrr


def test_a_change_moves_the_forecast_and_is_written_down(client_for, mona: Membership) -> None:
    account = AccountFactory(organization=mona.organization, health_score=D(90))
    RenewalFactory(account=account, due_on=date(2026, 12, 31), target_mrr=D(1000))
    assert expected(mona) == D(950)  # nothing is finished yet: 95 % of 1,000

    response = client_for(mona).post(PAGE, FIGURES)

    assert (response.status_code, expected(mona)) == (302, D(900))
    page = client_for(mona).get(PAGE)
    assert [(change.who, change.what) for change in page.context["changes"]] == [
        (
            mona.user.display_name,
            "Healthy from 95% to 90%, Watchlist from 85% to 80%, At Risk from 60% to 50%, Critical from 30% to 20%, "
            "Unknown health from 85% to 70%, Weight from 10 to 20",
        )
    ]


def test_the_weight_says_how_much_experience_counts(mona: Membership) -> None:
    day = date(2026, 6, 30)
    for account in AccountFactory.create_batch(5, organization=mona.organization):
        RenewalFactory(account=account, status="closed", band=Band.HEALTHY, due_on=day, decided_on=day)
    assert forecast_model(mona.organization).probability(Band.HEALTHY) == D("9.5") / 15  # (0 + 10 x 0.95) / (5 + 10)

    save_forecast_assumptions(organization=mona.organization, by=mona.user, weight=5)

    assert forecast_model(mona.organization).probability(Band.HEALTHY) == D("4.75") / 10
    healthy = forecast_model(mona.organization).bands()[0]
    assert (healthy.label, healthy.finished, healthy.renewed, healthy.chance_pct) == ("Healthy", 5, 0, D("47.5"))


def test_the_defaults_come_back_and_what_was_stays_among_the_changes(client_for, mona: Membership) -> None:
    client = client_for(mona)
    client.post(PAGE, FIGURES)

    assert client.post(f"{PAGE}/restore").status_code == 302

    assert forecast_model(mona.organization).priors[Band.HEALTHY] == D("0.95")
    assert len(client.get(PAGE).context["changes"]) == 2
    client.post(f"{PAGE}/restore")  # changes nothing, and is not written down
    assert len(client.get(PAGE).context["changes"]) == 2


@pytest.mark.parametrize(
    ("figure", "value"), [("healthy_pct", "101"), ("critical_pct", "-1"), ("weight", "0"), ("unknown_pct", "many")]
)
def test_a_figure_that_makes_no_sense_is_refused_where_it_stands(
    client_for, api_for, mona: Membership, figure: str, value: str
) -> None:
    response = client_for(mona).post(PAGE, FIGURES | {figure: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [figure]
    answer = api_for(mona).patch(API, {figure: value}, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [figure])
    assert not ForecastAssumptions.objects.exists()


def test_others_read_it_and_do_not_change_it(client_for, api_for, alice: Membership, mona: Membership) -> None:
    page = client_for(alice).get(PAGE)

    assert page.status_code == 200
    assert "Restore defaults" not in page.content.decode()
    assert client_for(alice).post(PAGE, FIGURES).status_code == 403
    assert api_for(alice).patch(API, {"weight": 5}, format="json").status_code == 403
    assert api_for(alice).get(API).json()["healthy_pct"] == 95.0


def test_the_api_writes_what_is_given_and_restores(api_for, mona: Membership, mallory: Membership) -> None:
    client = api_for(mona)

    changed = client.patch(API, {"at_risk_pct": "55.5"}, format="json").json()

    assert (changed["at_risk_pct"], changed["healthy_pct"], changed["weight"]) == (55.5, 95.0, 10)
    assert api_for(mallory).get(API).json()["at_risk_pct"] == 60.0
    assert client.post(f"{API}/restore").json()["at_risk_pct"] == 60.0


def test_the_desk_leads_to_it(client_for, alice: Membership) -> None:
    assert f'href="{PAGE}"' in client_for(alice).get("/dashboard/renewals").content.decode()
