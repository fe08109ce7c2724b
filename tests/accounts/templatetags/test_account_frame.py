"""The tabs of an account: real links, the one in sight marked."""

from __future__ import annotations

import pytest
from django.template import Context
from django.test import RequestFactory

from accounts.templatetags.account_frame import TABS, account_tabs
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/dashboard/accounts/{number}", "Overview"),
        ("/dashboard/accounts/{uuid}", "Overview"),
        ("/dashboard/accounts/{number}/health", "Health"),
        ("/dashboard/accounts/{number}/health/metrics", "Health"),
    ],
)
def test_the_page_in_sight_is_marked(path: str, current: str) -> None:
    account = AccountFactory()
    request = RequestFactory().get(path.format(number=account.number, uuid=account.uuid))

    tabs = account_tabs(Context({"request": request}), account)

    urls = {tab["label"]: tab["url"] for tab in tabs}
    assert list(urls) == [label for label, _ in TABS if label in urls]
    assert urls["Overview"] == f"/dashboard/accounts/{account.number}"
    assert urls["Health"] == f"/dashboard/accounts/{account.number}/health"
    assert [tab["label"] for tab in tabs if tab["is_current"]] == [current]
