"""Narrowing and sorting runs, for the page, its export and the API."""

from __future__ import annotations

from typing import Any

import django_filters

from accounts.list_filter import ListFilter, choice
from playbooks.enums import GOING_ON, RunOutcome, RunStatus
from playbooks.models import PlaybookRun
from playbooks.querysets import PlaybookRunQuerySet
from playbooks.selectors.playbook_by_key import playbook_named

GOES_ON, UNJUDGED = "going_on", "unjudged"
STATES = [(GOES_ON, "Running or paused"), *RunStatus.choices]
OUTCOMES = [(UNJUDGED, "Completed, nothing said yet"), *RunOutcome.choices]


class RunFilter(ListFilter):
    """Filters combine with AND; days are those on which runs were started."""

    dated = "started_at"
    is_moment = True

    status = choice(STATES, label="Status", empty_label="Any status", method="in_state")
    outcome = choice(OUTCOMES, label="Outcome", empty_label="Any outcome", method="with_outcome")
    playbook_id = django_filters.CharFilter(method="of_playbook", label="Playbook", max_length=40)

    class Meta:
        model = PlaybookRun
        fields: list[str] = []

    def in_state(self, runs: PlaybookRunQuerySet, _: str, state: str) -> Any:
        return runs.filter(status__in=GOING_ON) if state == GOES_ON else runs.filter(status=state)

    def with_outcome(self, runs: PlaybookRunQuerySet, _: str, outcome: str) -> Any:
        return runs.completed().filter(outcome="" if outcome == UNJUDGED else outcome)

    def of_playbook(self, runs: PlaybookRunQuerySet, _: str, key: str) -> Any:
        playbook = playbook_named(self.member.organization, key)
        return runs.filter(playbook=playbook) if playbook else runs.none()
