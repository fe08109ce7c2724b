"""The renewals desk: months, rows, forecast, statuses by menu, files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
import time_machine
from openpyxl import load_workbook

from billing.enums import RenewalStatus
from billing.models import Renewal
from billing.selectors.renewal_months import loss_reasons, renewals_by_month
from csplatform.lists.pinned import pinned_views
from csplatform.models import Membership
from csplatform.services.saved_view import create_view, pin_view
from tests.factories.accounts import AccountFactory
from tests.factories.billing import RenewalFactory

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/renewals"
TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 11, 20, 6, 30, tzinfo=UTC), tick=False):
        yield


def term(
    member: Membership, due: str, mrr: str = "1000", *, name: str = "", score: str | None = None, **facts: Any
) -> Renewal:
    account = AccountFactory(
        organization=member.organization,
        owner=member.user,
        **({"name": name} if name else {}),
        health_score=None if score is None else Decimal(score),
    )
    return RenewalFactory(account=account, due_on=date.fromisoformat(due), target_mrr=Decimal(mrr), **facts)


def closed(member: Membership, due: str, mrr: str, reason: str = "") -> Renewal:
    return term(member, due, mrr, status="closed", decided_on=date.fromisoformat(due), outcome_reason=reason)


def renewed(member: Membership, due: str, mrr: str, at: str) -> Renewal:
    return term(member, due, mrr, status="renewed", renewed_mrr=Decimal(at), decided_on=date.fromisoformat(due))


def test_months_say_how_many_terms_how_much_and_how_much_of_it_is_at_risk(alice: Membership) -> None:
    # December: 1,000 + 2,000 + 3,000 + 4,000 = 10,000 MRR = 1,20,000 ARR; at risk are the open 2,000 (score 50) and
    # the open 3,000 (loss prepared for), not the 4,000 of somebody at 40 who renewed: 60,000
    term(alice, "2026-12-01", "1000", score="90")
    term(alice, "2026-12-31", "2000", score="50")
    term(alice, "2026-12-15", "3000", score="95", status="prepared_lost")
    term(alice, "2026-12-15", "4000", score="40", status="renewed", renewed_mrr=4000, decided_on=TODAY)
    term(alice, "2027-01-01", "500")

    november, december, january, *rest = renewals_by_month(alice.organization.renewals.all(), since=TODAY)

    assert (november.label, november.count, november.arr) == ("Nov 2026", 0, 0)
    assert (december.count, december.arr, december.at_risk_arr) == (4, 120_000, 60_000)
    assert (december.open_count, december.renewed, december.lost) == (3, 1, 0)
    assert (january.count, january.arr) == (1, 6_000)
    assert (len(rest), rest[-1].start) == (9, date(2027, 10, 1))


def test_reasons_for_loss_are_added_up_the_most_money_first(alice: Membership) -> None:
    closed(alice, "2026-06-30", "1000", "Price")
    closed(alice, "2026-07-31", "500", "Price")
    closed(alice, "2026-08-31", "2000", "")
    closed(alice, "2025-08-31", "9000", "Long ago")

    found = loss_reasons(alice.organization.renewals.all(), start=date(2025, 11, 1), end=TODAY)

    assert [(each.reason, each.count, each.arr) for each in found] == [
        ("No reason given", 1, 24_000),
        ("Price", 2, 18_000),
    ]


def test_the_page_shows_a_year_from_this_month_on_and_what_was_never_decided(client_for, alice: Membership) -> None:
    shown = term(alice, "2026-12-31")
    for due in ("2026-10-31", "2027-11-30"):
        term(alice, due)

    page = client_for(alice).get(PAGE)

    assert [row.pk for row in page.context["renewals"]] == [shown.pk]
    assert page.context["undecided"] == 1
    assert "1 term ended and nobody said what came of it." in page.content.decode()
    assert len(client_for(alice).get(f"{PAGE}?from=2026-10-01&to=2026-10-31").context["renewals"]) == 1


def test_forecast_and_rates_are_those_of_the_billing_room(client_for, alice: Membership) -> None:
    # Open in the window: 1,000 called at 95 %, 2,000 called at 50 %; won: 500.
    # commit = 1,000 + 500 = 1,500 x 12 = 18,000; expected = 950 + 1,000 + 500 = 2,450 x 12 = 29,400; worst 6,000
    term(alice, "2026-12-31", "1000", probability=Decimal(95))
    term(alice, "2026-12-31", "2000", probability=Decimal(50))
    renewed(alice, "2026-11-30", "500", "500")
    # Twelve months back: nine kept at 100, one lost at 100, one renewed 100 -> 150:
    # gross (900 + 100) / 1,100 = 90.9 %; net (900 + 150) / 1,100 = 95.5 %; logo 10 of 11 = 90.9 %
    for _ in range(9):
        renewed(alice, "2026-05-31", "100", "100")
    closed(alice, "2026-05-31", "100")
    renewed(alice, "2026-05-31", "100", "150")

    context = client_for(alice).get(PAGE).context

    forecast = context["forecast"]
    assert (forecast.commit_arr, forecast.expected_arr, forecast.won_arr) == (18_000, 29_400, 6_000)
    assert (context["gross_rate"], context["net_rate"], context["logo_rate"]) == ("90.9%", "95.5%", "90.9%")


def test_rates_of_few_terms_are_not_printed(client_for, alice: Membership) -> None:
    closed(alice, "2026-05-31", "100")

    assert client_for(alice).get(PAGE).context["gross_rate"] == "n/a"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=in_process", {"Working"}),
        ("band=Critical", {"Critical"}),
        ("q=work", {"Working"}),
        ("owner=my_accounts", {"Working", "Critical"}),
        ("owner=team_accounts", set()),
        ("status=someday", set()),
        ("from=yesterday", set()),
    ],
)
def test_filters(client_for, alice: Membership, query: str, expected: set[str]) -> None:
    term(alice, "2026-12-31", name="Working", status="in_process")
    term(alice, "2026-12-31", name="Critical", score="20")

    page = client_for(alice).get(f"{PAGE}?{query}")

    assert page.status_code == 200
    assert {row.account.name for row in page.context["renewals"]} == expected


def test_the_calendar_is_a_table_of_the_month_with_its_list(client_for, alice: Membership) -> None:
    on_the_day = term(alice, "2027-01-15", name="January")
    term(alice, "2026-12-15", name="December")

    page = client_for(alice).get(f"{PAGE}?show=calendar&from=2027-01-09")

    weeks = page.context["calendar"]["weeks"]
    cells = [cell for week in weeks for cell in week]
    assert (weeks[0][0].day, weeks[-1][-1].day) == (date(2026, 12, 28), date(2027, 1, 31))
    assert [(cell.day, cell.items) for cell in cells if cell.items] == [(date(2027, 1, 15), (on_the_day,))]
    assert [row.account.name for row in page.context["renewals"]] == ["January"]


def test_a_status_is_changed_by_menu_once_and_can_be_taken_back(client_for, alice: Membership) -> None:
    row = term(alice, "2026-12-31", name="Acme")
    client = client_for(alice)
    address = f"{PAGE}/{row.uuid}/status"

    first = client.post(address, {"status": "in_process", "here": "owner=my_accounts"})
    client.post(address, {"status": "in_process"})

    row.refresh_from_db()
    assert (first.status_code, first["Location"]) == (302, f"{PAGE}?owner=my_accounts")
    assert row.status == RenewalStatus.IN_PROCESS
    assert row.history.count() == 2  # made, changed
    html = client.get(PAGE).content.decode()
    assert "The renewal of Acme is in process." in html
    assert f"{address}?status=not_started" in html

    client.post(f"{address}?status=not_started")

    row.refresh_from_db()
    assert row.status == RenewalStatus.NOT_STARTED


@pytest.mark.parametrize("wanted", ["renewed", "closed", "someday", ""])
def test_what_ends_a_term_is_not_done_by_menu(client_for, alice: Membership, wanted: str) -> None:
    row = term(alice, "2026-12-31")

    html = client_for(alice).post(f"{PAGE}/{row.uuid}/status", {"status": wanted}, follow=True).content.decode()

    assert "Choose Not Started, In Process or Prepared Lost." in html
    row.refresh_from_db()
    assert row.status == RenewalStatus.NOT_STARTED


def test_the_menu_leads_to_the_form_which_comes_back(client_for, alice: Membership) -> None:
    row = term(alice, "2026-12-31")
    client = client_for(alice)
    address = f"/dashboard/billing/renewals/{row.uuid}?status=closed&next={PAGE}"

    form = client.get(address).context["form"]
    answer = client.post(address, {"status": "closed", "probability": "", "outcome_reason": "Price"})

    assert form.initial["status"] == "closed"
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    row.refresh_from_db()
    assert (row.status, row.outcome_reason) == ("closed", "Price")
    outside = client.get(f"/dashboard/billing/renewals/{row.uuid}?next=https://evil.example/")
    assert outside.context["back"] == f"/dashboard/accounts/{row.account.number}/billing"


@pytest.mark.parametrize(
    ("who", "status"), [("amir", 302), ("mona", 302), ("alice", 302), ("farah", 302), ("bob", 403), ("rita", 403)]
)
def test_who_may_say_how_a_renewal_stands(client_for, request, alice: Membership, who: str, status: int) -> None:
    row = term(alice, "2026-12-31")
    client = client_for(request.getfixturevalue(who))

    html = client.get(PAGE).content.decode()
    answer = client.post(f"{PAGE}/{row.uuid}/status", {"status": "in_process"})

    assert answer.status_code == status
    assert (f"{row.uuid}/status" in html) is (status == 302)


def test_another_organisations_terms_do_not_exist(client_for, alice: Membership, mallory: Membership) -> None:
    row = term(alice, "2026-12-31", name="Acme")
    client = client_for(mallory)

    page = client.get(PAGE)

    assert list(page.context["renewals"]) == []
    assert sum(month.count for month in page.context["months"]) == 0
    assert client.post(f"{PAGE}/{row.uuid}/status", {"status": "in_process"}).status_code == 404


def test_the_files_have_the_rows_of_the_screen_one_a_term(client_for, alice: Membership) -> None:
    term(alice, "2026-12-31", "1500.50", name="Acme", probability=Decimal(80), score="85.5")
    term(alice, "2028-12-31", name="Later")
    client = client_for(alice)

    csv = b"".join(client.get(f"{PAGE}/export").streaming_content).decode("utf-8-sig").splitlines()
    book = load_workbook(BytesIO(b"".join(client.get(f"{PAGE}/export?format=xlsx").streaming_content)))

    assert csv[0].startswith(
        "Account,Number,Term ends,Status,ARR,Health,Band,Chance,Call of the owner,By own history"
    )
    assert len(csv) == 2
    assert csv[1].startswith("Acme,1,2026-12-31,Not Started,18006.00,85.5,Healthy,80.00,80.00,95.00,")
    assert [row[0].value for row in book.active.iter_rows()] == ["Account", "Acme"]


def test_a_pinned_view_counts_the_days_that_the_desk_shows(client_for, alice: Membership) -> None:
    """Chosen by no days, the desk shows a year from this month on: the term of 2028 is beyond it, and counted where
    the view names it."""
    term(alice, "2026-12-31", name="Soon")
    term(alice, "2028-12-31", name="Later")
    for name, parameters in (("Open", "status=not_started"), ("In 2028", "from=2028-01-01&to=2028-12-31")):
        pin_view(view=create_view(member=alice, page="renewals", name=name, query=parameters), member=alice)
    client = client_for(alice)

    counts = {pin.label: (pin.count, pin.url) for pin in pinned_views(alice)}

    assert {label: count for label, (count, _) in counts.items()} == {"Open": 1, "In 2028": 1}
    for count, url in counts.values():
        assert client.get(url).context["page_obj"].paginator.count == count


@pytest.mark.parametrize("rows", [1, 3])
def test_the_desk_costs_the_same_for_any_length(
    client_for, alice: Membership, rows: int, django_assert_max_num_queries
) -> None:
    for _ in range(rows):
        term(alice, "2026-12-31", auto_renew=True, notice_days=30)
    client = client_for(alice)

    with django_assert_max_num_queries(30):
        assert len(client.get(PAGE).context["renewals"]) == rows


@pytest.mark.parametrize(("scope", "expected"), [("all", 3), ("my_accounts", 2)])
def test_the_portfolio_leads_to_exactly_the_terms_that_it_shows(
    client_for, alice: Membership, bob: Membership, scope: str, expected: int
) -> None:
    # Ninety days from 20 November end on 18 February; decided terms are shown, too.
    for due in ("2026-11-19", "2026-11-20", "2027-02-19"):
        term(alice, due)
    renewed(alice, "2027-02-18", "1000", "1000")
    term(bob, "2026-12-31")
    client = client_for(alice)

    block = client.get(f"/dashboard/portfolio?user={scope}").context
    desk = client.get(block["links"]["renewals"]).context["renewals"]

    assert len(block["renewals"]) == expected
    assert [row.account_id for row in desk] == [row.account.pk for row, _ in block["renewals"]]
