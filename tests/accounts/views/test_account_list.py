"""The account list: filters, sorting, pages, export and handing over."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.columns import ACCOUNT_COLUMNS
from accounts.enums import AccountStatus
from accounts.models import AccountTag
from accounts.selectors.regions import regions_in_use
from csplatform.models import Membership, TeamMember
from tests.factories.accounts import AccountFactory, TagFactory
from tests.factories.csplatform import TeamFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory
from tests.factories.tickets import TicketFactory

pytestmark = [pytest.mark.django_db]
ClientFor = Callable[[Membership], Client]


@pytest.fixture
def names(client_for: ClientFor, alice: Membership) -> Callable[[str], list[str]]:
    """The names that the list shows for a query, in order."""

    def ask(query: str) -> list[str]:
        response = client_for(alice).get(f"{reverse('accounts:account_list')}?{query}")
        assert response.status_code == 200
        return [account.name for account in response.context["accounts"]]

    return ask


def test_the_list_costs_the_same_for_any_length(client_for: ClientFor, mona: Membership) -> None:
    url, client = reverse("accounts:account_list"), client_for(mona)
    AccountFactory(organization=mona.organization, owner=mona.user)
    AccountFactory()  # another organisation's: must not show
    client.get(url)  # the first answer after signing in also writes the session

    with CaptureQueriesContext(connection) as for_one:
        client.get(url)
    AccountFactory.create_batch(5, organization=mona.organization, owner=mona.user)
    with CaptureQueriesContext(connection) as for_six:
        response = client.get(url)

    assert len(response.context["accounts"]) == 6
    assert len(for_six) == len(for_one) <= 26


def test_filters_combine(names: Callable[[str], list[str]], alice: Membership, bob: Membership) -> None:
    organization = alice.organization
    team = TeamFactory(organization=organization)
    for member in (alice, bob):
        TeamMember.objects.create(organization=organization, team=team, membership=member)
    AccountFactory(
        organization=organization,
        name="Acme",
        owner=alice.user,
        segment="Enterprise",
        size="large",
        region="North",
        health_score=Decimal("39.9"),
    )
    zenith = AccountFactory(
        organization=organization,
        name="Zenith",
        owner=bob.user,
        segment="SMB",
        health_score=Decimal("59.9"),
        status=AccountStatus.AT_RISK,
    )
    AccountFactory(organization=organization, name="Nobody's", segment="SMB")
    AccountFactory(organization=organization, name="Gone", archived_at=timezone.now())
    AccountTag.objects.create(
        organization=organization, account=zenith, tag=TagFactory(organization=organization, name="vip")
    )

    assert names("") == ["Acme", "Nobody's", "Zenith"]
    assert names("q=zen") == ["Zenith"]
    assert names("status=at_risk") == ["Zenith"]
    assert names("band=At+Risk") == ["Zenith"]
    assert names("band=Critical") == ["Acme"]
    assert names("band=unknown") == ["Nobody's"]
    assert names("bucket=At-Risk") == ["Zenith"]
    assert names("segment=SMB") == ["Nobody's", "Zenith"]
    assert names("segment=SMB&owner=none") == ["Nobody's"]
    assert names("size=large&region=North") == ["Acme"]
    assert names("owner=my_accounts") == ["Acme"]
    assert names("owner=team_accounts") == ["Acme", "Zenith"]
    assert names(f"owner={bob.user.uuid}") == ["Zenith"]
    assert names("tag=vip") == ["Zenith"]
    assert names("health_min=40") == ["Zenith"]
    assert names("health_max=59") == ["Acme", "Zenith"]  # 59.9 is shown as 59
    assert names("health_max=39") == ["Acme"]
    assert names("archived=true") == ["Gone"]


@pytest.mark.parametrize("query", ["status=gone", "band=Great", "owner=mallory", "health_min=many", "q=%00"])
def test_a_filter_that_is_not_understood_shows_nothing_and_says_so(
    client_for: ClientFor, alice: Membership, query: str
) -> None:
    AccountFactory(organization=alice.organization)

    response = client_for(alice).get(f"{reverse('accounts:account_list')}?{query}")

    assert list(response.context["accounts"]) == []
    assert b"A filter was not understood" in response.content


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_renewal_windows(names: Callable[[str], list[str]], alice: Membership) -> None:
    for name, end in [("Over", date(2026, 11, 19)), ("Soon", date(2026, 12, 20)), ("Later", date(2026, 12, 21))]:
        AccountFactory(organization=alice.organization, name=name, contract_end=end)

    # 20 November and 30 days is 20 December.
    assert names("renewal=30") == ["Soon"]
    assert names("renewal=60") == ["Later", "Soon"]
    assert names("renewal=overdue") == ["Over"]


def test_unknown_values_are_sorted_last_both_ways(names: Callable[[str], list[str]], alice: Membership) -> None:
    for name, arr in [("Acme", 100), ("zenith", 300), ("Beta", None)]:
        AccountFactory(organization=alice.organization, name=name, arr=arr)

    assert names("") == ["Acme", "Beta", "zenith"]  # case does not matter
    assert names("sort=-name") == ["zenith", "Beta", "Acme"]
    assert names("sort=arr") == ["Acme", "zenith", "Beta"]
    assert names("sort=-arr") == ["zenith", "Acme", "Beta"]
    assert names("sort=-number") == ["Beta", "zenith", "Acme"]
    assert names("sort=password") == ["Acme", "Beta", "zenith"]


def test_the_sorted_column_says_so_to_screen_readers(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization)

    content = client_for(alice).get(f"{reverse('accounts:account_list')}?sort=-arr").content.decode()

    assert content.count('aria-sort="descending"') == 1
    assert content.count("aria-sort") == 1


def test_pages_never_overlap_and_a_page_too_far_is_the_last(
    names: Callable[[str], list[str]], alice: Membership
) -> None:
    AccountFactory.create_batch(27, organization=alice.organization)

    first, second = names("page=1"), names("page=2")

    assert (len(first), len(second)) == (25, 2)
    assert not set(first) & set(second)
    assert names("page=99") == second
    assert len(names("page_size=50")) == 27
    assert len(names("page_size=26")) == 25  # not on offer


def test_htmx_gets_the_list_alone(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Acme")

    response = client_for(alice).get(reverse("accounts:account_list"), headers={"HX-Request": "true"})

    assert response.templates[0].name == "accounts/_account_table.html"
    assert "HX-Request" in response["Vary"]
    assert b"<html" not in response.content
    assert b"Acme" in response.content


def test_the_export_is_the_filtered_and_sorted_rows(client_for: ClientFor, alice: Membership) -> None:
    for name, arr in [("=Acme()", 100), ("Zenith", 300), ("Beta", None)]:
        AccountFactory(organization=alice.organization, name=name, arr=arr, owner=alice.user)
    AccountFactory(organization=alice.organization, name="Unowned")
    AccountFactory(name="Elsewhere")

    response = client_for(alice).get(f"{reverse('accounts:account_export')}?owner=my_accounts&sort=-arr&page_size=1")
    text = b"".join(response).decode()

    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert text.startswith("\ufeffName,Number,")
    assert [(row["Name"], row["ARR"]) for row in rows] == [("Zenith", "300.00"), ("'=Acme()", "100.00"), ("Beta", "")]


def xlsx_rows(content: bytes) -> list[tuple[object, ...]]:
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return [tuple(cell.value for cell in row) for row in sheet.iter_rows()]


def test_excel_holds_what_csv_holds_and_no_formula(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(
        organization=alice.organization, name='=HYPERLINK("x")', arr=Decimal("12.50"), contract_end=date(2027, 1, 2)
    )
    AccountFactory(organization=alice.organization, name="@Beta", health_score=Decimal("39.9"))
    url = f"{reverse('accounts:account_export')}?sort=-name"

    as_csv = list(csv.reader(io.StringIO(b"".join(client_for(alice).get(url)).decode("utf-8-sig"), newline="")))
    content = b"".join(client_for(alice).get(f"{url}&format=xlsx"))

    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s", "inlineStr", "n", "d"}  # no "f"
    head, first, second = xlsx_rows(content)
    assert list(head) == as_csv[0]
    assert [first[0], second[0]] == ["@Beta", '=HYPERLINK("x")']
    assert [row[0] for row in as_csv[1:]] == ["'@Beta", '\'=HYPERLINK("x")']
    by_name = dict(zip(head, second, strict=True))
    assert (by_name["ARR"], by_name["Renewal"]) == (12.5, datetime(2027, 1, 2))  # noqa: DTZ001 -- a cell has no zone
    assert dict(zip(as_csv[0], as_csv[2], strict=True))["Renewal"] == "2027-01-02"


def test_the_file_has_the_columns_of_the_screen(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Acme", region="North")
    client = client_for(alice)

    def head(query: str) -> list[str]:
        text = b"".join(client.get(f"{reverse('accounts:account_export')}?{query}")).decode("utf-8-sig")
        return next(csv.reader(io.StringIO(text)))

    page = client.get(f"{reverse('accounts:account_list')}?columns=region,health")
    shown = [column.label for column in page.context["columns"]]

    assert shown == ["Name", "Region", "Health"]
    assert head("columns=region,health") == ["Name", "Number", "Region", "Health", "Health band"]
    assert {"Owner e-mail", "90 days", "Seats"} <= set(head("columns=all"))


def test_each_export_is_written_down(client_for: ClientFor, alice: Membership, farah: Membership) -> None:
    AccountFactory.create_batch(3, organization=alice.organization, status="active")
    client = client_for(farah)

    b"".join(client.get(f"{reverse('accounts:account_export')}?status=active&format=xlsx"))

    record = alice.organization.exports.get()
    assert (record.by, record.what, record.format, record.rows) == (farah.user, "accounts", "xlsx", 3)
    assert record.filters == {"status": ["active"]}
    assert (record.is_complete, record.over_api) == (True, False)


def test_an_export_that_breaks_off_says_so(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization)
    response = client_for(alice).get(reverse("accounts:account_export"))

    next(iter(response))
    response._iterator.close()  # what the server does when the reader hangs up

    record = alice.organization.exports.get()
    assert record.is_complete is False


@pytest.mark.parametrize("rows", [1, 3, 300])
def test_a_page_costs_the_same_for_any_number_of_rows(
    client_for: ClientFor, mona: Membership, rows: int, django_assert_max_num_queries: Any
) -> None:
    url, client = f"{reverse('accounts:account_list')}?page_size=100", client_for(mona)
    AccountFactory.create_batch(rows, organization=mona.organization, owner=mona.user)
    client.get(url)

    with django_assert_max_num_queries(34):
        response = client.get(url)

    assert len(response.context["accounts"]) == min(rows, 100)


def test_every_column_sorts_and_draws(names: Callable[[str], list[str]], alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Acme", owner=alice.user)
    AccountFactory(organization=alice.organization, name="Beta")
    every = ",".join(column.name for column in ACCOUNT_COLUMNS)

    for column in ACCOUNT_COLUMNS:
        for sign in ("", "-"):
            assert sorted(names(f"columns={every}&sort={sign}{column.name}")) == ["Acme", "Beta"]


def test_hostile_text_is_text(client_for: ClientFor, alice: Membership) -> None:
    hostile = '"><script>alert(1)</script>&\u202e😀' + "x" * 180
    AccountFactory(organization=alice.organization, name=hostile, region=hostile[:90], industry=hostile[:90])

    content = client_for(alice).get(f"{reverse('accounts:account_list')}?columns=region,industry").content.decode()

    assert "<script>alert" not in content
    assert "&lt;script&gt;alert(1)" in content


def test_accounts_are_found_by_what_they_were_called(names: Callable[[str], list[str]], alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization, name="New name")
    AccountFactory(organization=alice.organization, name="Other")
    for kind, text in [("name", "Old GmbH"), ("external_id", "X-1")]:
        account.aliases.create(
            organization=alice.organization,
            kind=kind,
            key=text.casefold() if kind == "name" else text,
            text=text,
            origin="rename",
        )

    assert names("q=old") == ["New name"]
    assert names("q=X-1") == ["New name"]


def test_an_empty_organisation_is_told_how_to_begin(
    client_for: ClientFor, mona: Membership, rita: Membership
) -> None:
    assert b"Import a CSV of your customers" in client_for(mona).get(reverse("accounts:account_list")).content
    assert b"which an admin or manager runs" in client_for(rita).get(reverse("accounts:account_list")).content


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_last_contact_counts_what_was_held(names: Callable[[str], list[str]], alice: Membership) -> None:
    organization = alice.organization
    AccountFactory(organization=organization, name="Never")
    for name, at in [("Lately", "2026-11-15T10:00Z"), ("Long ago", "2026-08-01T10:00Z")]:
        account = AccountFactory(organization=organization, name=name)
        EngagementFactory(account=account, completed_at=at)
    planned = AccountFactory(organization=organization, name="Planned")
    EngagementFactory(account=planned, completed_at=None, scheduled_at="2026-11-25T10:00Z")

    assert names("last_contact=7") == ["Lately"]
    assert names("last_contact=none_30") == ["Long ago", "Never", "Planned"]
    assert names("last_contact=never") == ["Never", "Planned"]
    assert names("sort=-last_engagement")[0] == "Planned"  # written down today
    assert names("sort=last_engagement&last_contact=none_90") == ["Long ago", "Planned", "Never"]


def test_custom_fields_are_filters(names: Callable[[str], list[str]], alice: Membership) -> None:
    organization = alice.organization
    for key, kind, choices in [("plan", "choice", ["Gold", "Silver"]), ("vip", "boolean", []), ("note", "text", [])]:
        organization.custom_fields.create(name=key.title(), key=key, kind=kind, choices=choices)
    AccountFactory(organization=organization, name="One", custom_fields={"plan": "Gold", "vip": True, "note": "x"})
    AccountFactory(organization=organization, name="Two", custom_fields={"plan": "Silver", "vip": False})

    assert names("custom_plan=Gold") == ["One"]
    assert names("custom_vip=false") == ["Two"]
    assert names("custom_note=x") == ["One"]
    assert names("custom_plan=Bronze") == []  # not understood: said on the page


@time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC))
def test_what_hangs_on_accounts_is_counted(client_for: ClientFor, alice: Membership) -> None:
    account = AccountFactory(organization=alice.organization)
    TicketFactory(account=account, status="open")
    TicketFactory(account=account, status="pending")
    AccountFactory(organization=alice.organization)
    FollowUpFactory(account=account, due_at=datetime(2026, 11, 19, 9, tzinfo=UTC))
    FollowUpFactory(account=account, due_at=datetime(2026, 12, 19, 9, tzinfo=UTC))

    url = f"{reverse('accounts:account_export')}?columns=open_tickets,follow_ups_due&sort=-open_tickets"
    text = b"".join(client_for(alice).get(url)).decode("utf-8-sig")

    assert next(csv.DictReader(io.StringIO(text))) | {"Name": "", "Number": ""} == {
        "Name": "",
        "Number": "",
        "Open tickets": "2",
        "Follow-ups due": "1",
    }


def test_each_region_is_offered_once_and_in_order(alice: Membership) -> None:
    organization = alice.organization
    for region in ("Pune", "Chennai", "", "Pune", "Ärhus", "chennai"):
        AccountFactory(organization=organization, region=region)
    AccountFactory(region="Elsewhere")

    found = regions_in_use(organization)

    assert found == list(
        organization.accounts.exclude(region="").order_by("region").values_list("region", flat=True).distinct()
    )
    assert sorted(found) == ["Chennai", "Pune", "chennai", "Ärhus"]
    assert regions_in_use(AccountFactory(region="").organization) == []
