"""Accounts out as a file, changed as a spreadsheet would, and in again: exactly the change arrives."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.services.account import create_account, update_account
from accounts.services.custom_fields import create_custom_field
from csplatform.models import Membership
from tests.accounts.imports.test_accounts_import import counts, facts, send
from tests.factories.csplatform import TeamFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@pytest.fixture
def today() -> Iterator[None]:
    with time_machine.travel("2026-11-20T06:00:00Z", tick=True):
        yield


@pytest.fixture
def acme(mona: Membership, alice: Membership) -> Account:
    """An account that knows everything, and one that knows nothing."""
    organization, make = mona.organization, {"organization": mona.organization, "by": None}
    create_custom_field(**make, kind="choice", name="Support tier", choices=["Gold", "Silver"])
    create_custom_field(**make, kind="multi_choice", name="Regions", choices=["Mumbai", "Delhi", "Pune"])
    create_custom_field(**make, kind="date", name="Go-live")
    create_custom_field(**make, kind="number", name="Pods")
    create_custom_field(**make, kind="boolean", name="Has GPU")
    create_custom_field(**make, kind="text", name="Segment")  # a heading that means something else already
    create_custom_field(**make, kind="url", name="Runbook")
    team, parent = TeamFactory(organization=organization, name="Platform"), create_account(**make, name="=Group")
    return create_account(
        **make,
        name="Acme; “Cloud”",
        external_id="-12",
        status="at_risk",
        segment="Mid-Market",
        size="large",
        region="South",
        industry="Fintech",
        lead_source="Event",
        owner=alice.user,
        team=team,
        parent=parent,
        arr=Decimal("1250000.50"),
        seats=1200,
        contract_start="2026-02-03",
        contract_end="2027-02-12",
        contract_term_months=12,
        tags=["vip", "Alpha"],
        custom_fields={
            "support_tier": "Gold",
            "regions": ["Delhi", "Pune"],
            "go_live": "2026-05-04",
            "pods": 1234567.5,
            "has_gpu": True,
            "segment": "=1+1",
            "runbook": "https://example.com/a",
        },
    )


def exported(client: Client) -> list[dict[str, str]]:
    answer = client.get("/dashboard/accounts/export?columns=all")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def as_saved_by_an_office(rows: list[dict[str, str]]) -> str:
    """With a byte-order mark, semicolons, days first, decimal commas and Indian grouping, as a spreadsheet of that
    locale writes the file back."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    for row in rows:
        saved = {name: ISO.sub(r"\3/\2/\1", cell) if ISO.fullmatch(cell) else cell for name, cell in row.items()}
        saved["ARR"] = "₹ 12,50,000.50" if row["ARR"] == "1250000.50" else row["ARR"]
        saved["Pods"] = row["Pods"].replace(".", ",")
        saved["Has GPU"] = row["Has GPU"].upper()
        writer.writerow(saved)
    return "\ufeff" + text.getvalue()


def test_what_went_out_comes_in_without_a_change(
    acme: Account, mona: Membership, client_for: Callable[..., Client], api_for: Callable[..., APIClient]
) -> None:
    before = facts(mona.organization)

    text = as_saved_by_an_office(exported(client_for(mona)))
    asked = send(api_for(mona), text, 400)
    done = send(api_for(mona), text, date_order="dmy")

    assert "takes dmy (day first) or mdy (month first)" in asked["message"]
    assert (counts(done), done["errors"], done["notices"]) == ((0, 0, 2, 0), [], [])
    assert facts(mona.organization) == before


CHANGES: dict[str, tuple[str, str, Any]] = {
    "Support tier": ("silver", "custom_fields", {"support_tier": "Silver"}),
    "Regions": ("Pune, Mumbai", "custom_fields", {"regions": ["Mumbai", "Pune"]}),
    "Go-live": ("2026-06-05", "custom_fields", {"go_live": "2026-06-05"}),
    "Pods": ("12.25", "custom_fields", {"pods": 12.25}),
    "Has GPU": ("false", "custom_fields", {"has_gpu": False}),
    "cf_segment": ("plain", "custom_fields", {"segment": "plain"}),
    "Region": ("North", "region", "North"),
    "Renewal": ("2027-03-12", "contract_end", "2027-03-12"),
    "Contract term months": ("24", "contract_term_months", 24),
}


@pytest.mark.parametrize("heading", CHANGES)
def test_a_changed_cell_is_the_only_change(
    acme: Account,
    mona: Membership,
    client_for: Callable[..., Client],
    api_for: Callable[..., APIClient],
    heading: str,
) -> None:
    cell, name, expected = CHANGES[heading]
    held = Account.objects.filter(pk=acme.pk).values().get()
    rows = exported(client_for(mona))
    row = next(each for each in rows if each["Name"].startswith("Acme"))
    row[heading] = cell

    done = send(api_for(mona), as_saved_by_an_office(rows), date_order="dmy")

    assert (counts(done), done["errors"]) == ((0, 1, 1, 0), [])
    now = Account.objects.filter(pk=acme.pk).values().get()
    should = held[name] | expected if name == "custom_fields" else expected
    assert str(now[name]) == str(should)
    assert {key for key in now if now[key] != held[key]} == {name, "updated_at"}


def test_a_file_of_the_screen_holds_the_columns_of_the_screen(
    acme: Account, mona: Membership, client_for: Callable[..., Client]
) -> None:
    answer = client_for(mona).get("/dashboard/accounts/export")
    header = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()[0]  # type: ignore[attr-defined]

    assert "Support tier" not in header


def test_two_exports_cost_the_same_for_one_account_and_three(
    acme: Account, mona: Membership, client_for: Callable[..., Client], django_assert_max_num_queries: Any
) -> None:
    client = client_for(mona)
    with django_assert_max_num_queries(60):
        assert len(exported(client)) == 2
    for number in range(3):
        create_account(organization=mona.organization, by=None, name=f"More {number}", tags=["a"], parent=acme)
    with django_assert_max_num_queries(60):
        assert len(exported(client)) == 5
    update_account(account=acme, by=None, region="West")
