"""`manage.py create_api_key`."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from csplatform.enums import KeyScope
from csplatform.models import ApiKey, Membership
from tests.factories.csplatform import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db


def run(email: str, **options: Any) -> str:
    out = StringIO()
    call_command("create_api_key", email=email, stdout=out, **options)
    return out.getvalue()


def test_the_key_is_printed_alone_and_works(alice: Membership, client: Client) -> None:
    printed = run("ALICE@acme.example", name="Upload")

    key = ApiKey.objects.get()
    assert printed == f"{printed.strip()}\n"
    assert (key.membership, key.name, key.scope) == (alice, "Upload", KeyScope.READ_WRITE)
    assert client.get("/api/me", headers={"Authorization": f"Bearer {printed.strip()}"}).status_code == 200


@pytest.mark.parametrize("read_only", [True, False])
def test_a_key_that_only_reads(alice: Membership, rita: Membership, read_only: bool) -> None:
    run((alice if read_only else rita).user.email, read_only=read_only)

    assert ApiKey.objects.get().scope == KeyScope.READ


def test_who_belongs_to_several_says_where(alice: Membership) -> None:
    elsewhere = MembershipFactory(organization=OrganizationFactory(slug="zenith"), user=alice.user)

    with pytest.raises(CommandError, match="say which with --organization: acme, zenith"):
        run(alice.user.email)
    run(alice.user.email, organization="zenith")

    assert ApiKey.objects.get().membership == elsewhere


@pytest.mark.parametrize("who", ["nobody@acme.example", "gone@acme.example"])
def test_only_active_members_get_keys(alice: Membership, who: str) -> None:
    MembershipFactory(organization=alice.organization, user__email="gone@acme.example", is_active=False)

    with pytest.raises(CommandError, match="is no active member"):
        run(who)

    assert not ApiKey.objects.exists()
