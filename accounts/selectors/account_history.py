"""Who changed what about an account, when and why; and what it was like on a day gone by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Field, Model, OuterRef, Subquery

from accounts.change_log import NEVER_TOLD, Logged, logged_models
from accounts.models import Account, Contact, CustomField
from accounts.selectors.account_sheet import SheetLine, account_sheet
from accounts.selectors.custom_fields import value_text
from csplatform.formatting import date_text, moment_text, rupees_full, trimmed
from csplatform.history import states_at
from csplatform.models import Organization
from csplatform.periods import day_bounds

NOTHING = "nothing"
GONE = "one that is gone"
TEXT_SHOWN = 200
VERBS = {"+": "added", "~": "changed", "-": "deleted"}
MONEY = frozenset({"arr", "amount", "total", "target_mrr", "unit_price"})
Names = Mapping[type[Model], Mapping[object, str]]
Rows = Mapping[tuple[str, int], Any]
"""History rows by the key of their kind and their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFact:
    """One fact before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one person, or the system, did to one row in one go."""

    at: datetime
    by: str
    why: str
    what: str
    title: str
    verb: str
    facts: tuple[ChangedFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Some changes, newest first; `older` is where the next page begins, if there is one."""

    changes: Sequence[Change]
    older: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PastFacts:
    """The account as recorded at the end of a day. Names of people, teams and accounts, and tags, are today's."""

    day: date
    name: str
    status: str
    lines: Sequence[SheetLine]
    contacts: Sequence[Any]


def history_page(
    account: Account,
    *,
    size: int = 50,
    before: datetime | None = None,
    of: Sequence[str] = (),
    fields: Iterable[CustomField] | None = None,
) -> ChangePage:
    """A page of changes of the account and of what hangs on it.

    Two queries a model, however many changes there are. ``before`` leaves what happened earlier than a moment,
    ``of`` some kinds of rows; ``fields`` are the organisation's own ones where the caller has them at hand."""
    rows: list[tuple[Logged, Any]] = []
    for logged in logged_models():
        if not of or logged.key in of:
            rows += [(logged, row) for row in _rows(logged, account, before=before, most=size + 1)]
    rows.sort(key=lambda pair: (pair[1].history_date, pair[1].history_id), reverse=True)
    page, more = rows[:size], rows[size:]
    while more and more[0][1].history_date == page[-1][1].history_date:
        page.append(more.pop(0))  # what happened at one moment stays on one page, or the next would miss it
    olds = _predecessors(page, rows)
    names = _names(page, olds)
    has_own = any(_differs("custom_fields", row, old) for row, old in _pairs(page, olds))
    if fields is None:
        fields = account.organization.custom_fields.all() if has_own else ()
    own = {field.key: field for field in fields}
    changes = [
        change
        for logged, row in page
        if (change := _change(logged, row, olds.get((logged.key, row.before_id)), names, own, account.organization))
    ]
    return ChangePage(changes=changes, older=page[-1][1].history_date.isoformat() if more else "")


def facts_on(account: Account, day: date) -> PastFacts | None:
    """What was known about the account at the end of a day; None while it was not there yet."""
    organization = account.organization
    end = day_bounds(day, organization)[1]
    record = account.history.filter(history_date__lt=end).order_by("-history_date", "-history_id").first()
    if record is None or record.history_type == "-":
        return None
    then: Account = record.instance
    contacts = states_at(Contact, organization, end).filter(account_id=account.pk, left_on=None)
    return PastFacts(
        day=day,
        name=then.name,
        status=then.get_status_display(),
        lines=account_sheet(then, list(organization.custom_fields.in_use()), today=day),
        contacts=list(contacts.order_by("-is_primary", "name")),
    )


def _rows(logged: Logged, account: Account, *, before: datetime | None, most: int) -> Iterable[Any]:
    """The newest rows of one model's history, each with the key of the one before it."""
    history = logged.model.history.model  # type: ignore[attr-defined]  # put there by django-simple-history
    mine = {"id": account.pk} if logged.model is Account else {"account_id": account.pk}
    rows = history.objects.filter(organization_id=account.organization_id, **mine)
    if before is not None:
        rows = rows.filter(history_date__lt=before)
    earlier = history.objects.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    return (
        rows.annotate(before_id=Subquery(earlier.values("history_id")[:1]))
        .select_related("history_user", *_pointers(logged.model))
        .order_by("-history_date", "-history_id")[:most]
    )


def _predecessors(page: Iterable[tuple[Logged, Any]], rows: Iterable[tuple[Logged, Any]]) -> Rows:
    """What each row was before: mostly another of the rows that were read, else fetched, a query a model."""
    known = {(logged.key, row.history_id): row for logged, row in rows}
    wanted: dict[str, tuple[Logged, list[int]]] = {}
    for logged, row in page:
        if row.before_id is not None and (logged.key, row.before_id) not in known:
            wanted.setdefault(logged.key, (logged, []))[1].append(row.before_id)
    for key, (logged, ids) in wanted.items():
        history = logged.model.history.model  # type: ignore[attr-defined]  # put there by django-simple-history
        found = history.objects.filter(history_id__in=ids).select_related(*_pointers(logged.model))
        known |= {(key, row.history_id): row for row in found}
    return known


def _pairs(page: Iterable[tuple[Logged, Any]], olds: Rows) -> Iterator[tuple[Any, Any]]:
    """Each changed row with what it was before."""
    for logged, row in page:
        old = olds.get((logged.key, row.before_id))
        if row.history_type == "~" and old is not None:
            yield row, old


def _differs(name: str, row: Any, old: Any) -> bool:
    return bool(getattr(row, name, None) != getattr(old, name, None))


def _names(page: Iterable[tuple[Logged, Any]], olds: Rows) -> Names:
    """What the rows are called that changes point at; they came with the history's rows."""
    names: dict[type[Model], dict[object, str]] = defaultdict(dict)
    for row, old in _pairs(page, olds):
        for name in _pointers(type(row).instance_type):
            for end in (row, old):
                pointed = getattr(end, name, None)
                if pointed is not None:
                    names[type(pointed)][pointed.pk] = str(pointed)
    return names


def _change(
    logged: Logged,
    row: Any,
    old: Any,
    names: Names,
    fields: Mapping[str, CustomField],
    organization: Organization,
) -> Change | None:
    is_change = row.history_type == "~"
    facts = tuple(_facts(logged, row, old, names, fields, organization)) if is_change and old is not None else ()
    if is_change and not facts and not row.history_change_reason:
        return None
    return Change(
        at=row.history_date,
        by=row.history_user.display_name if row.history_user else "The system",
        why=row.history_change_reason or "",
        what=logged.what,
        title=str(getattr(row, logged.title))[:TEXT_SHOWN] if logged.title else "",
        verb=VERBS[row.history_type],
        facts=facts,
    )


def _facts(
    logged: Logged, row: Any, old: Any, names: Names, fields: Mapping[str, CustomField], organization: Organization
) -> Iterator[ChangedFact]:
    for field in _told(logged.model):
        before, after = getattr(old, field.attname), getattr(row, field.attname)
        if before == after:
            continue
        if field.name == "custom_fields":
            yield from _custom(before or {}, after or {}, fields)
            continue
        yield ChangedFact(
            label=_label(field),
            before=_words(field, before, names, organization),
            after=_words(field, after, names, organization),
        )


def _custom(
    before: Mapping[str, Any], after: Mapping[str, Any], fields: Mapping[str, CustomField]
) -> Iterator[ChangedFact]:
    for key in dict.fromkeys([*before, *after]):
        if before.get(key) == after.get(key):
            continue
        field = fields.get(key)
        texts = [
            NOTHING if value is None else value_text(field, value) if field else str(value)
            for value in (before.get(key), after.get(key))
        ]
        yield ChangedFact(label=field.name if field else key, before=_cut(texts[0]), after=_cut(texts[1]))


def _told(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in NEVER_TOLD]


def _pointers(model: type[Model]) -> list[str]:
    """The relations that changes name, to be read with the rows themselves."""
    return [field.name for field in _told(model) if field.is_relation]


def _label(field: Field[Any, Any]) -> str:
    return str(field.verbose_name)


def _words(field: Field[Any, Any], value: Any, names: Names, organization: Organization) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return NOTHING
    if field.is_relation:
        return names.get(field.related_model, {}).get(value, GONE)  # type: ignore[arg-type]
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal() if field.name in MONEY:
            return rupees_full(value)
        case Decimal():
            return trimmed(value, 2)
        case datetime():
            return moment_text(value, organization.zone)
        case date():
            return date_text(value)
        case _:
            return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"
