"""The members page and what an admin does there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from csplatform.enums import Role
from csplatform.models import Membership
from csplatform.services.membership import deactivate_member
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import PASSWORD, MembershipFactory, TeamFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
MEMBERS = "/dashboard/settings/members"


def notes(answer: object) -> list[str]:
    """What the page says in its messages."""
    return [str(message) for message in answer.context["messages"]]  # type: ignore[attr-defined]  # a test response


def test_the_list_names_everybody_with_role_teams_and_state(
    client_for: ClientFor, amir: Membership, alice: Membership, bob: Membership, mallory: Membership
) -> None:
    west = TeamFactory(organization=amir.organization, name="West")
    west.team_members.create(organization=amir.organization, membership=alice)
    deactivate_member(membership=bob, successor=None, by=amir.user)

    answer = client_for(amir).get(MEMBERS)

    rows = [
        (row.user.name, row.role, [team.name for team in row.teams.all()], row.is_active)
        for row in answer.context["members"]
    ]
    assert rows == [
        ("Alice", "csm", ["West"], True),
        ("Amir", "admin", [], True),
        ("Bob", "csm", [], False),
    ]
    assert "Mallory" not in answer.content.decode()


def test_an_admin_gives_a_member_another_role_and_teams(
    client_for: ClientFor, amir: Membership, alice: Membership
) -> None:
    west = TeamFactory(organization=amir.organization, name="West")

    answer = client_for(amir).post(
        reverse("csplatform:member_edit", args=[alice.uuid]), {"role": "manager", "teams": [west.uuid]}, follow=True
    )

    alice.refresh_from_db()
    assert (alice.role, list(alice.teams.all())) == (Role.MANAGER, [west])
    assert notes(answer) == ["Alice is saved."]
    assert alice.history.first().history_user == amir.user


def test_another_organizations_team_is_no_choice(
    client_for: ClientFor, amir: Membership, alice: Membership, mallory: Membership
) -> None:
    theirs = TeamFactory(organization=mallory.organization)

    answer = client_for(amir).post(
        reverse("csplatform:member_edit", args=[alice.uuid]), {"role": "manager", "teams": [theirs.uuid]}
    )

    alice.refresh_from_db()
    assert answer.status_code == 422
    assert (alice.role, alice.teams.count()) == (Role.CSM, 0)


def test_the_last_admin_reads_why_they_stay(client_for: ClientFor, amir: Membership) -> None:
    answer = client_for(amir).post(reverse("csplatform:member_edit", args=[amir.uuid]), {"role": "viewer"})

    amir.refresh_from_db()
    assert answer.status_code == 422
    assert (
        "Amir is the last active admin of Acme Cloud. Make somebody else an admin first." in answer.content.decode()
    )
    assert amir.role == Role.ADMIN


@pytest.mark.parametrize("page", ["csplatform:member_deactivate", "csplatform:leave"])
def test_the_last_admin_can_neither_be_deactivated_nor_leave(
    client_for: ClientFor, amir: Membership, alice: Membership, page: str
) -> None:
    path = reverse(page, args=[amir.uuid] if page.endswith("deactivate") else [])

    answer = client_for(amir).post(path, {"successor": str(alice.uuid)})

    amir.refresh_from_db()
    assert answer.status_code == 422
    assert amir.is_active


def test_deactivating_locks_out_sessions_and_keys_at_once(
    client_for: ClientFor,
    api_for: Callable[..., APIClient],
    amir: Membership,
    alice: Membership,
    bob: Membership,
) -> None:
    browser, integration = client_for(alice), api_for(alice)
    assert browser.get(MEMBERS).status_code == 200
    assert integration.get("/api/me").status_code == 200

    answer = client_for(amir).post(
        reverse("csplatform:member_deactivate", args=[alice.uuid]), {"successor": str(bob.uuid)}, follow=True
    )

    assert notes(answer) == ["Alice is deactivated. Bob has their accounts now."]
    assert browser.get(MEMBERS).status_code in {302, 403}
    assert integration.get("/api/me").status_code == 401


def test_a_stranger_cannot_be_the_successor(
    client_for: ClientFor, amir: Membership, alice: Membership, mallory: Membership
) -> None:
    answer = client_for(amir).post(
        reverse("csplatform:member_deactivate", args=[alice.uuid]), {"successor": str(mallory.uuid)}
    )

    alice.refresh_from_db()
    assert answer.status_code == 422
    assert alice.is_active
    assert "Mallory" not in answer.content.decode()


def test_a_deactivated_person_signs_in_to_nothing(client: Client, amir: Membership, alice: Membership) -> None:
    deactivate_member(membership=alice, successor=None, by=amir.user)

    client.post("/auth/login/", {"login": alice.user.email, "password": PASSWORD})
    answer = client.get(MEMBERS)

    assert answer.status_code == 403
    assert "You belong to no organisation" in answer.content.decode()


def test_a_member_leaves_and_hands_over(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    client = client_for(alice)

    answer = client.post(reverse("csplatform:leave"), {"successor": str(bob.uuid)})

    alice.refresh_from_db()
    assert answer["Location"] == "/auth/login/"
    assert not alice.is_active


def test_a_member_comes_back(client_for: ClientFor, amir: Membership, alice: Membership) -> None:
    deactivate_member(membership=alice, successor=None, by=amir.user)

    answer = client_for(amir).post(reverse("csplatform:member_reactivate", args=[alice.uuid]), follow=True)

    assert notes(answer) == ["Alice can sign in again, as CSM. Their keys stay revoked."]
    assert client_for(alice).get(MEMBERS).status_code == 200


def test_a_password_link_is_shown_where_no_mail_is_set_up(
    client_for: ClientFor, amir: Membership, alice: Membership, settings: Settings
) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    answer = client_for(amir).post(reverse("csplatform:member_password_link", args=[alice.uuid]))

    link = answer.context["link"]
    assert link in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    page = Client().get(link, follow=True)
    assert page.status_code == 200
    assert "password1" in page.content.decode()


def test_no_password_link_is_made_where_mail_brings_one(
    client_for: ClientFor, amir: Membership, alice: Membership
) -> None:
    answer = client_for(amir).post(reverse("csplatform:member_password_link", args=[alice.uuid]), follow=True)

    assert "link" not in answer.context
    assert notes(answer) == ["Mail is set up: they can ask for a link themselves on the login page."]


def test_an_admin_makes_no_way_into_another_organization(
    client_for: ClientFor, amir: Membership, mallory: Membership, settings: Settings
) -> None:
    """Mallory invited Amir over; that must not give her his password."""
    settings.EMAIL_IS_CONFIGURED = False
    guest = MembershipFactory(organization=mallory.organization, user=amir.user)

    answer = client_for(mallory).post(reverse("csplatform:member_password_link", args=[guest.uuid]), follow=True)

    assert "link" not in answer.context
    assert "belongs to another organisation too" in notes(answer)[0]


def test_accounts_go_to_the_successor(
    client_for: ClientFor, amir: Membership, alice: Membership, bob: Membership
) -> None:
    account = AccountFactory(organization=amir.organization, owner=alice.user)

    client_for(amir).post(reverse("csplatform:member_deactivate", args=[alice.uuid]), {"successor": str(bob.uuid)})

    account.refresh_from_db()
    assert account.owner == bob.user
