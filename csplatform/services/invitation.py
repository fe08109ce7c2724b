"""Invitations: a link that lets one person join, once, within a week."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from csplatform.enums import Role
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.keys import keyed_hash, new_link_token
from csplatform.models import Invitation, Membership, Organization, Team, User
from csplatform.services.mail import send_mail_later
from csplatform.services.team import put_into_teams
from csplatform.services.user import create_user
from csplatform.tenancy import every_organization, organization_scope

VALID_FOR = timedelta(days=7)

MakeLink = Callable[[str], str]
"""Turns a token into the address to click; only a request knows its host."""

log = structlog.get_logger(__name__)


class InvitationClosed(DomainError):
    code = "invitation_closed"
    status = 404
    message = "This invitation was used, withdrawn or is older than a week. Ask for a new one."


class WrongPerson(DomainError):
    code = "invitation_for_another"
    status = 403

    def __init__(self, invitation: Invitation) -> None:
        super().__init__(f"This invitation is for {invitation.email}. Sign in with that address to accept it.")


class LoginExists(DomainError):
    code = "invitation_login_exists"
    message = "You have a login already. Sign in, and this page will let you join."


@transaction.atomic
def invite(
    *, organization: Organization, email: str, role: Role, teams: Collection[Team], by: User, make_link: MakeLink
) -> tuple[Invitation, str]:
    """Ask somebody to join, and return the invitation with its link. Mailed where mail is set up."""
    email = email.strip().lower()
    _refuse_known(organization, email)
    token = new_link_token()
    invitation = Invitation.objects.create(
        organization=organization,
        email=email,
        role=role,
        token_hash=keyed_hash(token),
        invited_by=by,
        expires_at=timezone.now() + VALID_FOR,
    )
    invitation.teams.set(teams)
    log.info("member_invited", invitation=invitation.pk, role=role, by=by.pk)
    return invitation, _send(invitation, make_link(token), by=by)


@transaction.atomic
def resend(*, invitation: Invitation, by: User, make_link: MakeLink) -> tuple[Invitation, str]:
    """Give the invitation a new link and a new week; the old link ends."""
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationClosed
    token = new_link_token()
    invitation.token_hash = keyed_hash(token)
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.save(update_fields=["token_hash", "expires_at", "updated_at"])
    log.info("invitation_sent_again", invitation=invitation.pk, by=by.pk)
    return invitation, _send(invitation, make_link(token), by=by)


@transaction.atomic
def revoke(*, invitation: Invitation, by: User) -> Invitation:
    """Withdraw an invitation that nobody has accepted."""
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationClosed
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at", "updated_at"])
    log.info("invitation_revoked", invitation=invitation.pk, by=by.pk)
    return invitation


def find_open(*, token: str, now: datetime) -> Invitation:
    """Find the invitation behind a link; used, withdrawn, expired and invented ones all look the same."""
    with every_organization(write=False, why="whoever opens an invitation belongs nowhere yet"):
        invitation = (
            Invitation.objects.open(now)
            .select_related("organization", "invited_by")
            .filter(token_hash=keyed_hash(token))
            .first()
        )
    if invitation is None:
        raise InvitationClosed
    return invitation


def accept_as_new_user(*, token: str, name: str, password: str, now: datetime) -> Membership:
    """Make a login for the invited address and join."""
    invitation = find_open(token=token, now=now)
    with organization_scope(invitation.organization, write=True):
        _take(invitation, now=now)
        if User.objects.filter(email__iexact=invitation.email).exists():
            raise LoginExists
        user = create_user(email=invitation.email, name=name, password=password)
        return _join(invitation, user)


def accept_as_user(*, token: str, user: User, now: datetime) -> Membership:
    """Join with a login that exists; it has to be the invited address."""
    invitation = find_open(token=token, now=now)
    if user.email.lower() != invitation.email.lower():
        raise WrongPerson(invitation)
    with organization_scope(invitation.organization, write=True):
        _take(invitation, now=now)
        return _join(invitation, user)


def _take(invitation: Invitation, *, now: datetime) -> None:
    """Use the invitation up. One UPDATE decides who was first when the link is opened twice at once."""
    unused = invitation.organization.invitations.open(now)
    taken = unused.filter(pk=invitation.pk, token_hash=invitation.token_hash).update(accepted_at=now)
    if not taken:
        raise InvitationClosed
    invitation.accepted_at = now
    invitation.save(update_fields=["accepted_at", "updated_at"])  # the update above left no history


def _join(invitation: Invitation, user: User) -> Membership:
    """Make the membership, or wake up the one that was deactivated since."""
    membership, _ = Membership.objects.get_or_create(organization=invitation.organization, user=user)
    membership.role = invitation.role
    membership.is_active = True
    membership.deactivated_at = None
    membership.save()
    put_into_teams(membership=membership, teams=list(invitation.teams.all()))
    log.info("invitation_accepted", invitation=invitation.pk, member=membership.pk)
    return membership


def _refuse_known(organization: Organization, email: str) -> None:
    member = organization.memberships.filter(user__email__iexact=email).first()
    if member is not None and member.is_active:
        _refuse(f"{email} is a member already.")
    if member is not None:
        _refuse(f"{email} is a deactivated member. Reactivate them in the list instead.")
    if organization.invitations.filter(email__iexact=email, accepted_at=None, revoked_at=None).exists():
        _refuse(f"{email} is invited already. Send that invitation again, or withdraw it.")


def _refuse(sentence: str) -> None:
    raise InvalidInput(sentence, errors={"email": [sentence]})


def _send(invitation: Invitation, link: str, *, by: User) -> str:
    if settings.EMAIL_IS_CONFIGURED:
        send_mail_later(
            organization=invitation.organization,
            to=invitation.email,
            subject=f"{by.display_name} invites you to {invitation.organization} on {settings.PRODUCT_NAME}",
            body=(
                f"{by.display_name} ({by.email}) invites you to work with {invitation.organization} "
                f"on {settings.PRODUCT_NAME}.\n\n"
                f"Open this link within seven days to join:\n{link}\n\n"
                "It works once. If you did not expect this, do nothing."
            ),
            by=by,
        )
    return link
