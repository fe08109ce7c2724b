"""Lists: columns, arrangements, saved views, pins; seen through the account list, which is the first of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from csplatform.enums import Density, Role, ViewVisibility
from csplatform.exceptions import InvalidInput
from csplatform.lists import Column, ColumnSet
from csplatform.lists.pinned import pinned_views
from csplatform.lists.queries import normal_query
from csplatform.models import Membership, SavedView, TeamMember
from csplatform.services.saved_view import (
    MOST_PINS,
    NotYourView,
    TooManyPins,
    create_view,
    delete_view,
    pin_view,
    update_view,
)
from tests.factories.accounts import AccountFactory
from tests.factories.csplatform import TeamFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
LIST = "accounts:account_list"


def view_of(member: Membership, name: str = "At risk", query: str = "status=at_risk", **facts: object) -> SavedView:
    return create_view(member=member, page="accounts", name=name, query=query, **facts)  # type: ignore[arg-type]


# -- columns ------------------------------------------------------------------------------------------


def test_columns_are_chosen_by_name_behind_the_fixed_one() -> None:
    columns = ColumnSet(
        Column(name="name", label="Name", is_fixed=True, sort="name_key"),
        Column(name="arr", label="ARR", sort="arr"),
        Column(name="size", label="Size", is_default=False),
        ties=("name_key",),
        default_sort="name",
    )
    columns.add(Column(name="trend", label="Trend"), after="name")

    assert [each.name for each in columns.chosen(None)] == ["name", "trend", "arr"]
    assert [each.name for each in columns.chosen(["size", "gone", "arr", "size"])] == ["name", "size", "arr"]
    assert columns.sort_named("-arr") == "-arr"
    assert columns.sort_named("size") == "name"  # nothing to sort by
    with pytest.raises(ValueError, match="Two columns"):
        columns.add(Column(name="arr", label="ARR"), after="name")


def test_two_addresses_that_mean_the_same_are_one_query() -> None:
    assert normal_query("?sort=-arr&status=active&page=3&q=&view=x&columns=arr") == "sort=-arr&status=active"
    assert normal_query("status=active&sort=-arr") == normal_query("sort=-arr&page_size=50&status=active")


# -- saved views --------------------------------------------------------------------------------------


def test_a_view_opens_as_it_was_saved_and_says_when_it_differs(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Calm", status="active")
    AccountFactory(organization=alice.organization, name="Shaky", status="at_risk")
    view = view_of(alice, columns=["owner", "arr"])
    client = client_for(alice)

    opened = client.get(view.get_absolute_url(), follow=True)
    address = opened.redirect_chain[-1][0]
    changed = client.get(f"{address}&sort=-arr")

    assert [account.name for account in opened.context["accounts"]] == ["Shaky"]
    assert [column.name for column in opened.context["columns"]] == ["name", "owner", "arr"]
    assert opened.context["arrangement"].is_modified is False
    assert changed.context["arrangement"].is_modified is True
    assert b"Changed since it was saved" in changed.content
    assert b"Changed since it was saved" not in opened.content


def test_removing_the_last_filter_of_an_open_view_leaves_none(client_for: ClientFor, alice: Membership) -> None:
    AccountFactory(organization=alice.organization, name="Calm", status="active")
    view = view_of(alice)

    response = client_for(alice).get(f"{reverse(LIST)}?view={view.uuid}")

    assert [account.name for account in response.context["accounts"]] == ["Calm"]
    assert response.context["arrangement"].is_modified is True


def test_the_page_saves_pins_opens_and_changes_a_view(client_for: ClientFor, alice: Membership) -> None:
    client = client_for(alice)

    client.post(
        reverse("csplatform:saved_view_create"),
        {
            "list": "accounts",
            "query": "status=at_risk&sort=-arr&page=2",
            "name": " My  view ",
            "pin": "1",
            "default": "1",
        },
    )
    view = alice.saved_views.get()
    plain = client.get(reverse(LIST))
    cleared = client.get(f"{reverse(LIST)}?view=")
    client.post(
        reverse("csplatform:saved_view_update", args=[view.uuid]),
        {"query": f"view={view.uuid}&status=churned&columns=arr"},
    )

    assert (view.name, view.query) == ("My view", "sort=-arr&status=at_risk")
    assert list(alice.pins.values_list("view", flat=True)) == [view.pk]
    assert plain.status_code == 302
    assert plain["Location"] == f"{reverse(LIST)}{view.address}"
    assert cleared.status_code == 200  # "clear all" does not fall back into the default view
    view.refresh_from_db()
    assert (view.query, view.columns) == ("status=churned", ["arr"])


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "Taken"}, "name"),
        ({"query": "status=gone"}, "query"),
        ({"query": "q=" + "x" * 2100}, "query"),
        ({"columns": ["password"]}, "columns"),
        ({"visibility": "world"}, "visibility"),
        ({"visibility": "team"}, "team"),
    ],
)
def test_what_a_view_cannot_be_names_its_field(alice: Membership, facts: dict[str, object], field: str) -> None:
    view_of(alice, name="Taken")

    with pytest.raises(InvalidInput) as refusal:
        view_of(alice, **{"name": "New", **facts})  # type: ignore[arg-type]

    assert list(refusal.value.errors or {}) == [field]
    assert alice.saved_views.count() == 1


def test_who_sees_a_view(
    alice: Membership, bob: Membership, rita: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    team = TeamFactory(organization=alice.organization)
    for member in (alice, bob):
        TeamMember.objects.create(organization=alice.organization, team=team, membership=member)
    own = view_of(alice, name="Own")
    of_team = view_of(alice, name="Team", visibility=ViewVisibility.TEAM, team=team)
    of_all = view_of(alice, name="All", visibility=ViewVisibility.ORGANIZATION)

    def seen(member: Membership) -> list[str]:
        return [view.name for view in member.organization.saved_views.visible_to(member)]

    assert seen(alice) == ["All", "Own", "Team"]
    assert seen(bob) == ["All", "Team"]
    assert seen(rita) == ["All"]
    assert seen(mallory) == []
    for member, statuses in [(bob, (404, 302, 302)), (rita, (404, 404, 302)), (mallory, (404, 404, 404))]:
        client = client_for(member)
        answers = [client.get(view.get_absolute_url()).status_code for view in (own, of_team, of_all)]
        assert tuple(answers) == statuses


def test_shared_views_are_changed_by_their_maker_and_admins(
    alice: Membership, bob: Membership, amir: Membership
) -> None:
    view = view_of(alice, visibility=ViewVisibility.ORGANIZATION)

    with pytest.raises(NotYourView):
        update_view(view=view, by=bob, name="Mine now")
    with pytest.raises(NotYourView):
        delete_view(view=view, by=bob)
    update_view(view=view, by=amir, name="Ours")

    view.refresh_from_db()
    assert view.name == "Ours"


def test_a_viewer_saves_for_themselves_alone(rita: Membership) -> None:
    with pytest.raises(InvalidInput):
        view_of(rita, visibility=ViewVisibility.ORGANIZATION)

    assert view_of(rita).visibility == ViewVisibility.PRIVATE


# -- pins ---------------------------------------------------------------------------------------------


def test_pinned_views_show_their_counts_and_cost_one_query_until_data_changes(alice: Membership) -> None:
    AccountFactory.create_batch(2, organization=alice.organization, status="at_risk")
    AccountFactory(organization=alice.organization)
    AccountFactory(status="at_risk")  # another organisation's
    for member_view in (view_of(alice), view_of(alice, name="Everything", query="")):
        pin_view(view=member_view, member=alice)

    first = [(pin.label, pin.count) for pin in pinned_views(alice)]
    with CaptureQueriesContext(connection) as again:
        second = [(pin.label, pin.count) for pin in pinned_views(alice)]
    AccountFactory(organization=alice.organization, status="at_risk")
    alice.organization.data_version += 1
    third = [(pin.label, pin.count) for pin in pinned_views(alice)]

    assert first == second == [("At risk", 2), ("Everything", 3)]
    assert len(again) == 1
    assert third == [("At risk", 3), ("Everything", 4)]


def test_the_sidebar_takes_so_many_views(alice: Membership) -> None:
    for at in range(MOST_PINS):
        pin_view(view=view_of(alice, name=f"View {at}"), member=alice)

    with pytest.raises(TooManyPins):
        pin_view(view=view_of(alice, name="One more"), member=alice)


def test_a_pinned_view_that_is_no_longer_shared_leaves_the_sidebar(alice: Membership, bob: Membership) -> None:
    view = view_of(alice, visibility=ViewVisibility.ORGANIZATION)
    pin_view(view=view, member=bob)
    update_view(view=view, by=alice, visibility=ViewVisibility.PRIVATE)

    assert pinned_views(bob) == []


# -- columns and density ------------------------------------------------------------------------------


def test_columns_are_kept_for_the_person_in_their_order(
    client_for: ClientFor, alice: Membership, bob: Membership
) -> None:
    AccountFactory(organization=alice.organization, region="North")
    client, url = client_for(alice), reverse("csplatform:list_columns")

    client.post(url, {"list": "accounts", "query": "", "column": ["region", "arr"]})
    mine = client.get(reverse(LIST))
    theirs = client_for(bob).get(reverse(LIST))
    client.post(url, {"list": "accounts", "query": "", "column": ["region"], "reset": "1"})

    assert [column.name for column in mine.context["columns"]] == ["name", "region", "arr"]
    assert b"North" in mine.content
    assert "region" not in [column.name for column in theirs.context["columns"]]
    assert alice.list_preferences.get().columns == []


def test_columns_of_an_open_view_go_into_the_address(client_for: ClientFor, alice: Membership) -> None:
    view = view_of(alice)

    response = client_for(alice).post(
        reverse("csplatform:list_columns"),
        {"list": "accounts", "query": f"view={view.uuid}&status=at_risk", "column": ["arr"]},
    )

    assert response["Location"] == f"{reverse(LIST)}?view={view.uuid}&status=at_risk&columns=arr"
    assert not alice.list_preferences.exists()


def test_the_height_of_rows_is_kept(client_for: ClientFor, rita: Membership) -> None:
    AccountFactory(organization=rita.organization)
    client = client_for(rita)

    client.post(reverse("csplatform:list_density"), {"list": "accounts", "density": "compact", "query": "sort=-arr"})
    client.post(reverse("csplatform:list_density"), {"list": "accounts", "density": "huge"})

    assert rita.list_preferences.get().density == Density.COMPACT
    assert b"table-dense" in client.get(reverse(LIST)).content


def test_a_list_that_is_none_is_not_found(client_for: ClientFor, alice: Membership) -> None:
    response = client_for(alice).post(reverse("csplatform:list_density"), {"list": "secrets", "density": "compact"})

    assert response.status_code == 404


def test_roles_may_all_arrange_their_lists(client_for: ClientFor, rita: Membership) -> None:
    for role in Role:
        Membership.objects.filter(pk=rita.pk).update(role=role)
        response = client_for(rita).post(
            reverse("csplatform:saved_view_create"),
            {"list": "accounts", "query": "sort=arr", "name": f"View of {role}"},
        )
        assert response.status_code == 302
    assert rita.saved_views.count() == len(Role)
