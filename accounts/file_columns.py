"""What a file of accounts holds beside the columns of the list, under the headings that the accounts import knows.

With them a file with every column comes back as it went: change a cell, import it, and that is what changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts.imports.account_columns import PREFIX, heading_of
from accounts.models import Account, CustomField
from accounts.selectors.custom_fields import cell_of
from accounts.services.import_tags import stored_tags
from csplatform.lists import Column, ListContext
from csplatform.models import Organization


def file_columns(organization: Organization) -> list[Column]:
    """Tags, parent, term, and the organisation's custom fields in use, in their order. One query."""
    return [
        Column(name="tags", label="Tags", gather=_tags),
        Column(name="parent", label="Parent", gather=_parents),
        Column(
            name="contract_term_months",
            label="Contract term months",
            value=lambda account: account.contract_term_months,
        ),
        *(_custom(field) for field in organization.custom_fields.in_use()),
    ]


def _custom(field: CustomField) -> Column:
    return Column(name=f"{PREFIX}{field.key}", label=heading_of(field), value=_value(field.key), export=cell_of)


def _value(key: str) -> Callable[[Account], Any]:
    return lambda account: account.custom_fields.get(key)


def _tags(context: ListContext, rows: Sequence[Account]) -> Mapping[int, str]:
    tags = stored_tags(context.organization, [account.pk for account in rows])
    return {key: ", ".join(sorted(names)) for key, names in tags.items()}


def _parents(context: ListContext, rows: Sequence[Account]) -> Mapping[int, str]:
    named = context.organization.accounts.filter(pk__in=[account.pk for account in rows], parent__isnull=False)
    return dict(named.order_by().values_list("pk", "parent__name"))
