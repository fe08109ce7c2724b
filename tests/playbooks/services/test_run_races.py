"""Two people at once: one run, and one end."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections

from accounts.services.follow_up import complete_follow_up
from csplatform.models import Organization
from csplatform.tenancy import every_organization, organization_scope
from playbooks.services.run import cancel_run, pause_run, start_playbook
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import MembershipFactory
from tests.factories.playbooks import PlaybookFactory, StepFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite's writers queue by themselves; the suite runs there too"
    ),
]

NOON = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    def done(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Exception as error:  # noqa: BLE001 -- looked at by the test
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(done, calls))


@pytest.fixture
def world() -> tuple[Organization, Any, Any]:
    with every_organization(write=True, why="a test arranges"):
        member = MembershipFactory()
        account = AccountFactory(organization=member.organization, owner=member.user)
        playbook = PlaybookFactory(organization=member.organization)
        for n in (1, 2):
            StepFactory(playbook=playbook, n=n)
    return member.organization, account, playbook


def test_two_starts_make_one_run(world: Any) -> None:
    organization, account, playbook = world

    def start() -> tuple[int, bool]:
        with organization_scope(organization, write=True):
            run, is_new = start_playbook(playbook=playbook, account=account, by=None, now=NOON)
            return run.pk, is_new

    found = at_once(start, start, start)

    assert len({pk for pk, _ in found}) == 1
    assert sorted(is_new for _, is_new in found) == [False, False, True]


def test_the_last_two_steps_done_at_once_complete_the_run_once(world: Any) -> None:
    organization, account, playbook = world
    with organization_scope(organization, write=True):
        run, _ = start_playbook(playbook=playbook, account=account, by=None, now=NOON)
        tasks = list(organization.follow_ups.select_related("account__organization", "organization"))

    def complete(task: Any) -> Callable[[], None]:
        def call() -> None:
            with organization_scope(organization, write=True):
                complete_follow_up(follow_up=task, by=None, now=NOON)

        return call

    assert at_once(*map(complete, tasks)) == [None, None]
    with organization_scope(organization, write=False):
        run.refresh_from_db()
        assert run.status == "completed"
        assert organization.activities.filter(event="finished").count() == 1


def test_pausing_cancelling_and_doing_at_once_never_lock_each_other_out(world: Any) -> None:
    organization, account, playbook = world
    for _ in range(5):
        with organization_scope(organization, write=True):
            run, _ = start_playbook(playbook=playbook, account=account, by=None, now=NOON)
            run.organization = organization
            task = organization.follow_ups.open().select_related("account__organization", "organization").first()

        def complete(task: Any = task) -> None:
            with organization_scope(organization, write=True):
                complete_follow_up(follow_up=task, by=None, now=NOON)

        def pause(run: Any = run) -> None:
            with organization_scope(organization, write=True):
                pause_run(run=run, by=None, now=NOON)

        def cancel(run: Any = run) -> None:
            with organization_scope(organization, write=True):
                cancel_run(run=run, by=None, now=NOON)

        found = at_once(complete, pause, cancel)

        # Whoever comes after the end is told so; nobody is the victim of a deadlock.
        assert {type(each).__name__ for each in found} <= {"NoneType", "RunIsOver", "DoesNotExist"}
        with organization_scope(organization, write=False):
            run.refresh_from_db()
            assert run.status == "cancelled"
            assert not organization.follow_ups.undone().exists()
