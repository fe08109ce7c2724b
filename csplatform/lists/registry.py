"""The lists there are: rooms register theirs, so that saved views, counts and the API know them by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from csplatform.lists.columns import Column, ColumnSet
from csplatform.models import Membership, Organization


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage:
    """One list page."""

    name: str
    """As saved views call it: `accounts`."""
    label: str
    url_name: str
    columns: ColumnSet
    narrowed: Callable[[Membership, QueryDict], QuerySet[Any]]
    """The rows that a query leaves, for the member who looks."""
    refusal: Callable[[Membership, QueryDict], dict[str, list[str]]]
    """What is wrong with a query, by parameter; empty when it can be answered."""
    file_columns: Callable[[Organization], Sequence[Column]] = lambda organization: ()
    """What a file with every column (`columns=all`) holds beside those of the screen: an organisation's own."""

    @property
    def url(self) -> str:
        return reverse(self.url_name)


_PAGES: dict[str, ListPage] = {}


def register_list(page: ListPage) -> None:
    if _PAGES.setdefault(page.name, page) is not page:
        raise ValueError(f"Two lists are called {page.name!r}.")


def list_named(name: str) -> ListPage | None:
    return _PAGES.get(name)


def list_pages() -> dict[str, ListPage]:
    return dict(_PAGES)
