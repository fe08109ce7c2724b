"""A CSM's morning, from the login to a task that is done."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e

VIEW, CALL, TASK = "My enterprise", "Call about the rollout", "Send the rollout plan"


def test_a_morning(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    page = visitor.sign_in("csm")

    name = open_the_saved_view(visitor)
    find_by_keyboard(page, name)
    expect(page.locator("h1")).to_have_text(re.compile(re.escape(name)))
    expect(page.locator(".account-figures")).to_contain_text(re.compile(r"Health\s*\d+"))
    expect(page.get_by_role("heading", name="What moved it")).to_be_visible()

    log_a_call(page)
    expect(page.get_by_role("heading", name=CALL)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Asha Rao")
    expect(page.locator("main")).to_contain_text("Vikram Shah")
    visitor.check_page()

    complete_the_task(visitor)

    find_by_keyboard(page, name)
    page.get_by_role("navigation", name="Account").get_by_role("link", name="Timeline").click()
    told = page.locator(".timeline-day", has_text=CALL)  # what is planned stands above today
    for words in (CALL, TASK):
        expect(told).to_contain_text(words)
    assert told.get_by_text(TASK).count() > 1  # that it was given, and that it is done
    visitor.check_page()


def open_the_saved_view(visitor: Visitor) -> str:
    """Save what a filter leaves, pinned; come back by the sidebar. The healthiest account is the one to call."""
    filters = "segment=Enterprise&owner=my_accounts&sort=-health"
    page = visitor.open(f"/dashboard/accounts?{filters}&columns=segment,health")
    page.locator("summary[title='Saved views']").click()
    page.locator(".view-form").get_by_label("Name").fill(VIEW)
    page.locator(".view-form").get_by_label("Pin to the sidebar").check()
    page.get_by_role("button", name="Save view").click()
    page.wait_for_url("**view=**")
    visitor.open("/dashboard/portfolio/summary")
    page.locator("#sidebar").get_by_role("link", name=re.compile(VIEW)).click()
    expect(page.locator("tr[data-row] td[data-label=Segment]").first).to_have_text("Enterprise")
    return page.locator("tr[data-row] th a").first.inner_text()


def find_by_keyboard(page: Page, name: str) -> None:
    page.locator("h1").click()  # out of any field
    page.keyboard.press("/")
    expect(page.locator("#search-dialog")).to_be_visible()
    page.keyboard.type(name)
    expect(page.locator("#search-dialog [role=option]").first).to_contain_text(name)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/dashboard/accounts/\d+$"))


def log_a_call(page: Page) -> None:
    """With two people, and with something left to do."""
    page.get_by_role("link", name="Log engagement").click()
    page.locator("label.choice", has_text="Call").click()
    page.get_by_label("Title").fill(CALL)
    page.get_by_label("Others").fill("Asha Rao <asha@customer.example>\nVikram Shah <vikram@customer.example>")
    page.get_by_label("Outcome").select_option("action_required")
    page.get_by_label("Follow-up", exact=True).fill(TASK)
    page.get_by_label("Follow-up", exact=True).press("Control+Enter")
    page.wait_for_url(re.compile(r"/dashboard/engagements/[0-9a-f-]{36}"))


def complete_the_task(visitor: Visitor) -> None:
    page = visitor.open("/dashboard/follow-ups?q=rollout")
    row = page.locator("tr[data-row]", has_text=TASK)
    expect(row).to_have_count(1)
    row.get_by_role("button", name=f"Done: {TASK}").click()
    expect(row).to_have_count(0)
    visitor.open("/dashboard/follow-ups?due=done&q=rollout")
    expect(page.locator("tr[data-row]", has_text=TASK)).to_have_count(1)
