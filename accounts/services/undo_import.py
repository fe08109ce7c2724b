"""Accounts back to what they were before a file spoke of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import DO_NOTHING, Model, Q
from django.db.models.fields.reverse_related import ForeignObjectRel

from accounts.models import Account, AccountAlias
from accounts.signals import contracts_changed
from csplatform import bulk
from csplatform.formatting import counted, moment_text
from csplatform.models import Organization, User

NOBODYS = Q(pk__in=[])
"""No row of a derived model is anybody's work."""
Derived = Mapping[str, Q]
"""Models (by label) whose rows go with an account, and which of their rows are somebody's work all the same."""
_derived: dict[str, Q] = {"accounts.AccountAlias": NOBODYS}


def register_derived(label: str, *, somebodys: Q = NOBODYS) -> None:
    """Called when a room is ready, for each model whose rows it derives from accounts by itself."""
    _derived[label] = somebodys


def derived_rows() -> Derived:
    """What goes with an account that was made by mistake."""
    return dict(_derived)


def touched_accounts(organization: Organization, written: Mapping[int, datetime]) -> str:
    """Which of these accounts (key to `updated_at`) somebody has changed or removed since, in a sentence."""
    rows = organization.accounts.filter(pk__in=list(written)).order_by("pk")
    now = dict(rows.values_list("pk", "updated_at"))
    touched = [key for key, moment in written.items() if now.get(key) != moment]
    if not touched:
        return ""
    first = organization.accounts.filter(pk__in=touched).order_by("pk").first()
    others = f", and {counted(len(touched) - 1, 'other account')} too" if len(touched) > 1 else ""
    if first is None:
        return f"{counted(len(touched), 'account')} of it no longer exist{'s' if len(touched) == 1 else ''}."
    return f"{first} was changed {_by_whom(first)}{others}."


def hanging_on(organization: Organization, keys: Collection[int], *, derived: Derived) -> str:
    """What people have attached to these accounts, in a sentence."""
    for model, field in _pointing_at_accounts():
        rows = _rows(model, field, keys)
        somebodys = derived.get(model._meta.label)
        if somebodys is not None:
            rows = rows.filter(somebodys)
        row = (rows.filter(is_system=False) if _has_system_rows(model) else rows).select_related(field).first()
        if row is not None:
            return f"{getattr(row, field)} now has something attached: {model._meta.verbose_name} “{row}”."
    return ""


@transaction.atomic
def restore_accounts(
    *,
    organization: Organization,
    facts: Mapping[int, Mapping[str, Any]],
    by: User | None,
    reason: str,
    keep_history: bool = True,
) -> None:
    """Give accounts the fields that they had, `updated_at` among them; all of them name the same fields."""
    if not facts:
        return
    names = next(iter(facts.values())).keys()
    fields = {field.attname: field for field in Account._meta.concrete_fields}
    columns = {name: [fields[name].to_python(each[name]) for each in facts.values()] for name in names}
    own = set(organization.accounts.filter(pk__in=list(facts)).values_list("pk", flat=True))
    keys = list(facts)
    if own != set(keys):
        raise ValueError("Restores accounts of the organisation only.")
    bulk.update_from(Account, keys, columns)
    if keep_history:
        bulk.record_history(Account, keys, kind="~", by=by, reason=reason)
    if "contract_end" in names:
        contracts_changed.send(sender=Account, organization=organization, account_ids=keys, by=by)


@transaction.atomic
def restore_aliases(organization: Organization, keys: Collection[int], aliases: Iterable[Sequence[Any]]) -> None:
    """Let accounts be found by exactly the former names that they had."""
    wanted = {(account, kind, key): (text, origin) for account, kind, key, text, origin in aliases}
    there = organization.account_aliases.filter(account__in=keys).order_by()
    known = {(account, kind, key): pk for pk, account, kind, key in there.values_list("pk", "account", "kind", "key")}
    organization.account_aliases.filter(pk__in=[pk for each, pk in known.items() if each not in wanted]).delete()
    AccountAlias.objects.bulk_create(
        [
            AccountAlias(
                organization=organization, account_id=each[0], kind=each[1], key=each[2], text=text, origin=origin
            )
            for each, (text, origin) in wanted.items()
            if each not in known
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def delete_accounts(
    *, organization: Organization, keys: Sequence[int], derived: Derived, by: User | None, reason: str
) -> None:
    """Remove accounts on which nothing hangs (`hanging_on`), with what is derived from them.

    Their history keeps that they were there. Whatever should still point at one makes the transaction fail.

    PERFORMANCE: set-based, past Django's collector, which would load each account and signal its end.
    """
    accounts = organization.accounts.filter(pk__in=keys).order_by()
    bulk.record_history(Account, list(accounts.values_list("pk", flat=True)), kind="-", by=by, reason=reason)
    for model, field in _pointing_at_accounts():
        rows = _rows(model, field, keys)
        if model._meta.label in derived:
            if hasattr(model, "history"):
                gone = list(rows.values_list("pk", flat=True))
                bulk.record_history(model, gone, kind="-", by=by, reason=reason)
            rows._raw_delete(connection.alias)
        elif _has_system_rows(model):
            rows.filter(is_system=True)._raw_delete(connection.alias)
    accounts._raw_delete(connection.alias)


def _pointing_at_accounts() -> Iterator[tuple[type[Model], str]]:
    """Every model with a foreign key to accounts, its name in hand; not the histories, which outlive them."""
    for relation in Account._meta.get_fields(include_hidden=True):
        if (
            isinstance(relation, ForeignObjectRel)
            and relation.on_delete is not DO_NOTHING
            and relation.field.concrete
        ) and not relation.field.many_to_many:
            yield relation.related_model, relation.field.name


def _has_system_rows(model: type[Model]) -> bool:
    return any(field.name == "is_system" for field in model._meta.concrete_fields)


def _rows(model: type[Model], field: str, keys: Collection[int]) -> Any:
    return model._base_manager.filter(**{f"{field}__in": list(keys)}).order_by()


def _by_whom(account: Account) -> str:
    """When, by whom and why an account was last written."""
    last = account.history.select_related("history_user").first()
    if last is None:
        return "since"
    who = last.history_user.display_name if last.history_user else "the system"
    why = f" ({last.history_change_reason})" if last.history_change_reason else ""
    return f"on {moment_text(last.history_date, account.organization.zone)} by {who}{why}"
