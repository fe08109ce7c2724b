"""Every page that somebody is offered: whole, quiet and within its width, on both screens and in both themes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.e2e.conftest import Visitor

pytestmark = pytest.mark.e2e

ACCOUNT_PAGES = ("/dashboard/accounts/1", "/dashboard/accounts/1/health", "/dashboard/accounts/1/health/metrics")
ADMIN_PAGES = (
    "/dashboard/accounts/new",
    "/dashboard/accounts/1/edit",
    "/dashboard/playbooks/1",
    "/dashboard/settings/organization",
    "/dashboard/settings/members",
    "/dashboard/settings/invitations/new",
    "/dashboard/settings/teams",
    "/dashboard/settings/api-keys",
)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
@pytest.mark.parametrize("person", ["admin", "viewer"])
def test_every_page_of_the_menu_is_whole(
    visit: Callable[..., Visitor], person: str, *, phone: bool, dark: bool
) -> None:
    visitor = visit(phone=phone, dark=dark)
    visitor.sign_in(person)

    menu = visitor.sidebar()
    assert len(menu) >= 5
    for path in (*menu, *ACCOUNT_PAGES, *(ADMIN_PAGES if person == "admin" else ())):
        page = visitor.open(path)
        visitor.check_page()
        background = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == ("rgb(11, 18, 32)" if dark else "rgb(248, 250, 252)")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_login_page_is_whole(visit: Callable[..., Visitor], *, dark: bool) -> None:
    for phone in (False, True):
        visitor = visit(phone=phone, dark=dark)
        visitor.open("/auth/login/")
        visitor.check_page()


def test_pages_say_what_they_know_without_javascript(visit: Callable[..., Visitor]) -> None:
    visitor = visit(script=False)
    visitor.sign_in("csm")

    page = visitor.open("/dashboard/accounts?band=Critical")
    assert page.locator("tr[data-row]").count() > 0
    page = visitor.open("/dashboard/accounts/1/health")
    assert page.get_by_role("heading", name="Why this score").is_visible()


def test_another_organisations_account_does_not_exist(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.expected = {404}
    visitor.sign_in("other")

    page = visitor.open("/dashboard/accounts/50")  # Nimbus Cloud has sixty, Palm Grove Hosting six

    visitor.check_page()
    assert page.locator("h1").inner_text() == "There is no such page"
