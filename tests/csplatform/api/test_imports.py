"""Imports over the API: the report in full, options, and who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from csplatform.models import Membership, UploadPart

pytestmark = pytest.mark.django_db
ApiFor = Callable[..., APIClient]

ROWS = "account_name,date,nps\nAcme,2026-01-05,50\nBeta,2026-01-05,500\nAcme,2026-01-05,60\n"


def bring(client: APIClient, text: str = ROWS, name: str = "metrics.csv", **fields: Any) -> Any:
    headers = fields.pop("headers", {})
    file = SimpleUploadedFile(name, text.encode(), content_type="text/csv")
    return client.post("/api/imports", {"file": file, **fields}, format="multipart", headers=headers)


def test_a_small_file_is_done_at_once_and_reported_in_full(api_for: ApiFor, mona: Membership) -> None:
    response = bring(api_for(mona))

    of = mona.organization.imports.get()
    body = response.json()
    assert response.status_code == 201
    assert {name: body[name] for name in ("id", "job_id", "kind", "status", "filename", "source")} == {
        "id": str(of.uuid),
        "job_id": str(of.job.uuid),
        "kind": "metrics",
        "status": "succeeded",
        "filename": "metrics.csv",
        "source": "api",
    }
    counts = ("rows", "accepted", "rejected", "repeated", "created", "updated", "unchanged")
    assert [body[name] for name in counts] == [3, 2, 1, 1, 1, 0, 0]
    assert body["errors"] == [{"row": 3, "column": "nps", "value": "500", "reason": "must lie between -100 and 100"}]


def test_list_detail_and_error_file(api_for: ApiFor, mona: Membership, rita: Membership) -> None:
    created = bring(api_for(mona)).json()
    reader = api_for(rita, read_only=True)

    listed = reader.get("/api/imports?kind=metrics&status=succeeded").json()
    one = reader.get(f"/api/imports/{created['id']}").json()
    errors = b"".join(reader.get(f"/api/imports/{created['id']}/errors.csv").streaming_content)

    assert (listed["total"], listed["data"][0]["id"], "errors" in listed["data"][0]) == (1, created["id"], False)
    assert one == created
    assert errors.decode("utf-8-sig").splitlines() == [
        "row,column,value,reason,account_name,date,nps",
        "3,nps,500,must lie between -100 and 100,Beta,2026-01-05,500",
    ]


def test_options_are_taken_from_the_form(api_for: ApiFor, mona: Membership) -> None:
    mapping = json.dumps({"Konto": "account_name", "Wann": "date"})

    response = bring(
        api_for(mona), "Konto;Wann\nAcme;05/01/2026\n", mapping=mapping, dry_run="true", date_order="dmy"
    )

    assert response.status_code == 201
    assert (response.json()["created"], response.json()["dry_run"]) == (1, True)
    assert not mona.organization.accounts.exists()


def test_a_strict_import_with_a_bad_row_is_kept_as_failed(api_for: ApiFor, mona: Membership) -> None:
    body = bring(api_for(mona), strict="true").json()

    assert (body["status"], body["created"], body["rejected"]) == ("failed", 0, 1)
    assert body["error"] == "Nothing was written: 1 of 3 rows have errors, and the import is strict."
    assert not mona.organization.accounts.exists()


def test_whoever_prefers_it_is_answered_before_the_work(api_for: ApiFor, mona: Membership) -> None:
    client = api_for(mona)

    response = bring(client, headers={"Prefer": "respond-async"})
    cancelled = client.post(f"/api/imports/{response.json()['id']}/cancel")

    assert (response.status_code, response.json()["status"]) == (202, "queued")
    assert response["Location"] == f"/api/jobs/{response.json()['job_id']}"
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "invoices"}, "kind"),
        ({"mapping": "not json"}, "mapping"),
        ({"mapping": "[1]"}, "mapping"),
        ({"mapping": '{"name\\u0000": "account_name"}'}, "mapping"),
        ({"mapping": '{"name\\ud800": "account_name"}'}, "mapping"),
        ({"date_order": "ymd"}, "date_order"),
        ({"dry_run": "perhaps"}, "dry_run"),
        ({"name": "metrics.pdf"}, "file"),
    ],
)
def test_a_bad_option_is_named(api_for: ApiFor, mona: Membership, fields: dict[str, str], field: str) -> None:
    response = bring(api_for(mona), **fields)

    assert response.status_code == 400
    assert list(response.json()["errors"]) == [field]
    assert not UploadPart.objects.exists()


def test_the_file_name_is_made_safe(api_for: ApiFor, mona: Membership) -> None:
    name = "..\\..\\etc/pass\u202ewd\x07" + "x" * 300 + ".csv"

    filename = bring(api_for(mona), name=name).json()["filename"]

    assert (len(filename), filename[-5:]) == (120, "x.csv")
    assert not set(filename) & set("\\/\u202e\x07")


def test_strangers_and_readers(api_for: ApiFor, mona: Membership, alice: Membership, mallory: Membership) -> None:
    created = bring(api_for(mona)).json()
    stranger = api_for(mallory)

    assert bring(api_for(alice)).status_code == 403
    assert bring(api_for(mona, read_only=True)).status_code == 403
    assert bring(APIClient()).status_code == 401
    assert stranger.get("/api/imports").json()["total"] == 0
    for path in ("", "/errors.csv"):
        assert stranger.get(f"/api/imports/{created['id']}{path}").status_code == 404
    assert stranger.post(f"/api/imports/{created['id']}/cancel").status_code == 404


def test_an_import_is_undone_once(api_for: ApiFor, mona: Membership) -> None:
    client = api_for(mona)
    created = bring(client).json()

    undone = client.post(f"/api/imports/{created['id']}/undo")
    again = client.post(f"/api/imports/{created['id']}/undo")

    assert undone.status_code == 200
    assert undone.json()["undone_at"] is not None
    assert not mona.organization.accounts.exists()
    assert (again.status_code, again.json()["message"]) == (409, "This import has already been undone.")


def test_an_undo_can_be_left_to_a_job(api_for: ApiFor, mona: Membership) -> None:
    client = api_for(mona)
    created = bring(client).json()

    response = client.post(f"/api/imports/{created['id']}/undo", headers={"Prefer": "respond-async"})

    assert (response.status_code, response.json()["undone_at"]) == (202, None)
    assert response["Location"] == f"/api/jobs/{response.json()['undo_job_id']}"
    assert mona.organization.accounts.exists()


def test_an_undo_that_newer_work_forbids_says_what_it_is(api_for: ApiFor, mona: Membership) -> None:
    client = api_for(mona)
    created = bring(client).json()
    bring(client, ROWS.replace("60", "70"), name="newer.csv")

    response = client.post(f"/api/imports/{created['id']}/undo")

    assert response.status_code == 409
    assert response.json()["message"].startswith("This import can't be undone any more. The metrics of Acme of 5 Jan")
    assert response.json()["message"].endswith("by the import of newer.csv.")


def test_who_may_undo(
    api_for: ApiFor, mona: Membership, alice: Membership, farah: Membership, mallory: Membership
) -> None:
    created = bring(api_for(mona)).json()
    url = f"/api/imports/{created['id']}/undo"

    assert api_for(alice).post(url).status_code == 403
    assert api_for(farah).post(url).status_code == 403
    assert api_for(mona, read_only=True).post(url).status_code == 403
    assert APIClient().post(url).status_code == 401
    assert api_for(mallory).post(url).status_code == 404
    assert mona.organization.accounts.exists()
