"""Whom and which team a row names: by the words that people use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from csplatform.imports.columns import Rows, Values
from csplatform.imports.reading import Problem
from csplatform.models import Organization

TWO = "two"
"""In place of an address: the name is that of two members."""


class NamedPeople:
    """Reads `owner_email` and `owner` into the addresses of members, and `team` into keys of teams."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self._people: dict[str, str] | None = None
        self._teams: dict[str, int] | None = None

    def read(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        """The rows with owner and team as the accounts know them; without those that name nobody and nothing."""
        problems: list[Problem] = []
        rows, found = self._owners(rows)
        problems += found
        if "team" in rows:
            texts = rows.values["team"].rows
            teams = self._known_teams()
            bad = [at for at, text in enumerate(texts) if text and str(text).casefold() not in teams]
            problems += [rows.problem(at, "team", str(texts[at]), "is no team") for at in bad]
            keys = [teams.get(str(text or "").casefold()) for text in texts]
            rows = _kept(_with(rows, "team", keys), bad)
        return rows, problems

    def _owners(self, rows: Rows) -> tuple[Rows, list[Problem]]:
        columns = [name for name in ("owner_email", "owner") if name in rows]
        if not columns:
            return rows, []
        people, problems, bad = self._known_people(), [], []
        emails: list[str | None] = []
        cells = [rows.values[name].rows for name in columns]
        for at in range(len(rows)):
            said = [(name, str(texts[at])) for name, texts in zip(columns, cells, strict=True) if texts[at]]
            email = people.get(said[0][1].casefold()) if said else None
            emails.append(email)
            if said and email in {None, TWO}:
                name, text = said[0]
                reason = (
                    "is the name of two members; write the e-mail address" if email else "is not an active member"
                )
                problems.append(rows.problem(at, name, text, reason))
                bad.append(at)
        return _kept(_with(rows, "owner", emails), bad), problems

    def _known_people(self) -> Mapping[str, str]:
        if self._people is None:
            members = [
                (member.user.display_name.casefold(), member.user.email.lower())
                for member in self.organization.memberships.active().select_related("user")
            ]
            shared = Counter(name for name, _ in members)
            self._people = {name: TWO if shared[name] > 1 else email for name, email in members}
            self._people |= {email: email for _, email in members}
        return self._people

    def _known_teams(self) -> Mapping[str, int]:
        if self._teams is None:
            self._teams = {name.casefold(): key for name, key in self.organization.teams.values_list("name", "pk")}
        return self._teams


def _with(rows: Rows, name: str, values: Sequence[object]) -> Rows:
    """The rows with a column of these values."""
    places: dict[object, int] = {}
    codes = np.array([places.setdefault(value, len(places)) for value in values], dtype=np.intp)
    distinct = np.empty(len(places), dtype=object)
    distinct[:] = list(places)
    return replace(rows, values={**rows.values, name: Values(codes, distinct)})


def _kept(rows: Rows, bad: Sequence[int]) -> Rows:
    mask = np.ones(len(rows), dtype=bool)
    mask[list(bad)] = False
    return rows if not bad else rows.keep(mask)
