"""The playbook library, and one playbook with the accounts it fits now."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.generic import TemplateView

from csplatform.periods import today
from csplatform.views.base import OrganizationView
from health.enums import RiskFactor
from playbooks.forms import PlaybookFilterForm
from playbooks.selectors.library import library
from playbooks.selectors.recommendations import accounts_answered_by, with_accounts

PAGE_SIZES = (25, 50, 100)


class PlaybookListView(OrganizationView, TemplateView):
    """The library as cards, narrowed by category, priority or the risk answered."""

    template_name = "playbooks/playbook_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = PlaybookFilterForm(self.request.GET)
        form.is_valid()
        cards = library(self.request.organization, today=today(self.request.organization), **form.cleaned_data)
        return super().get_context_data(form=form, cards=cards, as_of=timezone.now(), **kwargs)


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
        return super().get_context_data(
            playbook=playbook,
            answers=[RiskFactor(name) for name in playbook.risk_factors if name in RiskFactor.values],
            page=page,
            fits=with_accounts(organization, playbook, list(page)),
            as_of=timezone.now(),
            **kwargs,
        )


def page_size(text: str) -> int:
    """One of the sizes the pager offers, the first unless asked for."""
    return int(text) if text in {str(size) for size in PAGE_SIZES} else PAGE_SIZES[0]
