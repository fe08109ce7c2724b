"""The teams page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from csplatform.models import Membership, Team
from csplatform.services.team import create_team
from tests.factories.csplatform import MembershipFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
TEAMS = "/dashboard/settings/teams"


def test_an_admin_makes_a_team(client_for: ClientFor, amir: Membership, alice: Membership, bob: Membership) -> None:
    answer = client_for(amir).post(f"{TEAMS}/new", {"name": "West", "members": [alice.uuid, bob.uuid]})

    team = Team.objects.get()
    assert answer["Location"] == TEAMS
    assert (team.name, team.organization) == ("West", amir.organization)
    assert list(team.members.order_by("pk")) == [alice, bob]


def test_a_stranger_is_no_choice(client_for: ClientFor, amir: Membership, mallory: Membership) -> None:
    answer = client_for(amir).post(f"{TEAMS}/new", {"name": "West", "members": [mallory.uuid]})

    assert answer.status_code == 422
    assert not Team.objects.exists()


def test_a_name_that_is_taken_is_refused_and_nothing_else_is_saved(
    client_for: ClientFor, amir: Membership, alice: Membership
) -> None:
    create_team(organization=amir.organization, name="West")
    east = create_team(organization=amir.organization, name="East", members=[alice])

    answer = client_for(amir).post(reverse("csplatform:team_edit", args=[east.uuid]), {"name": "west"})

    east.refresh_from_db()
    assert answer.status_code == 422
    assert "There is a team called west already." in answer.content.decode()
    assert (east.name, list(east.members.all())) == ("East", [alice])


def test_a_team_is_renamed_and_its_members_changed(
    client_for: ClientFor, amir: Membership, alice: Membership, bob: Membership
) -> None:
    team = create_team(organization=amir.organization, name="West", members=[alice])

    client_for(amir).post(reverse("csplatform:team_edit", args=[team.uuid]), {"name": "North", "members": [bob.uuid]})

    team.refresh_from_db()
    assert (team.name, list(team.members.all())) == ("North", [bob])


def test_the_list_counts_active_members(client_for: ClientFor, amir: Membership, alice: Membership) -> None:
    gone = MembershipFactory(organization=amir.organization, is_active=False)
    create_team(organization=amir.organization, name="West", members=[alice, gone])

    rows = client_for(alice).get(TEAMS).context["teams"]

    assert [(team.name, team.active_members) for team in rows] == [("West", 1)]


def test_a_team_is_deleted_and_its_members_stay(client_for: ClientFor, amir: Membership, alice: Membership) -> None:
    team = create_team(organization=amir.organization, name="West", members=[alice])

    client_for(amir).post(reverse("csplatform:team_delete", args=[team.uuid]))

    alice.refresh_from_db()
    assert not Team.objects.exists()
    assert alice.is_active
