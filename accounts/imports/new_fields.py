"""Custom fields out of the columns of a file that nothing else is meant by: which kind each looks like."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from accounts.enums import CustomFieldKind
from accounts.models.custom_field import FIELD_KEY_LENGTH, FIELD_NAME_LENGTH
from accounts.services.custom_fields import (
    CHOICE_LENGTH,
    FALSE,
    IN_A_LIST,
    MISSING_WORDS,
    TRUE,
    create_custom_field,
    key_of,
)
from csplatform.formatting import counted, number
from csplatform.imports import values
from csplatform.imports.unread import Guess, NewColumns, UnreadColumn, examples_of
from csplatform.imports.values import BadValue, Locale
from csplatform.models import Organization, User
from csplatform.permissions import Action

MOST_GUESSED_CHOICES = 25
"""Different texts up to which a column is a list to choose from, where each stands in two rows on average."""
OFFERED = (
    CustomFieldKind.NUMBER,
    CustomFieldKind.BOOLEAN,
    CustomFieldKind.CHOICE,
    CustomFieldKind.DATE,
    CustomFieldKind.TEXT,
)


def guess_field(column: UnreadColumn, locale: Locale) -> Guess:
    """The narrowest kind that takes all of its texts. NA and the like are missing wherever they are no answer."""
    texts = set(column.texts)
    filled = {text for text in texts if text.casefold() not in MISSING_WORDS}
    choices: list[str] = []
    if len(column.heading) > FIELD_NAME_LENGTH:
        kind, found = "", f"The heading is longer than {FIELD_NAME_LENGTH} characters"
    elif not filled:
        kind, found = "", "Empty"
    elif _are_yes_and_no(filled):
        kind, found = CustomFieldKind.BOOLEAN, "Yes or no"
    elif all(_is_number(text, locale) for text in filled):
        kind, found = CustomFieldKind.NUMBER, "Numbers"
    elif all(_is_day(text, locale) for text in filled):
        kind, found = CustomFieldKind.DATE, "Days"
    elif _are_choices(column):
        kind, found = CustomFieldKind.CHOICE, counted(len(texts), "different text")
        choices = sorted(texts, key=str.casefold)
    else:
        kind, found = CustomFieldKind.TEXT, counted(len(texts), "different text")
    is_narrow = kind in (CustomFieldKind.BOOLEAN, CustomFieldKind.NUMBER, CustomFieldKind.DATE)
    empty = column.empty + (sum(column.texts[text] for text in texts - filled) if is_narrow else 0)
    return {
        "heading": column.heading,
        "kind": str(kind),
        "found": f"{found}, {number(empty)} empty" if empty and filled else found,
        "examples": examples_of(column.texts, filled if is_narrow else texts),
        "empty": empty,
        "choices": choices,
    }


@transaction.atomic
def make_fields(organization: Organization, by: User, chosen: Collection[Guess]) -> None:
    """A custom field for each, called like its heading."""
    keys = set(organization.custom_fields.values_list("key", flat=True))
    for guess in chosen:
        key = _free_key(key_of(guess["heading"]), keys)
        keys.add(key)
        create_custom_field(
            organization=organization,
            by=by,
            kind=guess["kind"],
            key=key,
            name=guess["heading"],
            choices=guess["choices"],
        )


NEW_FIELDS = NewColumns(
    words="custom fields of accounts",
    kinds=[(kind.value, kind.label) for kind in OFFERED],
    listing={CustomFieldKind.CHOICE.value},
    guess=guess_field,
    make=make_fields,
    permission=Action.MANAGE_ORGANIZATION,
)


def _free_key(key: str, taken: Collection[str]) -> str:
    free, count = key, 1
    while free in taken:
        count += 1
        free = f"{key[: FIELD_KEY_LENGTH - 4]}_{count}"
    return free


def _are_yes_and_no(texts: set[str]) -> bool:
    """Noughts and ones only where both are there: a column of ones is a count."""
    words = {text.casefold() for text in texts}
    return words <= TRUE | FALSE and (words == {"0", "1"} or not words & {"0", "1"})


def _is_number(text: str, locale: Locale) -> bool:
    """Not the likes of 00123, which are names."""
    if len(text) > 1 and text[0] == "0" and text[1].isdigit():
        return False
    try:
        values.number(text.replace("₹", "").strip(), locale)
    except BadValue:
        return False
    return True


def _is_day(text: str, locale: Locale) -> bool:
    if not values.is_certain_date(text):
        return False
    try:
        values.any_day(text, locale)
    except BadValue:
        return False
    return True


def _are_choices(column: UnreadColumn) -> bool:
    texts = column.texts
    return (
        len(texts) <= MOST_GUESSED_CHOICES
        and sum(texts.values()) >= 2 * len(texts)
        and len({text.casefold() for text in texts}) == len(texts)
        and all(len(text) <= CHOICE_LENGTH and not IN_A_LIST.search(text) and text.isprintable() for text in texts)
    )
