"""Who asked for work that went on without them is told how it ended; who waited for it sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from csplatform.jobs import cancel_job, execute
from csplatform.models import Job, Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]


def bring(api: APIClient, text: str, **headers: str) -> dict[str, Any]:
    file = SimpleUploadedFile("accounts.csv", text.encode(), content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": "accounts"}, format="multipart", headers=headers)
    assert answer.status_code in (201, 202), answer.content
    body: dict[str, Any] = answer.json()
    return body


def news(member: Membership) -> list[tuple[str, str, str, str]]:
    return list(member.notifications.order_by("pk").values_list("kind", "title", "text", "url"))


def test_who_did_not_wait_for_an_import_is_told_with_a_link(
    mona: Membership, alice: Membership, api_for: ApiFor
) -> None:
    done = bring(api_for(mona), "name\nAcme\n", Prefer="respond-async")
    assert news(mona) == []

    execute(Job.objects.get(uuid=done["job_id"]).pk)

    text = "Created 1 and updated 0 rows; 0 unchanged, 0 rejected."
    assert news(mona) == [
        ("import_finished", "The import of accounts.csv has ended", text, f"/dashboard/imports/{done['id']}")
    ]
    assert news(alice) == []


def test_who_waited_sees_it_and_who_stopped_it_knows(mona: Membership, api_for: ApiFor) -> None:
    bring(api_for(mona), "name\nAcme\n")
    stopped = bring(api_for(mona), "name\nOther\n", Prefer="respond-async")
    job = Job.objects.get(uuid=stopped["job_id"])
    cancel_job(job)
    execute(job.pk)

    assert news(mona) == []


def test_a_failed_import_says_why(mona: Membership, api_for: ApiFor) -> None:
    AccountFactory(organization=mona.organization, name="Known")
    many = "name\n" + "".join(f"New {number}\n" for number in range(51))
    done = bring(api_for(mona), many, Prefer="respond-async")

    execute(Job.objects.get(uuid=done["job_id"]).pk)

    kind, title, text, _ = news(mona)[0]
    assert (kind, title) == ("import_finished", "The import of accounts.csv asks something")
    assert "would create 51 accounts that are not known yet" in text


def test_a_change_of_many_accounts_is_told_with_a_link(mona: Membership, api_for: ApiFor) -> None:
    account = AccountFactory(organization=mona.organization, name="Known")
    answer = api_for(mona).post(
        "/api/accounts/bulk",
        {"action": "add_tag", "value": "vip", "ids": [str(account.uuid)]},
        format="json",
        headers={"Prefer": "respond-async"},
    )
    assert answer.status_code == 202, answer.content
    job = mona.organization.jobs.get(kind="bulk_accounts")

    execute(job.pk)

    change = mona.organization.bulk_changes.get()
    assert news(mona) == [
        ("job_finished", "Many accounts are changed", "1 account changed.", f"/dashboard/accounts/bulk/{change.uuid}")
    ]
