"""The account list at 1,000 and 100,000 accounts, beside Django's plain JsonResponse over `.values()`."""

from __future__ import annotations

from django.http import JsonResponse
from django.test import Client

from benchmarks.measuring import line, middle_ms, organization
from benchmarks.recomputing import fill
from csplatform.models import Organization
from csplatform.tenancy import organization_scope

PAGE = 50
FIELDS = ("number", "name", "segment", "region", "arr", "health_score", "created_at", "updated_at")


def lists() -> None:
    small, small_client = organization("small")
    large, large_client = organization("large")
    fill(small, 1_000)
    fill(large, 100_000)
    for owner, client, count in ((small, small_client, "1,000"), (large, large_client, "100,000")):
        client.post("/health/recompute")
        plain = middle_ms(lambda owner=owner: _plain(owner))
        ours = middle_ms(lambda client=client: _get(client, f"/accounts?page_size={PAGE}"))
        line(f"GET /accounts, p50, {count} accounts", f"{plain:.1f} ms", f"{ours:.1f} ms", f"{plain / ours:.0%}")


def _plain(owner: Organization) -> None:
    """The same page with the same count, without key, permission, metrics or request."""
    with organization_scope(owner, write=False):
        accounts = owner.accounts.unarchived().order_by("number")
        JsonResponse({"total": accounts.count(), "accounts": list(accounts.values(*FIELDS)[:PAGE])})


def _get(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content[:500]
