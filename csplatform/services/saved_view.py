"""Saving, sharing, pinning and choosing views of lists."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import QueryDict

from csplatform.enums import Density, ViewVisibility
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.lists.queries import normal_query
from csplatform.lists.registry import ListPage, list_named, list_pages
from csplatform.models import ListPreference, Membership, SavedView, Team
from csplatform.models.saved_view import QUERY_LENGTH, VIEW_NAME_LENGTH
from csplatform.permissions import Action, can

MOST_PINS = 8
"""Views in one sidebar: each is counted again after every change of data."""


class NotYourView(DomainError):
    """Shared views are changed by who made them, and by admins."""

    code = "not_your_view"
    status = 403
    message = "Only who made a view, or an admin, may change it. Save it under another name."


class TooManyPins(DomainError):
    code = "too_many_pins"
    message = f"The sidebar takes {MOST_PINS} views. Unpin one first."


def can_change_view(member: Membership, view: SavedView) -> bool:
    return view.owner_id == member.pk or can(member, Action.MANAGE_ORGANIZATION)


@transaction.atomic
def create_view(
    *,
    member: Membership,
    page: str,
    name: str,
    query: str = "",
    columns: Sequence[str] = (),
    visibility: str = ViewVisibility.PRIVATE,
    team: Team | None = None,
) -> SavedView:
    """Keep a list's filters, sorting and columns under a name."""
    view = SavedView(organization=member.organization, owner=member, page=_known_page(page).name)
    _fill(view, by=member, name=name, query=query, columns=columns, visibility=visibility, team=team)
    view.save(force_insert=True)
    return view


@transaction.atomic
def update_view(
    *,
    view: SavedView,
    by: Membership,
    name: str | None = None,
    query: str | None = None,
    columns: Sequence[str] | None = None,
    visibility: str | None = None,
    team: Team | None = None,
) -> SavedView:
    """Change a view for everybody who sees it; what is left out stays."""
    if not can_change_view(by, view):
        raise NotYourView
    _fill(
        view,
        by=by,
        name=view.name if name is None else name,
        query=view.query if query is None else query,
        columns=view.columns if columns is None else columns,
        visibility=view.visibility if visibility is None else visibility,
        team=view.team if visibility is None and team is None else team,
    )
    view.save()
    return view


@transaction.atomic
def delete_view(*, view: SavedView, by: Membership) -> None:
    """Forget a view. Who opened their list with it gets the usual list again."""
    if not can_change_view(by, view):
        raise NotYourView
    view.delete()


@transaction.atomic
def pin_view(*, view: SavedView, member: Membership) -> None:
    if member.pins.exclude(view=view).count() >= MOST_PINS:
        raise TooManyPins
    member.pins.get_or_create(view=view, defaults={"organization": member.organization})


def unpin_view(*, view: SavedView, member: Membership) -> None:
    member.pins.filter(view=view).delete()


def choose_default(*, member: Membership, page: ListPage, view: SavedView | None) -> None:
    """The view that the list opens with when its address says nothing more; None for the plain list."""
    _prefer(member, page, default_view=view)


def choose_columns(*, member: Membership, page: ListPage, columns: Sequence[str]) -> None:
    """The columns of the plain list, in their order; none at all brings the usual ones back."""
    _prefer(member, page, columns=_known_columns(page, columns))


def choose_density(*, member: Membership, page: ListPage, density: str) -> None:
    if density not in Density.values:
        raise InvalidInput(
            "density: takes comfortable or compact.", errors={"density": ["takes comfortable or compact."]}
        )
    _prefer(member, page, density=density)


def _prefer(member: Membership, page: ListPage, **liking: object) -> None:
    ListPreference.objects.update_or_create(
        organization=member.organization, membership=member, page=page.name, defaults=liking
    )


def _fill(
    view: SavedView,
    *,
    by: Membership,
    name: str,
    query: str,
    columns: Sequence[str],
    visibility: str,
    team: Team | None,
) -> None:
    page = _known_page(view.page)
    view.name = _free_name(view, name)
    view.query = _understood(page, by, query)
    view.columns = _known_columns(page, columns)
    view.visibility = _allowed_visibility(by, visibility)
    view.team = _team_for(view.visibility, by, team)


def _known_page(name: str) -> ListPage:
    page = list_named(name)
    if page is None:
        raise _refusal("page", f"takes {', '.join(sorted(list_pages()))}.")
    return page


def _free_name(view: SavedView, name: str) -> str:
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise _refusal("name", "Give the view a name.")
    if len(name) > VIEW_NAME_LENGTH:
        raise _refusal("name", f"takes at most {VIEW_NAME_LENGTH} characters.")
    others = SavedView.objects.filter(owner=view.owner, page=view.page, name=name).exclude(pk=view.pk)
    if others.exists():
        raise _refusal("name", f"You have a view called “{name}” here already.")
    return name


def _understood(page: ListPage, member: Membership, query: str) -> str:
    kept = normal_query(query)
    if len(kept) > QUERY_LENGTH:
        raise _refusal("query", f"takes at most {QUERY_LENGTH} characters.")
    wrong = page.refusal(member, QueryDict(kept))
    if wrong:
        told = "; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in wrong.items())
        raise _refusal("query", f"The list does not understand it. {told}")
    return kept


def _known_columns(page: ListPage, names: Sequence[str]) -> list[str]:
    unknown = [name for name in names if page.columns.named(name) is None]
    if unknown:
        takes = ", ".join(column.name for column in page.columns)
        raise _refusal("columns", f"“{unknown[0][:40]}” is no column. It takes {takes}.")
    return [name for name in dict.fromkeys(names) if (column := page.columns.named(name)) and not column.is_fixed]


def _allowed_visibility(by: Membership, visibility: str) -> str:
    if visibility not in ViewVisibility.values:
        raise _refusal("visibility", f"takes {', '.join(ViewVisibility.values)}.")
    if visibility != ViewVisibility.PRIVATE and not can(by, Action.SHARE_VIEWS):
        raise _refusal("visibility", "Your role keeps its views to itself: private.")
    return visibility


def _team_for(visibility: str, by: Membership, team: Team | None) -> Team | None:
    if visibility != ViewVisibility.TEAM:
        return None
    if team is None or team.organization_id != by.organization_id:
        raise _refusal("team", "Say which team sees it.")
    return team


def _refusal(field: str, sentence: str) -> InvalidInput:
    return InvalidInput(f"{field}: {sentence}", errors={field: [sentence]})
