"""Owners that a file names as people do: by their name, or by an address that is perhaps nobody's here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from csplatform.imports.columns import Rows, Values
from csplatform.models import Organization

SHOWN = 5


class NamedOwners:
    """Reads the column `cs_owner` into the column `owner`, which holds addresses of members.

    Files of other systems name people who never were members. That is no fault of the row: it is taken without an
    owner, and the import says whom it did not know.
    """

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._members: dict[str, str | None] | None = None
        self._strangers: dict[str, None] = {}

    def owners(self, rows: Rows) -> Rows:
        """The rows with their owners' addresses; a column `owner` of the file's own counts alone."""
        if "cs_owner" not in rows or "owner" in rows:
            return rows
        people = rows.values["cs_owner"]
        emails = np.empty(len(people.distinct), dtype=object)
        emails[:] = [self._email(person) for person in people.distinct]
        return replace(rows, values={**rows.values, "owner": Values(people.codes, emails)})

    def notices(self) -> list[str]:
        """Whom the file names and nobody knows."""
        if not self._strangers:
            return []
        named = list(self._strangers)
        more = f" and {len(named) - SHOWN:,} more" if len(named) > SHOWN else ""
        listed = ", ".join(f"“{name}”" for name in named[:SHOWN])
        return [f"No active member is called {listed}{more}; their accounts were taken without an owner."]

    def _email(self, person: object) -> str | None:
        if not person:
            return None
        text = str(person)
        email = self._known().get(text.casefold())
        if email is None:
            self._strangers[text] = None
        return email

    def _known(self) -> dict[str, str | None]:
        """Members by address and by name; a name that two of them share means neither."""
        if self._members is None:
            active = list(self.organization.memberships.active().select_related("user"))
            self._members = {}
            for member in active:
                name, email = member.user.display_name.casefold(), member.user.email.lower()
                self._members[name] = None if name in self._members else email
            self._members |= {member.user.email.lower(): member.user.email.lower() for member in active}
        return self._members
