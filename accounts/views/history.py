"""The History tab: who changed what, and what the account was like on a past day."""

from __future__ import annotations

from typing import Any

from django.utils.dateparse import parse_datetime
from django.views.generic import TemplateView

from accounts.change_log import logged_models
from accounts.forms.history import HistoryForm
from accounts.selectors.account_by_key import account_by_key
from accounts.selectors.account_history import facts_on, history_page
from csplatform.periods import today
from csplatform.views.base import OrganizationView


class AccountHistoryView(OrganizationView, TemplateView):
    """Changes, newest first, fifty a page; `as_of` shows the facts of a day beside them."""

    template_name = "accounts/account_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        account = account_by_key(organization.accounts.for_list().select_related("organization"), kwargs["key"])
        kinds = [(each.key, each.what) for each in logged_models()]
        form = HistoryForm(self.request.GET, kinds=kinds, today=today(organization))
        wanted = form.cleaned_data if form.is_valid() else {}
        as_of = wanted.get("as_of")
        return super().get_context_data(
            account=account,
            form=form,
            page=history_page(
                account,
                before=_moment(self.request.GET.get("before", "")),
                of=[wanted["of"]] if wanted.get("of") else (),
            ),
            as_of=as_of,
            then=facts_on(account, as_of) if as_of else None,
            **kwargs,
        )


def _moment(text: str) -> Any:
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None
