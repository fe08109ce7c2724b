"""From an alert to what came of it: a playbook that gets done."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_alert_leads_to_a_playbook_its_steps_an_outcome_and_a_result(
    visit: Callable[..., Visitor], *, phone: bool
) -> None:
    visitor = visit(phone=phone)
    visitor.sign_in("admin")
    page = visitor.open("/dashboard/alerts")
    starts = [link.get_attribute("href") or "" for link in page.get_by_role("link", name="Playbook for").all()]
    assert starts
    for address in dict.fromkeys(starts):
        visitor.open(address)
        if page.get_by_role("button", name=re.compile("^Start ?:")).count():
            break

    page.get_by_role("button", name=re.compile("^Start ?:")).first.click()
    page.wait_for_url(re.compile("/dashboard/playbooks/runs/"))
    expect(page.locator(".toast-item")).to_contain_text("has started with")
    visitor.check_page()
    steps = page.locator(".run-step")
    count = steps.count()
    assert count >= 6
    for done in range(1, count + 1):
        page.get_by_role("button", name=re.compile("^Done:")).first.click()
        expect(page.locator(".card-header .run-progress")).to_contain_text(f"{done} of {count}")

    expect(page.get_by_text("That was the last step.")).to_be_visible()
    page.get_by_label("Succeeded", exact=True).check()
    page.get_by_label("What was it that helped").fill("They use it every day again.")
    page.get_by_role("button", name="Save the outcome").click()
    expect(page.get_by_text("They use it every day again.").first).to_be_visible()

    page.locator(".facts").get_by_role("link").last.click()
    row = page.locator("#results tr", has_text="Succeeded").first
    expect(row.locator("td.num")).to_have_text(re.compile(r"^[1-9]"))
    visitor.check_page()
