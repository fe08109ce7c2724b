"""The import from the command line."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from csplatform.models import Organization

pytestmark = pytest.mark.django_db

TEXT = "account_name,date,nps_score\nAcme,2026-01-05,50\nBeta,2026-01-05,500\nAcme,2026-01-05,60\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "metrics.csv"
    path.write_text(TEXT)
    return path


def run(file: Path, *options: str, organization: str = "acme") -> str:
    out = StringIO()
    call_command("import_metrics", str(file), "--organization", organization, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def test_it_imports_and_reports(organization: Organization, file: Path) -> None:
    assert run(file).splitlines() == [
        "Created 1 and updated 0 rows; 0 unchanged, 1 rejected.",
        "rows 3, accepted 2, rejected 1, repeated 1, created 1, updated 0, unchanged 0",
        "accounts: 1",
        "accounts changed: 0",
        "accounts created: 1",
        "Line 3, nps_score: “500” must lie between -100 and 100.",
    ]
    assert organization.daily_metrics.get().nps == 60


def test_a_dry_run_says_what_would_happen_and_writes_nothing(organization: Organization, file: Path) -> None:
    said = run(file, "--dry-run")

    assert said.splitlines()[0] == "Would create 1 and update 0 rows; 0 unchanged, 1 rejected."
    assert not organization.accounts.exists()
    assert not organization.daily_metrics.exists()


def test_a_strict_run_with_a_bad_row_fails_and_writes_nothing(organization: Organization, file: Path) -> None:
    with pytest.raises(CommandError, match="Nothing was written: 1 of 3 rows have errors"):
        run(file, "--strict")

    assert not organization.accounts.exists()


def test_what_cannot_be_read_is_said_in_a_sentence(organization: Organization, tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.touch()

    with pytest.raises(CommandError, match="The file is empty"):
        run(empty)
    with pytest.raises(CommandError, match="Cannot read"):
        run(tmp_path / "missing.csv")
    with pytest.raises(CommandError, match="no organisation with the slug 'nobody'"):
        run(empty, organization="nobody")
