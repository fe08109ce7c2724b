"""Drafts score nothing, what is live never changes, and a published version scores every account anew."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Account
from csplatform.exceptions import InvalidInput
from csplatform.models import Membership
from health.enums import JobKind
from health.models import Scorecard
from health.selectors.scorecard_versions import scorecard_changes
from health.selectors.trends import recent_change
from health.services.scorecard_versions import (
    DraftExists,
    NotADraft,
    NothingChanged,
    NotLive,
    discard_draft,
    draft_version,
    edit_draft,
    make_primary,
    publish_draft,
)
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory
from tests.factories.health import NOON, DailyMetricsFactory, primary_scorecard

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
D = Decimal
GUARD = {
    "conditions": [{"measure": "nps", "comparison": "below", "value": 60}],
    "effect": "cap",
    "score": 59,
    "text": "They do not recommend us",
}


@pytest.fixture
def _noon(time_machine: Any) -> None:
    time_machine.move_to("2026-11-20T06:30:00Z", tick=False)


@pytest.fixture
def live(mona: Membership) -> Scorecard:
    return primary_scorecard(mona.organization, now=NOON)


@pytest.fixture
def account(mona: Membership) -> Account:
    return AccountFactory(organization=mona.organization, seats=None, contract_end=None)


def weighted(card: Scorecard, **points: float) -> list[dict[str, Any]]:
    return [{**row, "max_points": points.get(row["key"], row["max_points"])} for row in card.signals]


def publish(card: Scorecard, by: Membership, **facts: Any) -> Scorecard:
    draft = edit_draft(draft=draft_version(scorecard=card, by=by.user), by=by.user, **facts)
    return publish_draft(draft=draft, by=by.user, now=timezone.now())[0]


def recompute(card: Scorecard, today: date = TODAY) -> None:
    recompute_health(organization=card.organization, today=today)


def test_a_draft_is_a_copy_that_scores_nothing(live: Scorecard, account: Account, mona: Membership) -> None:
    DailyMetricsFactory(account=account)
    draft = draft_version(scorecard=live, by=mona.user)
    edit_draft(draft=draft, by=mona.user, signals=weighted(live, nps=85), guards=[GUARD], note="  Ask customers ")

    recompute(live)

    account.refresh_from_db()
    draft.refresh_from_db()
    assert account.health_score == D("85.3")
    assert (draft.version, draft.status, draft.is_primary, draft.made_by, draft.note) == (
        2,
        "draft",
        False,
        mona.user,
        "Ask customers",
    )
    assert scorecard_changes(live, draft) == [
        "NPS: weight 15 → 85",
        "New guard. Capped at 59: They do not recommend us (when NPS below 60)",
    ]
    assert draft.history.first().history_user == mona.user


def test_publishing_scores_by_it_and_keeps_the_old_version(
    live: Scorecard, account: Account, mona: Membership
) -> None:
    DailyMetricsFactory(account=account)
    recompute(live)

    new = publish(live, mona, signals=weighted(live, nps=85))
    job = new.organization.jobs.get(kind=JobKind.RECOMPUTE)
    recompute(new)

    live.refresh_from_db()
    account.refresh_from_db()
    old_one, new_one = account.health_snapshots.order_by("pk")
    # 73.7 + 85 x 0.775 = 139.575 of 170: 82.10
    assert account.health_score == D("82.1")
    assert (live.status, live.is_primary) == ("retired", False)
    assert (new.status, new.is_primary, new.published_by, new.primary_since) == ("published", True, mona.user, TODAY)
    assert (job.asked_by, job.lane) == (mona.user, JobKind.RECOMPUTE)
    # Two of one day: the accounts' health is that of the version that counts now.
    assert [(one.scorecard_id, one.score, one.is_primary) for one in (old_one, new_one)] == [
        (live.pk, D("85.3"), False),
        (new.pk, D("82.1"), True),
    ]


def test_a_second_recompute_after_publishing_writes_nothing(
    live: Scorecard, account: Account, mona: Membership
) -> None:
    DailyMetricsFactory(account=account)
    recompute(live)
    new = publish(live, mona, signals=weighted(live, nps=85))
    recompute(new)

    again = recompute_health(organization=new.organization, today=TODAY)

    assert (again.changed, again.snapshots_created) == (0, 0)


def test_another_formula_is_no_decline_of_the_account(live: Scorecard, account: Account, mona: Membership) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=31), nps=-100, health_score=D("73.7"))
    DailyMetricsFactory(account=account, nps=-100)
    recompute(live)

    new = publish(live, mona, signals=weighted(live, nps=85))
    recompute(new)

    account.refresh_from_db()
    # 73.7 of 170: 43.35 now; the day before was 73.7 by the old weights, and is 43.4 by these.
    assert account.health_score == D("43.4")
    names = [factor["name"] for factor in account.health_snapshots.primary().latest("date").factors]
    assert "Declining health trend" not in names


def test_the_recent_change_does_not_compare_two_formulas(live: Scorecard, account: Account, mona: Membership) -> None:
    DailyMetricsFactory(account=account, date=TODAY - timedelta(days=5), nps=0, health_score=D("81.1"))
    DailyMetricsFactory(account=account)
    recompute(live)
    before = recent_change(account)

    recompute(publish(live, mona, signals=weighted(live, nps=85)))

    after = recent_change(account)
    # An NPS of 0 gives 7.5 of 15, one of 55 gives 11.625: 85.3 - 81.1 = 4.2 by the old weights. By the new ones, of
    # 170 points: 116.2 (42.5 of 85 for NPS, 73.7 for the rest) and 139.575 give 68.4 and 82.1.
    assert (before.change, before.anew_until) == (D("4.2"), None)
    assert (after.change, after.anew_until) == (D("13.7"), TODAY)


def test_back_to_an_older_scorecard_on_the_same_day(live: Scorecard, account: Account, mona: Membership) -> None:
    DailyMetricsFactory(account=account)
    recompute(live)
    other = Scorecard.objects.create(
        organization=live.organization,
        key="logins",
        name="Logins",
        status="published",
        signals=[row for row in live.signals if row["key"] == "login_rate"],
    )

    shown = []
    for card in (other, live, other):
        card, _ = make_primary(scorecard=card, by=mona.user, now=timezone.now())
        recompute(card)
        account.refresh_from_db()
        newest = account.health_snapshots.primary().get(date=TODAY)
        shown.append((account.health_score, newest.score, newest.scorecard_id == card.pk))

    assert shown == [(D(88), D(88), True), (D("85.3"), D("85.3"), True), (D(88), D(88), True)]
    assert make_primary(scorecard=other, by=mona.user, now=timezone.now())[1] is None


def test_one_draft_at_a_time_and_its_number_is_free_again(live: Scorecard, mona: Membership) -> None:
    draft = draft_version(scorecard=live, by=mona.user)
    with pytest.raises(DraftExists):
        draft_version(scorecard=live, by=mona.user)

    discard_draft(draft=draft, by=mona.user)

    assert draft_version(scorecard=live, by=mona.user).version == 2


def test_what_is_live_never_changes(live: Scorecard, mona: Membership) -> None:
    for refused in (
        lambda: edit_draft(draft=live, by=mona.user, note="Better"),
        lambda: discard_draft(draft=live, by=mona.user),
        lambda: publish_draft(draft=live, by=mona.user, now=NOON),
    ):
        with pytest.raises(NotADraft):
            refused()
    assert Scorecard.objects.filter(pk=live.pk, note="", status="published").exists()


def test_a_draft_that_changes_nothing_is_not_published(live: Scorecard, mona: Membership) -> None:
    draft = draft_version(scorecard=live, by=mona.user)
    with pytest.raises(NothingChanged):
        publish_draft(draft=draft, by=mona.user, now=NOON)
    with pytest.raises(NotLive):
        make_primary(scorecard=draft, by=mona.user, now=NOON)


def test_a_signal_without_weight_is_left_out(live: Scorecard, mona: Membership) -> None:
    draft = draft_version(scorecard=live, by=mona.user)

    edit_draft(draft=draft, by=mona.user, signals=weighted(live, nps=0))

    draft.refresh_from_db()
    assert [row["key"] for row in draft.signals] == [
        "daily_active_users",
        "adoption_pct",
        "tickets_open",
        "login_rate",
    ]


ADOPTION = {"key": "adoption_pct", "max_points": 10, "worst": 0, "best": 100}


@pytest.mark.parametrize(
    ("signals", "sentences"),
    [
        ([], ["At least one signal needs a weight above 0."]),
        ([ADOPTION | {"max_points": 0}], ["At least one signal needs a weight above 0."]),
        ([ADOPTION | {"max_points": -1}], ["Feature adoption: the weight is a number from 0 to 1000."]),
        ([ADOPTION | {"max_points": "10"}], ["Feature adoption: the weight is a number from 0 to 1000."]),
        ([ADOPTION | {"best": 0}], ["Feature adoption: the worst value must be below the best."]),
        ([ADOPTION | {"worst": 100, "best": 0}], ["Feature adoption: the worst value must be below the best."]),
        ([ADOPTION | {"best": 101}], ["Feature adoption: its values lie between 0 and 100."]),
        ([ADOPTION | {"best": None}], ["Feature adoption: the worst and the best value are numbers."]),
        ([ADOPTION, ADOPTION], ["Feature adoption is there twice."]),
        (
            [{"key": "tickets_open", "max_points": 1, "worst": 0, "best": 10}],
            ["Open support tickets: the worst value must be above the best."],
        ),
        ("all", ["Signals are a list, each with a key, max_points, worst and best."]),
    ],
)
def test_signals_that_make_no_sense_are_refused_in_sentences(
    live: Scorecard, mona: Membership, signals: Any, sentences: list[str]
) -> None:
    draft = draft_version(scorecard=live, by=mona.user)

    with pytest.raises(InvalidInput) as refusal:
        edit_draft(draft=draft, by=mona.user, signals=signals, guards=[GUARD])

    draft.refresh_from_db()
    assert refusal.value.errors == {"signals": sentences}
    assert (draft.signals, draft.guards) == (live.signals, [])
