"""The query of a list in one form, so that two addresses that mean the same compare equal."""

from __future__ import annotations

from collections.abc import Iterable

from django.forms import BaseForm
from django.http import QueryDict

NOT_KEPT = frozenset({"page", "page_size", "view", "columns", "csrfmiddlewaretoken"})
"""What an address says beside filters and sorting."""


def normal_query(query: QueryDict | str) -> str:
    """Filters and sorting alone, without empty values, in one order."""
    given = QueryDict(query.removeprefix("?")) if isinstance(query, str) else query
    pairs = sorted(
        (name, value) for name, values in given.lists() if name not in NOT_KEPT for value in values if value
    )
    kept = QueryDict(mutable=True)
    for name, value in pairs:
        kept.appendlist(name, value)
    return kept.urlencode()


def column_names(text: str) -> list[str]:
    """`name,status` as a list."""
    return [name for name in text.split(",") if name]


def columns_parameter(names: Iterable[str]) -> str:
    return ",".join(names)


def refusal_of(form: BaseForm) -> dict[str, list[str]]:
    """What is wrong with a query, by parameter, as the form of its filters finds it."""
    return {} if form.is_valid() else {name: [str(each) for each in errors] for name, errors in form.errors.items()}
