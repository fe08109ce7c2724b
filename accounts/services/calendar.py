"""Secret calendar addresses: made, replaced, revoked, and resolved."""

from __future__ import annotations

from django.db import transaction

from accounts.models import CalendarFeed
from csplatform.keys import keyed_hash, new_link_token
from csplatform.models import Membership
from csplatform.tenancy import every_organization


@transaction.atomic
def make_calendar_feed(*, member: Membership) -> str:
    """A new secret for the member's calendar; the one before stops working. Shown once."""
    token = new_link_token()
    CalendarFeed.objects.update_or_create(
        organization=member.organization, membership=member, defaults={"token_hash": keyed_hash(token)}
    )
    return token


def revoke_calendar_feed(*, member: Membership) -> bool:
    return bool(CalendarFeed.objects.filter(organization=member.organization, membership=member).delete()[0])


def member_of_feed(token: str) -> Membership | None:
    """Whose calendar a secret opens; nobody's when it was revoked or its member can no longer act."""
    with every_organization(write=False, why="a calendar's secret says whose it is, before there is a scope"):
        feeds = CalendarFeed.objects.filter(
            token_hash=keyed_hash(token), membership__is_active=True, membership__user__is_active=True
        )
        feed = feeds.select_related("membership__organization", "membership__user").first()
        return feed.membership if feed else None
