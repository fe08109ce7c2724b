"""Every settings page × every role: who reads it, who may change something there, and what a stranger sees."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from csplatform.enums import Role
from csplatform.models import ApiKey, Invitation, Membership, Team
from csplatform.services.invitation import invite
from csplatform.services.team import create_team
from tests.factories.csplatform import ApiKeyFactory, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]

FOR_EVERYBODY = ["settings", "leave", "member_list", "team_list", "api_key_list"]
FOR_ADMINS = ["organization", "invitation_create", "team_create"]
ABOUT_ONE = {
    "member_edit": "member",
    "member_deactivate": "member",
    "member_reactivate": "member",
    "member_password_link": "member",
    "invitation_resend": "invitation",
    "invitation_revoke": "invitation",
    "team_edit": "team",
    "team_delete": "team",
    "api_key_revoke": "key",
}
READABLE = ["member_edit", "member_deactivate", "team_edit"]


class Things:
    """One of each, in an organisation."""

    def __init__(self, admin: Membership) -> None:
        organization = admin.organization
        self.member: Membership = MembershipFactory(organization=organization)
        self.team: Team = TeamFactory(organization=organization)
        self.key: ApiKey = ApiKeyFactory(membership=self.member)
        self.invitation: Invitation = invite(
            organization=organization,
            email=f"nina{self.member.pk}@{organization.slug}.example",
            role=Role.CSM,
            teams=[],
            by=admin.user,
            make_link=lambda token: token,
        )[0]

    def path(self, name: str) -> str:
        return reverse(f"csplatform:{name}", args=[getattr(self, ABOUT_ONE[name]).uuid])

    def snapshot(self) -> list[dict[str, object]]:
        return [
            model.objects.values().get(pk=row.pk)
            for model, row in (
                (Membership, self.member),
                (Team, self.team),
                (ApiKey, self.key),
                (Invitation, self.invitation),
            )
        ]


@pytest.mark.parametrize("name", FOR_EVERYBODY)
@pytest.mark.parametrize("role", Role)
def test_everybody_reads_what_is_theirs(client_for: ClientFor, amir: Membership, role: Role, name: str) -> None:
    member = MembershipFactory(organization=amir.organization, role=role)

    assert client_for(member).get(reverse(f"csplatform:{name}")).status_code == 200


@pytest.mark.parametrize("name", FOR_ADMINS)
@pytest.mark.parametrize("role", Role)
def test_only_admins_open_what_changes_the_organization(
    client_for: ClientFor, amir: Membership, role: Role, name: str
) -> None:
    member = MembershipFactory(organization=amir.organization, role=role)
    wanted = 200 if role == Role.ADMIN else 403

    client = client_for(member)

    assert client.get(reverse(f"csplatform:{name}")).status_code == wanted
    assert client.post(reverse(f"csplatform:{name}"), {}).status_code == (422 if role == Role.ADMIN else 403)


@pytest.mark.parametrize("name", [name for name in ABOUT_ONE if name != "api_key_revoke"])
@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMIN])
def test_nobody_but_an_admin_changes_members_and_teams(
    client_for: ClientFor, amir: Membership, role: Role, name: str
) -> None:
    things = Things(amir)
    before = things.snapshot()
    member = MembershipFactory(organization=amir.organization, role=role)

    assert client_for(member).post(things.path(name), {"role": "admin", "name": "x"}).status_code == 403

    assert things.snapshot() == before


@pytest.mark.parametrize("name", ABOUT_ONE)
def test_another_organizations_rows_do_not_exist(
    client_for: ClientFor, amir: Membership, mallory: Membership, name: str
) -> None:
    things = Things(amir)
    before = things.snapshot()
    client = client_for(mallory)

    answer = client.post(things.path(name), {"role": "admin", "name": "x"})

    missing = client.post(
        reverse(f"csplatform:{name}", args=["00000000-0000-4000-8000-000000000000"]), {"role": "admin", "name": "x"}
    )
    assert (answer.status_code, missing.status_code) == (404, 404)
    assert things.snapshot() == before
    if name in READABLE:
        assert client.get(things.path(name)).status_code == 404


@pytest.mark.parametrize("name", [*FOR_EVERYBODY, *FOR_ADMINS])
def test_without_a_login_every_page_leads_there(client: Client, organization: object, name: str) -> None:
    path = reverse(f"csplatform:{name}")

    assert client.get(path)["Location"] == f"/auth/login/?next={path}"
    assert client.post(path, {})["Location"].startswith("/auth/login/")


@pytest.mark.parametrize("name", ["member_list", "team_list", "api_key_list"])
def test_a_viewer_is_offered_no_change_of_others(
    client_for: ClientFor, amir: Membership, rita: Membership, name: str
) -> None:
    Things(amir)

    page = client_for(rita).get(reverse(f"csplatform:{name}")).content.decode()

    for word in ("member_edit", "Invite somebody", "New team", "/members/", "/teams/", "/revoke", "nina"):
        assert word not in page


@pytest.mark.parametrize("name", ["member_list", "team_list", "api_key_list"])
def test_lists_cost_the_same_for_any_length(client_for: ClientFor, amir: Membership, name: str) -> None:
    client = client_for(amir)

    def queries_with_one_more_of_each() -> int:
        things = Things(MembershipFactory(organization=amir.organization))
        create_team(organization=amir.organization, name=things.team.name + " too", members=[things.member])
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"csplatform:{name}")).status_code == 200
        return len(queries)

    queries_with_one_more_of_each()  # the first page of a session also writes when it was last seen
    few = queries_with_one_more_of_each()
    queries_with_one_more_of_each()

    assert queries_with_one_more_of_each() == few
