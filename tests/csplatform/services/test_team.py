"""Teams and who is in them."""

from __future__ import annotations

import pytest

from csplatform.exceptions import InvalidInput
from csplatform.models import Membership, Team, TeamMember
from csplatform.services.team import create_team, delete_team, put_into_teams, rename_team, set_members
from tests.factories.csplatform import TeamFactory

pytestmark = pytest.mark.django_db


def test_a_team_starts_with_its_members(alice: Membership, bob: Membership) -> None:
    team = create_team(organization=alice.organization, name=" West  zone ", members=[alice, bob])

    assert team.name == "West zone"
    assert list(team.members.order_by("pk")) == [alice, bob]


def test_two_teams_do_not_differ_by_case_alone(alice: Membership) -> None:
    create_team(organization=alice.organization, name="West")

    with pytest.raises(InvalidInput, match="There is a team called WEST already"):
        create_team(organization=alice.organization, name="WEST")

    assert alice.organization.teams.count() == 1


def test_another_organization_may_use_the_same_name(alice: Membership, mallory: Membership) -> None:
    create_team(organization=mallory.organization, name="West")

    create_team(organization=alice.organization, name="West")

    assert Team.objects.filter(name="West").count() == 2


def test_a_team_keeps_its_own_name_when_saved_again(alice: Membership) -> None:
    team = create_team(organization=alice.organization, name="West")

    assert rename_team(team=team, name="west").name == "west"


def test_a_team_needs_a_name(alice: Membership) -> None:
    with pytest.raises(InvalidInput):
        create_team(organization=alice.organization, name="  ")


def test_members_are_exactly_the_ones_named(alice: Membership, bob: Membership, rita: Membership) -> None:
    team = create_team(organization=alice.organization, name="West", members=[alice, bob])
    kept = TeamMember.objects.get(membership=bob)

    set_members(team=team, members=[bob, rita])

    assert list(team.members.order_by("pk")) == [bob, rita]
    assert TeamMember.objects.get(membership=bob) == kept


def test_a_stranger_never_joins_a_team(alice: Membership, mallory: Membership) -> None:
    team = TeamFactory(organization=alice.organization)

    with pytest.raises(ValueError, match="own organisation"):
        set_members(team=team, members=[mallory])
    with pytest.raises(ValueError, match="own organisation"):
        put_into_teams(membership=mallory, teams=[team])

    assert not team.members.exists()


def test_a_deleted_team_leaves_its_members(alice: Membership) -> None:
    team = create_team(organization=alice.organization, name="West", members=[alice])

    delete_team(team=team)

    alice.refresh_from_db()
    assert alice.is_active
    assert not alice.teams.exists()
