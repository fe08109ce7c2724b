"""What a list shows right now: by its address, the view it names, and the member's own liking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from django.http import QueryDict

from csplatform.enums import Density
from csplatform.lists.columns import Column, ListContext, list_context
from csplatform.lists.queries import column_names, normal_query
from csplatform.lists.registry import ListPage
from csplatform.models import ListPreference, Membership, SavedView


@dataclass(frozen=True)  # without slots: the properties below are worked out once
class Arrangement:
    """One list as one member sees it at one address."""

    page: ListPage
    member: Membership
    query: QueryDict
    views: Sequence[SavedView]
    """All that the member may open here; each knows whether it is pinned (`is_pinned`)."""
    preference: ListPreference | None

    @cached_property
    def context(self) -> ListContext:
        return list_context(self.member)

    @cached_property
    def view(self) -> SavedView | None:
        """The view that the address names; one that went away, or never was theirs, is no view."""
        return next((view for view in self.views if str(view.uuid) == self.query.get("view")), None)

    @cached_property
    def columns(self) -> list[Column]:
        """Those of the address, else the view's, else the member's own, else the usual ones."""
        return self.page.columns.chosen(column_names(self.query.get("columns", "")) or self._settled_columns)

    @property
    def _settled_columns(self) -> list[str]:
        if self.view is not None:
            return list(self.view.columns)
        return list(self.preference.columns) if self.preference else []

    @cached_property
    def is_modified(self) -> bool:
        """Whether something differs from the view as it was saved."""
        if self.view is None:
            return False
        as_saved = self.page.columns.chosen(self.view.columns)
        return normal_query(self.query) != self.view.query or self.columns != as_saved

    @property
    def can_be_saved(self) -> bool:
        """Whether there is anything to keep under a name."""
        return bool(normal_query(self.query) or self.query.get("columns"))

    @property
    def is_own_view(self) -> bool:
        return self.view is not None and self.view.owner_id == self.member.pk

    @property
    def default_view(self) -> SavedView | None:
        chosen = self.preference.default_view_id if self.preference else None
        return next((view for view in self.views if view.pk == chosen), None)

    @property
    def density(self) -> Density:
        return Density(self.preference.density) if self.preference else Density.COMFORTABLE

    @property
    def sort(self) -> str:
        return self.page.columns.sort_named(self.query.get("sort", ""))

    @property
    def column_menu(self) -> list[tuple[Column, bool]]:
        return self.page.columns.arranged(self.columns)


def arrange(page: ListPage, member: Membership, query: QueryDict) -> Arrangement:
    """Two queries: the views with the member's pins, and their liking."""
    pinned = set(member.pins.values_list("view_id", flat=True))
    views = list(member.organization.saved_views.visible_to(member).of_page(page.name).select_related("owner__user"))
    for view in views:
        view.is_pinned = view.pk in pinned  # type: ignore[attr-defined]  # for the menu alone
    preference = member.list_preferences.filter(page=page.name).first()
    return Arrangement(page=page, member=member, query=query, views=views, preference=preference)


def is_bare(query: QueryDict) -> bool:
    """Whether an address says nothing at all, so that the member's default view opens."""
    return not query


def view_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
