"""People: their login, their sessions and the way back in when a password is lost."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.urls import reverse

from csplatform.exceptions import DomainError
from csplatform.models import Membership, Organization, User


class ResetLinkRefused(DomainError):
    code = "reset_link_refused"


@transaction.atomic
def create_user(*, email: str, name: str, password: str) -> User:
    """Make a login whose address counts as confirmed: an invitation or the operator vouched for it."""
    user = User.objects.create_user(email, password, name=name.strip())
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def end_sessions(*, user: User, keep: str | None = None) -> int:
    """Sign the user out everywhere, except where the session key is `keep`. Says how many sessions ended."""
    sessions = [each for each in UserSession.objects.filter(user=user) if each.session_key != keep]
    for session in sessions:
        session.end()
    return len(sessions)


def password_reset_path(*, member: Membership) -> str:
    """Return the path of a one-time link with which the member sets a new password.

    SECURITY: whoever makes the link could use it, so it is refused for people who belong to another
    organisation too, or who run the installation: an administrator here must not walk in over there.
    """
    user = member.user
    if not user.is_active or not member.is_active:
        raise ResetLinkRefused(f"{user.display_name} is deactivated. Reactivate them first.")
    if user.is_superuser or user.is_staff:
        raise ResetLinkRefused(f"{user.display_name} runs this installation; only they can reset their password.")
    if _belongs_elsewhere(user, organization=member.organization):
        raise ResetLinkRefused(
            f"{user.display_name} belongs to another organisation too, so only they can reset their password."
        )
    return reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)},
    )


def _belongs_elsewhere(user: User, *, organization: Organization) -> bool:
    return user.memberships.exclude(organization=organization).exists()
