"""Imports over the API: the report in full, options, and who may."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from csplatform.imports import reading
from csplatform.jobs import run_now
from csplatform.models import Membership, UploadPart
from tests.factories.accounts import AccountFactory

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


def test_a_dry_run_shows_what_was_found(api_for: ApiFor, mona: Membership) -> None:
    AccountFactory(organization=mona.organization, name="ACME Ltd.")

    body = bring(api_for(mona), dry_run="true").json()

    assert body["preview"] == {
        "encoding": "utf-8",
        "delimiter": ",",
        "columns": [
            {"heading": "account_name", "column": "account_name", "how": "name"},
            {"heading": "date", "column": "date", "how": "name"},
            {"heading": "nps", "column": "nps_score", "how": "alias"},
        ],
        "columns_left_out": 0,
        "first_rows": [
            {"row": 2, "cells": ["Acme", "2026-01-05", "50"]},
            {"row": 3, "cells": ["Beta", "2026-01-05", "500"]},
            {"row": 4, "cells": ["Acme", "2026-01-05", "60"]},
        ],
    }
    # Beta's only row is refused, so it would not be made.
    assert body["newcomers"] == {"count": 1, "names": ["Acme"], "look_alikes": [["Acme", "ACME Ltd."]], "known": 1}


def test_many_new_accounts_have_to_be_confirmed(api_for: ApiFor, mona: Membership, settings: Any) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 1
    AccountFactory(organization=mona.organization)
    client, rows = api_for(mona), "account_name\nAcme\nBeta\n"

    asked = bring(client, rows, headers={"Idempotency-Key": "k"})

    assert asked.status_code == 409
    assert asked.json()["message"] == (
        "confirm_new: the file would create 2 accounts that are not known yet, such as Acme and Beta."
        " Nothing was written. Send it again with confirm_new=true to create them."
    )
    assert list(asked.json()["errors"]) == ["confirm_new"]
    assert (mona.organization.accounts.count(), mona.organization.imports.count()) == (1, 0)
    assert not UploadPart.objects.exists()

    confirmed = bring(client, rows, confirm_new="true", headers={"Idempotency-Key": "k"})

    assert (confirmed.status_code, confirmed.json()["details"]["accounts_created"]) == (201, 2)


def test_a_first_import_makes_all_its_accounts(api_for: ApiFor, mona: Membership, settings: Any) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 1

    response = bring(api_for(mona), "account_name\nAcme\nBeta\n")

    assert (response.status_code, response.json()["question"]) == (201, "")
    assert mona.organization.accounts.count() == 2


def test_a_client_that_does_not_wait_finds_the_question_in_its_import(
    api_for: ApiFor, mona: Membership, settings: Any
) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 1
    AccountFactory(organization=mona.organization)
    client = api_for(mona)
    started = bring(client, "account_name\nAcme\nBeta\n", headers={"Prefer": "respond-async"}).json()

    run_now(mona.organization.imports.get().job)

    body = client.get(f"/api/imports/{started['id']}").json()
    assert (body["status"], body["question"], body["newcomers"]["count"]) == ("failed", "new_accounts", 2)
    assert mona.organization.accounts.count() == 1


@pytest.mark.parametrize("block", [16, 100_000])
def test_dates_that_fit_both_orders_are_not_guessed(
    api_for: ApiFor, mona: Membership, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK", block)
    client, rows = api_for(mona), "account_name,date\nAcme,03/04/2026\nBeta,05/04/2026\n"

    refused = bring(client, rows)
    taken = bring(client, rows, date_order="dmy")

    sentence = (
        "takes dmy (day first) or mdy (month first): the dates of this file, such as 03/04/2026, fit both."
        " An order for all files can be chosen in the organisation's settings."
    )
    assert refused.status_code == 400
    assert refused.json() == {
        "error": True,
        "message": f"date_order: {sentence}",
        "errors": {"date_order": [sentence]},
    }
    assert (taken.status_code, taken.json()["created"]) == (201, 2)
    assert mona.organization.imports.count() == 1


@pytest.mark.parametrize("block", [16, 100_000])
@pytest.mark.parametrize(
    ("dates", "order", "accepted"),
    [
        (("13/04/2026", "03/04/2026"), "dmy", ["2026-04-03", "2026-04-13"]),
        (("03/04/2026", "04/13/2026"), "mdy", ["2026-03-04", "2026-04-13"]),
        (("13/04/2026", "04/13/2026", "2026-04-05"), "iso", ["2026-04-05"]),  # mixed: nobody knows
        (("2026-04-05", "03/04/2026"), "iso", ["2026-04-05"]),  # one bad value among good ones
        (("13/04/26",), "dmy", ["2026-04-13"]),
    ],
)
def test_a_file_says_itself_in_which_order_its_dates_are(
    api_for: ApiFor,
    mona: Membership,
    dates: tuple[str, ...],
    order: str,
    accepted: list[str],
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "BLOCK", block)
    rows = "\n".join(["account_name,date", *(f"Acme,{day}" for day in dates)])

    body = bring(api_for(mona), rows).json()

    assert (body["date_order"], body["accepted"], body["rejected"]) == (
        order,
        len(accepted),
        len(dates) - len(accepted),
    )
    days = mona.organization.daily_metrics.order_by("date").values_list("date", flat=True)
    assert [day.isoformat() for day in days] == accepted


def test_the_fixed_upload_route_asks_nothing(api_for: ApiFor, mona: Membership, settings: Any) -> None:
    settings.IMPORT_NEW_ACCOUNTS_ASKED = 1
    AccountFactory(organization=mona.organization)
    rows = b"account_name,date\nAcme,2026-04-05\nBeta,2026-04-05\n"

    response = api_for(mona).post("/ingest/csv", {"file": SimpleUploadedFile("m.csv", rows)}, format="multipart")

    assert (response.status_code, response.json()["accounts_created"]) == (200, 2)


def test_the_fixed_upload_route_rejects_rows_whose_day_nobody_can_tell(api_for: ApiFor, mona: Membership) -> None:
    rows = b"account_name,date\nAcme,03/04/2026\n"

    response = api_for(mona).post("/ingest/csv", {"file": SimpleUploadedFile("m.csv", rows)}, format="multipart")

    assert (response.status_code, response.json()["rows_rejected"]) == (200, 1)
    assert response.json()["errors"] == [
        "Line 2, date: “03/04/2026” does not say which is the day; write 2026-11-20, or choose the order of dates."
    ]


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
        ({"kind": "horoscopes"}, "kind"),
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
