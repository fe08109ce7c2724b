"""Ways of narrowing playbooks and their runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.apps import apps
from django.db import models
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.names import name_key
from playbooks.enums import GOING_ON, RunStatus

if TYPE_CHECKING:
    from playbooks.models import AutomationHit, Playbook, PlaybookRun, RunStep


class PlaybookQuerySet(models.QuerySet["Playbook"]):
    """An organisation's playbooks, by number."""

    def builtin(self) -> Self:
        """The ten that every organisation starts with, the ones published clients know."""
        return self.filter(is_builtin=True)

    def with_steps(self) -> Self:
        """With their steps fetched, in order, at the price of one query."""
        return self.prefetch_related("steps__member")


class PlaybookRunQuerySet(models.QuerySet["PlaybookRun"]):
    """Runs of an organisation, the newest first."""

    # Where they stand

    def going_on(self) -> Self:
        """Running or paused."""
        return self.filter(status__in=GOING_ON)

    def running(self) -> Self:
        return self.filter(status=RunStatus.RUNNING)

    def completed(self) -> Self:
        return self.filter(status=RunStatus.COMPLETED)

    def visible(self) -> Self:
        """Of accounts in use."""
        return self.filter(account__archived_at=None)

    def search(self, text: str) -> Self:
        return self.filter(Q(title__icontains=text.strip()) | Q(account__name_key__contains=name_key(text)))

    # What lists name

    def with_progress(self) -> Self:
        """`steps_done` and `steps_all`, and when the next open step is due (`next_due`)."""
        steps = _steps().filter(run=OuterRef("pk")).order_by()
        counted = steps.values("run").annotate(all=Count("pk"), done=Count("pk", filter=~Q(status="open")))
        due = Coalesce("follow_up__snoozed_until", "follow_up__due_at")
        soonest = steps.filter(status="open").values("run").annotate(due=Min(due))
        return self.annotate(
            steps_all=Coalesce(Subquery(counted.values("all")), 0),
            steps_done=Coalesce(Subquery(counted.values("done")), 0),
            next_due=Subquery(soonest.values("due")),
        )

    def for_list(self) -> Self:
        return self.select_related("account__owner", "playbook", "owner", "started_by")

    def with_steps(self) -> Self:
        """With steps and their tasks, at the price of one query."""
        steps = _steps().select_related("follow_up__assignee", "settled_by").order_by("n")
        return self.prefetch_related(models.Prefetch("steps", steps))


def _steps() -> models.QuerySet[RunStep]:
    """Named late: models import their querysets."""
    model: type[RunStep] = apps.get_model("playbooks", "RunStep")
    return model._default_manager.all()


class AutomationHitQuerySet(models.QuerySet["AutomationHit"]):
    """What rules did, the newest first."""

    def held(self) -> Self:
        """Episodes that go on, or ended so lately that they may."""
        return self.filter(holds=True)

    def done(self) -> Self:
        return self.filter(outcome="fired")

    def for_list(self) -> Self:
        return self.select_related("rule", "account", "run", "follow_up")
