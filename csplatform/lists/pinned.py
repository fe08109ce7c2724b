"""The views in a member's sidebar, with how many rows each has."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import QuerySet

from csplatform.lists.registry import list_named
from csplatform.models import Membership, SavedView
from csplatform.periods import today

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedView:
    """One line of the sidebar."""

    label: str
    url: str
    count: int
    uuid: str


def pinned_views(member: Membership) -> list[PinnedView]:
    """One query, and one more for each view that was not counted since the organisation's data last changed."""
    views = [view for view in _pinned(member) if list_named(view.page) is not None]
    keys = {view.pk: _key(member, view) for view in views}
    known = cache.get_many(keys.values()) if keys else {}
    shown = []
    for view in views:
        count = known.get(keys[view.pk])
        if count is None:
            count = _count(member, view)
            cache.set(keys[view.pk], count, KEPT_SECONDS)
        shown.append(PinnedView(label=view.name, url=f"{_url(view)}{view.address}", count=count, uuid=str(view.uuid)))
    return shown


def _pinned(member: Membership) -> QuerySet[SavedView]:
    visible = member.organization.saved_views.visible_to(member)
    pinned = SavedView.objects.filter(pins__membership=member, pk__in=visible.values("pk"))
    return pinned.order_by("pins__created_at", "pk")


def _key(member: Membership, view: SavedView) -> str:
    """What a count depends on: who looks, the view as saved, the organisation's data, and the day."""
    organization = member.organization
    version = f"{organization.data_version}:{today(organization)}"
    return f"pinned:{member.pk}:{view.pk}:{view.updated_at.timestamp()}:{version}"


def _url(view: SavedView) -> str:
    page = list_named(view.page)
    return page.url if page else ""


def _count(member: Membership, view: SavedView) -> int:
    page = list_named(view.page)
    return page.narrowed(member, view.parameters).order_by().count() if page else 0
