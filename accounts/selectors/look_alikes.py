"""Which new names are probably known accounts, written otherwise?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from accounts.names import name_key
from csplatform.models import Organization

MOST_COMPARED = 1_000
MOST_SHOWN = 20
SHORTEST = 5
"""Below this many letters one letter more or less makes another name."""
_LEGAL_FORMS = re.compile(
    r"\b(?:private|pvt|limited|ltd|llp|llc|inc|incorporated|corp|corporation|company|co|gmbh|plc|the)\b\.?"
)


def look_alikes(organization: Organization, names: Sequence[str]) -> list[tuple[str, str]]:
    """New names of which a known account's differs by a letter, or by nothing but spaces, signs and legal form.

    Each name is compared with all accounts by what is left of it when any one letter is dropped: two names that
    share such a rest are one slip of the finger apart.
    """
    wanted: dict[str, list[str]] = {}
    for name in names[:MOST_COMPARED]:
        for rest in _rests(_core(name)):
            wanted.setdefault(rest, []).append(name)
    found: dict[str, str] = {}
    for known in organization.accounts.order_by("name_key").values_list("name", flat=True).iterator(chunk_size=5_000):
        for rest in _rests(_core(known)):
            for name in wanted.get(rest, ()):
                if name_key(name) != name_key(known):
                    found.setdefault(name, known)
    return [(name, found[name]) for name in names if name in found][:MOST_SHOWN]


def _core(name: str) -> str:
    """The letters and digits of a name, without the words that say what kind of company it is."""
    key = name_key(name)
    letters = "".join(filter(str.isalnum, _LEGAL_FORMS.sub(" ", key)))
    return letters or "".join(filter(str.isalnum, key))


def _rests(core: str) -> Iterator[str]:
    """The text itself, and everything that one letter less makes of it."""
    yield core
    if len(core) >= SHORTEST:
        for place in range(len(core)):
            yield f"{core[:place]}{core[place + 1 :]}"
