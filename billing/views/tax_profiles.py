"""Tax profiles on pages: the organisation's own, each customer's, and who has none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.models import Account
from accounts.querysets import AccountQuerySet
from accounts.selectors.account_by_key import account_by_key
from billing.document_filters import CustomerProfileFilter
from billing.enums import ProfileState
from billing.forms.tax_profile import CustomerTaxProfileForm, TaxProfileForm
from billing.selectors.tax_profiles import customers_by_profile, lacks_of, number_series
from billing.services.invoice import customer_profile, default_tax_profile
from billing.services.tax_profile import save_customer_tax_profile, save_tax_profile
from billing.views.lists import BillingListView
from csplatform.exceptions import DomainError
from csplatform.exports import Cell
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import page

CHANGES_SHOWN = 8


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def tax_profile_edit(request: AuthenticatedRequest) -> HttpResponse:
    """The organisation's registration, its undertaking, and the numbers given under it."""
    stored = default_tax_profile(request.organization)
    form = TaxProfileForm(posted(request), stored=stored)
    if form.is_valid():
        try:
            save_tax_profile(organization=request.organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, "The tax profile is saved. What was issued before keeps what it says.")
            return redirect("billing:tax_profile")
    context = {
        "form": form,
        "profile": stored,
        "series": number_series(request.organization),
        "changes": list(stored.history.select_related("history_user")[:CHANGES_SHOWN]) if stored else [],
    }
    return render(request, "billing/tax_profile.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.WRITE_BILLING, write=Action.WRITE_BILLING)
def customer_profile_edit(request: AuthenticatedRequest, key: str) -> HttpResponse:
    """How one account is billed."""
    account = account_by_key(request.organization.accounts.for_list(), key)
    form = CustomerTaxProfileForm(
        posted(request), organization=request.organization, stored=customer_profile(account)
    )
    if form.is_valid():
        try:
            save_customer_tax_profile(account=account, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"How {account} is billed is saved. What was issued before keeps what it says.")
            return redirect("billing:account_billing", account.number)
    context = {"form": form, "account": account, "account_tab": "billing"}
    return render(request, "billing/customer_profile.html", context, status=422 if form.is_bound else 200)


class CustomerProfileListView(BillingListView):
    """Customers by how they are billed; who lacks a profile comes first."""

    template_name = "billing/customer_profile_list.html"
    context_object_name = "accounts"
    filter_class = CustomerProfileFilter
    sorts = {"account": "name_key", "treatment": "tax_profile__treatment", "terms": "tax_profile__payment_terms_days"}
    default_sort = "account"
    export_name = "customer-tax-profiles"
    export_header = (
        "Account", "Number", "Treatment", "GSTIN", "Legal name", "Address", "State", "Country", "Terms, days",
        "TDS, %", "Currency", "Billing owner", "Lacks",
    )  # fmt: skip

    def all_rows(self) -> AccountQuerySet:
        accounts: AccountQuerySet = self.request.organization.accounts.unarchived().select_related(
            "tax_profile__owner"
        )
        return accounts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        chosen = self.request.GET.get("profile", "")
        counts = customers_by_profile(self.all_rows())
        return context | {
            "rows": [(account, _profile(account), lacks_of(_profile(account))) for account in context["accounts"]],
            "counts": counts,
            "states": [
                {
                    "label": f"All · {sum(counts.values())}",
                    "url": self.request.path,
                    "is_current": not chosen,
                },
                *(
                    {
                        "label": f"{state.label} · {counts[state]}",
                        "url": f"?profile={state.value}",
                        "is_current": chosen == state.value,
                    }
                    for state in ProfileState
                ),
            ],
        }

    def export_rows(self, rows: QuerySet[Any]) -> Iterator[list[Cell]]:
        for account in rows.iterator(chunk_size=1_000):
            profile = _profile(account)
            facts: list[Cell] = [""] * 10
            if profile:
                facts = [
                    profile.get_treatment_display(),
                    profile.gstin,
                    profile.legal_name,
                    profile.address,
                    profile.state_code,
                    profile.country,
                    profile.payment_terms_days,
                    profile.tds_rate,
                    profile.currency,
                    profile.owner.display_name if profile.owner else "",
                ]
            yield [account.name, account.number, *facts, lacks_of(profile)]


def _profile(account: Account) -> Any:
    return getattr(account, "tax_profile", None)
