"""The health tab: setting a score by hand and taking it back."""

from __future__ import annotations

from datetime import date

import pytest

from csplatform.models import Membership
from health.services.scoring import recompute_health
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)


@pytest.fixture
def _noon(time_machine) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def account(alice: Membership):
    metrics = DailyMetricsFactory(account__organization=alice.organization, account__owner=alice.user, date=TODAY)
    recompute_health(organization=alice.organization, today=TODAY)
    return metrics.account


def test_the_page_shows_both_scores_and_who_set_one(client_for, alice: Membership, account) -> None:
    client = client_for(alice)
    url = f"/dashboard/accounts/{account.number}/health"

    sent = client.post(
        f"{url}/override", {"score": "35", "reason": "<b>Champion</b> left", "expires_on": "2026-12-01"}
    )
    page = client.get(url).content.decode()

    assert sent.status_code == 302
    assert "&lt;b&gt;Champion&lt;/b&gt; left" in page
    assert "<b>Champion" not in page
    assert "computed: <strong>85.3</strong>" in page
    assert "1 Dec 2026" in page


def test_a_wrong_score_is_explained_and_what_was_typed_stays(client_for, alice: Membership, account) -> None:
    response = client_for(alice).post(
        f"/dashboard/accounts/{account.number}/health/override",
        {"score": "120", "reason": "Typed with care", "expires_on": "2026-12-01"},
    )

    assert response.status_code == 422
    assert "Typed with care" in response.content.decode()
    assert not account.health_overrides.exists()


def test_taking_it_back_is_one_click(client_for, alice: Membership, account) -> None:
    client = client_for(alice)
    url = f"/dashboard/accounts/{account.number}/health/override"
    client.post(url, {"score": "35", "reason": "Champion left", "expires_on": "2026-12-01"})

    client.post(f"{url}/end")

    account.refresh_from_db()
    assert str(account.health_score) == "85.3"


def test_who_may_not_edit_is_not_offered_it(client_for, bob: Membership, account) -> None:
    client = client_for(bob)
    url = f"/dashboard/accounts/{account.number}/health"

    assert "Set the score by hand" not in client.get(url).content.decode()
    assert client.post(f"{url}/override", {"score": "1", "reason": "x"}).status_code == 403
    assert not account.health_overrides.exists()
