"""What every page's frame needs: the menu, the organisations to switch to, permissions and the theme."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from csplatform.lists.pinned import PinnedView, pinned_views
from csplatform.models import Membership, User
from csplatform.navigation import NavigationSection, navigation_for
from csplatform.permissions import Action, can

SYSTEM_THEME = "system"


class ShellContext(TypedDict):
    product_name: str
    theme: str
    mail_is_set_up: bool
    nav: list[NavigationSection]
    can: dict[str, bool]
    """One flag for each action: `{% if can.run_imports %}`."""
    memberships: list[Membership]
    pinned: SimpleLazyObject[list[PinnedView]]
    unread: SimpleLazyObject[int]
    """News that the member has not read."""


def shell(request: HttpRequest) -> ShellContext:
    member: Membership | None = getattr(request, "member", None)
    return {
        "product_name": settings.PRODUCT_NAME,
        "theme": chosen_theme(request),
        "mail_is_set_up": settings.EMAIL_IS_CONFIGURED,
        "nav": navigation_for(member, request.path) if member else [],
        "can": {action.name.lower(): can(member, action) for action in Action},
        "memberships": memberships_of(request),
        "unread": SimpleLazyObject(lambda: member.notifications.unread().count() if member else 0),
        "pinned": SimpleLazyObject(lambda: pinned_views(member) if member else []),
    }


def chosen_theme(request: HttpRequest) -> str:
    user = getattr(request, "user", None)
    return user.theme if isinstance(user, User) else SYSTEM_THEME


def memberships_of(request: HttpRequest) -> list[Membership]:
    """As the middleware has found them; pages without it know none."""
    memberships: list[Membership] = getattr(request, "memberships", [])
    return sorted(memberships, key=lambda each: (each.organization.name, each.pk))
