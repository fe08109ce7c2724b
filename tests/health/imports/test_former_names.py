"""Files that go on using old names and ids: their rows land on the account that these mean now."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import time_machine

from accounts.models import Account
from accounts.services.account import create_account, remove_alias, update_account
from accounts.services.merge import merge_accounts
from csplatform.models import Import, Membership
from csplatform.services.imports import ImportOptions, run_import_now, start_import

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


@pytest.fixture
def today() -> Any:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


def bring(member: Membership, *lines: str) -> Import:
    of = start_import(
        organization=member.organization,
        by=None,
        filename="metrics.csv",
        blocks=["\n".join(lines).encode()],
        options=ImportOptions(),
    )
    return run_import_now(of)


def merged(member: Membership) -> Account:
    """Acme (E-1), which Acme Ltd (E-2) was merged into."""
    acme = create_account(organization=member.organization, by=member.user, name="Acme", external_id="E-1")
    other = create_account(organization=member.organization, by=member.user, name="Acme Ltd", external_id="E-2")
    return merge_accounts(into=acme, others=[other], by=member.user)


def days(account: Account) -> list[date]:
    return list(account.daily_metrics.order_by("date").values_list("date", flat=True))


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("account_name,date", "ACME ltd,2026-11-01"),
        ("external_id,date", "E-2,2026-11-01"),
        ("account_name,external_id,date", "Acme Ltd,E-2,2026-11-01"),
        ("account_name,external_id,date", "Acme,E-2,2026-11-01"),
        ("account_name,external_id,date", "Acme Ltd,E-1,2026-11-01"),
    ],
)
def test_after_a_merge_old_names_and_ids_mean_the_survivor_which_keeps_its_name(
    mona: Membership, header: str, row: str
) -> None:
    acme = merged(mona)

    of = bring(mona, header, row)

    acme.refresh_from_db()
    assert (of.created, of.rejected, of.details["accounts_created"]) == (1, 0, 0)
    assert days(acme) == [date(2026, 11, 1)]
    assert (acme.name, acme.external_id, mona.organization.accounts.count()) == ("Acme", "E-1", 2)


def test_both_names_in_one_file_are_one_account(mona: Membership) -> None:
    acme = merged(mona)

    bring(mona, "account_name,date", "Acme Ltd,2026-11-01", "Acme,2026-11-02", "Brand New,2026-11-02")

    assert days(acme) == [date(2026, 11, 1), date(2026, 11, 2)]
    assert mona.organization.accounts.count() == 3


def test_a_survivor_that_took_over_the_id_is_not_renamed_by_it(mona: Membership) -> None:
    acme = create_account(organization=mona.organization, by=mona.user, name="Acme")
    other = create_account(organization=mona.organization, by=mona.user, name="Acme Ltd", external_id="E-2")
    merge_accounts(into=acme, others=[other], by=mona.user)

    bring(mona, "account_name,external_id,date", "Acme Ltd,E-2,2026-11-01")

    acme.refresh_from_db()
    assert (acme.name, acme.external_id) == ("Acme", "E-2")


def test_a_name_from_before_a_renaming_means_the_account(mona: Membership) -> None:
    account = create_account(organization=mona.organization, by=mona.user, name="Acme")
    update_account(account=account, by=mona.user, name="Zenith")

    of = bring(mona, "account_name,date", "Acme,2026-11-01")

    assert (of.details["accounts_created"], days(account)) == (0, [date(2026, 11, 1)])


def test_a_file_that_renames_leaves_the_old_name_as_a_key_and_may_take_it_up_again(mona: Membership) -> None:
    account = create_account(organization=mona.organization, by=mona.user, name="Acme", external_id="E-1")

    bring(mona, "account_name,external_id,date", "Zenith,E-1,2026-11-01")
    assert list(account.aliases.values_list("text", "origin")) == [("Acme", "rename")]
    bring(mona, "account_name,external_id,date", "Acme,E-1,2026-11-02")

    account.refresh_from_db()
    assert account.name == "Acme"
    assert list(account.aliases.values_list("text", flat=True)) == ["Zenith"]


def test_a_former_name_beside_another_accounts_id_is_rejected_by_a_sentence(mona: Membership) -> None:
    merged(mona)
    create_account(organization=mona.organization, by=mona.user, name="Borax", external_id="B-1")

    of = bring(mona, "account_name,external_id,date", "Acme Ltd,B-1,2026-11-01")

    assert of.rejected == 1
    assert of.row_errors.get().reason == "is a former name of another account than the one with this external_id"


def test_a_removed_former_name_makes_a_new_account(mona: Membership) -> None:
    acme = merged(mona)
    remove_alias(account=acme, alias=acme.aliases.get(kind="name"), by=mona.user)

    bring(mona, "account_name,date", "Acme Ltd,2026-11-01")

    assert days(acme) == []
    assert mona.organization.accounts.get(name_key="acme ltd").number == 3


def test_names_of_another_organisation_mean_nothing_here(mona: Membership, mallory: Membership) -> None:
    theirs = merged(mallory)

    of = bring(mona, "account_name,date", "Acme Ltd,2026-11-01")

    assert (of.details["accounts_created"], days(theirs)) == (1, [])
