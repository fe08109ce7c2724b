"""The API keys page, and the keys at work."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from csplatform.enums import KeyScope
from csplatform.models import ApiKey, Membership
from tests.factories.csplatform import ApiKeyFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
KEYS = "/dashboard/settings/api-keys"


def test_a_new_key_is_shown_once_and_works(client_for: ClientFor, client: Client, alice: Membership) -> None:
    browser = client_for(alice)

    answer = browser.post(KEYS, {"name": "Upload", "scope": "read_write"})

    secret = answer.context["secret"]
    basic = base64.b64encode(f"{secret}:".encode()).decode()
    assert secret in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert secret not in browser.get(KEYS).content.decode()
    assert secret not in str(dict(browser.session))
    assert client.get("/api/me", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert client.get("/api/me", headers={"Authorization": f"Basic {basic}"}).status_code == 200


def test_use_of_a_key_is_remembered(client: Client, alice: Membership) -> None:
    key = ApiKeyFactory(membership=alice)

    client.get("/api/me", headers={"Authorization": f"Bearer {key.secret}"})

    key.refresh_from_db()
    assert key.last_used_at is not None


def test_a_revoked_key_is_refused_at_once(client_for: ClientFor, client: Client, alice: Membership) -> None:
    key = ApiKeyFactory(membership=alice)
    headers = {"Authorization": f"Bearer {key.secret}"}
    assert client.get("/api/me", headers=headers).status_code == 200

    client_for(alice).post(reverse("csplatform:api_key_revoke", args=[key.uuid]))

    answer = client.get("/api/me", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] is True


def test_members_see_their_own_keys_and_admins_everybodys(
    client_for: ClientFor, alice: Membership, bob: Membership, amir: Membership, mallory: Membership
) -> None:
    for member, name in ((alice, "Hers"), (bob, "His"), (mallory, "Elsewhere")):
        ApiKeyFactory(membership=member, name=name)

    def names(member: Membership) -> set[str]:
        return {key.name for key in client_for(member).get(KEYS).context["keys"]}

    assert (names(alice), names(amir)) == ({"Hers"}, {"Hers", "His"})


def test_a_colleagues_key_does_not_exist(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    key = ApiKeyFactory(membership=bob)

    answer = client_for(alice).post(reverse("csplatform:api_key_revoke", args=[key.uuid]))

    key.refresh_from_db()
    assert answer.status_code == 404
    assert key.revoked_at is None


def test_an_admin_revokes_a_members_key(client_for: ClientFor, amir: Membership, bob: Membership) -> None:
    key = ApiKeyFactory(membership=bob)

    client_for(amir).post(reverse("csplatform:api_key_revoke", args=[key.uuid]))

    key.refresh_from_db()
    assert key.revoked_at is not None
    assert key.history.first().history_user == amir.user


def test_a_viewers_key_only_reads(client_for: ClientFor, rita: Membership) -> None:
    refused = client_for(rita).post(KEYS, {"name": "Upload", "scope": "read_write"})
    made = client_for(rita).post(KEYS, {"name": "Dashboard", "scope": "read"})

    assert (refused.status_code, made.status_code) == (422, 200)
    assert [key.scope for key in ApiKey.objects.all()] == [KeyScope.READ]


def test_a_key_without_a_name_is_refused(client_for: ClientFor, alice: Membership) -> None:
    answer = client_for(alice).post(KEYS, {"name": "  ", "scope": "read"})

    assert answer.status_code == 422
    assert not ApiKey.objects.exists()


def test_the_page_does_not_open_with_a_key(client: Client, alice: Membership) -> None:
    key = ApiKeyFactory(membership=alice)

    assert client.get(KEYS, headers={"Authorization": f"Bearer {key.secret}"}).status_code == 302
