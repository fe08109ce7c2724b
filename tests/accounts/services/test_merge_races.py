"""Merges that meet each other, and imports that start in the middle of one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections

from accounts.exceptions import AccountArchived
from accounts.models import Account
from accounts.services.merge import merge_accounts
from billing.selectors.ledger import ledger_problems
from csplatform.enums import JobStatus
from csplatform.jobs import enqueue, execute, job_handler
from csplatform.models import Organization
from csplatform.services.imports import LANE
from csplatform.tenancy import every_organization, organization_scope
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import OrganizationFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="SQLite's writers queue by themselves; the suite runs there too"
    ),
]


@pytest.fixture
def pair() -> tuple[Organization, Account, Account]:
    with every_organization(write=True, why="a test arranges"):
        organization = OrganizationFactory()
        return organization, *AccountFactory.create_batch(2, organization=organization)


def merging(organization: Organization, into: Account, other: Account) -> Callable[[], object]:
    def act() -> None:
        with organization_scope(organization, write=True):
            merge_accounts(into=into, others=[other], by=None)

    return act


def test_of_two_merges_in_opposite_directions_one_happens(pair: tuple[Organization, Account, Account]) -> None:
    organization, first, second = pair
    start = Barrier(2)

    def run(act: Callable[[], object]) -> type[BaseException] | None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001  (the test says which)
            return type(error)
        else:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(run, [merging(organization, first, second), merging(organization, second, first)]))

    assert set(outcomes) == {None, AccountArchived}
    with every_organization(write=False, why="a test asserts"):
        assert organization.accounts.unarchived().count() == 1
        assert organization.account_aliases.count() == 1
        assert organization.jobs.count() == 0
        assert list(ledger_problems(organization)) == []


def test_an_import_that_starts_during_a_merge_waits_for_it(
    pair: tuple[Organization, Account, Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    organization, first, second = pair
    in_the_middle, go_on = Event(), Event()
    seen: list[int] = []

    @job_handler("test_import")
    def look(run: Any) -> None:
        with run.chunk(offset=1, done=1):
            seen.append(run.organization.accounts.unarchived().count())
        run.finish({})

    def pause(**_: object) -> None:
        in_the_middle.set()
        assert go_on.wait(10)

    monkeypatch.setattr("health.services.merge.recompute_health", pause)
    with organization_scope(organization, write=True):
        job = enqueue(organization, "test_import", lane=LANE)

    def work(act: Callable[[], object]) -> None:
        try:
            act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        merge = pool.submit(work, merging(organization, first, second))
        assert in_the_middle.wait(10)
        importing = pool.submit(work, lambda: execute(job.pk))
        with pytest.raises(TimeoutError):
            importing.result(timeout=0.5)
        go_on.set()
        merge.result(timeout=10)
        importing.result(timeout=10)

    with every_organization(write=False, why="a test asserts"):
        job.refresh_from_db()
    assert (job.status, seen) == (JobStatus.SUCCEEDED, [1])
