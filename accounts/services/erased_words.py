"""Words taken out of all that is written about an account, in every room, and of the platform's copies of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.db.models.lookups import IContains

from accounts.models import Account
from csplatform.models import Organization

AT_ONCE = 200
NEVER = frozenset({"external_id", "number", "history_type"})
"""By these other systems find the row again."""
NAMES_OF_THE_ACCOUNT = frozenset({"accounts.AccountAlias", "billing.CustomerTaxProfile"})
"""What a company is called and taxed as is about the company."""
OF_THE_ACCOUNT = ("churn_reason", "custom_fields", "history_change_reason")
COPIES = ("Notification", "Import", "ImportRowError", "Job", "SavedView", "ExportRecord")
"""The platform's own rows that quote others; they are of no account, so all of the organisation's are looked at."""
HANDLED = frozenset({"attendees"})
"""Looked at person by person."""

Text = models.CharField[Any, Any] | models.TextField[Any, Any] | models.JSONField
Model = type[models.Model]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table in which somebody may be named."""

    table: Model
    mine: Q
    """Its rows that are about the account."""
    fields: tuple[str, ...]


def erase_words(organization: Organization, account: Account, words: Sequence[str], *, by: str) -> dict[str, int]:
    """Put `by` for each of the words, however they are written; how many rows changed, by table.

    The longest words come first. Rows are found by their text, so that only those that say one are read."""
    if not words:
        return {}
    # Not inside of other words: Ann stays in Annual, and 98450 in 1984500.
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)
    counts = {}
    for place in places(organization, account):
        if changed := _erase(place, words, pattern, by):
            counts[place.table._meta.label_lower.partition(".")[2]] = changed
    answers = organization.idempotency_keys.filter(
        _says(("body",), words, _fields_of(organization.idempotency_keys.model))
    )
    if stored := answers.delete()[0]:
        counts["idempotencykey"] = stored
    return counts


def places(organization: Organization, account: Account) -> Iterator[Place]:
    """Every table with text that hangs on the account, directly or by one step, with its history; and the copies.

    What is final once it is written, as tax documents are, is only looked at where it may change."""
    for table in apps.get_models():
        names = tuple(field.name for field in _texts(table))
        if not names or table._meta.label in NAMES_OF_THE_ACCOUNT or "organization" not in _fields_of(table):
            continue
        of = getattr(table, "instance_type", table)
        if of is Account:
            mine = Q(**{"pk" if table is Account else "id": account.pk})
            names = tuple(name for name in names if name in OF_THE_ACCOUNT)
        elif path := _path(table):
            mine = Q(**{path: account.pk})
        elif table._meta.app_label == "csplatform" and table.__name__ in COPIES:
            mine = Q()
        elif table._meta.label == "csplatform.Upload":
            mine = Q(attachment__account=account.pk)
        else:
            continue
        yield Place(table=table, mine=mine & Q(organization=organization.pk), fields=names)


def _erase(place: Place, words: Sequence[str], pattern: re.Pattern[str], by: str) -> int:
    fields = _fields_of(place.table)
    rows = place.table._base_manager.filter(place.mine).filter(_says(place.fields, words, fields))
    touched = []
    for row in rows.only("pk", *place.fields):
        for name in place.fields:
            old = getattr(row, name)
            new = _without(old, pattern, by)
            if new != old:
                setattr(row, name, new[: fields[name].max_length] if isinstance(new, str) else new)
        touched.append(row)
    place.table._base_manager.bulk_update(touched, place.fields, batch_size=AT_ONCE)
    return len(touched)


def _says(names: Sequence[str], words: Sequence[str], fields: dict[str, Any]) -> Q:
    """Rows whose text has one of the words; JSON may hold letters beyond ASCII in their escaped form."""
    condition = Q(pk__in=[])
    for name in names:
        is_json = isinstance(fields[name], models.JSONField)
        for word in {*words, *(json.dumps(word)[1:-1] for word in words)} if is_json else words:
            condition |= Q(_as_text(name, word)) if is_json else Q(**{f"{name}__icontains": word})
    return condition


def _as_text(name: str, word: str) -> Any:
    return IContains(Cast(name, TextField()), word)


def _without(value: Any, pattern: re.Pattern[str], by: str) -> Any:
    if isinstance(value, str):
        return pattern.sub(by, value)
    if isinstance(value, list):
        return [_without(each, pattern, by) for each in value]
    if isinstance(value, dict):
        return {key: _without(each, pattern, by) for key, each in value.items()}
    return value


def _texts(table: Model) -> list[Text]:
    """Its fields that take what people write."""
    may_change = getattr(getattr(table, "instance_type", table), "MAY_CHANGE", None)
    return [
        field
        for field in table._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField | models.JSONField)
        and not field.choices
        and field.name not in NEVER | HANDLED
        and (may_change is None or field.name in may_change or field.name == "history_change_reason")
    ]


def _path(table: Model) -> str:
    """How its rows say which account they are about."""
    fields = _fields_of(table)
    if "account" in fields and fields["account"].related_model is Account:
        return "account"
    for name, field in fields.items():
        above = field.related_model
        if field.many_to_one and isinstance(above, type) and above is not Account and "account" in _fields_of(above):
            return f"{name}__account"
    return ""


def _fields_of(table: Any) -> dict[str, Any]:
    return {field.name: field for field in table._meta.concrete_fields}
