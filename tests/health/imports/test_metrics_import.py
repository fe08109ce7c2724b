"""What rows of a file mean: which account, which day, which of two statements counts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from accounts.services.account import archive_account, churn_account, create_account
from csplatform.imports import reading
from csplatform.imports.enums import DateOrder
from csplatform.models import Import, Membership, Organization
from csplatform.services.imports import ImportOptions, run_import_now, start_import
from tests.factories.accounts import AccountFactory
from tests.factories.health import DailyMetricsFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today() -> Any:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.fixture
def bring(organization: Organization) -> Any:
    def run(*lines: str, encoding: str = "utf-8", **options: Any) -> Import:
        content = "\n".join(lines).encode(encoding)
        of = start_import(
            organization=organization,
            by=None,
            filename="metrics.csv",
            blocks=[content],
            options=ImportOptions(**options),
        )
        done = run_import_now(of)
        assert done.rows == done.accepted + done.rejected
        assert done.is_refused or done.accepted == done.created + done.updated + done.unchanged + done.repeated
        return done

    return run


def errors_of(of: Import) -> list[str]:
    return [str(each) for each in of.row_errors.all()]


def names(organization: Organization) -> list[str]:
    return list(organization.accounts.order_by("number").values_list("name", flat=True))


# -- which account ----------------------------------------------------------------------------------


def test_names_are_compared_trimmed_composed_and_without_case(bring: Any, organization: Organization) -> None:
    of = bring(
        "account_name,date",
        "  Café Corp \u200b,2026-11-01",
        "CAFE\u0301 CORP,2026-11-02",
        "café corp,2026-11-03",
    )

    assert names(organization) == ["Café Corp"]
    assert (of.created, of.details["accounts_created"]) == (3, 1)


def test_an_external_id_wins_over_the_name_and_renames(bring: Any, organization: Organization) -> None:
    account = AccountFactory(organization=organization, name="Acme", external_id="C-1")

    of = bring("account_name,external_id,date", "Acme Corporation,C-1,2026-11-01")

    account.refresh_from_db()
    assert (account.name, account.name_key) == ("Acme Corporation", "acme corporation")
    assert account.history.first().history_change_reason == "Import of metrics.csv"
    assert of.details == {"accounts": 1, "accounts_created": 0, "accounts_changed": 0, "accounts_renamed": 1}


@pytest.mark.parametrize("block", [16, 100_000])
def test_the_newest_row_names_the_account_wherever_a_piece_of_the_file_ends(
    bring: Any, organization: Organization, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(reading, "BLOCK", block)

    bring("account_name,external_id,date", "Acme,C-1,2026-11-01", "Acme Ltd,C-1,2026-11-02", ",C-1,2026-11-03")

    assert names(organization) == ["Acme"]


def test_a_known_name_without_an_external_id_takes_the_files(bring: Any, organization: Organization) -> None:
    account = AccountFactory(organization=organization, name="Acme")

    bring("account_name,external_id,date", "Acme,C-1,2026-11-01")

    account.refresh_from_db()
    assert account.external_id == "C-1"


def test_a_known_name_under_another_external_id_is_rejected(bring: Any, organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", external_id="C-1")

    of = bring("Name,Customer ID,date", "Acme,C-2,2026-11-01", "Beta,C-3,2026-11-01", "Beta,C-4,2026-11-02")

    assert errors_of(of) == [
        "Line 2, Customer ID: “C-2” is not the external_id that this account name has",
        "Line 4, Customer ID: “C-4” is not the external_id that this account name has",
    ]
    assert names(organization) == ["Acme", "Beta"]


def test_a_name_that_another_account_has_is_rejected(bring: Any, organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", external_id="C-1")
    AccountFactory(organization=organization, name="Beta", external_id="C-2")

    of = bring("account_name,external_id,date", "Beta,C-1,2026-11-01")

    assert errors_of(of) == [
        "Line 2, account_name: “Beta” is the name of another account than the one with this external_id"
    ]
    assert names(organization) == ["Acme", "Beta"]


def test_an_external_id_alone_is_enough(bring: Any, organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", external_id="00123")

    bring("external_id,date,nps", "00123,2026-11-01,50", "123,2026-11-01,40")

    assert names(organization) == ["Acme", "123"]


def test_rows_of_archived_accounts_are_rejected(bring: Any, organization: Organization) -> None:
    archive_account(account=AccountFactory(organization=organization, name="Acme"), by=None)

    of = bring("account_name,date", "acme,2026-11-01")

    assert errors_of(of) == ["Line 2, account_name: “acme” is an archived account; restore it first"]
    assert not organization.daily_metrics.exists()


def test_a_row_without_name_and_external_id_is_rejected(bring: Any) -> None:
    of = bring("account_name,date,nps", ",2026-11-01,5")

    assert errors_of(of) == ["Line 2, account_name: is missing"]


def test_the_owner_is_an_active_member_by_e_mail(
    bring: Any, organization: Organization, alice: Membership, mallory: Membership
) -> None:
    of = bring(
        "account_name,csm_email,date",
        f"Acme,{alice.user.email.upper()},2026-11-01",
        f"Beta,{mallory.user.email},2026-11-01",
        "Gamma,not an address,2026-11-01",
    )

    assert organization.accounts.get().owner == alice.user
    assert errors_of(of) == [
        f"Line 3, csm_email: “{mallory.user.email}” is not an active member",
        "Line 4, csm_email: “not an address” is not an e-mail address",
    ]


# -- which statement counts -------------------------------------------------------------------------


def test_facts_come_from_the_newest_row_whatever_the_order(bring: Any, organization: Organization) -> None:
    of = bring(
        "account_name,date,segment,region,seats",
        "Acme,2026-11-03,SMB,South,20",
        "Acme,2026-11-01,Enterprise,North,10",
        "Acme,2026-11-02,Mid-Market,East,15",
    )

    account = organization.accounts.get()
    assert (account.segment, account.region, account.seats) == ("SMB", "South", 20)
    assert of.details["accounts_changed"] == 0


def test_an_empty_cell_changes_nothing(bring: Any, organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", region="South", segment="SMB")
    bring("account_name,date,nps,dau", "Acme,2026-11-01,50,10")

    bring("account_name,date,region,segment,nps,dau", "Acme,2026-11-01,,Enterprise,,12")

    account = organization.accounts.get()
    day = organization.daily_metrics.get()
    assert (account.region, account.segment) == ("South", "Enterprise")
    assert (day.nps, day.daily_active_users) == (50, 12)


def test_facts_stay_where_the_account_has_newer_metrics(bring: Any, organization: Organization) -> None:
    account = AccountFactory(organization=organization, name="Acme", region="South", arr=Decimal(5000))
    DailyMetricsFactory(account=account, date=date(2026, 11, 10))

    bring("account_name,date,region,arr", "Acme,2026-11-01,North,9000")

    account.refresh_from_db()
    assert (account.region, account.arr) == ("South", Decimal("5000.00"))
    assert organization.daily_metrics.get(date="2026-11-01").arr == Decimal("9000.00")


def test_of_two_rows_about_one_day_the_last_wins_and_is_counted(bring: Any, organization: Organization) -> None:
    of = bring("account_name,date,nps", "Acme,2026-11-01,10", "Beta,2026-11-01,1", "ACME,2026-11-01,30")

    assert (of.rows, of.created, of.repeated) == (3, 2, 1)
    assert organization.daily_metrics.get(account__name="Acme").nps == 30


def test_no_date_column_means_today(bring: Any, organization: Organization) -> None:
    bring("account_name,nps", "Acme,10")

    assert organization.daily_metrics.get().date == date(2026, 11, 20)


def test_measures_are_stored_in_their_own_units_and_missing_stays_missing(
    bring: Any, organization: Organization
) -> None:
    bring(
        "name,date,active_users,feature_x_adoption,tickets_last_30d,nps,weekly_active_pct",
        "Acme,2026-11-01,160,78%,2,55,0.88",
        "Acme,2026-11-02,,0.5,,,",
    )

    first, second = organization.daily_metrics.order_by("date")
    assert (first.daily_active_users, first.adoption_pct, first.tickets_open, first.nps, first.login_rate) == (
        160,
        78.0,
        2,
        55.0,
        0.88,
    )
    # 25 + 19.5 + 16 + 11.625 + 13.2 of 100; adoption alone is 25 of 100 and no score.
    assert first.health_score == Decimal("85.3")
    assert (second.daily_active_users, second.tickets_open, second.nps, second.health_score) == (None,) * 4


def test_a_row_is_scored_against_the_accounts_seats(bring: Any, organization: Organization) -> None:
    bring("account_name,date,seats,dau,adoption", "Acme,2026-11-01,200,100,1.0")

    # Half of 200 seats is 12.5 of 25, adoption 25 of 25: 37.5 of 50 present points is 75.
    assert organization.accounts.get().health_score == Decimal("75.0")


# -- the whole file ---------------------------------------------------------------------------------


def test_the_same_file_again_writes_nothing(bring: Any, organization: Organization) -> None:
    lines = ["account_name,date,arr,nps,dau,adoption", "Acme,2026-11-01,1200,50,10,0.5", "Beta,2026-11-02,10,,1,0.1"]
    bring(*lines)
    before = dict(organization.daily_metrics.values_list("pk", "updated_at")), Account.history.count()

    again = bring(*lines)

    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert again.job.message == "Nothing changed; 2 unchanged, 0 rejected."
    assert (dict(organization.daily_metrics.values_list("pk", "updated_at")), Account.history.count()) == before


def test_a_dry_run_counts_and_writes_nothing(bring: Any, organization: Organization) -> None:
    bring("account_name,date,nps", "Acme,2026-11-01,50", "Acme,2026-11-02,50")

    of = bring(
        "account_name,date,nps",
        "Acme,2026-11-01,50",
        "Acme,2026-11-02,60",
        "New,2026-11-01,1",
        "Bad,x,1",
        dry_run=True,
    )

    assert (of.created, of.updated, of.unchanged, of.rejected) == (1, 1, 1, 1)
    assert of.details == {"accounts": 2, "accounts_created": 1}
    assert names(organization) == ["Acme"]
    assert organization.daily_metrics.get(date="2026-11-02").nps == 50


def test_strict_writes_nothing_when_one_row_is_bad(bring: Any, organization: Organization) -> None:
    of = bring("account_name,date,nps", "Acme,2026-11-01,50", "Beta,2026-11-01,500", strict=True)

    assert (of.job.status, of.job.error) == (
        "failed",
        "Nothing was written: 1 of 2 rows have errors, and the import is strict.",
    )
    assert (of.rows, of.rejected, of.created) == (2, 1, 0)
    assert not organization.accounts.exists()


def test_a_heading_without_rows_imports_nothing(bring: Any, organization: Organization) -> None:
    of = bring("account_name,date")

    assert (of.job.status, of.rows, of.job.message) == (
        "succeeded",
        0,
        "No row was imported; 0 unchanged, 0 rejected.",
    )


def test_a_mapping_names_foreign_columns(bring: Any, organization: Organization) -> None:
    bring(
        "Kunde;NPS-Wert;Tag",
        "Acme;12,5;2026-11-01",
        mapping={"Kunde": "account_name", "NPS-Wert": "nps_score", "Tag": "date"},
    )

    assert organization.daily_metrics.get().nps == 12.5


def test_dates_with_slashes_are_read_as_the_uploader_says(bring: Any, organization: Organization) -> None:
    bring("account_name,date", "Acme,03/04/2026", date_order=DateOrder.DAY_FIRST)

    assert organization.daily_metrics.get().date == date(2026, 4, 3)


# -- money ------------------------------------------------------------------------------------------


def test_a_churned_account_keeps_its_arr_of_nothing_and_the_report_says_so(
    bring: Any, organization: Organization
) -> None:
    account = create_account(organization=organization, by=None, name="Acme", arr=Decimal(1200))
    churn_account(account=account, by=None)

    of = bring("account_name,date,arr", "Acme,2026-11-19,5000")

    account.refresh_from_db()
    assert account.arr == 0
    assert of.notices == ["Acme has churned, so its ARR stays at 0."]


def test_the_ledger_adds_up_to_the_accounts_arr(bring: Any, organization: Organization) -> None:
    bring(
        "account_name,date,arr",
        "Acme,2026-09-01,1200",
        "Acme,2026-10-01,2400",
        "Acme,2026-11-01,",
        'Beta,2026-11-01,"1,23,456.50"',
    )

    ledger = dict.fromkeys(names(organization), Decimal(0))
    for name, amount in organization.mrr_movements.values_list("account__name", "arr_amount"):
        ledger[name] += amount
    assert dict(organization.accounts.values_list("name", "arr")) == ledger
    assert ledger == {"Acme": Decimal("2400.00"), "Beta": Decimal("123456.50")}


def test_the_order_of_rows_does_not_matter(bring: Any, organization: Organization) -> None:
    rows = [f"Acme,2026-11-{day:02},{1200 * (day // 5 + 1)},{day}" for day in range(1, 20)]

    bring("account_name,date,arr,dau", *reversed(rows))

    movements = organization.mrr_movements.order_by("date").values_list("date", "kind", "amount")
    # 1,200 a year is 100 a month; it grows by 100 on the 5th, the 10th and the 15th.
    assert list(movements) == [
        (date(2026, 11, 1), "new", Decimal("100.00")),
        (date(2026, 11, 5), "expansion", Decimal("100.00")),
        (date(2026, 11, 10), "expansion", Decimal("100.00")),
        (date(2026, 11, 15), "expansion", Decimal("100.00")),
    ]


def test_a_contract_that_would_end_before_it_starts_is_no_contract(bring: Any, organization: Organization) -> None:
    AccountFactory(organization=organization, name="Acme", contract_start=date(2026, 6, 1))

    of = bring(
        "account_name,date,contract_start,contract_end",
        "Acme,2026-11-01,,2026-01-31",
        "Beta,2026-11-01,2026-02-01,2026-01-31",
    )

    assert errors_of(of) == ["Line 3, contract_end: “2026-01-31” is before the contract starts"]
    assert of.notices == ["The contract dates of Acme stay: with the file's they would end before they start."]
    assert organization.accounts.get(name="Acme").contract_end is None
