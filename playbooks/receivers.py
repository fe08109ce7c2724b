"""What playbooks do when another room has news."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils import timezone

from accounts.models import FollowUp
from accounts.signals import FollowUpMove, Merge, accounts_churned, accounts_merged, follow_up_moved
from csplatform.models import Organization, User
from csplatform.signals import organization_created
from health.signals import health_looked_at
from playbooks.services.account_ends import carry_runs_over, end_runs_of_churned
from playbooks.services.automation import order_evaluation
from playbooks.services.library import copy_library
from playbooks.services.run_steps import follow_step


def give_library(organization: Organization, **kwargs: object) -> None:
    """A new organisation has something to do about a risk from its first score on."""
    copy_library(organization=organization)


def move_run_on(*, follow_up: FollowUp, move: FollowUpMove, by: User | None, now: datetime, **_: object) -> None:
    """A run is as far as its tasks are, on the very next page."""
    follow_step(follow_up=follow_up, move=move, by=by, now=now)


def end_runs(
    *, organization: Organization, account_ids: Collection[int], by: User | None = None, **_: object
) -> None:
    """Nobody goes on with a playbook for who has left."""
    end_runs_of_churned(organization=organization, account_ids=account_ids, by=by, now=timezone.now())


def carry_over(*, organization: Organization, merge: Merge, **_: object) -> None:
    """One account, one story: what was tried with the others was tried with it."""
    carry_runs_over(organization=organization, merge=merge, now=timezone.now())


def look_at_rules(*, organization: Organization, **_: object) -> None:
    """What scores and alerts say is up to date: a job looks at the rules a moment later."""
    order_evaluation(organization)


def connect() -> None:
    health_looked_at.connect(look_at_rules, dispatch_uid="playbooks.look_at_rules")
    organization_created.connect(give_library, dispatch_uid="playbooks.give_library")
    follow_up_moved.connect(move_run_on, dispatch_uid="playbooks.move_run_on")
    accounts_churned.connect(end_runs, dispatch_uid="playbooks.end_runs")
    accounts_merged.connect(carry_over, dispatch_uid="playbooks.carry_over")
