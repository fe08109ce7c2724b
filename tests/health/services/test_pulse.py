"""A rating by hand counts where a scorecard asks for it, and less with every day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import AccountStatus
from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from health.models import Pulse, Scorecard
from health.selectors.explanation import health_explanation
from health.selectors.score_ledger import score_ledgers
from health.selectors.scored_days import scored_days
from health.services.override import NotScored
from health.services.pulse import set_pulse
from health.services.scorecard_versions import draft_version, edit_draft, publish_draft
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
def account(mona: Membership) -> Account:
    return AccountFactory(organization=mona.organization, seats=None, contract_end=None)


def asked_for(mona: Membership, points: float = 100, guards: list[dict[str, Any]] | None = None) -> Scorecard:
    """A scorecard of the five signals, 100 points, and the pulse."""
    live = primary_scorecard(mona.organization, now=NOON)
    pulse = {"key": "pulse", "label": "Pulse", "max_points": points, "worst": 1, "best": 5}
    draft = draft_version(scorecard=live, by=mona.user)
    edit_draft(draft=draft, by=mona.user, signals=[*live.signals, pulse], guards=guards or [])
    return publish_draft(draft=draft, by=mona.user, now=timezone.now())[0]


def score_on(account: Account, day: date) -> Decimal | None:
    recompute_health(organization=account.organization, today=day)
    account.refresh_from_db()
    return account.health_score


def test_it_weighs_half_as_much_after_thirty_days(account: Account, mona: Membership) -> None:
    asked_for(mona)
    DailyMetricsFactory(account=account)
    set_pulse(account=account, rating=1, by=mona.user)

    scores = [score_on(account, TODAY + timedelta(days=days)) for days in (0, 30, 60)]

    # The signals give 85.325 of 100. A pulse of 1 gives none of its 100, then none of 50, none of 25:
    # 85.325 / 200, / 150, / 125.
    assert scores == [D("42.7"), D("56.9"), D("68.3")]
    coverage = [row.coverage for row in account.health_snapshots.primary().order_by("date")]
    assert coverage == [pytest.approx(1), pytest.approx(0.75), pytest.approx(0.625)]


def test_one_that_nobody_set_is_left_out(account: Account, mona: Membership) -> None:
    asked_for(mona, points=50)
    DailyMetricsFactory(account=account)

    assert score_on(account, TODAY) == D("85.3")


def test_it_changes_no_score_that_does_not_ask_for_it(account: Account, mona: Membership) -> None:
    primary_scorecard(mona.organization, now=NOON)
    DailyMetricsFactory(account=account)

    set_pulse(account=account, rating=1, by=mona.user, note="  The sponsor left ")

    account.refresh_from_db()
    pulse = account.pulses.get()
    assert (account.health_score, pulse.rating, pulse.note, pulse.set_by) == (
        D("85.3"),
        1,
        "The sponsor left",
        mona.user,
    )
    assert account.activities.filter(title="Pulse: Bad, 1 of 5", text="The sponsor left").count() == 1


def test_a_second_one_of_the_day_takes_its_place(account: Account, mona: Membership) -> None:
    first = set_pulse(account=account, rating=2, by=mona.user)
    second = set_pulse(account=account, rating=4, by=mona.user)

    assert first.pk == second.pk
    assert [row.rating for row in second.history.order_by("history_id")] == [2, 4]


def test_the_explanation_adds_up_and_says_how_old_it_is(account: Account, mona: Membership) -> None:
    asked_for(mona)
    DailyMetricsFactory(account=account)
    set_pulse(account=account, rating=5, by=mona.user)
    day = TODAY + timedelta(days=30)
    score_on(account, day)

    told = health_explanation(account, today=day)

    assert told is not None
    pulse = next(signal for signal in told.signals if signal.key == "pulse")
    # 50 of 150 points are the pulse's, all of them earned: a third of the score's 100, of (85.325 + 50) / 150.
    assert (told.score, pulse.value, pulse.weight_pct, pulse.adds) == (D("90.2"), "5 of 5", D("33.3"), D("33.3"))
    assert (pulse.points, pulse.max_points, pulse.source) == (D(50), D(50), "Set by hand, at 50% of its weight")
    assert sum(signal.adds or 0 for signal in told.signals) == told.mean == D("90.2")


def test_the_ledger_tells_a_pulse_by_its_name(account: Account, mona: Membership) -> None:
    asked_for(mona)
    yesterday = TODAY - timedelta(days=1)
    DailyMetricsFactory(account=account, date=yesterday)
    Pulse.objects.create(organization=account.organization, account=account, date=yesterday, rating=5)
    recompute_health(organization=account.organization, today=yesterday)
    DailyMetricsFactory(account=account)
    set_pulse(account=account, rating=1, by=mona.user)

    accounts = account.organization.accounts.all()
    ledger = score_ledgers(account.organization, accounts, since=yesterday, until=TODAY)[account.pk]

    # (85.325 + 100) / 200 and 85.325 / 200
    assert (ledger.since.score, ledger.until.score) == (D("92.7"), D("42.7"))
    assert [(part.label, part.change, part.before, part.after) for part in ledger.parts] == [
        ("Pulse", D("-50.0"), "5 of 5", "1 of 5")
    ]


def test_past_days_have_the_pulse_of_their_time(account: Account, mona: Membership) -> None:
    card = asked_for(mona)
    for ago in (40, 30, 0):
        DailyMetricsFactory(account=account, date=TODAY - timedelta(days=ago))
    Pulse.objects.create(
        organization=account.organization, account=account, date=TODAY - timedelta(days=30), rating=1
    )

    days = scored_days(account, card, since=TODAY - timedelta(days=60), until=TODAY)

    assert [day.score for day in days] == [D("85.3"), D("42.7"), D("56.9")]
    assert [day.signals[-1].value for day in days] == [None, 1.0, 1.0]


def test_a_guard_may_ask_for_it(account: Account, mona: Membership) -> None:
    guard = {
        "conditions": [{"measure": "pulse", "comparison": "at_most", "value": 2}],
        "effect": "cap",
        "score": 59,
        "text": "Whoever knows them worries",
    }
    live = primary_scorecard(mona.organization, now=NOON)
    draft = edit_draft(draft=draft_version(scorecard=live, by=mona.user), by=mona.user, guards=[guard])
    publish_draft(draft=draft, by=mona.user, now=timezone.now())
    DailyMetricsFactory(account=account)

    set_pulse(account=account, rating=2, by=mona.user)

    account.refresh_from_db()
    assert account.health_score == D("59.0")


def test_what_looks_at_days_alone_goes_without_it(account: Account, mona: Membership) -> None:
    asked_for(mona)
    DailyMetricsFactory(account=account)
    set_pulse(account=account, rating=3, by=mona.user)

    account.refresh_from_db()
    facts = account_facts(account.organization, account, today=TODAY)

    assert "pulse" not in [signal.key for signal in facts.signals]
    assert facts.score == D("67.7")  # (85.325 + 50) / 200


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_is_from_one_to_five(account: Account, mona: Membership, rating: int) -> None:
    with pytest.raises(InvalidInput) as refused:
        set_pulse(account=account, rating=rating, by=mona.user)

    assert refused.value.errors == {"rating": ["is a whole number from 1 (bad) to 5 (excellent)."]}
    assert not account.pulses.exists()


def test_who_has_left_is_rated_no_more(account: Account, mona: Membership) -> None:
    Account.objects.filter(pk=account.pk).update(status=AccountStatus.CHURNED, churned_on=TODAY)

    with pytest.raises(NotScored):
        set_pulse(account=account, rating=4, by=mona.user)


# -- pages and the API ------------------------------------------------------------------------------


def test_it_is_set_on_the_health_page(client_for: Any, mona: Membership, rita: Membership, account: Account) -> None:
    DailyMetricsFactory(account=account)
    url = reverse("health:pulse_set", args=[account.number])

    empty = client_for(mona).post(url, {"note": "No idea"})
    done = client_for(mona).post(url, {"rating": "4", "note": "They <b>like</b> us"}, follow=True).content.decode()

    assert client_for(rita).post(url, {"rating": "4"}).status_code == 403
    assert empty.status_code == 422
    assert "No idea" in empty.content.decode()
    assert "4 of 5, Good" in done
    assert "They &lt;b&gt;like&lt;/b&gt; us" in done
    assert "gives the signal Pulse no weight" in done


def test_the_api_goes_the_same_way(api_for: Any, mona: Membership, rita: Membership, account: Account) -> None:
    url = f"/api/accounts/{account.number}/pulse"

    made = api_for(mona).post(url, {"rating": 2, "note": "Quiet"}, format="json")
    wrong = api_for(mona).post(url, {"rating": 9}, format="json")
    listed = api_for(rita).get(url).json()

    assert (made.status_code, wrong.status_code) == (201, 400)
    assert api_for(rita).post(url, {"rating": 2}, format="json").status_code == 403
    assert listed == {"data": [{"date": "2026-11-20", "rating": 2, "note": "Quiet", "set_by": "Mona"}]}
