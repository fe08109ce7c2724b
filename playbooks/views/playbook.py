"""The playbook library, and one playbook with the accounts it fits now."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from accounts.permissions import editable_accounts
from csplatform.models import Membership
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView
from health.enums import RiskFactor
from playbooks.enums import SAID_BY_PEOPLE
from playbooks.forms import PlaybookFilterForm
from playbooks.models.run import OUTCOME_TONES
from playbooks.run_filter import UNJUDGED
from playbooks.selectors.library import library
from playbooks.selectors.recommendations import accounts_answered_by, with_accounts
from playbooks.selectors.results import PlaybookResults, playbook_results
from playbooks.selectors.run_counts import run_counts
from playbooks.services.playbook import is_changed

PAGE_SIZES = (25, 50, 100)
SHOWN_PLAYS = 6


class PlaybookListView(OrganizationView, TemplateView):
    """The plays that are running, and the library as cards, narrowed by category, priority or the risk answered."""

    template_name = "playbooks/playbook_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PlaybookFilterForm(self.request.GET)
        form.is_valid()
        organization, now = self.request.organization, timezone.now()
        cards = library(organization, today=today(organization), **form.cleaned_data)
        plays = organization.playbook_runs.visible().running().for_list().with_progress()
        return super().get_context_data(
            form=form,
            cards=cards,
            plays=plays.order_by(F("next_due").asc(nulls_last=True), "pk")[:SHOWN_PLAYS],
            counts=run_counts(organization, now=now),
            as_of=now,
            **kwargs,
        )


class PlaybookDetailView(OrganizationView, TemplateView):
    """The steps of one playbook, and the open accounts with a risk that it answers, best fit first."""

    template_name = "playbooks/playbook_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        playbook = get_object_or_404(organization.playbooks.with_steps(), number=kwargs["number"])
        answered = accounts_answered_by(organization, playbook, today=today(organization))
        page = Paginator(answered, page_size(self.request.GET.get("page_size", ""))).get_page(
            self.request.GET.get("page")
        )
        results = playbook_results(playbook.runs.visible())
        runs = playbook.runs.visible().for_list().with_progress()
        return super().get_context_data(
            playbook=playbook,
            plays=runs.order_by(F("finished_at").desc(nulls_first=True), "-started_at", "-pk")[:SHOWN_PLAYS],
            run_count=results.runs,
            results=results,
            outcomes=_outcomes(results),
            is_changed=is_changed(playbook),
            going_on=set(runs.going_on().order_by().values_list("account_id", flat=True)),
            startable=_startable(self.request.member, [risks.account_id for risks in page]),
            answers=[RiskFactor(name) for name in playbook.risk_factors if name in RiskFactor.values],
            page=page,
            fits=with_accounts(organization, playbook, list(page)),
            as_of=timezone.now(),
            **kwargs,
        )


def _outcomes(results: PlaybookResults) -> list[tuple[str, str, int, str]]:
    """Label, tone, count and the filter's word; the customer who left is shown only where there was one."""
    said = [
        (str(outcome.label), OUTCOME_TONES[outcome], count, outcome.value)
        for outcome, count in results.outcomes.items()
        if count or outcome in SAID_BY_PEOPLE
    ]
    return [*said, *([("Nothing said yet", "gray", results.unjudged, UNJUDGED)] if results.unjudged else [])]


def _startable(member: Membership, keys: list[int]) -> set[int]:
    """Of some accounts those that the member may start a playbook with."""
    if not can(member, Action.RUN_PLAYBOOKS):
        return set()
    return set(editable_accounts(member).filter(pk__in=keys).values_list("pk", flat=True))


def page_size(text: str) -> int:
    """One of the sizes the pager offers, the first unless asked for."""
    return int(text) if text in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]
