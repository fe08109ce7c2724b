"""An organisation's own facts about accounts: defining them, and turning what came in into what is stored.

Forms, API, imports and services all check values here, so that a value is the same thing whichever way it came."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.enums import CustomFieldKind
from accounts.models import CustomField
from accounts.models.custom_field import FIELD_KEY_LENGTH
from accounts.names import clean_name, is_printable
from csplatform.exceptions import InvalidInput
from csplatform.models import Organization, User
from csplatform.services.sequence import lock_sequence

MOST_FIELDS = 50
MOST_CHOICES = 100
CHOICE_LENGTH = 80
TEXT_LENGTH = 2_000
LARGEST_NUMBER = Decimal(10) ** 12
PLACES = 3
EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)
SEQUENCE = "custom_field"
TRUE, FALSE = {"true", "yes", "y", "1", "on"}, {"false", "no", "n", "0", "off"}
MISSING_WORDS = {"na", "n/a", "nan", "null", "none", "?", "-", "–"}
"""What files write where they know nothing, of a fact that no such word could state."""
IN_A_LIST = re.compile(r"[,;\n]")

_is_url = URLValidator(schemes=["http", "https"])


class BadCustomValue(ValueError):
    """Why a value cannot stand in a custom field, as a sentence that begins with "takes"."""


class FieldFacts(TypedDict, total=False):
    """What may be changed of a custom field once it is there."""

    name: str
    choices: Iterable[str]
    is_required: bool
    help_text: str
    position: int


# -- definitions ------------------------------------------------------------------------------------


@transaction.atomic
def create_custom_field(
    *, organization: Organization, by: User | None, kind: str, key: str = "", **facts: Unpack[FieldFacts]
) -> CustomField:
    """Add a fact that accounts can have; its key is made of the name where none is given."""
    lock_sequence(organization, SEQUENCE)
    fields = organization.custom_fields
    if fields.in_use().count() >= MOST_FIELDS:
        raise InvalidInput(f"There are {MOST_FIELDS} custom fields already. Archive one first.")
    facts.setdefault("position", (fields.aggregate(last=Max("position"))["last"] or 0) + 1)
    name = clean_name(facts.get("name", ""))
    field = CustomField(organization=organization, kind=kind, key=key.strip() or key_of(name))
    return _written(field, facts, by=by)


@transaction.atomic
def update_custom_field(*, field: CustomField, by: User | None, **facts: Unpack[FieldFacts]) -> CustomField:
    """Change how a field is called and asked; values that accounts hold stay, also those no longer offered."""
    lock_sequence(field.organization, SEQUENCE)
    return _written(field.organization.custom_fields.get(pk=field.pk), facts, by=by)


@transaction.atomic
def archive_custom_field(*, field: CustomField, by: User | None) -> CustomField:
    """Show and ask it no longer. Values stay and are there again when it is brought back."""
    if not field.is_archived:
        field.archived_at, field._history_user = timezone.now(), by
        field.save()
    return field


@transaction.atomic
def restore_custom_field(*, field: CustomField, by: User | None) -> CustomField:
    if field.is_archived:
        field.archived_at, field._history_user = None, by
        field.save()
    return field


def key_of(name: str) -> str:
    """A key for a field of that name: "Support tier" is `support_tier`."""
    words = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    return (words if words[:1].isalpha() else f"field_{words}".strip("_"))[:FIELD_KEY_LENGTH]


def _written(field: CustomField, facts: FieldFacts, *, by: User | None) -> CustomField:
    for name, value in facts.items():
        setattr(field, name, value)
    field.name, field.help_text = clean_name(field.name), " ".join(field.help_text.split())
    field.choices = _checked_choices(field)
    try:
        field.clean_fields(exclude=["organization"])
    except ValidationError as error:
        raise InvalidInput("The field cannot be stored.", errors=error.message_dict) from error
    if not is_printable(field.name):
        _refuse("name", "The name holds control characters.")
    others = field.organization.custom_fields.exclude(pk=field.pk)
    if others.filter(name=field.name).exists():
        _refuse("name", f"There is another custom field called “{field.name}”; it may be archived.")
    if others.filter(key=field.key).exists():
        _refuse("key", f"There is another custom field with the key “{field.key}”; it may be archived.")
    field._history_user = by
    field.save()
    return field


def _checked_choices(field: CustomField) -> list[str]:
    choices = list(dict.fromkeys(filter(None, (" ".join(str(each).split()) for each in field.choices))))
    if not field.has_choices:
        return []
    if not choices:
        _refuse("choices", "Give at least one choice.")
    if len(choices) > MOST_CHOICES:
        _refuse("choices", f"Give at most {MOST_CHOICES} choices.")
    if len({each.casefold() for each in choices}) < len(choices):
        _refuse("choices", "Two choices differ in nothing but capital letters.")
    for each in choices:
        if len(each) > CHOICE_LENGTH:
            _refuse("choices", f"“{each[:20]}…” is longer than {CHOICE_LENGTH} characters.")
        if IN_A_LIST.search(each) or not is_printable(each):
            _refuse("choices", f"“{each}” must hold neither comma nor semicolon.")
    return choices


def _refuse(field: str, sentence: str) -> None:
    raise InvalidInput(sentence, errors={field: [sentence]})


# -- values -----------------------------------------------------------------------------------------


def merged_values(
    fields: Iterable[CustomField],
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    *,
    ask_required: bool = False,
) -> dict[str, Any]:
    """What an account holds after `given` was written over `stored`; None and "" take a value away.

    What is unchanged is not looked at again: a choice that is no longer offered may stay. Keys that no field in use
    has are ignored, as in every body. ``ask_required`` also refuses what is required and still missing."""
    if not isinstance(given, Mapping):
        raise InvalidInput("custom_fields: takes values by key.", errors={"custom_fields": ["takes values by key."]})
    values, wrong = dict(stored), []
    for field in fields:
        if field.key in given and given[field.key] != stored.get(field.key):
            try:
                value = stored_value(field, given[field.key])
            except BadCustomValue as error:
                wrong.append(f"{field.name} ({field.key}) {error}")
                continue
            if value is None:
                values.pop(field.key, None)
            else:
                values[field.key] = value
        is_asked = ask_required or field.key in given
        if field.is_required and is_asked and field.key not in values:
            wrong.append(f"{field.name} ({field.key}) is required.")
    if wrong:
        raise InvalidInput("Some custom fields cannot be stored.", errors={"custom_fields": wrong})
    return values


def stored_value(field: CustomField, value: Any) -> Any:
    """A value as JSON keeps it; None where it is empty. Takes what JSON, forms and cells of files bring."""
    if isinstance(value, str):
        value = clean_name(value)
    if value is None or value == "" or value == []:
        return None
    return _READERS[CustomFieldKind(field.kind)](field, value)


def _text(field: CustomField, value: Any) -> str:
    if not isinstance(value, str) or not is_printable(value):
        raise BadCustomValue("takes text without control characters.")
    if len(value) > TEXT_LENGTH:
        raise BadCustomValue(f"takes at most {TEXT_LENGTH:,} characters.")
    return value


def _number(field: CustomField, value: Any) -> int | float:
    try:
        number = Decimal(str(value).replace(",", "").replace("₹", "").strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool | list | dict) or not number.is_finite():
        raise BadCustomValue("takes a number.")
    if abs(number) > LARGEST_NUMBER or number != round(number, PLACES):
        raise BadCustomValue(f"takes a number of at most 12 digits and {PLACES} decimals.")
    return int(number) if number == number.to_integral_value() else float(number)


def _date(field: CustomField, value: Any) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadCustomValue("takes a date such as 2026-11-20.") from None
    if not EARLIEST <= day <= LATEST:
        raise BadCustomValue(f"takes a date between {EARLIEST.year} and {LATEST.year}.")
    return day.isoformat()


def _boolean(field: CustomField, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).casefold()
    if text not in TRUE | FALSE:
        raise BadCustomValue("takes yes or no.")
    return text in TRUE


def _choice(field: CustomField, value: Any) -> str:
    offered = {each.casefold(): each for each in field.choices}
    choice = offered.get(" ".join(value.split()).casefold()) if isinstance(value, str) else None
    if choice is None:
        raise BadCustomValue(f"takes one of {', '.join(field.choices)}.")
    return choice


def _choices(field: CustomField, value: Any) -> list[str] | None:
    several = IN_A_LIST.split(value) if isinstance(value, str) else value
    if not isinstance(several, list | tuple):
        raise BadCustomValue(f"takes a list of {', '.join(field.choices)}.")
    chosen = {_choice(field, each) for each in several if each != "" and str(each).strip()}
    return [each for each in field.choices if each in chosen] or None


def _url(field: CustomField, value: Any) -> str:
    try:
        _is_url(value)
    except (ValidationError, TypeError):
        raise BadCustomValue("takes a web address such as https://example.com.") from None
    return _text(field, value)


_READERS = {
    CustomFieldKind.TEXT: _text,
    CustomFieldKind.NUMBER: _number,
    CustomFieldKind.DATE: _date,
    CustomFieldKind.BOOLEAN: _boolean,
    CustomFieldKind.CHOICE: _choice,
    CustomFieldKind.MULTI_CHOICE: _choices,
    CustomFieldKind.URL: _url,
}
