"""Bulk changes: who, what, history, undo, and being killed half-way."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.exceptions import BulkRefused
from accounts.models import Account
from accounts.services.account import create_account
from accounts.services.bulk import preview_bulk, submit_bulk, undo_bulk
from billing.models import MrrMovement
from csplatform.models import Job, Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


def change(member: Membership, action: str, value: object = None, **facts: object):  # type: ignore[no-untyped-def]
    accounts = facts.pop("accounts", member.organization.accounts.all())
    return submit_bulk(member=member, action=action, value=value, accounts=accounts, **facts)  # type: ignore[arg-type]


def test_a_csm_changes_their_own_and_is_told_of_the_others(alice: Membership, bob: Membership) -> None:
    mine = AccountFactory.create_batch(2, organization=alice.organization, owner=alice.user)
    theirs = AccountFactory(organization=alice.organization, owner=bob.user)
    mine[0].status = "at_risk"
    mine[0].save()

    done = change(alice, "set_status", "at_risk")

    theirs.refresh_from_db()
    mine[1].refresh_from_db()
    assert (done.changed, done.unchanged, done.refused) == (1, 1, 1)
    assert (mine[1].status, theirs.status) == ("at_risk", "active")
    assert done.job.message == "1 account changed; 1 not yours."


def test_each_account_remembers_who_did_it(mona: Membership, alice: Membership) -> None:
    account = AccountFactory(organization=mona.organization)

    change(mona, "assign_owner", str(alice.user.uuid))

    latest = account.history.latest()
    line = account.activities.get()
    assert (latest.history_user, latest.owner_id) == (mona.user, alice.user_id)
    assert (line.title, line.actor) == ("Owner: – → Alice", mona.user)


def test_undo_spares_what_somebody_changed_since(mona: Membership, alice: Membership, bob: Membership) -> None:
    organization = mona.organization
    one, two, three = AccountFactory.create_batch(3, organization=organization)
    Account.objects.filter(pk=two.pk).update(owner=bob.user)
    done = change(mona, "assign_owner", str(alice.uuid))
    Account.objects.filter(pk=three.pk).update(owner=mona.user)

    undo = undo_bulk(change=done, member=mona)

    owners = {account.pk: account.owner for account in organization.accounts.select_related("owner")}
    # Back to nobody and to Bob; the third was given to Mona after the change.
    assert owners == {one.pk: None, two.pk: bob.user, three.pk: mona.user}
    assert (undo.changed, undo.undoes) == (2, done)
    with pytest.raises(BulkRefused):
        undo_bulk(change=done, member=mona)


def test_only_who_did_it_takes_it_back(mona: Membership, amir: Membership) -> None:
    AccountFactory(organization=mona.organization)
    done = change(mona, "archive")

    with pytest.raises(BulkRefused):
        undo_bulk(change=done, member=amir)

    assert mona.organization.accounts.archived().count() == 1


def test_archive_and_restore_leave_merged_accounts_alone(mona: Membership) -> None:
    kept, away = AccountFactory.create_batch(2, organization=mona.organization)
    Account.objects.filter(pk=away.pk).update(archived_at=timezone.now(), merged_into=kept)

    change(mona, "archive")
    restored = change(mona, "restore")

    away.refresh_from_db()
    kept.refresh_from_db()
    assert (kept.is_archived, away.is_archived) == (False, True)
    assert (restored.changed, restored.unchanged) == (1, 1)


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_churned_in_bulk_ends_the_arr_in_the_ledger_and_cannot_be_undone(mona: Membership) -> None:
    account = create_account(organization=mona.organization, by=mona.user, name="Acme", arr=Decimal(1200))

    done = change(mona, "set_status", "churned")

    account.refresh_from_db()
    assert (account.arr, account.churned_on.isoformat()) == (Decimal(0), "2026-11-20")  # type: ignore[union-attr]
    # 1,200 a year is 100 a month, and 0 from today on.
    assert sum(MrrMovement.objects.filter(account=account).values_list("amount", flat=True)) == 0
    with pytest.raises(BulkRefused, match="their subscriptions and renewals followed"):
        undo_bulk(change=done, member=mona)


def test_tags_are_taken_off_and_put_back(mona: Membership) -> None:
    one, two = AccountFactory.create_batch(2, organization=mona.organization)
    change(mona, "add_tag", "vip", accounts=mona.organization.accounts.filter(pk=one.pk))

    done = change(mona, "remove_tag", "vip")
    undo_bulk(change=done, member=mona)

    assert (done.changed, done.unchanged) == (1, 1)
    assert [tag.name for tag in one.tags.all()] == ["vip"]
    assert not two.tags.exists()


def test_the_same_key_again_starts_nothing(mona: Membership) -> None:
    AccountFactory(organization=mona.organization)
    first = change(mona, "add_tag", "vip", key="k", fingerprint="a")

    again = change(mona, "add_tag", "vip", key="k", fingerprint="a")
    with pytest.raises(BulkRefused):
        change(mona, "add_tag", "other", key="k", fingerprint="b")

    assert again == first
    assert Job.objects.filter(kind="bulk_accounts").count() == 1


def test_what_comes_into_the_filter_later_is_not_changed(mona: Membership) -> None:
    AccountFactory(organization=mona.organization)
    queued = change(mona, "archive", respond_async=True)
    late = AccountFactory(organization=mona.organization)

    from csplatform.jobs import run_now

    run_now(queued.job)

    late.refresh_from_db()
    assert late.is_archived is False
    assert mona.organization.accounts.archived().count() == 1


def test_a_preview_costs_the_same_for_any_length(mona: Membership) -> None:
    costs = []
    for _ in range(2):
        AccountFactory.create_batch(3, organization=mona.organization)
        with CaptureQueriesContext(connection) as queries:
            preview = preview_bulk(
                member=mona, action="add_tag", value="vip", accounts=mona.organization.accounts.all()
            )
        costs.append(len(queries))

    assert preview.sentence == "6 of 6 will change."
    assert costs[0] == costs[1]


def test_a_change_of_many_costs_queries_by_chunk_not_by_account(mona: Membership) -> None:
    costs = []
    for size in (3, 9):  # SQLite takes some thirty history rows a statement
        AccountFactory.create_batch(size, organization=mona.organization)
        with CaptureQueriesContext(connection) as queries:
            change(mona, "add_tag", f"tag {size}")
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_a_follow_up_for_each_goes_to_its_owner_and_away_again(mona: Membership, alice: Membership) -> None:
    owned = AccountFactory(organization=mona.organization, owner=alice.user)
    unowned = AccountFactory(organization=mona.organization)

    done = change(mona, "create_follow_up", " Call   them ")
    tasks = {task.account_id: (task.task_type, task.assignee) for task in mona.organization.follow_ups.all()}
    undo_bulk(change=done, member=mona)

    assert tasks == {owned.pk: ("Call them", alice.user), unowned.pk: ("Call them", mona.user)}
    assert not mona.organization.follow_ups.exists()
