"""When two account names are the same name, and two addresses the same address."""

from __future__ import annotations

import re
import unicodedata

NAME_LENGTH = 255
KEY_LENGTH = 3 * NAME_LENGTH  # case folding makes up to three characters of one

_EDGE = "\u200b\u200c\u200d\u2060\ufeff"  # spaces of no width, which str.strip leaves alone
_TURNS_TEXT_ROUND = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def clean_name(text: str) -> str:
    """A name as it is stored: NFC, without space or invisible characters around it."""
    name = unicodedata.normalize("NFC", text)
    while (stripped := name.strip().strip(_EDGE)) != name:
        name = stripped
    return name


def name_key(text: str) -> str:
    """What names are compared by: case and the width of inner spaces do not matter."""
    folded = unicodedata.normalize("NFC", clean_name(text).casefold())
    return " ".join(folded.split())


def clean_email(text: str) -> str:
    """An address as it is stored and compared: NFC, lower case, nothing around it."""
    return clean_name(text).lower()


def is_printable(text: str) -> bool:
    """Free of the control characters that no database, page or file agrees on."""
    return not _UNPRINTABLE.search(text)


def turns_text_round(text: str) -> bool:
    """Holds a character that nobody sees and that shows the others in another order: two names that look alike."""
    return bool(_TURNS_TEXT_ROUND.search(text))
