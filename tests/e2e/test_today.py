"""What is done on Today in one click: once, with a way back, on both screens."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e

TODAY = "/dashboard?user=my_accounts&show=all"
BOTH_SCREENS = pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])


@BOTH_SCREENS
def test_the_day_begins_here_and_its_counters_lead_to_exactly_their_tasks(
    visit: Callable[..., Visitor], *, phone: bool
) -> None:
    visitor = visit(phone=phone)
    page = visitor.sign_in("csm")
    expect(page.get_by_role("heading", name="Who needs you")).to_be_visible()
    assert re.search(r"/dashboard/?$", page.url)
    visitor.check_page()

    counters = [
        (link.get_attribute("href") or "", int(link.locator("strong").inner_text()))
        for link in page.locator(".today-counter a").all()
    ]

    assert len(counters) == 4
    assert sum(count for _, count in counters) > 0
    for address, count in counters:
        visitor.open(address)
        expect(page.locator("tr[data-row]")).to_have_count(count)


@BOTH_SCREENS
def test_a_task_is_done_once_by_a_double_click_and_undone(visit: Callable[..., Visitor], *, phone: bool) -> None:
    visitor = visit(phone=phone)
    visitor.sign_in("csm")
    page = visitor.open(TODAY)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    done = page.locator(".attention-row").get_by_role("button", name=re.compile("^Done"))
    before, name = done.count(), done.first.get_attribute("title")

    done.first.dblclick()

    toast = page.locator("#toasts .toast-item", has_text="is done")
    expect(toast).to_have_count(1)
    assert len([url for url in sent if "/complete" in url]) == 1
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("is open again")
    expect(done).to_have_count(before)
    expect(done.first).to_have_attribute("title", name or "")
    visitor.check_page()


@BOTH_SCREENS
def test_an_account_is_put_off_until_a_day_and_comes_back(visit: Callable[..., Visitor], *, phone: bool) -> None:
    visitor = visit(phone=phone)
    visitor.sign_in("csm")
    page = visitor.open(TODAY)
    row = page.locator(".attention-row").first
    name, before = row.locator("h3").inner_text(), page.locator(".attention-row").count()

    row.get_by_text("Put off").first.click()
    row.get_by_role("button", name="In a week").click()

    toast = page.locator("#toasts .toast-item", has_text=f"{name} is put off until")
    expect(page.locator(".attention-row")).to_have_count(before - 1)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".attention-row")).to_have_count(before)
    expect(page.locator(".attention-row h3").first).to_have_text(name)


@BOTH_SCREENS
def test_a_call_is_logged_from_the_row(visit: Callable[..., Visitor], *, phone: bool) -> None:
    visitor = visit(phone=phone)
    visitor.sign_in("csm")
    page = visitor.open(TODAY)
    row = page.locator(".attention-row").last
    name = row.locator("h3").inner_text()

    row.get_by_role("link", name=re.compile("^Log a call")).click()
    page.get_by_label("Title").fill("Called about the day")
    expect(page.get_by_label("Title")).to_have_value("Called about the day")
    page.get_by_label("Title").press("Control+Enter")

    page.wait_for_url(re.compile(r"/dashboard(\?|$)"))
    expect(page.locator("#toasts")).to_contain_text(re.compile("logged|saved|engagement", re.IGNORECASE))
    visitor.open("/dashboard/engagements?q=Called+about+the+day")
    expect(page.locator("main")).to_contain_text(name)


def test_undo_can_be_pressed_where_scripts_do_not_run(visit: Callable[..., Visitor]) -> None:
    visitor = visit(phone=True, script=False)
    visitor.sign_in("csm")
    page = visitor.open(TODAY)
    before = page.locator(".attention-row").count()
    name = page.locator(".attention-row h3").first.inner_text()

    page.locator(".attention-row summary", has_text="Put off").first.click()
    page.get_by_role("button", name="In a week").first.click()

    undo = page.locator("#toasts").get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.locator(".attention-row")).to_have_count(before - 1)
    undo.click()
    expect(page.locator("#toasts")).to_contain_text(f"{name} is back on the list.")
