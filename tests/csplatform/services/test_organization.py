"""How an organisation comes to be."""

from __future__ import annotations

from typing import Any

import pytest

from csplatform.enums import Role
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User
from csplatform.services.organization import AlreadySetUp, create_organization, set_up_installation
from csplatform.signals import organization_created
from tests.factories.csplatform import OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"


def test_a_new_organization_has_its_first_admin() -> None:
    organization = create_organization(name=" Acme  Cloud ", email="Amir@Acme.example", password=PASSWORD)

    admin = organization.memberships.get()
    assert (organization.name, organization.slug, organization.timezone) == (
        "Acme Cloud",
        "acme-cloud",
        "Asia/Kolkata",
    )
    assert (admin.role, admin.user.email) == (Role.ADMIN, "amir@acme.example")
    assert admin.user.check_password(PASSWORD)


def test_the_first_admins_address_counts_as_confirmed() -> None:
    organization = create_organization(name="Acme", email="amir@acme.example", password=PASSWORD)

    address = organization.memberships.get().user.emailaddress_set.get()
    assert (address.email, address.verified, address.primary) == ("amir@acme.example", True, True)


def test_a_login_that_exists_keeps_its_password() -> None:
    amir = UserFactory(email="amir@acme.example", password="the old password")

    organization = create_organization(name="Acme", email="AMIR@acme.example", password=PASSWORD)

    amir.refresh_from_db()
    assert organization.memberships.get().user == amir
    assert amir.check_password("the old password")


def test_a_new_login_needs_a_password() -> None:
    with pytest.raises(InvalidInput):
        create_organization(name="Acme", email="amir@acme.example")

    assert not Organization.objects.exists()
    assert not User.objects.exists()


def test_an_organization_needs_a_name() -> None:
    with pytest.raises(InvalidInput):
        create_organization(name="   ", email="amir@acme.example", password=PASSWORD)


def test_names_may_repeat_and_slugs_do_not() -> None:
    slugs = [create_organization(name="Acme", email="amir@acme.example", password=PASSWORD).slug for _ in range(3)]

    assert slugs == ["acme", "acme-2", "acme-3"]


def test_a_name_without_latin_letters_gets_a_slug_too() -> None:
    assert create_organization(name="अपना", email="a@b.example", password=PASSWORD).slug == "organization"


def test_rooms_hear_of_a_new_organization() -> None:
    heard: list[Organization] = []

    def listen(organization: Organization, **_: Any) -> None:
        heard.append(organization)

    organization_created.connect(listen)
    try:
        organization = create_organization(name="Acme", email="amir@acme.example", password=PASSWORD)
    finally:
        organization_created.disconnect(listen)

    assert heard == [organization]


def test_setting_up_is_refused_once_there_is_an_organization() -> None:
    OrganizationFactory()

    with pytest.raises(AlreadySetUp):
        set_up_installation(
            name="Second", email="a@b.example", user_name="A", password=PASSWORD, timezone="Asia/Kolkata"
        )

    assert Organization.objects.count() == 1
