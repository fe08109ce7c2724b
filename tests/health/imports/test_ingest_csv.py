"""The upload of the success-insights contract, as its reference client makes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from csplatform.models import Membership
from health.models import DailyMetrics
from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

HEADER = (
    "account_name,segment,region,arr,date,daily_active_users,feature_adoption_rate,"
    "support_tickets_open,nps_score,login_frequency"
)
FIVE_ACCOUNTS_THREE_DATES = "\n".join(
    [HEADER]
    + [
        f"{name},{segment},North America,{arr},2026-11-{day},{users},0.78,2,55,0.88"
        for name, segment, arr, users in (
            ("Acme Corp", "Enterprise", 250000, 160),
            ("Beta Ltd", "SMB", 24000, 12),
            ("Gamma Inc", "Mid-Market", 90000, 55),
            ("Delta Co", "SMB", 18000, 8),
            ("Epsilon", "Enterprise", 310000, 240),
        )
        for day in ("01", "10", "19")
    ]
)


@pytest.fixture
def today() -> Any:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


def upload(client: APIClient, text: str | bytes, name: str = "metrics.csv", **headers: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post("/ingest/csv", {"file": file}, format="multipart", headers=headers)


def test_five_accounts_with_three_dates_and_the_same_again(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    client = api_for(amir)

    first = upload(client, FIVE_ACCOUNTS_THREE_DATES)
    again = upload(client, FIVE_ACCOUNTS_THREE_DATES)

    assert first.status_code == again.status_code == 200
    assert {
        key: first.json()[key] for key in ("accounts_created", "accounts_updated", "metrics_created", "errors")
    } == {
        "accounts_created": 5,
        "accounts_updated": 0,
        "metrics_created": 15,
        "errors": [],
    }
    assert {
        key: again.json()[key] for key in ("accounts_created", "accounts_updated", "metrics_created", "errors")
    } == {
        "accounts_created": 0,
        "accounts_updated": 5,
        "metrics_created": 0,
        "errors": [],
    }
    assert again.json()["metrics_unchanged"] == 15
    assert again.json()["message"] == "Nothing changed; 15 unchanged, 0 rejected."


def test_the_first_account_of_the_file_is_account_1_scored_by_its_newest_day(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    upload(api_for(amir), FIVE_ACCOUNTS_THREE_DATES)

    account = amir.organization.accounts.get(number=1)
    # 160 of 100 users 25, adoption 0.78 19.5, 2 tickets 16, NPS 55 11.625, login 0.88 13.2: together 85.325
    assert (account.name, account.health_score, account.arr) == ("Acme Corp", Decimal("85.3"), Decimal("250000.00"))
    assert list(amir.organization.accounts.order_by("number").values_list("name", flat=True)) == [
        "Acme Corp",
        "Beta Ltd",
        "Gamma Inc",
        "Delta Co",
        "Epsilon",
    ]
    assert account.history.count() == 2  # made, then its ARR settled


def test_a_bad_row_is_named_with_its_line_and_the_others_count(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    text = f"{HEADER}\nAcme,SMB,,1,2026-11-19,10,0.5,1,150,0.5\nBeta,SMB,,1,2026-11-19,10,0.5,1,50,0.5\n"

    answer = upload(api_for(amir), text).json()

    assert answer["errors"] == ["Line 2, nps_score: “150” must lie between -100 and 100."]
    assert (answer["accounts_created"], answer["metrics_created"], answer["rows_rejected"]) == (1, 1, 1)
    assert list(amir.organization.accounts.values_list("name", flat=True)) == ["Beta"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("metrics.csv", b"", "The file is empty."),
        ("metrics.csv", b"\xef\xbb\xbf \n", "The file is empty."),
        ("metrics.csv", b"a,b\n1,2\n", "The file has no column account_name or external_id. It has “a”, “b”."),
        (
            "metrics.csv",
            b"PK\x03\x04rest",
            "This is an Excel workbook or a ZIP archive, not a CSV file. Save it as CSV and upload it again.",
        ),
        ("metrics.xlsx", b"account_name\nAcme\n", "file: Send a file whose name ends in .csv."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    api_for: Callable[..., APIClient], amir: Membership, name: str, content: bytes, sentence: str
) -> None:
    response = upload(api_for(amir), content, name)

    assert (response.status_code, response.json()["message"]) == (400, sentence)
    assert not amir.organization.uploads.exists()
    assert not amir.organization.jobs.exists()


def test_a_request_without_a_file_names_the_field(api_for: Callable[..., APIClient], amir: Membership) -> None:
    response = api_for(amir).post("/ingest/csv", {}, format="multipart")

    assert response.status_code == 400
    assert list(response.json()["errors"]) == ["file"]


def test_a_file_over_the_limit_is_refused(api_for: Callable[..., APIClient], amir: Membership, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 100

    response = upload(api_for(amir), FIVE_ACCOUNTS_THREE_DATES)

    assert response.status_code == 413
    assert not amir.organization.uploads.exists()


def test_who_may_upload(
    api_for: Callable[..., APIClient],
    amir: Membership,
    mona: Membership,
    alice: Membership,
    farah: Membership,
    rita: Membership,
) -> None:
    answers = [
        upload(api_for(member), FIVE_ACCOUNTS_THREE_DATES).status_code for member in (amir, mona, alice, farah, rita)
    ]
    read_only = upload(api_for(amir, read_only=True), FIVE_ACCOUNTS_THREE_DATES).status_code
    nobody = upload(APIClient(), FIVE_ACCOUNTS_THREE_DATES).status_code

    assert [*answers, read_only, nobody] == [200, 200, 403, 403, 403, 403, 401]


def test_another_organisations_account_of_the_same_name_is_not_touched(
    api_for: Callable[..., APIClient], amir: Membership, mallory: Membership
) -> None:
    theirs = AccountFactory(organization=mallory.organization, name="Acme Corp", external_id="A-1")

    answer = upload(api_for(amir), FIVE_ACCOUNTS_THREE_DATES).json()

    theirs.refresh_from_db()
    assert answer["accounts_created"] == 5
    assert (theirs.arr, theirs.segment) == (None, "")
    assert not DailyMetrics.objects.filter(account=theirs).exists()


def test_a_large_file_is_a_job_to_be_followed(
    api_for: Callable[..., APIClient], amir: Membership, settings: Any
) -> None:
    settings.JOB_INLINE_LIMIT = 10

    response = upload(api_for(amir), FIVE_ACCOUNTS_THREE_DATES)

    job = amir.organization.jobs.get()
    assert response.status_code == 202
    assert response["Location"] == f"/api/jobs/{job.uuid}"
    assert response.json()["job_id"] == str(job.uuid)
    assert not amir.organization.accounts.exists()


def test_the_same_key_again_is_the_first_import_and_another_file_under_it_is_refused(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    client = api_for(amir)
    key = {"Idempotency-Key": "nightly-2026-11-20"}

    first = upload(client, FIVE_ACCOUNTS_THREE_DATES, **key)
    again = upload(client, FIVE_ACCOUNTS_THREE_DATES, **key)
    other = upload(client, f"{HEADER}\n", **key)

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 409)
    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert amir.organization.imports.count() == 1


def test_arr_changes_are_dated_by_the_day_they_were_reported(
    api_for: Callable[..., APIClient], amir: Membership
) -> None:
    rows = ["account_name,date,arr", "Acme,2026-11-10,1800", "Acme,2026-10-01,1200", "Acme,2026-11-19,1800"]

    upload(api_for(amir), "\n".join(rows))
    upload(api_for(amir), "\n".join(rows))

    movements = amir.organization.mrr_movements.order_by("date").values_list("date", "kind", "amount")
    # 1,200 a year from 1 October is 100 a month; 1,800 from 10 November adds 50.
    assert list(movements) == [
        (date(2026, 10, 1), "new", Decimal("100.00")),
        (date(2026, 11, 10), "expansion", Decimal("50.00")),
    ]
    assert amir.organization.accounts.get().arr == Decimal("1800.00")
