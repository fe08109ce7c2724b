"""A person's own settings, the organisation's, and the switches in the page's head."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from csplatform.enums import Role
from csplatform.models import Membership
from tests.factories.csplatform import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
PROFILE = "/dashboard/settings"
ORGANIZATION = "/dashboard/settings/organization"
VALID = {"name": "Acme", "timezone": "Asia/Dubai", "active_users_target": "250", "stale_after_days": "7"}


def test_everybody_sets_name_clock_and_theme(client_for: ClientFor, rita: Membership) -> None:
    answer = client_for(rita).post(PROFILE, {"name": " Rita  Das ", "timezone": "Europe/Paris", "theme": "dark"})

    rita.user.refresh_from_db()
    assert answer["Location"] == PROFILE
    assert (rita.user.name, rita.user.timezone, rita.user.theme) == ("Rita Das", "Europe/Paris", "dark")


def test_an_empty_clock_means_the_organizations(client_for: ClientFor, rita: Membership) -> None:
    client_for(rita).post(PROFILE, {"name": "Rita", "timezone": "", "theme": "system"})

    rita.user.refresh_from_db()
    assert rita.user.timezone == ""


@pytest.mark.parametrize(
    "wrong", [{"timezone": "Mars/Olympus"}, {"theme": "pink"}, {"name": ""}, {"name": "x" * 121}]
)
def test_a_wrong_profile_changes_nothing(client_for: ClientFor, rita: Membership, wrong: dict[str, str]) -> None:
    answer = client_for(rita).post(PROFILE, {"name": "Rita", "timezone": "", "theme": "dark", **wrong})

    rita.user.refresh_from_db()
    assert answer.status_code == 422
    assert rita.user.theme == "system"


def test_an_admin_changes_the_organization_and_it_is_remembered(client_for: ClientFor, amir: Membership) -> None:
    client_for(amir).post(ORGANIZATION, VALID)

    organization = amir.organization
    organization.refresh_from_db()
    assert (organization.name, organization.timezone) == ("Acme", "Asia/Dubai")
    assert (organization.active_users_target, organization.stale_after_days) == (250, 7)
    assert organization.history.first().history_user == amir.user


@pytest.mark.parametrize(
    "wrong",
    [{"active_users_target": "0"}, {"active_users_target": "ten"}, {"stale_after_days": "366"}, {"timezone": ""}],
)
def test_a_wrong_threshold_changes_nothing(client_for: ClientFor, amir: Membership, wrong: dict[str, str]) -> None:
    answer = client_for(amir).post(ORGANIZATION, VALID | wrong)

    amir.organization.refresh_from_db()
    assert answer.status_code == 422
    assert amir.organization.name == "Acme Cloud"


def test_switching_organizations_changes_whose_rows_are_shown(client_for: ClientFor, alice: Membership) -> None:
    second = OrganizationFactory(name="Second", slug="second")
    MembershipFactory(organization=second, user=alice.user, role=Role.ADMIN)
    client = client_for(alice)

    answer = client.post("/dashboard/switch", {"organization": "second"})

    assert answer["Location"] == "/dashboard"
    assert client.get(PROFILE).context["request"].organization == second


@pytest.mark.parametrize("slug", ["elsewhere", "nowhere", ""])
def test_a_strangers_organization_does_not_exist(
    client_for: ClientFor, alice: Membership, mallory: Membership, slug: str
) -> None:
    client = client_for(alice)

    assert client.post("/dashboard/switch", {"organization": slug}).status_code == 404

    assert client.get(PROFILE).context["request"].organization == alice.organization


def test_a_deactivated_membership_is_no_place_to_switch_to(client_for: ClientFor, alice: Membership) -> None:
    MembershipFactory(organization=OrganizationFactory(slug="second"), user=alice.user, is_active=False)

    assert client_for(alice).post("/dashboard/switch", {"organization": "second"}).status_code == 404


def test_the_theme_switch_goes_back_to_its_page(client_for: ClientFor, rita: Membership) -> None:
    answer = client_for(rita).post("/dashboard/theme", {"theme": "dark", "next": "/dashboard/settings/teams"})

    rita.user.refresh_from_db()
    assert answer["Location"] == "/dashboard/settings/teams"
    assert rita.user.theme == "dark"


def test_the_theme_switch_leads_to_no_other_site(client_for: ClientFor, rita: Membership) -> None:
    answer = client_for(rita).post("/dashboard/theme", {"theme": "dark", "next": "https://evil.example/"})

    assert answer["Location"] == "/dashboard"


def test_an_unknown_theme_is_refused(client_for: ClientFor, rita: Membership) -> None:
    assert client_for(rita).post("/dashboard/theme", {"theme": "pink"}).status_code == 422


def test_the_chosen_theme_is_in_the_page_from_the_server(client_for: ClientFor, rita: Membership) -> None:
    client = client_for(rita)
    client.post("/dashboard/theme", {"theme": "dark"})

    assert 'data-bs-theme="dark"' in client.get(PROFILE).content.decode()
