"""The pages a person waits for at 50,000 accounts: the list by filter and sort, and the search."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from benchmarks.measuring import line, middle_ms, organization
from benchmarks.recomputing import fill
from csplatform import bulk
from csplatform.tenancy import organization_scope

ACCOUNTS = 50_000
BUDGET_MS = 200
PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"
"""No manifest is built for a benchmark."""
LIST = "/dashboard/accounts"
PAGES = (
    ("the account list", LIST),
    ("… its second page", f"{LIST}?page=2"),
    ("… largest ARR first", f"{LIST}?sort=-arr"),
    ("… lowest health first", f"{LIST}?sort=health"),
    ("… one segment", f"{LIST}?segment=Enterprise"),
    ("… part of a name", f"{LIST}?q=customer+4999"),
    ("search, beginning of a name", "/dashboard/search?part=dialog&q=customer+4999"),
    ("search, inside of a name", "/dashboard/search?part=dialog&q=tomer+4999"),
)


def pages() -> None:
    """Each as a share of the 200 ms that a list may take."""
    owner, api = organization("pages")
    fill(owner, ACCOUNTS)
    assert api.post("/health/recompute").status_code == 200
    with organization_scope(owner, write=True):
        bulk.refresh_statistics()
        member = owner.memberships.get()
    client = Client()
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": PLAIN_FILES}}):
        measure(client)


def measure(client: Client) -> None:
    for what, path in PAGES:
        ours = middle_ms(lambda path=path: _get(client, path), times=15)
        line(what, f"{BUDGET_MS} ms", f"{ours:.0f} ms", f"{ours / BUDGET_MS:.0%}")


def _get(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200, answer.status_code
