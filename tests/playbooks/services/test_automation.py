"""Rules act once an episode, so many times a day, and never because of what they did themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from csplatform.jobs import run_now
from csplatform.models import Job, Membership
from csplatform.periods import civil_date
from health.services.alert_jobs import order_evaluation as order_alerts
from playbooks.enums import RunStatus
from playbooks.exceptions import InvalidRule, PlaybookIsUsed, RuleCannotAct
from playbooks.models import AutomationHit, AutomationRule, Playbook
from playbooks.selectors.dry_run import dry_run
from playbooks.selectors.rule_matches import rule_matches
from playbooks.services.automation import evaluate_rule, order_evaluation
from playbooks.services.playbook import delete_playbook
from playbooks.services.rule import (
    create_rule,
    delete_rule,
    resume_automation,
    stop_automation,
    switch_rule,
    update_rule,
)
from tests.factories.accounts import AccountFactory
from tests.factories.billing import RenewalFactory
from tests.factories.documents import customer, issued, tax_profile
from tests.factories.health import DailyMetricsFactory
from tests.factories.playbooks import PlaybookFactory, StepFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
TODAY = date(2026, 11, 20)


@pytest.fixture
def playbook(mona: Membership) -> Playbook:
    play = PlaybookFactory(organization=mona.organization, title="Win them back")
    StepFactory(playbook=play, n=1, title="Call")
    return play


def rule_of(member: Membership, *, is_on: bool = True, **facts: Any) -> AutomationRule:
    wanted = {"name": "Critical", "trigger": "band", "band": "Critical", "action": "notify", "words": "Look"} | facts
    rule = create_rule(organization=member.organization, by=member.user, **wanted)
    return switch_rule(rule=rule, is_on=is_on, by=None, now=NOON, acts_on_present=True) if is_on else rule


def account_of(member: Membership, score: Any = 30, **facts: Any) -> Account:
    return AccountFactory(organization=member.organization, owner=member.user, health_score=score, **facts)


def acted(rule: AutomationRule) -> list[str]:
    return [hit.account.name for hit in rule.hits.filter(outcome="fired").order_by("pk")]


# -- what they do -----------------------------------------------------------------------------------------


def test_a_rule_starts_a_playbook_and_says_so(mona: Membership, playbook: Playbook) -> None:
    account = account_of(mona, name="Aster")
    account_of(mona, 70, name="Fine")
    rule = rule_of(mona, action="start_playbook", playbook=playbook)

    done = evaluate_rule(rule=rule, now=NOON)

    assert (done.fired, done.already, done.waiting) == (1, 0, 0)
    run = account.playbook_runs.get()
    assert (run.origin, run.started_by, run.status) == ("rule", None, RunStatus.RUNNING)
    hit = rule.hits.get()
    assert (hit.run, hit.why, hit.outcome, hit.holds) == (run, "Health is 30, Critical", "fired", True)
    assert account.activities.get(kind="playbook").is_system


def test_a_rule_opens_a_follow_up_for_who_it_says(mona: Membership, farah: Membership) -> None:
    account = account_of(mona)
    rule = rule_of(mona, action="follow_up", words="Ask about the bill", role="finance", due_in_days=3)

    evaluate_rule(rule=rule, now=NOON)

    task = account.follow_ups.get()
    # Three days after 20 November, at 17:00 in Kolkata, which is 11:30 UTC.
    assert (task.task_type, task.assignee, task.due_at) == (
        "Ask about the bill",
        farah.user,
        datetime(2026, 11, 23, 11, 30, tzinfo=UTC),
    )
    assert rule.hits.get().follow_up == task


def test_a_rule_tells_each_person_once_however_many_accounts_there_are(mona: Membership, alice: Membership) -> None:
    for _ in range(3):
        account_of(alice)
    account_of(mona, name="Aster")
    rule = rule_of(mona, words="Is critical")

    evaluate_rule(rule=rule, now=NOON)

    assert [news.title for news in mona.notifications.all()] == ["Is critical: Aster"]
    assert alice.notifications.count() == 1
    assert "and 1 more" in alice.notifications.get().title


def test_what_is_going_on_already_is_told_apart(mona: Membership, playbook: Playbook) -> None:
    account_of(mona)
    first = rule_of(mona, action="start_playbook", playbook=playbook)
    second = rule_of(mona, name="Same", action="start_playbook", playbook=playbook)

    evaluate_rule(rule=first, now=NOON)
    done = evaluate_rule(rule=second, now=NOON)

    assert (done.fired, done.already) == (0, 1)
    assert mona.organization.playbook_runs.count() == 1


# -- when they do it --------------------------------------------------------------------------------------


def matched(rule: AutomationRule) -> list[str]:
    found = rule_matches(rule.organization, [rule], today=TODAY)[rule.pk]
    return [Account.objects.get(pk=key).name for key in found]


def test_a_band_means_itself_and_worse(mona: Membership) -> None:
    for name, score in (("A", 39), ("B", 55), ("C", 79), ("D", 80), ("E", None)):
        account_of(mona, score, name=name)

    assert matched(rule_of(mona, is_on=False, name="1", band="Critical")) == ["A"]
    assert matched(rule_of(mona, is_on=False, name="2", band="At Risk")) == ["A", "B"]
    assert matched(rule_of(mona, is_on=False, name="3", band="Watchlist")) == ["A", "B", "C"]


def test_a_risk_factor_says_why(mona: Membership) -> None:
    account = account_of(mona, 60)
    DailyMetricsFactory(account=account, adoption_pct=10.0)
    rule = rule_of(mona, is_on=False, trigger="risk_factor", risk_factor="Low feature adoption")

    found = rule_matches(rule.organization, [rule], today=TODAY)[rule.pk]

    assert found == {account.pk: "Low feature adoption: 10% of the features are used"}


def test_a_term_that_ends_within_the_days(mona: Membership) -> None:
    for name, days in (("Soon", 30), ("Later", 31), ("Over", -1)):
        RenewalFactory(account=account_of(mona, name=name), due_on=TODAY + timedelta(days=days))

    assert matched(rule_of(mona, is_on=False, trigger="renewal", days=30)) == ["Soon"]


def test_an_invoice_that_is_late_by_the_days(mona: Membership) -> None:
    tax_profile(mona.organization)
    for name, days in (("Late", 10), ("Less", 9)):
        issued(customer(mona.organization, name), "1000", on=date(2026, 10, 1), due=TODAY - timedelta(days=days))

    assert matched(rule_of(mona, is_on=False, trigger="late_invoice", days=10)) == ["Late"]


def test_onboarding_and_filters(mona: Membership, alice: Membership) -> None:
    account_of(mona, name="New", status="onboarding", segment="SMB", arr=100)
    account_of(alice, name="Hers", status="onboarding", segment="SMB", arr=100)
    account_of(mona, name="Dear", status="onboarding", segment="SMB", arr=900)
    account_of(mona, name="Large", status="onboarding", segment="Enterprise", arr=100)
    account_of(mona, name="Old", status="active")

    # The largest revenue first, then as they came.
    assert matched(rule_of(mona, is_on=False, name="all", trigger="onboarding")) == ["Dear", "New", "Hers", "Large"]
    narrow = {"segment": "SMB", "owner": mona.user, "arr_from": Decimal(50), "arr_to": Decimal(500)}
    assert matched(rule_of(mona, is_on=False, name="few", trigger="onboarding", **narrow)) == ["New"]


def test_rules_cost_the_same_for_any_number_of_accounts(mona: Membership, django_assert_max_num_queries: Any) -> None:
    rules = [
        rule_of(mona, is_on=False, name="1"),
        rule_of(mona, is_on=False, name="2", trigger="risk_factor", risk_factor="Negative NPS score"),
        rule_of(mona, is_on=False, name="3", trigger="renewal", days=30),
        rule_of(mona, is_on=False, name="4", trigger="late_invoice", days=30),
    ]
    AccountFactory.create_batch(30, organization=mona.organization, health_score=30)

    with django_assert_max_num_queries(16):
        rule_matches(mona.organization, rules, today=TODAY)


# -- once -----------------------------------------------------------------------------------------------


def test_a_second_look_does_nothing(mona: Membership, playbook: Playbook) -> None:
    account_of(mona)
    rule = rule_of(mona, action="start_playbook", playbook=playbook)
    evaluate_rule(rule=rule, now=NOON)

    again = evaluate_rule(rule=rule, now=NOON + timedelta(hours=1))

    assert (again.fired, again.already, again.waiting) == (0, 0, 0)
    assert rule.hits.count() == 1


def test_a_score_that_swings_around_the_line_is_one_episode(mona: Membership) -> None:
    account = account_of(mona)
    rule = rule_of(mona)
    for day, score in enumerate((39, 41, 39, 41, 41, 39)):
        Account.objects.filter(pk=account.pk).update(health_score=score)
        evaluate_rule(rule=rule, now=NOON + timedelta(days=day))

    assert len(acted(rule)) == 1


def test_after_a_week_in_which_it_did_not_hold_it_acts_again(mona: Membership) -> None:
    account = account_of(mona)
    rule = rule_of(mona)
    evaluate_rule(rule=rule, now=NOON)
    Account.objects.filter(pk=account.pk).update(health_score=70)
    # It last held on the 20th: on the 27th that is seven days ago, on the 28th more.
    for day in (7, 8):
        evaluate_rule(rule=rule, now=NOON + timedelta(days=day))
    Account.objects.filter(pk=account.pk).update(health_score=30)

    evaluate_rule(rule=rule, now=NOON + timedelta(days=9))

    assert [hit.holds for hit in rule.hits.order_by("pk")] == [False, True]
    assert len(acted(rule)) == 2


def test_the_database_keeps_one_hit_an_episode(mona: Membership) -> None:
    account_of(mona)
    rule = rule_of(mona)
    evaluate_rule(rule=rule, now=NOON)
    hit = rule.hits.get()

    hit.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        hit.save(force_insert=True)


def test_over_the_limit_the_next_day_has_its_turn_the_largest_first(mona: Membership) -> None:
    for name, arr in (("Small", 1), ("Large", 3), ("Middle", 2)):
        account_of(mona, name=name, arr=arr)
    rule = rule_of(mona, daily_limit=2)

    done = evaluate_rule(rule=rule, now=NOON)
    same_day = evaluate_rule(rule=rule, now=NOON + timedelta(hours=2))
    next_day = evaluate_rule(rule=rule, now=NOON + timedelta(days=1))

    assert [(each.fired, each.waiting) for each in (done, same_day, next_day)] == [(2, 1), (0, 1), (1, 0)]
    assert acted(rule) == ["Large", "Middle", "Small"]


def test_switched_on_it_acts_on_what_comes_unless_told_otherwise(mona: Membership) -> None:
    account_of(mona, name="Known")
    rule = rule_of(mona, is_on=False)

    switch_rule(rule=rule, is_on=True, by=mona.user, now=NOON)
    evaluate_rule(rule=rule, now=NOON)
    account_of(mona, name="Fresh")
    evaluate_rule(rule=rule, now=NOON)

    assert acted(rule) == ["Fresh"]
    assert rule.hits.filter(outcome="passed_over").count() == 1


def test_off_or_stopped_nothing_happens(mona: Membership) -> None:
    account_of(mona)
    off, on = rule_of(mona, is_on=False, name="off"), rule_of(mona)
    stop_automation(organization=mona.organization, by=mona.user, now=NOON)

    assert [evaluate_rule(rule=rule, now=NOON).fired for rule in (off, on)] == [0, 0]
    assert order_evaluation(mona.organization) is None
    resume_automation(organization=mona.organization, by=mona.user)
    assert [evaluate_rule(rule=rule, now=NOON).fired for rule in (off, on)] == [0, 1]


def test_a_dry_run_tells_exactly_what_a_look_does(mona: Membership) -> None:
    for name in ("A", "B", "C"):
        account_of(mona, name=name)
    rule = rule_of(mona, daily_limit=2)

    before = dry_run(rule, now=NOON)
    assert not rule.hits.exists()
    evaluate_rule(rule=rule, now=NOON)
    after = dry_run(rule, now=NOON)

    assert (len(before.would_fire), before.known, before.left_today) == (3, 0, 2)
    assert (len(after.would_fire), after.known, after.left_today) == (1, 2, 0)
    assert [key for key, _ in before.would_fire[:2]] == list(
        rule.hits.order_by("pk").values_list("account", flat=True)
    )


# -- never by itself ------------------------------------------------------------------------------------


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scores=st.lists(st.sampled_from([20, 45, 65, 90, None]), min_size=1, max_size=5),
    actions=st.lists(st.sampled_from(["start_playbook", "follow_up", "notify"]), min_size=1, max_size=3),
    triggers=st.lists(st.sampled_from(["band", "risk_factor", "onboarding", "renewal"]), min_size=3, max_size=3),
    factor=st.sampled_from(["No recent engagement", "Critical health score", "Low data quality"]),
)
def test_what_rules_do_triggers_no_rule(
    mona: Membership, playbook: Playbook, scores: list[Any], actions: list[str], triggers: list[str], factor: str
) -> None:
    """Whatever the rules and accounts: after one look nothing holds that did not before, a second look does nothing,
    and no look orders another one."""
    organization = mona.organization
    with transaction.atomic():
        for score in scores:
            account_of(mona, score, status="onboarding" if score == 65 else "active", contract_end=TODAY)
        rules = [
            rule_of(
                mona,
                name=f"{at}",
                trigger=trigger,
                band="At Risk",
                risk_factor=factor,
                days=30,
                action=action,
                playbook=playbook,
            )
            for at, (action, trigger) in enumerate(zip(actions, triggers, strict=False))
        ]
        before = rule_matches(organization, rules, today=TODAY)
        jobs = Job.objects.filter(kind="evaluate_rules").count()

        first = [evaluate_rule(rule=rule, now=NOON) for rule in rules]
        after = rule_matches(organization, rules, today=TODAY)
        second = [evaluate_rule(rule=rule, now=NOON) for rule in rules]

        assert after == before
        assert sum(each.fired + each.already for each in first) == sum(map(len, before.values()))
        assert [(each.fired, each.already, each.waiting) for each in second] == [(0, 0, 0)] * len(rules)
        assert Job.objects.filter(kind="evaluate_rules").count() == jobs
        transaction.set_rollback(True)


# -- the job --------------------------------------------------------------------------------------------


def test_every_look_at_alerts_is_followed_by_one_at_the_rules(mona: Membership) -> None:
    account = account_of(mona)
    rule_of(mona, words="Look")

    run_now(order_alerts(mona.organization))
    job = mona.organization.jobs.get(kind="evaluate_rules")
    done = run_now(job)

    assert (done.status, done.result["fired"]) == ("succeeded", 1)
    assert AutomationHit.objects.get().account == account
    assert order_evaluation(mona.organization) is not None
    assert order_evaluation(mona.organization) == order_evaluation(mona.organization)


def test_without_a_rule_that_is_on_no_job_is_ordered(mona: Membership) -> None:
    rule_of(mona, is_on=False)

    assert order_evaluation(mona.organization) is None


def test_a_look_that_was_killed_is_taken_again_with_the_same_result(mona: Membership, monkeypatch: Any) -> None:
    for name in ("A", "B"):
        account_of(mona, name=name)
    first, second = rule_of(mona, name="1"), rule_of(mona, name="2")
    job = order_evaluation(mona.organization)
    assert job is not None
    from playbooks.services import automation

    real = automation._note

    def dies(rule: AutomationRule, *args: Any, **kwargs: Any) -> None:
        if rule.pk == second.pk:
            raise RuntimeError("killed")
        real(rule, *args, **kwargs)

    monkeypatch.setattr(automation, "_note", dies)
    run_now(job)
    assert (acted(first), acted(second), mona.notifications.count()) == (["A", "B"], [], 1)
    monkeypatch.setattr(automation, "_note", real)
    Job.objects.filter(pk=job.pk).update(run_after=NOON)
    run_now(Job.objects.get(pk=job.pk))

    assert (acted(first), acted(second), mona.notifications.count()) == (["A", "B"], ["A", "B"], 2)


# -- writing them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"band": ""}, "band"),
        ({"trigger": "risk_factor"}, "risk_factor"),
        ({"trigger": "renewal"}, "days"),
        ({"trigger": "moon"}, "trigger"),
        ({"action": "start_playbook"}, "playbook"),
        ({"words": ""}, "words"),
        ({"role": "member"}, "member"),
        ({"arr_from": Decimal(2), "arr_to": Decimal(1)}, "arr_to"),
        ({"daily_limit": 0}, "daily_limit"),
        ({"daily_limit": 501}, "daily_limit"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused(mona: Membership, facts: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRule) as refused:
        rule_of(mona, is_on=False, **facts)

    assert list(refused.value.errors or {}) == [field]
    assert not AutomationRule.objects.exists()


def test_two_rules_have_two_names(mona: Membership, mallory: Membership) -> None:
    rule_of(mallory, name="Critical")
    rule_of(mona, name="Critical")

    with pytest.raises(InvalidRule, match="of this name"):
        rule_of(mona, name="Critical")


def test_a_playbook_that_a_rule_starts_is_not_deleted(mona: Membership, playbook: Playbook) -> None:
    rule = rule_of(mona, action="start_playbook", playbook=playbook)

    with pytest.raises(PlaybookIsUsed):
        delete_playbook(playbook=playbook, by=None)
    delete_rule(rule=rule, by=None)
    delete_playbook(playbook=playbook, by=None)

    assert not Playbook.objects.filter(pk=playbook.pk).exists()


def test_a_rule_whose_playbook_is_gone_does_nothing_and_is_not_switched_on(
    mona: Membership, playbook: Playbook
) -> None:
    account_of(mona)
    rule = rule_of(mona, action="start_playbook", playbook=playbook)
    AutomationRule.objects.filter(pk=rule.pk).update(playbook=None)

    assert evaluate_rule(rule=rule, now=NOON).fired == 0
    AutomationRule.objects.filter(pk=rule.pk).update(is_on=False)
    with pytest.raises(RuleCannotAct):
        switch_rule(rule=rule, is_on=True, by=None, now=NOON)


def test_another_trigger_forgets_what_no_longer_counts(mona: Membership) -> None:
    rule = rule_of(mona)

    changed = update_rule(rule=rule, by=mona.user, trigger="renewal", days=60)

    assert (changed.band, changed.days, changed.when) == ("", 60, "its term ends within 60 days")
    assert civil_date(NOON, mona.organization) == TODAY
