"""Inviting, and the page behind the link."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from csplatform.enums import Role
from csplatform.models import Invitation, Job, Membership, User
from tests.factories.csplatform import PASSWORD, TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

ClientFor = Callable[[Membership], Client]
NEW = "/dashboard/settings/invitations/new"
JOIN = {"name": "Nina Rao", "password": "a long enough one"}


@pytest.fixture
def link(client_for: ClientFor, amir: Membership, settings: Settings) -> str:
    """The path of an invitation for Nina, as CSM; no mail is set up, so the page shows it."""
    settings.EMAIL_IS_CONFIGURED = False
    answer = client_for(amir).post(NEW, {"email": "Nina@acme.example", "role": "csm"})
    return str(answer.context["link"]).removeprefix("http://testserver")


def test_the_link_is_shown_once_where_no_mail_is_set_up(
    client_for: ClientFor, amir: Membership, settings: Settings
) -> None:
    settings.EMAIL_IS_CONFIGURED = False
    client = client_for(amir)

    answer = client.post(NEW, {"email": "nina@acme.example", "role": "csm"})

    link = answer.context["link"]
    assert link in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert link not in client.get("/dashboard/settings/members").content.decode()
    assert link not in str(dict(client.session))
    assert not Job.objects.exists()


def test_with_mail_the_link_travels_by_mail_alone(client_for: ClientFor, amir: Membership) -> None:
    west = TeamFactory(organization=amir.organization)

    answer = client_for(amir).post(
        NEW, {"email": "nina@acme.example", "role": "finance", "teams": [west.uuid]}, follow=True
    )

    invitation = Invitation.objects.get()
    body = Job.objects.get(kind="send_mail").payload["body"]
    assert (invitation.role, list(invitation.teams.all())) == (Role.FINANCE, [west])
    assert "http://testserver/auth/invitations/" in body
    assert "/auth/invitations/" not in answer.content.decode()
    assert "The invitation is on its way to nina@acme.example." in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "nobody", "role": "csm"}, "Enter a valid email address."),
        ({"email": "alice@acme.example", "role": "csm"}, "alice@acme.example is a member already."),
        ({"email": "nina@acme.example", "role": "owner"}, "Select a valid choice."),
    ],
)
def test_a_refused_invitation_says_why(
    client_for: ClientFor, amir: Membership, alice: Membership, typed: dict[str, str], sentence: str
) -> None:
    answer = client_for(amir).post(NEW, typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Invitation.objects.exists()


def test_a_new_person_joins_and_is_signed_in(link: str, client: Client, amir: Membership) -> None:
    assert "Amir invites nina@acme.example as CSM." in client.get(link).content.decode()

    answer = client.post(link, JOIN)

    nina = User.objects.get(email="nina@acme.example")
    assert answer["Location"] == "/dashboard"
    assert client.session["_auth_user_id"] == str(nina.pk)
    assert (nina.name, nina.memberships.get().organization) == ("Nina Rao", amir.organization)


def test_the_link_works_once(link: str, client: Client) -> None:
    Client().post(link, JOIN)

    answer = client.post(link, {"name": "Eve", "password": "another long one"})

    assert answer.status_code == 404
    assert "This link no longer works" in answer.content.decode()
    assert User.objects.get(email="nina@acme.example").name == "Nina Rao"


@pytest.mark.parametrize("state", ["expired", "withdrawn", "invented"])
def test_a_link_that_ended_looks_like_one_that_never_was(link: str, client: Client, state: str) -> None:
    if state == "expired":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif state == "withdrawn":
        Invitation.objects.update(revoked_at=timezone.now())
    else:
        link = reverse("csplatform:invitation_accept", args=["invented"])

    answers = [client.get(link), client.post(link, JOIN)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert "This link no longer works" in answers[0].content.decode()
    assert not User.objects.filter(email="nina@acme.example").exists()


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("short", "at least 10 characters"), ("password1234", "too common"), ("nina@acme.example", "too similar")],
)
def test_a_weak_password_is_refused(link: str, client: Client, password: str, sentence: str) -> None:
    answer = client.post(link, {"name": "Nina", "password": password})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not User.objects.filter(email="nina@acme.example").exists()


def test_somebody_with_a_login_signs_in_first_and_then_joins(link: str, client: Client, amir: Membership) -> None:
    nina = UserFactory(email="nina@acme.example")
    assert f"/auth/login/?next={link}" in client.get(link).content.decode()

    signed_in = client.post(f"/auth/login/?next={link}", {"login": nina.email, "password": PASSWORD, "next": link})
    joined = client.post(link)

    assert (signed_in["Location"], joined["Location"]) == (link, "/dashboard")
    assert amir.organization.memberships.get(user=nina).role == Role.CSM
    assert client.session["organization_id"] == amir.organization_id


def test_a_login_is_not_overwritten_by_the_page(link: str, client: Client) -> None:
    nina = UserFactory(email="nina@acme.example")

    client.post(link, JOIN)

    nina.refresh_from_db()
    assert nina.check_password(PASSWORD)
    assert not nina.memberships.exists()


def test_somebody_else_is_asked_to_sign_out(
    link: str, client_for: ClientFor, amir: Membership, mallory: Membership
) -> None:
    client = client_for(mallory)

    assert "You are signed in as somebody else." in client.get(link).content.decode()
    assert client.post(link).status_code == 403

    assert not amir.organization.memberships.filter(user=mallory.user).exists()


def test_a_new_link_ends_the_old_one(link: str, client_for: ClientFor, client: Client, amir: Membership) -> None:
    invitation = Invitation.objects.get()

    answer = client_for(amir).post(reverse("csplatform:invitation_resend", args=[invitation.uuid]))

    assert client.get(answer.context["link"]).status_code == 200
    assert client.get(link).status_code == 404


def test_a_withdrawn_invitation_leaves_the_list(
    link: str, client_for: ClientFor, client: Client, amir: Membership
) -> None:
    invitation = Invitation.objects.get()

    answer = client_for(amir).post(reverse("csplatform:invitation_revoke", args=[invitation.uuid]), follow=True)

    assert list(answer.context["invitations"]) == []
    assert client.get(link).status_code == 404
