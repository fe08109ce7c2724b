"""What a customer success manager opens first, at 10,000 accounts, beside the same figures in SQL written by hand."""

from __future__ import annotations

import os
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

from benchmarks.measuring import line, middle_ms
from benchmarks.pages import PLAIN_FILES
from benchmarks.portfolio_by_hand import DASHBOARD, TODAY, by_hand
from csplatform import bulk
from csplatform.models import Organization
from csplatform.tenancy import every_organization, organization_scope

ACCOUNTS = int(os.environ.get("BENCHMARK_PORTFOLIO", "10000"))
JSON = "/api/dashboards/account-management"
TIMES = 5


def portfolio() -> None:
    """Over the demo: everything the blocks look at is there, in believable numbers. Loading it takes minutes."""
    call_command("seed_demo", accounts=ACCOUNTS, days=30, stdout=StringIO(), stderr=StringIO())
    with every_organization(write=True, why="a benchmark"):
        bulk.refresh_statistics()
        owner = Organization.objects.order_by("pk")[0]
        member = owner.memberships.filter(role="admin").order_by("pk")[0]
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN_FILES}}):
        _compare(owner, client, "account dashboard, JSON", JSON, DASHBOARD)
        _compare(owner, client, "account dashboard, page", "/dashboard/portfolio", DASHBOARD)
        _compare(owner, client, "Today, everybody's", "/dashboard?user=all", TODAY)
        _unchanged(client)


def _compare(owner: Organization, client: Client, told: str, path: str, statements: tuple[str, ...]) -> None:
    def ours() -> None:
        answer = client.get(path)
        assert answer.status_code == 200, answer.content[:500]

    def baseline() -> None:
        with organization_scope(owner, write=False):
            by_hand(owner, statements)

    plain, found = middle_ms(baseline, times=TIMES, warm_up=1), middle_ms(ours, times=TIMES, warm_up=1)
    line(told, f"{plain:.0f} ms", f"{found:.0f} ms", f"{found / plain:.2f}x")


def _unchanged(client: Client) -> None:
    """Asked again with its tag while nothing changed. The tag knows the minute: an answer that is whole brings the
    next one, and is no median."""
    whole = middle_ms(lambda: client.get(JSON), times=TIMES, warm_up=1)
    tag = client.get(JSON)["ETag"]

    def again() -> None:
        nonlocal tag
        answer = client.get(JSON, headers={"If-None-Match": tag})
        assert answer.status_code in (200, 304), answer.status_code
        tag = answer["ETag"]

    found = middle_ms(again, times=20, warm_up=1)
    line("account dashboard, unchanged (304)", f"{whole:.0f} ms", f"{found:.1f} ms", f"{found / whole:.1%}")
