"""The first page of a new installation."""

from __future__ import annotations

import pytest
from django.test import Client

from csplatform.enums import Role
from csplatform.models import Membership, Organization, User

pytestmark = pytest.mark.django_db

SETUP = {
    "name": "Acme Cloud",
    "timezone": "Asia/Kolkata",
    "user_name": "Amir Khan",
    "email": "Amir@acme.example",
    "password": "a long enough one",
}


def test_a_new_installation_is_set_up_and_signed_in(client: Client) -> None:
    assert client.get("/setup").status_code == 200

    answer = client.post("/setup", SETUP)

    member = Membership.objects.get()
    assert answer["Location"] == "/dashboard"
    assert (member.organization.name, member.role) == ("Acme Cloud", Role.ADMIN)
    assert (member.user.email, member.user.name) == ("amir@acme.example", "Amir Khan")
    assert client.get("/dashboard/settings").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_afterwards_the_page_leads_to_the_login(client: Client, organization: Organization, method: str) -> None:
    answer = getattr(client, method)("/setup", SETUP)

    assert answer["Location"] == "/auth/login/"
    assert Organization.objects.get() == organization
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"email": "amir"}, {"password": "short"}, {"password": "amir@acme.example"}]
)
def test_a_wrong_field_makes_nothing(client: Client, wrong: dict[str, str]) -> None:
    answer = client.post("/setup", SETUP | wrong)

    assert answer.status_code == 422
    assert not Organization.objects.exists()
    assert not User.objects.exists()
