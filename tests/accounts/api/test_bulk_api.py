"""`POST /api/accounts/bulk`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from csplatform.models import Job, Membership
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]
URL = "/api/accounts/bulk"


def test_ids_may_be_uuids_and_numbers_and_the_answer_is_the_job(api_for: ApiFor, mona: Membership) -> None:
    one, two, three = AccountFactory.create_batch(3, organization=mona.organization)

    response = api_for(mona).post(
        URL, {"ids": [str(one.uuid), str(two.number)], "action": "set_status", "value": "at_risk"}
    )

    body = response.json()
    assert response.status_code == 200
    assert (body["kind"], body["status"], body["done"], body["total"]) == ("bulk_accounts", "succeeded", 2, 2)
    assert body["result"] | {"bulk_id": ""} == {
        "bulk_id": "",
        "matched": 2,
        "changed": 2,
        "unchanged": 0,
        "not_yours": 0,
    }
    assert response["Location"] == f"/api/jobs/{body['id']}"
    assert sorted(mona.organization.accounts.values_list("number", "status")) == [
        (one.number, "at_risk"),
        (two.number, "at_risk"),
        (three.number, "active"),
    ]


def test_a_query_means_all_pages_and_a_dry_run_writes_nothing(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory.create_batch(30, organization=mona.organization, segment="SMB")
    body = {"query": "segment=SMB", "action": "add_tag", "value": "vip"}

    dry = api_for(mona).post(URL, {**body, "dry_run": True}).json()
    before = Job.objects.filter(kind="bulk_accounts").count()
    wet = api_for(mona).post(URL, body).json()

    assert (dry["result"]["matched"], dry["result"]["changed"], before) == (30, 30, 0)
    assert dry["message"] == "30 of 30 will change."
    assert wet["result"]["changed"] == 30


def test_who_would_rather_not_wait_gets_202(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory(organization=mona.organization)

    response = api_for(mona).post(URL, {"query": "", "action": "archive"}, headers={"Prefer": "respond-async"})

    assert (response.status_code, response.json()["status"]) == (202, "queued")
    assert mona.organization.accounts.archived().count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "action"),
        ({"action": "archive"}, "ids"),
        ({"action": "archive", "ids": ["1"], "query": ""}, "ids"),
        ({"action": "archive", "ids": ["999"]}, "ids"),
        ({"action": "archive", "ids": "1"}, "ids"),
        ({"action": "archive", "query": "status=gone"}, "query"),
        ({"action": "start_rocket", "query": ""}, "action"),
        ({"action": "set_status", "query": "", "value": ["x"]}, "value"),
        ({"action": "add_tag", "query": "", "value": 7}, "value"),
        ({"action": "assign_owner", "query": "", "value": "00000000-0000-0000-0000-000000000004"}, "value"),
    ],
)
def test_bad_bodies_name_the_field(api_for: ApiFor, mona: Membership, body: dict[str, Any], field: str) -> None:
    AccountFactory(organization=mona.organization)

    response = api_for(mona).post(URL, body)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not mona.organization.bulk_changes.exists()


def test_a_strangers_id_is_like_an_unknown_one(api_for: ApiFor, mona: Membership, mallory: Membership) -> None:
    account = AccountFactory(organization=mona.organization)

    response = api_for(mallory).post(URL, {"ids": [str(account.uuid)], "action": "archive"})

    account.refresh_from_db()
    assert response.status_code == 400
    assert account.is_archived is False


def test_roles(api_for: ApiFor, alice: Membership, farah: Membership, rita: Membership) -> None:
    account = AccountFactory(organization=alice.organization, owner=alice.user)
    body = {"ids": [str(account.uuid)], "action": "assign_owner", "value": None}

    assert api_for(farah).post(URL, body).status_code == 403
    assert api_for(rita).post(URL, body).status_code == 403
    assert api_for(alice).post(URL, body).status_code == 403  # a CSM may not give accounts away
    assert api_for(alice).post(URL, {**body, "action": "archive"}).status_code == 200
    assert api_for(alice, read_only=True).post(URL, {**body, "action": "restore"}).status_code == 403


def test_sent_twice_with_one_key_it_happens_once(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory(organization=mona.organization)
    api, body = api_for(mona), {"query": "", "action": "add_tag", "value": "vip"}

    first = api.post(URL, body, headers={"Idempotency-Key": "k"})
    again = api.post(URL, body, headers={"Idempotency-Key": "k"})
    other = api.post(URL, {**body, "value": "x"}, headers={"Idempotency-Key": "k"})

    assert first.json()["id"] == again.json()["id"]
    assert (again.status_code, other.status_code) == (200, 409)
