"""Each file of the corpus, uploaded as a client does: every row accounted for, every cell as it should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from csplatform.imports import runner
from csplatform.models import Membership
from tests.health.imports.corpus import Case, load_cases, stored_accounts, stored_metrics

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

CASES = [pytest.param(case, id=f"{case.path.parent.name}/{case.path.stem}") for case in load_cases()]
COUNTS = ("rows", "accepted", "rejected", "repeated", "created", "updated", "unchanged")


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0)  # nobody else writes here
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.mark.parametrize("case", CASES)
def test_a_file_of_the_corpus_leaves_exactly_what_it_should(
    case: Case,
    api_for: Callable[..., APIClient],
    amir: Membership,
    alice: Membership,
    mona: Membership,
    mallory: Membership,
) -> None:
    case.arrange(amir, mallory)
    elsewhere = stored_accounts(mallory.organization)
    client = api_for(amir)

    response = upload(client, "/api/imports", case)

    answer = response.json()
    assert response.status_code == case.expected["status"], answer
    assert stored_accounts(mallory.organization) == elsewhere
    if case.is_refused:
        assert answer["message"] == case.expected["message"]
        assert not amir.organization.uploads.exists()
        assert not amir.organization.jobs.exists()
        assert not amir.organization.accounts.exists()
        return
    assert in_order(answer["errors"]) == in_order(case.expected["errors"])
    assert stored_accounts(amir.organization) == case.accounts
    assert stored_metrics(amir.organization) == sorted_like(case, case.metrics)
    assert {count: answer[count] for count in COUNTS} == {count: case.expected[count] for count in COUNTS}
    assert answer["rows"] == answer["accepted"] + answer["rejected"]
    assert (answer["status"], answer["error"]) == (
        case.expected.get("job_status", "succeeded"),
        case.expected.get("error", ""),
    )
    if "stored_filename" in case.expected:
        assert answer["filename"] == case.expected["stored_filename"]
    for said in ("notices", "newcomers"):
        if said in case.expected:
            assert answer[said] == case.expected[said]
    if case.writes:
        assert_that_it_changes_nothing_again(client, case, amir)


def assert_that_it_changes_nothing_again(client: APIClient, case: Case, member: Membership) -> None:
    """By the other entrance where the file needs no options, which says the same in the contract's words."""
    organization = member.organization
    histories = organization.accounts.model.history.count()
    movements = organization.mrr_movements.count()
    if case.options:
        again = upload(client, "/api/imports", case).json()
        written, accounts = again["created"] + again["updated"], again["details"]["accounts_created"]
        said = sorted(f"Line {e['row']}, {e['column']}: {e['reason']}" for e in again["errors"])
        expected = sorted(f"Line {e['row']}, {e['column']}: {e['reason']}" for e in case.expected["errors"])
    else:
        response = upload(client, "/ingest/csv", case)
        assert response.status_code == 200, response.json()
        again = response.json()
        written, accounts = again["metrics_created"] + again["metrics_updated"], again["accounts_created"]
        said = sorted(again["errors"])
        expected = sorted(map(sentence, case.expected["errors"]))
    assert (written, accounts, said) == (0, 0, expected)
    assert stored_accounts(organization) == case.accounts
    assert stored_metrics(organization) == sorted_like(case, case.metrics)
    assert organization.accounts.model.history.count() == histories
    assert organization.mrr_movements.count() == movements


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    groups = {param.id.split("/")[0] for param in CASES if param.id}

    assert groups == {"encodings", "shape", "values", "meaning", "hostile"}
    assert len(CASES) >= 60


def upload(client: APIClient, url: str, case: Case) -> Any:
    file = SimpleUploadedFile("metrics.csv", case.path.read_bytes(), content_type="text/csv")
    file._name = case.filename  # Django's own class would cut a path off before it is sent
    return client.post(url, {"file": file, **case.options}, format="multipart")


def in_order(errors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(errors, key=lambda error: (error["row"], error["column"]))


def sorted_like(case: Case, metrics: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By account in the order of creation, then by day."""
    order = {account["name"]: place for place, account in enumerate(case.accounts)}
    return sorted(metrics, key=lambda day: (order[day["account"]], day["date"]))


def sentence(error: dict[str, Any]) -> str:
    """An error in the words of the success-insights contract."""
    where = f"Line {error['row']}, {error['column']}" if error["column"] else f"Line {error['row']}"
    return f"{where}: “{error['value']}” {error['reason']}." if error["value"] else f"{where}: {error['reason']}."
