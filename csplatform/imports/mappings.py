"""What somebody once said the headings of a file mean, for the next file with the same ones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from csplatform.imports.columns import heading_key
from csplatform.models import ImportMapping, Organization, User


def headings_hash(header: Sequence[str]) -> str:
    """Of the set of headings: their order, case and spelling with spaces or underscores do not matter."""
    keys = sorted({heading_key(heading) for heading in header})
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()


def recall_mapping(organization: Organization, kind: str, header: Sequence[str]) -> ImportMapping | None:
    """What was chosen for such a file, if anything was, in the spelling of this one's headings."""
    mappings = organization.import_mappings.select_related("chosen_by")
    known: ImportMapping | None = mappings.filter(kind=kind, headings=headings_hash(header)).first()
    if known is not None:
        spelled = {heading_key(heading): heading for heading in header}
        known.mapping = {spelled[heading_key(old)]: name for old, name in known.mapping.items()}
    return known


def remember_mapping(
    organization: Organization, kind: str, header: Sequence[str], mapping: Mapping[str, str | None], *, by: User
) -> None:
    """Keep what was chosen by hand; nothing chosen is nothing to remember."""
    if not mapping:
        forget_mapping(organization, kind, header)
        return
    organization.import_mappings.update_or_create(
        kind=kind, headings=headings_hash(header), defaults={"mapping": dict(mapping), "chosen_by": by}
    )


def forget_mapping(organization: Organization, kind: str, header: Sequence[str]) -> None:
    """Let the headings speak for themselves again."""
    organization.import_mappings.filter(kind=kind, headings=headings_hash(header)).delete()
