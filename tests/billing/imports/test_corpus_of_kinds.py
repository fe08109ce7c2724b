"""The corpus of the kinds beside metrics: each dirty file, what has to come of it, and the same file again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from rest_framework.test import APIClient

from csplatform.models import Membership
from tests.factories.documents import customer, issued, tax_profile

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2] / "data" / "corpus" / "kinds"
FILES = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in sorted(ROOT.glob("*/*.csv"))]
COUNTS = ("rows", "created", "updated", "unchanged", "rejected")


def test_every_kind_has_its_files_and_every_file_its_expectation() -> None:
    stems = {path.with_suffix("") for path in ROOT.glob("*/*.csv")}
    expected = {path.with_name(path.name.removesuffix(".expected.json")) for path in ROOT.glob("*/*.json")}

    assert stems == expected
    for kind in ("accounts", "invoices", "payments", "tickets"):
        assert len([stem for stem in stems if stem.parent.name == kind]) >= 5


@pytest.mark.parametrize("path", FILES)
def test_a_dirty_file_leaves_what_it_should_and_nothing_the_second_time(
    path: Path, api_for: Callable[..., APIClient], amir: Membership
) -> None:
    """There are the accounts Local, which owes 118 by INV-2026-0001, and Other."""
    expected = json.loads(path.with_name(f"{path.stem}.expected.json").read_text())
    with time_machine.travel("2026-11-20T06:30:00Z", tick=True):
        tax_profile(amir.organization)
        local = customer(amir.organization, "Local")
        customer(amir.organization, "Other")
        issued(local, "100", on=date(2026, 11, 1))

        first, second = _send(api_for(amir), path), _send(api_for(amir), path)

        call_command("check_ledger", organization=amir.organization.slug)
    assert [[e["row"], e["column"], e["reason"]] for e in first["errors"]] == expected["errors"]
    assert {name: first[name] for name in COUNTS} == {name: expected[name] for name in COUNTS}
    assert (second["created"], second["updated"]) == (0, 0)
    assert (second["unchanged"], second["rejected"]) == (expected["created"], expected["rejected"])


def _send(api: APIClient, path: Path) -> dict[str, Any]:
    file = SimpleUploadedFile(path.name, path.read_bytes(), content_type="text/csv")
    answer = api.post("/api/imports", {"file": file, "kind": path.parent.name}, format="multipart")
    assert answer.status_code == 201, answer.content
    body: dict[str, Any] = answer.json()
    return body
