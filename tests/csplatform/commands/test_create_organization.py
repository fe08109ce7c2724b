"""`manage.py create_organization`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from csplatform.enums import Role
from csplatform.models import Membership, Organization
from tests.factories.csplatform import UserFactory

pytestmark = pytest.mark.django_db


def run(**options: str) -> str:
    out = StringIO()
    call_command("create_organization", stdout=out, **options)
    return out.getvalue()


def test_a_new_admin_gets_a_password_shown_once() -> None:
    printed = run(name="Acme Cloud", email="Amir@acme.example", user_name="Amir")

    admin = Membership.objects.get()
    password = printed.strip().rpartition(" ")[2]
    assert printed.startswith("Created Acme Cloud (acme-cloud). amir@acme.example is its admin.\n")
    assert (admin.role, admin.user.name) == (Role.ADMIN, "Amir")
    assert admin.user.check_password(password)


def test_somebody_with_a_login_keeps_their_password() -> None:
    amir = UserFactory(email="amir@acme.example", password="the old password")

    printed = run(name="Acme Cloud", email="amir@acme.example")

    amir.refresh_from_db()
    assert printed == "Created Acme Cloud (acme-cloud). amir@acme.example is its admin.\n"
    assert amir.check_password("the old password")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"email": "amir"}, "Enter a valid email address."),
        ({"name": " "}, "Give the organisation a name."),
        ({"timezone": "Mars/Olympus"}, "“Mars/Olympus” is not a time zone; use a name such as Asia/Kolkata."),
        ({"slug": "Not a slug"}, "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
    ],
)
def test_a_wrong_value_is_one_sentence_and_makes_nothing(wrong: dict[str, str], sentence: str) -> None:
    with pytest.raises(CommandError) as refusal:
        run(**{"name": "Acme", "email": "amir@acme.example", **wrong})

    assert str(refusal.value) == sentence
    assert not Organization.objects.exists()
