"""An import that is stopped anywhere and taken up again ends as if nothing had happened."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from csplatform.enums import JobStatus
from csplatform.imports import runner
from csplatform.imports.runner import ImportRunner
from csplatform.jobs import run_now
from csplatform.models import Import, Organization
from csplatform.services.imports import ImportOptions, start_import, stored_import

pytestmark = pytest.mark.django_db

LINES = [
    "account_name,external_id,date,arr,nps",
    *(f"Firm {n},X{n},2026-01-{day:02},{1200 * (n + day // 10)},{day}" for day in range(1, 21) for n in range(6)),
    "Firm 1 renamed,X1,2026-01-21,5000,1",
    "Firm 2,X2,2026-01-20,9000,2",
    "Bad,X9,2026-01-20,x,2",
]


class Killed(BaseException):
    """Not an Exception, so nothing on the way catches it: as a kill leaves things."""


def start(organization: Organization) -> Import:
    content = "\n".join(LINES).encode()
    return start_import(
        organization=organization, by=None, filename="m.csv", blocks=[content], options=ImportOptions()
    )


def outcome(organization: Organization, of: Import) -> Any:
    of = stored_import(of)
    return (
        list(organization.accounts.order_by("number").values_list("number", "name", "external_id", "arr")),
        list(organization.daily_metrics.order_by("account__number", "date").values_list("date", "arr", "nps")),
        list(organization.mrr_movements.order_by("account__number", "date").values_list("date", "kind", "amount")),
        organization.accounts.first().history.model.objects.filter(organization=organization).count(),
        [str(error) for error in of.row_errors.all()],
        (of.rows, of.rejected, of.repeated, of.created, of.updated, of.unchanged, of.details),
    )


@pytest.mark.parametrize("pieces", range(1, 12))
def test_killed_before_any_piece_it_ends_the_same(
    organization: Organization, mallory: Any, monkeypatch: pytest.MonkeyPatch, pieces: int
) -> None:
    monkeypatch.setattr(runner, "ROWS_AT_ONCE", {"sqlite": 40, "postgresql": 40})
    undisturbed = start(mallory.organization)
    run_now(undisturbed.job)
    of = start(organization)
    whole_piece, left = ImportRunner._piece, pieces

    def piece(self: ImportRunner, **progress: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return whole_piece(self, **progress)

    monkeypatch.setattr(ImportRunner, "_piece", piece)
    with suppress(Killed):
        run_now(of.job)
    of.job.refresh_from_db()
    organization.jobs.filter(pk=of.job.pk, status=JobStatus.RUNNING).update(status=JobStatus.QUEUED, token=None)
    job = run_now(of.job)

    assert job.status == JobStatus.SUCCEEDED
    assert outcome(organization, of) == outcome(mallory.organization, undisturbed)
