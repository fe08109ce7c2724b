"""The account list and its export."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Sum

from accounts.bulk import bulk_actions_for
from accounts.enums import AccountStatus
from accounts.filters import AccountFilter
from accounts.forms.account import OwnerField
from accounts.lists import ACCOUNTS
from accounts.models import Account
from accounts.permissions import editable_among
from csplatform.http import AuthenticatedRequest
from csplatform.views.lists import ListExportView, ListPageView


class AccountListView(ListPageView):
    """Accounts by filter, a page at a time; htmx gets the list alone."""

    list_name = ACCOUNTS
    list_template = "accounts/_account_table.html"
    template_name = "accounts/account_list.html"
    context_object_name = "accounts"
    totals = {"arr": Sum("arr")}

    def get_rows(self) -> QuerySet[Account]:
        self.filter = AccountFilter(self.request.GET, member=self.request.member)
        return self.filter.qs.for_list()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        member = self.request.member
        actions = bulk_actions_for(member)
        return context | {
            "filter": self.filter,
            "editable": editable_among(member, context["accounts"]),
            "bulk_actions": actions,
            "bulk_choices": [
                (action, action.choices(member.organization)) for action in actions if action.choices is not None
            ],
            "owner_field": OwnerField(member.organization) if actions else None,
            "tag_choices": self.filter.filters["tag"].extra["choices"] if actions else [],
            "status_choices": AccountStatus.choices,
            "organization_has_accounts": bool(self.sums["count"]) or member.organization.accounts.exists(),
        }


class AccountExportView(ListExportView):
    """The accounts of the list, or those picked by number (`selected`), as CSV or Excel."""

    list_name = ACCOUNTS

    def get_rows(self, request: AuthenticatedRequest) -> QuerySet[Account]:
        picked = request.GET.getlist("selected")
        if not picked:
            return super().get_rows(request)
        numbers = [int(number) for number in picked if number.isascii() and number.isdigit() and len(number) < 19]
        accounts: QuerySet[Account] = request.organization.accounts.filter(number__in=numbers).for_list()
        return accounts
