"""Doing a playbook with an account: tasks for people, and a run that is as far as they are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from accounts.enums import FollowUpBucket
from accounts.exceptions import AccountArchived
from accounts.models import Account
from accounts.selectors.follow_ups import follow_up_counts
from accounts.services.account import archive_account, churn_account
from accounts.services.follow_up import complete_follow_up, remove_follow_up, reopen_follow_up
from accounts.services.merge import merge_accounts
from csplatform.models import Membership
from playbooks.enums import OwnerRole, RunOutcome, RunStatus, StepStatus
from playbooks.exceptions import InvalidRun, OutcomeNeedsAnEnd, PlaybookHasNoSteps, RunAlreadyPaused, RunIsOver
from playbooks.models import Playbook, PlaybookRun
from playbooks.services.run import cancel_run, finish_run, pause_run, resume_run, start_playbook, start_runs
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory
from tests.factories.playbooks import PlaybookFactory, RunFactory, StepFactory

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # noon in Kolkata, a Friday


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(
        organization=alice.organization, owner=alice.user, name="Aster", arr=120_000, health_score=Decimal("38.0")
    )


@pytest.fixture
def playbook(alice: Membership) -> Playbook:
    play = PlaybookFactory(organization=alice.organization, title="Win them back", priority="High")
    StepFactory(playbook=play, n=1, day=1, text="Ask what is wrong, and listen", title="Call them")
    StepFactory(playbook=play, n=2, day=8, text="Settle what is open", title="", role=OwnerRole.FINANCE)
    return play


def start(playbook: Playbook, account: Account, **facts: Any) -> PlaybookRun:
    run, _ = start_playbook(**{"playbook": playbook, "account": account, "by": account.owner, "now": NOON, **facts})
    return run


def tasks(run: PlaybookRun) -> list[Any]:
    return list(run.organization.follow_ups.of_playbook_run(run.uuid).order_by("due_at"))


def test_steps_become_tasks_of_the_people_behind_their_roles(
    playbook: Playbook, account: Account, farah: Membership
) -> None:
    run = start(playbook, account)

    first, second = tasks(run)
    assert (first.task_type, first.description, first.priority) == (
        "Call them",
        "Ask what is wrong, and listen",
        "high",
    )
    # 17:00 in Kolkata is 11:30 UTC: of the same day, and seven days later on day 8.
    assert (first.assignee, first.due_at) == (account.owner, datetime(2026, 11, 20, 11, 30, tzinfo=UTC))
    assert (second.assignee, second.due_at) == (farah.user, datetime(2026, 11, 27, 11, 30, tzinfo=UTC))
    assert second.task_type == "Settle what is open"


def test_a_run_notes_where_the_account_stood_and_why(playbook: Playbook, account: Account) -> None:
    DailyMetricsFactory(account=account, adoption_pct=10.0)

    run = start(playbook, account)

    assert (run.status, run.start_score, run.start_mrr) == ("running", Decimal("38.0"), Decimal("10000.00"))
    assert run.risk_factors == ["Low feature adoption"]
    line = account.activities.get(kind="playbook")
    assert (line.title, line.text) == ("Playbook started: Win them back", "Because of: Low feature adoption.")
    assert account.activities.filter(kind="follow_up").count() == 0
    assert run.history.count() == 1


def test_started_in_the_evening_the_first_step_has_until_midnight(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account, now=datetime(2026, 11, 20, 13, tzinfo=UTC))  # 18:30 in Kolkata

    assert tasks(run)[0].due_at == datetime(2026, 11, 20, 18, 29, 59, 999999, tzinfo=UTC)


def test_a_second_start_finds_the_first_run(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)

    again, is_new = start_playbook(playbook=playbook, account=account, by=None, now=NOON)

    assert (again, is_new) == (run, False)
    assert len(tasks(run)) == 2


def test_the_database_keeps_one_run_of_a_playbook_and_account(playbook: Playbook, account: Account) -> None:
    RunFactory(account=account, playbook=playbook, status=RunStatus.PAUSED, paused_at=NOON)

    with pytest.raises(IntegrityError), transaction.atomic():
        RunFactory(account=account, playbook=playbook)

    RunFactory(account=account, playbook=None)


@pytest.mark.parametrize("role", [OwnerRole.FINANCE, OwnerRole.TEAM_LEAD, OwnerRole.MEMBER])
def test_a_role_that_nobody_has_falls_to_the_owner(account: Account, role: OwnerRole) -> None:
    play = PlaybookFactory(organization=account.organization)
    StepFactory(playbook=play, role=role)

    assert tasks(start(play, account))[0].assignee == account.owner


def test_the_owner_who_has_left_gives_way_to_who_starts(
    playbook: Playbook, account: Account, alice: Membership, bob: Membership
) -> None:
    Membership.objects.filter(pk=alice.pk).update(is_active=False)

    assert tasks(start(playbook, account, by=bob.user))[0].assignee == bob.user


def test_a_team_is_led_by_its_manager(account: Account, mona: Membership, amir: Membership) -> None:
    team = account.organization.teams.create(name="North")
    team.team_members.create(organization=account.organization, membership=amir)
    Account.objects.filter(pk=account.pk).update(team=team)
    play = PlaybookFactory(organization=account.organization)
    StepFactory(playbook=play, role=OwnerRole.TEAM_LEAD)

    # Mona is the only manager, but not of this team; Amir, its admin, leads it.
    assert tasks(start(play, Account.objects.get(pk=account.pk)))[0].assignee == amir.user


def test_many_accounts_start_together_in_as_many_statements_as_one(
    playbook: Playbook, account: Account, django_assert_max_num_queries: Any
) -> None:
    start(playbook, account)
    others = AccountFactory.create_batch(30, organization=account.organization, owner=account.owner)

    with django_assert_max_num_queries(45):
        started = start_runs(
            organization=account.organization,
            playbook=playbook,
            accounts=[account, *others],
            by=account.owner,
            now=NOON,
        )

    assert (len(started.new), len(started.runs)) == (30, 31)
    assert account.organization.follow_ups.count() == 62


def test_an_archived_account_is_not_started_with(playbook: Playbook, account: Account) -> None:
    archive_account(account=account, by=None)
    account.refresh_from_db()

    with pytest.raises(AccountArchived):
        start(playbook, account)


def test_a_playbook_without_steps_is_not_started(account: Account) -> None:
    with pytest.raises(PlaybookHasNoSteps):
        start(PlaybookFactory(organization=account.organization), account)

    assert not account.playbook_runs.exists()


def test_it_starts_within_a_year(playbook: Playbook, account: Account) -> None:
    with pytest.raises(InvalidRun, match="within a year"):
        start(playbook, account, starts_on=date(2028, 1, 1))


# -- moving on ------------------------------------------------------------------------------------------


def test_the_last_task_done_completes_the_run(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    first, second = tasks(run)

    complete_follow_up(follow_up=first, by=account.owner, now=NOON)
    run.refresh_from_db()
    assert run.status == "running"
    Account.objects.filter(pk=account.pk).update(health_score=Decimal("61.5"), arr=90_000)
    complete_follow_up(follow_up=second, by=account.owner, now=NOON)

    run.refresh_from_db()
    # 38.0 → 61.5 is 23.5 more; 90,000 a year are 7,500 a month.
    assert (run.status, run.outcome, run.score_change, run.end_mrr) == ("completed", "", Decimal("23.5"), 7500)
    assert [step.status for step in run.steps.all()] == ["done", "done"]
    assert account.activities.filter(kind="playbook", event="finished").count() == 1


def test_a_task_opened_again_takes_the_end_back(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    for task in tasks(run):
        complete_follow_up(follow_up=task, by=None, now=NOON)

    reopen_follow_up(follow_up=tasks(run)[1], by=None)

    run.refresh_from_db()
    assert (run.status, run.finished_at, run.end_mrr) == ("running", None, None)
    assert not account.activities.filter(event="finished").exists()
    complete_follow_up(follow_up=tasks(run)[1], by=None, now=NOON)
    run.refresh_from_db()
    assert run.status == "completed"


def test_a_run_that_was_judged_stays_over(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    for task in tasks(run):
        complete_follow_up(follow_up=task, by=None, now=NOON)
    finish_run(run=run, outcome=RunOutcome.SUCCEEDED, by=None, now=NOON)

    reopen_follow_up(follow_up=tasks(run)[0], by=None)

    run.refresh_from_db()
    assert (run.status, run.outcome) == ("completed", "succeeded")


def test_a_task_taken_away_leaves_its_step_out(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    first, second = tasks(run)

    remove_follow_up(follow_up=first, by=None)
    complete_follow_up(follow_up=second, by=None, now=NOON)

    run.refresh_from_db()
    assert [(step.status, step.follow_up) for step in run.steps.all()] == [("skipped", None), ("done", second)]
    assert run.status == "completed"


# -- pausing --------------------------------------------------------------------------------------------


def test_paused_nobody_is_asked_and_resumed_all_is_as_much_later(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    organization = account.organization
    complete_follow_up(follow_up=tasks(run)[0], by=None, now=NOON)

    pause_run(run=run, by=None, now=NOON)
    counts = follow_up_counts(organization, organization.follow_ups.all(), now=NOON)
    assert (counts.open, counts.waiting, counts.done) == (0, 1, 1)
    assert organization.follow_ups.in_bucket(FollowUpBucket.WAITING, NOON, organization).count() == 1

    resume_run(run=run, by=None, now=datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    # Due 27 November; it waited from the 20th to the 25th: 2 December.
    assert tasks(run)[1].due_at == datetime(2026, 12, 2, 11, 30, tzinfo=UTC)
    assert organization.follow_ups.open().count() == 1
    run.refresh_from_db()
    assert (run.status, run.paused_at) == ("running", None)


def test_a_waiting_task_can_be_done_all_the_same(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    pause_run(run=run, by=None, now=NOON)

    for task in tasks(run):
        complete_follow_up(follow_up=task, by=None, now=NOON)

    run.refresh_from_db()
    assert run.status == "completed"
    assert not account.follow_ups.exclude(waits_since=None).exists()


def test_pausing_twice_is_refused(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    pause_run(run=run, by=None, now=NOON)

    with pytest.raises(RunAlreadyPaused):
        pause_run(run=run, by=None, now=NOON)


# -- ends -----------------------------------------------------------------------------------------------


def test_cancelled_its_open_tasks_are_gone_and_what_was_done_stays(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    complete_follow_up(follow_up=tasks(run)[0], by=None, now=NOON)

    cancel_run(run=run, by=None, now=NOON, note="Wrong account")

    run.refresh_from_db()
    assert (run.status, run.outcome, run.note) == ("cancelled", "", "Wrong account")
    assert [task.is_done for task in tasks(run)] == [True]
    assert [step.status for step in run.steps.all()] == [StepStatus.DONE, StepStatus.SKIPPED]
    with pytest.raises(RunIsOver):
        cancel_run(run=run, by=None, now=NOON)
    with pytest.raises(OutcomeNeedsAnEnd):
        finish_run(run=run, outcome=RunOutcome.SUCCEEDED, by=None, now=NOON)


def test_finished_early_the_rest_is_left_out(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)

    finish_run(run=run, outcome=RunOutcome.PARTLY, note="They stay for a year", by=None, now=NOON)

    run.refresh_from_db()
    assert (run.status, run.outcome, run.note) == ("completed", "partly", "They stay for a year")
    assert tasks(run) == []
    line = account.activities.get(event="finished")
    assert line.text == "Partly succeeded. They stay for a year"


def test_an_outcome_can_be_put_right(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    finish_run(run=run, outcome=RunOutcome.PARTLY, by=None, now=NOON)

    finish_run(run=run, outcome=RunOutcome.FAILED, note="They left after all", by=None, now=NOON)

    run.refresh_from_db()
    assert (run.outcome, run.note) == ("failed", "They left after all")
    assert account.activities.get(event="finished").text == "Did not succeed. They left after all"


@time_machine.travel(NOON, tick=False)
def test_a_customer_who_leaves_ends_the_runs_and_counts_as_lost(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)

    churn_account(account=account, by=account.owner, reason="Closed down")

    run.refresh_from_db()
    assert (run.status, run.outcome) == ("completed", "customer_left")
    # It left on the day: it pays nothing any more.
    assert run.end_mrr == 0
    assert not account.follow_ups.open().exists()


def test_a_run_outlives_its_playbook(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)
    playbook.delete()

    for task in tasks(run):
        complete_follow_up(follow_up=task, by=None, now=NOON)

    run.refresh_from_db()
    assert (run.playbook, run.title, run.status) == (None, "Win them back", "completed")
    assert [step.title for step in run.steps.all()] == ["Call them", "Settle what is open"]


def test_archived_the_run_stays_and_is_on_no_list(playbook: Playbook, account: Account) -> None:
    run = start(playbook, account)

    archive_account(account=account, by=None)

    assert not account.organization.playbook_runs.visible().exists()
    run.refresh_from_db()
    assert run.status == "running"


def test_merged_the_survivor_has_the_runs_and_one_of_each_playbook(
    playbook: Playbook, account: Account, alice: Membership
) -> None:
    other = AccountFactory(organization=alice.organization, owner=alice.user, name="Aster Ltd")
    kept = start(playbook, account)
    later = start(playbook, other, now=datetime(2026, 11, 20, 7, tzinfo=UTC))
    over = RunFactory(account=other, status="cancelled", finished_at=NOON, end_mrr=0)

    merge_accounts(into=account, others=[other], by=alice.user)

    runs = {run.pk: run.status for run in account.playbook_runs.all()}
    assert runs == {kept.pk: "running", later.pk: "cancelled", over.pk: "cancelled"}
    assert {task.account_id for task in tasks(kept)} == {account.pk}
    assert tasks(later) == []
