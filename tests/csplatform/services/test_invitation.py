"""Invitations work once, for a week, for one person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from csplatform.enums import Role
from csplatform.exceptions import InvalidInput
from csplatform.models import Invitation, Job, Membership, User
from csplatform.services.invitation import (
    InvitationClosed,
    LoginExists,
    WrongPerson,
    accept_as_new_user,
    accept_as_user,
    find_open,
    invite,
    resend,
    revoke,
)
from csplatform.services.membership import deactivate_member
from tests.factories.csplatform import TeamFactory, UserFactory

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough one"


def invited(by: Membership, email: str = "nina@acme.example", role: Role = Role.CSM) -> tuple[Invitation, str]:
    """An invitation and its token."""
    return invite(
        organization=by.organization, email=email, role=role, teams=[], by=by.user, make_link=lambda token: token
    )


def test_the_token_is_stored_hashed(amir: Membership) -> None:
    _, token = invited(amir)

    stored = Invitation.objects.values().get()
    assert token not in {str(value) for value in stored.values()}


def test_a_new_person_joins_with_role_and_teams(amir: Membership) -> None:
    west = TeamFactory(organization=amir.organization, name="West")
    _, token = invite(
        organization=amir.organization,
        email="Nina@Acme.example",
        role=Role.FINANCE,
        teams=[west],
        by=amir.user,
        make_link=lambda token: token,
    )

    member = accept_as_new_user(token=token, name="Nina", password=PASSWORD, now=timezone.now())

    assert (member.organization, member.role, member.is_active) == (amir.organization, Role.FINANCE, True)
    assert (member.user.email, member.user.name) == ("nina@acme.example", "Nina")
    assert member.user.check_password(PASSWORD)
    assert list(member.teams.all()) == [west]


def test_an_invitation_works_once(amir: Membership) -> None:
    _, token = invited(amir)
    accept_as_new_user(token=token, name="Nina", password=PASSWORD, now=timezone.now())

    with pytest.raises(InvitationClosed):
        accept_as_new_user(token=token, name="Eve", password=PASSWORD, now=timezone.now())

    assert User.objects.filter(email="nina@acme.example").get().name == "Nina"


def test_two_who_open_the_link_at_once_do_not_both_get_in(amir: Membership) -> None:
    """The second has read the invitation as open before the first one used it."""
    invitation, token = invited(amir)
    nina = UserFactory(email="nina@acme.example")
    accept_as_user(token=token, user=nina, now=timezone.now())
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=timezone.now())

    with pytest.raises(InvitationClosed):
        accept_as_user(token=token, user=nina, now=timezone.now())


def test_an_invitation_ends_after_seven_days(amir: Membership) -> None:
    invitation, token = invited(amir)
    week = invitation.created_at + timedelta(days=7)

    assert find_open(token=token, now=week - timedelta(minutes=1)) == invitation
    with pytest.raises(InvitationClosed):
        accept_as_new_user(token=token, name="Nina", password=PASSWORD, now=week + timedelta(minutes=1))
    assert not User.objects.filter(email="nina@acme.example").exists()


def test_a_withdrawn_invitation_no_longer_works(amir: Membership) -> None:
    invitation, token = invited(amir)

    revoke(invitation=invitation, by=amir.user)

    with pytest.raises(InvitationClosed):
        find_open(token=token, now=timezone.now())
    with pytest.raises(InvitationClosed):
        revoke(invitation=invitation, by=amir.user)


def test_an_invented_token_looks_like_a_used_one() -> None:
    with pytest.raises(InvitationClosed):
        find_open(token="invented", now=timezone.now())


def test_sending_again_ends_the_old_link(amir: Membership) -> None:
    invitation, old = invited(amir)

    _, new = resend(invitation=invitation, by=amir.user, make_link=lambda token: token)

    assert find_open(token=new, now=timezone.now()) == invitation
    with pytest.raises(InvitationClosed):
        find_open(token=old, now=timezone.now())


def test_sending_again_revives_an_expired_invitation(amir: Membership) -> None:
    invitation, _ = invited(amir)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(days=1))
    invitation.refresh_from_db()

    _, token = resend(invitation=invitation, by=amir.user, make_link=lambda token: token)

    assert find_open(token=token, now=timezone.now()) == invitation


def test_a_used_invitation_is_not_sent_again(amir: Membership) -> None:
    invitation, token = invited(amir)
    accept_as_new_user(token=token, name="Nina", password=PASSWORD, now=timezone.now())
    invitation.refresh_from_db()

    with pytest.raises(InvitationClosed):
        resend(invitation=invitation, by=amir.user, make_link=lambda token: token)


def test_somebody_with_a_login_joins_with_it(amir: Membership, mallory: Membership) -> None:
    _, token = invited(amir, email=mallory.user.email, role=Role.VIEWER)

    member = accept_as_user(token=token, user=mallory.user, now=timezone.now())

    assert (member.organization, member.role) == (amir.organization, Role.VIEWER)
    mallory.refresh_from_db()
    assert mallory.role == Role.ADMIN  # at home nothing changes


def test_the_link_of_somebody_else_lets_nobody_in(amir: Membership, mallory: Membership) -> None:
    invitation, token = invited(amir)

    with pytest.raises(WrongPerson):
        accept_as_user(token=token, user=mallory.user, now=timezone.now())

    assert not amir.organization.memberships.filter(user=mallory.user).exists()
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_a_login_is_never_taken_over_by_a_link(amir: Membership) -> None:
    nina = UserFactory(email="nina@acme.example", password="her own password")
    invitation, token = invited(amir)

    with pytest.raises(LoginExists):
        accept_as_new_user(token=token, name="Eve", password=PASSWORD, now=timezone.now())

    nina.refresh_from_db()
    invitation.refresh_from_db()
    assert nina.check_password("her own password")
    assert invitation.accepted_at is None


def test_members_are_not_invited_again(amir: Membership, alice: Membership) -> None:
    with pytest.raises(InvalidInput, match=r"alice@acme\.example is a member already"):
        invited(amir, email="ALICE@acme.example")


def test_deactivated_members_are_reactivated_instead(amir: Membership, alice: Membership) -> None:
    deactivate_member(membership=alice, successor=None, by=amir.user)

    with pytest.raises(InvalidInput, match="Reactivate them in the list instead"):
        invited(amir, email=alice.user.email)


def test_nobody_is_invited_twice_at_a_time(amir: Membership) -> None:
    invited(amir)

    with pytest.raises(InvalidInput, match="is invited already"):
        invited(amir, email="NINA@acme.example")


def test_being_invited_elsewhere_is_nobodys_business(amir: Membership, mallory: Membership) -> None:
    invited(mallory)

    invitation, _ = invited(amir)

    assert invitation.organization == amir.organization


def test_the_mail_is_written_as_a_job_of_the_organization(amir: Membership) -> None:
    _, link = invited(amir)

    job = Job.objects.get(kind="send_mail")
    assert (job.organization, job.asked_by) == (amir.organization, amir.user)
    assert job.payload["to"] == ["nina@acme.example"]
    assert link in job.payload["body"]


def test_without_mail_nothing_is_kept_that_holds_the_link(amir: Membership, settings: Settings) -> None:
    settings.EMAIL_IS_CONFIGURED = False

    invited(amir)

    assert not Job.objects.exists()
