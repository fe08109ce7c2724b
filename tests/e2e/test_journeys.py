"""What people come for: who needs me, why, and did my file arrive."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e

SCORE = re.compile(r"\d+\.\d")


def test_from_the_login_to_the_portfolio_to_the_riskiest_account(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.sign_in("csm")

    visitor.open("/dashboard/portfolio/summary")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text("₹")
    drawn = page.locator("canvas").first
    expect(drawn).to_be_visible()
    assert drawn.evaluate(
        "canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"
    )
    page.locator("main a[href*='/dashboard/accounts/']").first.click()

    expect(page.get_by_role("heading", name="What moved it")).to_be_visible()
    page.get_by_role("link", name="Every part of the score").click()
    expect(page.get_by_role("heading", name="Why this score")).to_be_visible()
    visitor.check_page()


def test_a_wrong_password_is_refused_kindly(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.open("/auth/login/")

    page.get_by_label("Email").fill("viewer@demo.example")
    page.get_by_label("Password").fill("not-the-password")
    page.get_by_role("button", name="Sign in").click()

    expect(page.locator("main, body").first).to_contain_text("password")
    assert "/auth/login" in page.url


def test_the_account_list_filters_sorts_and_comes_back(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.sign_in("csm")
    visitor.open("/dashboard/accounts?columns=segment,status,arr,health")
    rows = page.locator("tr[data-row]")
    all_rows = rows.count()

    page.locator(".filters").get_by_label("Segment", exact=True).select_option("Enterprise")
    page.wait_for_url("**segment=Enterprise**")
    expect(page.locator("tr[data-row] td[data-label=Segment]").first).to_have_text("Enterprise")
    assert set(page.locator("tr[data-row] td[data-label=Segment]").all_inner_texts()) == {"Enterprise"}
    filtered = rows.count()
    assert 0 < filtered < all_rows

    page.get_by_role("link", name="Health", exact=True).last.click()
    page.wait_for_url("**sort=**")
    assert "segment=Enterprise" in page.url
    cells = page.locator("tr[data-row] td[data-label=Health]").all_inner_texts()
    scores = [int(found.group()) for text in cells if (found := re.search(r"\d+", text))]
    assert len(scores) > 1
    assert scores in (sorted(scores), sorted(scores, reverse=True))

    sorted_list = page.url
    rows.first.locator("a").first.click()
    expect(page.get_by_role("heading", name="Key contacts")).to_be_visible()
    page.go_back()
    page.wait_for_url(sorted_list)
    expect(rows).to_have_count(filtered)
    page.reload()
    expect(rows).to_have_count(filtered)


@pytest.mark.parametrize("number", [1, 7, 20, 33])
def test_the_points_of_an_explanation_add_up_to_the_score(visit: Callable[..., Visitor], number: int) -> None:
    visitor = visit()
    page = visitor.sign_in("viewer")

    visitor.open(f"/dashboard/accounts/{number}/health")
    table = page.get_by_role("region", name="Parts of the score")
    *parts, total = table.locator("td[data-label='In the score']").all_inner_texts()

    points = [Decimal(found.group()) for text in parts if (found := SCORE.search(text))]
    shown = SCORE.search(total)
    assert points
    if shown is None:
        assert "unknown" in total
        return
    assert sum(points) == Decimal(shown.group())
    # The head shows the whole number below it, so that a number never contradicts its band.
    assert f"Health\n{int(Decimal(shown.group()))}\n" in page.locator(".account-figures").inner_text()


def test_a_viewer_is_offered_nothing_to_write(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.sign_in("viewer")

    for path in ("/dashboard/accounts", "/dashboard/accounts/1", "/dashboard/health", "/dashboard/playbooks"):
        visitor.open(path)
        # Writing an insight counts as a read, how their own lists look is everybody's to choose, and so is taking
        # selected rows away as a file.
        own = "[action$='/insight'], [action*='/dashboard/lists/'], [action*='/dashboard/views'], #bulk"
        writes = page.locator(f"main form[method=post]:not({own})")
        assert writes.count() == 0, f"{path} offers {writes.first.get_attribute('action')}"
        assert page.locator("#bulk [data-bulk-apply]").count() == 0
        assert page.get_by_role("link", name="New account").count() == 0


def test_a_csv_becomes_accounts_with_an_explained_score(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit()
    page = visitor.sign_in("admin")
    visitor.open("/dashboard/imports")

    page.locator("input[type=file]").set_input_files(write_metrics(tmp_path / "metrics.csv"))
    page.get_by_role("button", name="Preview", exact=True).click()
    page.wait_for_url(re.compile(r"/dashboard/imports/[0-9a-f-]{36}"))
    expect(page.get_by_role("region", name="First rows").locator("tbody tr")).to_have_count(4)
    visitor.check_page()
    region = page.get_by_label("region", exact=True)
    region.select_option("")  # looks again, without a reload
    expect(page.locator(".preview-column.is-unread")).to_have_count(1)
    visitor.open("/dashboard/accounts?q=Browser+Test")
    expect(page.locator("tr[data-row]")).to_have_count(0)  # nothing is written yet, and the preview waits
    page.go_back()
    region.select_option("region")
    expect(page.locator(".preview-column.is-unread")).to_have_count(0)
    page.get_by_role("button", name="Import 3 rows").click()

    expect(page.get_by_text("Created 3 and updated 0 rows")).to_be_visible()
    errors = page.get_by_role("region", name="Errors")
    expect(errors.locator("tbody tr")).to_have_count(1)  # without a reload: the page follows its job
    expect(errors.locator("tbody tr")).to_contain_text("support_tickets_open")
    expect(errors.locator("tbody tr th")).to_contain_text("5")
    visitor.check_page()
    visitor.open("/dashboard/accounts?q=Browser+Test")
    expect(page.locator("tr[data-row]")).to_have_count(2)
    page.locator("tr[data-row] a").first.click()
    page.get_by_role("link", name="Every part of the score").click()
    # 160 of 100 users 25, adoption 0.78 19.5, two tickets 16, NPS 55 11.625, logins 0.88 13.2: 85.325.
    expect(page.get_by_role("region", name="Parts of the score")).to_contain_text("85.3")


def write_metrics(path: Path) -> Path:
    """Two new accounts, three good rows and one that cannot be."""
    today, yesterday = date.today(), date.today() - timedelta(days=1)  # noqa: DTZ011 -- as the file's author sees it
    path.write_text(
        "account_name,segment,region,arr,date,daily_active_users,feature_adoption_rate,support_tickets_open,"
        "nps_score,login_frequency\n"
        f"Browser Test One,Enterprise,Pune,1200000,{yesterday},160,0.78,2,55,0.88\n"
        f"Browser Test One,Enterprise,Pune,1200000,{today - timedelta(days=3)},150,0.70,3,50,0.80\n"
        f"Browser Test Two,SMB,Chennai,90000,{yesterday},20,0.5,1,10,0.5\n"
        f"Browser Test Two,SMB,Chennai,90000,{today - timedelta(days=2)},20,0.5,-4,10,0.5\n"
    )
    return path


def test_finances_morning(visit: Callable[..., Visitor]) -> None:
    """From the alert to the reminders; a part payment with tax withheld lowers what the customer owes by both."""
    visitor = visit()
    page = visitor.sign_in("finance")
    visitor.open("/dashboard/billing")
    visitor.check_page()
    page.get_by_role("link", name="Send Reminders").click()
    page.wait_for_url("**/dashboard/billing/reminders")
    visitor.check_page()

    page.get_by_label("Choose this page").check()
    page.get_by_label("Choose this page").uncheck()
    late = page.locator("tr[data-row]", has_text="days ago").filter(has_text="₹").first
    number = late.locator("td[data-label=Invoice] a").inner_text()
    account = late.locator("th a").inner_text()
    invoice = late.locator("td[data-label=Invoice] a").get_attribute("href") or ""
    late.locator("[data-select]").check()
    page.get_by_label("How").select_option("phone")
    page.get_by_role("button", name="reminders").click()
    expect(page.get_by_role("heading", name="Reminders sent")).to_be_visible()
    visitor.open(f"/dashboard/billing/reminders/log?q={number}")
    expect(page.locator("tr[data-row]").first).to_contain_text("Phone")

    def overdue() -> Decimal:
        visitor.open(f"/dashboard/billing/ageing?q={account}")
        text = page.locator("tr[data-row]", has_text=account).first.locator("td[data-label='Overdue ₹']").inner_text()
        return Decimal(text.replace(",", ""))

    before = overdue()
    visitor.open(f"{invoice}/pay")
    owed = Decimal(page.get_by_label("Money received").input_value())
    page.get_by_label("Money received").fill(str(owed - 3))
    page.get_by_label("Tax withheld (TDS)").fill("1")
    page.get_by_role("button", name="Record payment").click()
    expect(page.get_by_text("The payment is recorded.")).to_be_visible()
    expect(page.locator(".page-sub").first).to_contain_text("₹2 outstanding")

    assert overdue() == before - owed + 2
    visitor.check_page()
    visitor.open(f"/dashboard/billing/payments?q={account}")
    expect(page.locator("tr[data-row]").first).to_contain_text("claimed")
    visitor.check_page()
