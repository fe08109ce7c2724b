"""The account list with its export and bulk action, and the forms that write one account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import ListView, View

from accounts.filters import DEFAULT_SORT, SORTS, AccountFilter, sorted_accounts
from accounts.forms.account import AccountForm, AssignOwnerForm, ChurnForm
from accounts.models import Account
from accounts.permissions import can_assign_owners, can_edit_account, editable_among
from accounts.querysets import AccountQuerySet
from accounts.selectors.account_by_key import account_by_key
from accounts.services import account as services
from csplatform.exceptions import DomainError
from csplatform.exports import Cell, csv_response
from csplatform.formatting import counted
from csplatform.forms.base import add_refusal
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action
from csplatform.views.base import OrganizationView, explain, page

PAGE_SIZES = (25, 50, 100)
EXPORT_HEADER = [
    "Number", "Name", "External id", "Status", "Segment", "Size", "Region", "Industry", "Lead source", "Owner",
    "Owner e-mail", "ARR", "Health score", "Health", "Coverage", "Seats", "Contract start", "Contract end", "Updated",
]  # fmt: skip


class AccountListView(OrganizationView, ListView[Account]):
    """Accounts by filter, a page at a time; htmx gets the list alone."""

    context_object_name = "accounts"
    queryset: AccountQuerySet

    def get_queryset(self) -> AccountQuerySet:
        self.filter = AccountFilter(self.request.GET, member=self.request.member)
        return sorted_accounts(self.filter.qs, self.sort).for_list()

    @property
    def sort(self) -> str:
        wanted = self.request.GET.get("sort", DEFAULT_SORT)
        return wanted if wanted.removeprefix("-") in SORTS else DEFAULT_SORT

    def get_paginate_by(self, queryset: object) -> int:
        wanted = self.request.GET.get("page_size", "")
        return int(wanted) if wanted in map(str, PAGE_SIZES) else PAGE_SIZES[0]

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """A page that is not there is the nearest one, not an error: rows come and go between two clicks."""
        paginator = self.get_paginator(queryset, page_size)
        self.totals = queryset.order_by().aggregate(count=Count("*"), arr=Sum("arr"))
        paginator.count = self.totals["count"]
        page = paginator.get_page(self.request.GET.get("page"))
        return paginator, page, page.object_list, page.has_other_pages()

    def get_template_names(self) -> list[str]:
        return ["accounts/_account_table.html" if self.request.htmx else "accounts/account_list.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        may_assign = can_assign_owners(self.request.member)
        return context | {
            "filter": self.filter,
            "current_sort": self.sort,
            "today": today(self.request.organization),
            "total_arr": self.totals["arr"] or 0,
            "editable": editable_among(self.request.member, context["accounts"]),
            "assign_form": AssignOwnerForm(organization=self.request.organization) if may_assign else None,
            "organization_has_accounts": bool(self.totals["count"]) or self.request.organization.accounts.exists(),
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


class AccountExportView(OrganizationView, View):
    """Exactly the filtered and sorted rows, all pages."""

    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        organization = request.organization
        accounts = AccountFilter(request.GET, member=request.member).qs
        rows = sorted_accounts(accounts, request.GET.get("sort", DEFAULT_SORT))
        filename = f"accounts-{today(organization).isoformat()}.csv"
        return csv_response(organization, filename, EXPORT_HEADER, lambda: _export_rows(rows))


def _export_rows(accounts: AccountQuerySet) -> Iterator[list[Cell]]:
    for account in accounts.for_list().iterator(chunk_size=2_000):
        yield [
            account.number,
            account.name,
            account.external_id,
            account.get_status_display(),
            account.segment,
            account.get_size_display(),
            account.region,
            account.industry,
            account.lead_source,
            account.owner.display_name if account.owner else "",
            account.owner.email if account.owner else "",
            account.arr,
            account.health_score,
            account.band,
            account.health_coverage,
            account.seats,
            account.contract_start,
            account.contract_end,
            account.updated_at,
        ]


@require_POST
@page(write=Action.ASSIGN_OWNERS)
def account_assign(request: AuthenticatedRequest) -> HttpResponse:
    """Give the selected accounts, or all that the filters leave, to one member."""
    organization = request.organization
    back = f"{reverse('accounts:account_list')}?{request.GET.urlencode()}".rstrip("?")
    form = AssignOwnerForm(request.POST, organization=organization)
    chosen = _selected(request)
    if not form.is_valid():
        messages.error(request, "Choose an active member from the list.")
    elif not chosen.exists():
        messages.error(request, "Select at least one account.")
    else:
        owner = form.cleaned_data["owner"]
        moved = services.assign_owner(organization=organization, accounts=chosen, owner=owner, by=request.user)
        whose = f"{owner.display_name} looks after" if owner else "Nobody looks after"
        messages.success(request, f"{whose} {counted(moved, 'more account')}.")
    return redirect(back)


def _selected(request: AuthenticatedRequest) -> AccountQuerySet:
    accounts = AccountFilter(request.GET, member=request.member).qs
    if request.POST.get("all"):
        return accounts
    numbers = [int(number) for number in request.POST.getlist("selected") if number.isdecimal() and len(number) < 19]
    return request.organization.accounts.unarchived().filter(number__in=numbers)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.CREATE_ACCOUNTS, write=Action.CREATE_ACCOUNTS)
def account_create(request: AuthenticatedRequest) -> HttpResponse:
    """A new account; it is its maker's unless they may give it to somebody else."""
    form = AccountForm(request.POST or None, member=request.member)
    if form.is_valid():
        facts = {"owner": request.user} | form.cleaned_data
        facts.pop("seen_at")
        try:
            account = services.create_account(organization=request.organization, by=request.user, **facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{account} is account {account.number}.")
            return redirect(account)
    return _form_page(request, "accounts/account_form.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def account_edit(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Change an account; of two people who do so at once, the second is told."""
    account = _editable(request, key)
    form = AccountForm(request.POST or None, member=request.member, account=account)
    if form.is_valid():
        try:
            services.update_account(account=account, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{form.cleaned_data['name']} is saved.")
            return redirect(account)
    return _form_page(request, "accounts/account_form.html", form, account=account, aliases=account.aliases.all())


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def account_churn(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Close an account that left."""
    account = _editable(request, key)
    form = ChurnForm(request.POST or None, initial={"on": today(request.organization)})
    if form.is_valid():
        try:
            services.churn_account(account=account, by=request.user, **form.cleaned_data)
        except DomainError as error:
            form.add_error(None, explain(error))
        else:
            messages.success(request, f"{account} is churned.")
            return redirect(account)
    return _form_page(request, "accounts/account_churn.html", form, account=account)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_archive(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Out of lists and totals; its page and history stay."""
    account = services.archive_account(account=_editable(request, key), by=request.user)
    messages.success(request, f"{account} is archived.")
    return redirect("accounts:account_list")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def account_restore(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """Back from the archive, as it was."""
    account = services.restore_account(account=_editable(request, key), by=request.user)
    messages.success(request, f"{account} is back.")
    return redirect(account)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def alias_remove(request: AuthenticatedRequest, key: str, alias_id: int) -> HttpResponse:
    """Forget a former name or external id."""
    account = _editable(request, key)
    alias = get_object_or_404(account.aliases, pk=alias_id)
    try:
        services.remove_alias(account=account, alias=alias, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{account} is no longer found by “{alias}”.")
    return redirect("accounts:account_edit", account.number)


def _editable(request: AuthenticatedRequest, key: str) -> Account:
    """Fetching is the check: another organisation's account is not there, a colleague's is refused."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    if not can_edit_account(request.member, account):
        raise PermissionDenied("You may change the accounts you own and those of your teams.")
    return account


def _form_page(request: AuthenticatedRequest, template: str, form: Any, **context: Any) -> HttpResponse:
    return render(request, template, {"form": form, **context}, status=422 if form.is_bound else 200)
