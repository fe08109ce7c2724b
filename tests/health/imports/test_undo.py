"""Taking an import back: everything as it was, or a sentence that says what has happened since."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import Account
from accounts.services.account import create_account, update_account
from billing.models import MrrMovement
from billing.selectors.ledger import ledger_problems
from csplatform.imports import runner
from csplatform.imports.undoing import remove_old_images
from csplatform.jobs import JobRun, Stopping, run_now
from csplatform.models import Import, ImportBefore, Membership, Organization
from csplatform.services.imports import ImportOptions, NothingToUndo, run_import_now, start_import, undo_import
from health.models import DailyMetrics, HealthSnapshot
from health.services.scoring import recompute_health
from tests.factories.accounts import AccountFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]

HEADING = "account_name,date,arr,nps,daily_active_users,segment"


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(runner, "PAUSE_SECONDS", 0)
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.fixture
def bring(organization: Organization, mona: Membership) -> Callable[..., Import]:
    def run(*lines: str, heading: str = HEADING, name: str = "metrics.csv", **options: Any) -> Import:
        of = start_import(
            organization=organization,
            by=mona.user,
            filename=name,
            blocks=["\n".join([heading, *lines]).encode()],
            options=ImportOptions(**options),
        )
        return run_import_now(of)

    return run


@pytest.fixture
def undo(mona: Membership) -> Callable[[Import], Import]:
    return lambda of: undo_import(of=of, by=mona.user)


def state(organization: Organization) -> dict[str, Any]:
    """Everything that an import may change, as it can be seen."""
    facts = [field.name for field in Account._meta.concrete_fields]
    days = [field.name for field in DailyMetrics._meta.concrete_fields if field.name != "id"]
    sums: dict[tuple[Any, ...], Decimal] = {}
    for key, day, kind, amount in organization.mrr_movements.values_list("account", "date", "kind", "arr_amount"):
        sums[key, day, kind] = sums.get((key, day, kind), Decimal(0)) + amount
    return {
        "accounts": list(organization.accounts.order_by("pk").values(*facts)),
        "days": list(organization.daily_metrics.order_by("account", "date").values(*days)),
        "aliases": sorted(organization.account_aliases.values_list("account", "kind", "key", "text", "origin")),
        "ledger": {key: total for key, total in sums.items() if total},
    }


def test_a_first_import_leaves_nothing_behind(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    before = state(organization)
    of = bring("Acme,2026-11-01,1200,50,10,SMB", "Acme,2026-11-02,2400,60,11,SMB", "Beta,2026-11-02,,,3,")

    undone = undo(of)

    assert undone.undo_job is not None
    assert (undone.undo_job.status, undone.undo_job.error) == ("succeeded", "")
    assert undone.undone_at is not None
    assert state(organization) == before
    assert not HealthSnapshot.objects.filter(organization=organization).exists()
    assert not MrrMovement.objects.filter(organization=organization).exists()
    assert not of.before_images.exists()
    reasons = Account.history.order_by("history_id").values_list("history_type", "history_change_reason")
    assert ("-", "Undo of the import of metrics.csv") in list(reasons)


def test_what_was_there_before_is_there_again(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    bring("Acme,2026-11-01,1200,50,10,SMB", "Acme,2026-11-05,2400,60,11,SMB", "Beta,2026-11-05,600,10,3,")
    before = state(organization)
    movements = organization.mrr_movements.count()
    # A day written over, a new one, another ARR on both, a fact, and an account more.
    of = bring(
        "Acme,2026-11-05,3600,-20,1,Enterprise",
        "Acme,2026-11-06,4800,70,2,Enterprise",
        "Gamma,2026-11-06,100,1,1,SMB",
    )
    assert state(organization) != before

    undo(of)

    assert state(organization) == before
    assert list(ledger_problems(organization)) == []
    assert organization.mrr_movements.count() > movements  # taken back by new rows, none was changed


def test_two_imports_are_undone_one_after_the_other(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    states = [state(organization)]
    imports = []
    for day, arr, nps in ((5, 1200, 10), (5, 2400, 20), (6, 3600, 30)):
        imports.append(bring(f"Acme,2026-11-0{day},{arr},{nps},1,SMB", name=f"file-{nps}.csv"))
        states.append(state(organization))

    for of, expected in zip(reversed(imports), reversed(states[:-1]), strict=True):
        undo(of)

        assert state(organization) == expected
        assert list(ledger_problems(organization)) == []


def test_an_older_import_waits_for_the_newer_one(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    AccountFactory(organization=organization, name="Acme")
    first = bring("Acme,2026-11-05,,10,1,", name="first.csv")
    bring("Acme,2026-11-05,,20,1,", name="second.csv")
    before = state(organization)

    refused = undo(first)

    assert refused.undo_job is not None
    assert (refused.undo_job.status, refused.undone_at) == ("failed", None)
    assert refused.undo_job.error == (
        "This import can't be undone any more. The metrics of Acme of 5 Nov 2026 were written again on"
        f" {refused.undo_job.error.split(' written again on ')[1].split(' IST')[0]} IST, by the import of second.csv."
    )
    assert state(organization) == before


def test_new_names_and_ids_are_taken_back_with_the_names_they_made_former(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    account = AccountFactory(organization=organization, name="Old Name", external_id="C-1")
    update_account(account=account, by=None, name="Acme")
    AccountFactory(organization=organization, name="Beta")
    recompute_health(organization=organization, today=date(2026, 11, 20))
    before = state(organization)
    of = bring("Old Name,C-1,2026-11-01", "Beta,C-2,2026-11-01", heading="account_name,external_id,date")
    assert set(organization.accounts.values_list("name", "external_id")) == {("Old Name", "C-1"), ("Beta", "C-2")}

    undo(of)

    assert state(organization) == before


def test_what_people_did_since_is_named_and_stays(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization, mona: Membership
) -> None:
    of = bring("Acme,2026-11-05,1200,10,1,SMB")
    update_account(account=organization.accounts.get(), by=mona.user, region="West")
    before = state(organization)

    refused = undo(of)

    assert refused.undo_job is not None
    assert refused.undo_job.error.startswith("This import can't be undone any more. Acme was changed on 20 Nov 2026,")
    assert refused.undo_job.error.endswith(" IST by Mona.")
    assert state(organization) == before


def test_what_is_attached_to_an_account_it_made_keeps_it(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization, mona: Membership
) -> None:
    of = bring("Acme,2026-11-05,1200,10,1,SMB")
    account = organization.accounts.get()
    account.account_tags.create(organization=organization, tag=organization.account_tags.create(name="vip"))
    before = state(organization)

    refused = undo(of)

    assert refused.undo_job is not None
    assert refused.undo_job.error.startswith(
        "This import can't be undone any more. Acme now has something attached: account tag"
    )
    assert state(organization) == before


def test_the_renewals_of_contracts_follow(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    heading = "account_name,date,contract_end"
    bring("Acme,2026-11-01,2027-03-31", heading=heading)
    of = bring("Acme,2026-11-02,2027-04-10", "Beta,2026-11-02,2027-06-30", heading=heading)
    due = organization.renewals.order_by("due_on").values_list("account__name", "due_on")
    assert [(name, day.isoformat()) for name, day in due.all()] == [("Acme", "2027-04-10"), ("Beta", "2027-06-30")]

    undone = undo(of)

    assert undone.undo_job is not None
    assert undone.undo_job.error == ""
    assert [(name, day.isoformat()) for name, day in due.all()] == [("Acme", "2027-03-31")]
    assert organization.renewals.model.history.filter(history_type="-").count() == 1


def test_a_renewal_that_somebody_works_on_keeps_its_account(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    of = bring("Acme,2026-11-01,2027-03-31", heading="account_name,date,contract_end")
    renewal = organization.renewals.get()
    renewal.probability = Decimal(80)
    renewal.save()

    refused = undo(of)

    assert refused.undo_job is not None
    assert refused.undo_job.error.startswith(
        "This import can't be undone any more. Acme now has something attached: renewal"
    )
    assert organization.renewals.get() == renewal


def test_newer_metrics_of_an_account_it_made_keep_it(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    of = bring("Acme,2026-11-05,,10,1,")
    bring("Acme,2026-11-06,,10,1,", name="newer.csv")

    refused = undo(of)

    assert refused.undo_job is not None
    assert refused.undo_job.error == (
        "This import can't be undone any more. Acme has newer metrics, of 6 Nov 2026, by the import of newer.csv."
    )


def test_an_account_made_by_hand_meanwhile_has_nothing_to_do_with_it(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    of = bring("Acme,2026-11-05,,10,1,")
    create_account(organization=organization, by=None, name="By hand")

    undo(of)

    assert list(organization.accounts.values_list("name", flat=True)) == ["By hand"]


def test_the_corrected_file_can_follow(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    lines = ("Acme,2026-11-01,1200,50,10,SMB", "Beta,2026-11-02,600,1,1,SMB")
    undo(bring(*lines))

    again = bring(*lines)

    assert (again.created, again.details["accounts_created"], again.rejected) == (2, 2, 0)
    assert list(ledger_problems(organization)) == []


def test_in_small_pieces_it_comes_to_the_same(
    bring: Callable[..., Import],
    undo: Callable[[Import], Import],
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "ROWS_AT_ONCE", dict.fromkeys(runner.ROWS_AT_ONCE, 2))
    bring(*(f"A{n},2026-11-{day:02},{n}00,{day},1,SMB" for day in range(1, 5) for n in range(1, 4)))
    before = state(organization)
    of = bring(*(f"A{n},2026-11-{day:02},{n}50,{-day},2,SMB" for day in range(3, 9) for n in range(1, 5)))
    assert (
        of.before_images.filter(part="metrics").count() == 13
    )  # 24 rows, two at a time; the last line has no end and comes alone

    undo(of)

    assert state(organization) == before
    assert list(ledger_problems(organization)) == []


def test_a_killed_undo_goes_on_with_the_images_that_are_left(
    bring: Callable[..., Import],
    undo: Callable[[Import], Import],
    organization: Organization,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "ROWS_AT_ONCE", dict.fromkeys(runner.ROWS_AT_ONCE, 1))
    before = state(organization)
    of = bring(*(f"A{n},2026-11-05,{n}00,{n},1,SMB" for n in range(1, 6)))
    check, looks = JobRun.check, iter(range(100))

    def stop_at_the_fourth(run: JobRun) -> None:
        if next(looks) == 4:
            raise Stopping
        check(run)

    with monkeypatch.context() as patch:
        patch.setattr(JobRun, "check", stop_at_the_fourth)
        patch.setattr("csplatform.services.imports.PATIENCE_SECONDS", 0)
        stopped = undo(of)
    assert stopped.undo_job is not None
    assert (stopped.undo_job.status, stopped.undone_at) == ("queued", None)
    assert 0 < of.before_images.count() < 8

    run_now(stopped.undo_job)

    assert state(organization) == before


@pytest.mark.parametrize(
    ("options", "lines", "sentence"),
    [
        (
            {"dry_run": True},
            ["Acme,2026-11-05,,10,1,"],
            "A dry run has written nothing, so there is nothing to undo.",
        ),
        ({}, ["Acme,2026-11-05,,1000,1,"], "This import changed nothing, so there is nothing to undo."),
    ],
)
def test_where_nothing_was_written_there_is_nothing_to_undo(
    bring: Callable[..., Import],
    undo: Callable[[Import], Import],
    options: dict[str, Any],
    lines: list[str],
    sentence: str,
) -> None:
    of = bring(*lines, **options)

    with pytest.raises(NothingToUndo) as refusal:
        undo(of)

    assert refusal.value.message == sentence


def test_the_same_file_again_leaves_no_images(bring: Callable[..., Import], organization: Organization) -> None:
    bring("Acme,2026-11-05,1200,10,1,SMB")

    again = bring("Acme,2026-11-05,1200,10,1,SMB")

    assert again.unchanged == 1
    assert not again.before_images.exists()


def test_after_thirty_days_it_is_too_late(
    bring: Callable[..., Import], undo: Callable[[Import], Import], organization: Organization
) -> None:
    of = bring("Acme,2026-11-05,1200,10,1,SMB")
    remove_old_images(organization, now=timezone.now() + timedelta(days=29))
    assert ImportBefore.objects.filter(file_import=of).exists()

    with time_machine.travel(datetime(2026, 12, 21, tzinfo=UTC)):
        remove_old_images(organization, now=timezone.now())
        with pytest.raises(NothingToUndo) as refusal:
            undo(of)

    assert refusal.value.message == "Imports can be undone for 30 days; this one is older."
    assert organization.daily_metrics.get().date == date(2026, 11, 5)


def test_once_is_enough(bring: Callable[..., Import], undo: Callable[[Import], Import]) -> None:
    of = bring("Acme,2026-11-05,1200,10,1,SMB")
    undo(of)

    with pytest.raises(NothingToUndo) as refusal:
        undo(of)

    assert refusal.value.message == "This import has already been undone."
