"""Which playbook does somebody mean?"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from csplatform.models import Organization
from playbooks.models import Playbook


def playbook_named(organization: Organization, key: Any) -> Playbook | None:
    """One of the organisation's playbooks by number or uuid; None for another's, or for words that mean none."""
    if isinstance(key, bool) or not isinstance(key, int | str | UUID):
        return None
    text = str(key)
    playbooks = organization.playbooks.all()
    if text.isascii() and text.isdigit():
        found: Playbook | None = playbooks.filter(number=int(text)).first() if len(text) < 10 else None
        return found
    try:
        found = playbooks.filter(uuid=UUID(text)).first()
    except ValueError:
        return None
    return found
