"""The lists beside the accounts: sorting, columns, views and files, each the same way."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account
from csplatform.lists import list_named
from csplatform.lists.pinned import pinned_views
from csplatform.models import Membership
from csplatform.services.saved_view import create_view, pin_view
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory
from tests.factories.goals import GoalFactory
from tests.factories.tickets import TicketFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]

PAGES = {"engagements": "engagement", "goals": "goal", "tickets": "ticket"}
LISTS = sorted(PAGES)
CHOSEN = {"engagements": "outcome,account", "goals": "status,account", "tickets": "status,account"}
"""Two columns in another order than the usual one."""


def urls(name: str) -> tuple[str, str]:
    return reverse(f"accounts:{PAGES[name]}_list"), reverse(f"accounts:{PAGES[name]}_export")


@pytest.fixture
def filled(alice: Membership) -> Account:
    """Three rows in every list: of two accounts whose names sort against the order in which they were made."""
    now = timezone.now()
    last = AccountFactory(organization=alice.organization, name="Zeta", owner=alice.user)
    first = AccountFactory(organization=alice.organization, name="Alpha", owner=alice.user)
    for place, (account, word) in enumerate([(last, "cherry"), (first, "apple"), (first, "banana")]):
        ago = now - timedelta(days=place + 1)
        EngagementFactory(account=account, title=word, type="call", completed_at=ago, created_by=alice.user)
        GoalFactory(account=account, title=word, target_date=ago.date())
        TicketFactory(account=account, subject=word, priority=["low", "critical", "medium"][place], opened_at=ago)
    return first


def rows_of(client: Client, address: str) -> list[list[str]]:
    body = b"".join(client.get(address)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body)))


@pytest.mark.parametrize("name", LISTS)
def test_every_column_sorts_the_page_and_its_file_alike(
    filled: Account, client_for: ClientFor, alice: Membership, name: str
) -> None:
    page, export = urls(name)
    client, listed = client_for(alice), list_named(name)
    assert listed is not None
    fixed = next(column for column in listed.columns if column.is_fixed)

    for column in listed.columns:
        if column.sort is None:
            continue
        for sign in ("", "-"):
            query = f"?sort={sign}{column.name}&columns=all"
            response = client.get(page + query)
            shown = [str(fixed.exported(fixed.cell(line.row, None))[0]) for line in response.context["lines"]]
            assert len(shown) == 3
            assert [row[0] for row in rows_of(client, export + query)[1:]] == shown, query

    by_name = [row[0] for row in rows_of(client, f"{export}?sort={fixed.name}")[1:]]
    assert by_name == ["apple", "banana", "cherry"]
    assert rows_of(client, f"{export}?sort=-account")[1][0] == "cherry"  # of Zeta


@pytest.mark.parametrize("name", LISTS)
def test_a_file_has_the_columns_of_the_screen(
    filled: Account, client_for: ClientFor, alice: Membership, name: str
) -> None:
    page, export = urls(name)
    client = client_for(alice)
    chosen = CHOSEN[name]

    response = client.get(f"{page}?columns={chosen}")
    heads = rows_of(client, f"{export}?columns={chosen}")[0]
    book = client.get(f"{export}?columns={chosen}&format=xlsx")

    columns = response.context["columns"]
    assert [column.name for column in columns][1:] == chosen.split(",")
    assert heads == [heading for column in columns for heading in column.headings]
    assert len(heads) < len(rows_of(client, f"{export}?columns=all")[0])
    assert b"".join(book).startswith(b"PK")
    assert ".xlsx" in book["Content-Disposition"]
    assert client.get(f"{export}?format=pdf").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_view_is_saved_opened_and_counted_in_the_sidebar(
    filled: Account, client_for: ClientFor, alice: Membership, name: str
) -> None:
    page, _ = urls(name)
    client = client_for(alice)

    client.post(
        reverse("csplatform:saved_view_create"),
        {"list": name, "query": f"account_id={filled.number}&sort=-account", "name": "Alpha's", "pin": "1"},
    )
    view = alice.saved_views.get(page=name)
    opened = client.get(view.get_absolute_url(), follow=True)

    assert [(each.label, each.count) for each in pinned_views(alice)] == [("Alpha's", 2)]
    assert opened.redirect_chain[-1][0] == f"{page}{view.address}"
    assert len(opened.context["lines"]) == 2
    assert b"Alpha&#x27;s" in opened.content
    assert b"Changed since it was saved" in client.get(f"{page}?view={view.uuid}&sort=account").content


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_with_the_view_that_its_reader_likes(
    filled: Account, client_for: ClientFor, alice: Membership, name: str
) -> None:
    page, _ = urls(name)
    client = client_for(alice)
    facts = {"list": name, "query": "q=apple", "name": "Apples", "default": "1"}

    client.post(reverse("csplatform:saved_view_create"), facts)
    view = alice.saved_views.get(page=name)

    assert client.get(page)["Location"] == f"{page}{view.address}"
    assert len(client.get(f"{page}?view=").context["lines"]) == 3


@pytest.mark.parametrize("name", LISTS)
def test_a_view_counts_and_shows_only_rows_of_its_organisation(
    filled: Account, client_for: ClientFor, mallory: Membership, name: str
) -> None:
    view = create_view(member=mallory, page=name, name="Everything", query="sort=account")
    pin_view(view=view, member=mallory)

    assert [(each.label, each.count) for each in pinned_views(mallory)] == [("Everything", 0)]
    assert rows_of(client_for(mallory), urls(name)[1])[1:] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_view_that_the_list_does_not_understand_is_refused(
    client_for: ClientFor, alice: Membership, name: str
) -> None:
    facts = {"list": name, "query": "owner=nobody", "name": "Odd"}

    response = client_for(alice).post(reverse("csplatform:saved_view_create"), facts, follow=True)

    assert "The list does not understand it. owner: takes" in response.content.decode()
    assert not alice.saved_views.exists()
