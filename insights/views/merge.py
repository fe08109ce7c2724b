"""Merging accounts: what would move and which facts win, side by side; then, confirmed, the merge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from accounts.forms.merge import MergeForm
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from accounts.services.merge import MOST_MERGED, merge_accounts, refuse_merge
from csplatform.exceptions import DomainError
from csplatform.formatting import counted
from csplatform.forms.base import add_refusal
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import explain, page
from insights.selectors.merge_preview import merge_preview

SHOWN_CANDIDATES = 8


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_ACCOUNTS, write=Action.EDIT_ACCOUNTS)
def account_merge(request: AuthenticatedRequest) -> HttpResponse:
    """A selection of the account list is sent on to its preview; the preview's form is the merge itself."""
    if request.method != "POST":
        return _preview(request)
    if "seen_at" not in request.POST:
        if request.POST.get("all"):
            messages.error(request, "Select the accounts to merge one by one.")
            return redirect("accounts:account_list")
        return redirect(_address(_numbers(request.POST.getlist("selected"))))
    form = MergeForm(request.POST, organization=request.organization)
    if form.is_valid():
        chosen, survivor = list(form.cleaned_data["selected"]), form.cleaned_data["survivor"]
        try:
            account = merge_accounts(
                into=survivor,
                others=chosen,
                by=request.user,
                arr=form.cleaned_data["arr"],
                seen_at=form.cleaned_data["seen_at"],
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{counted(len(chosen), 'account')} became one: {account}.")
            return redirect(account)
    return _preview(request, form)


def _preview(request: AuthenticatedRequest, form: MergeForm | None = None) -> HttpResponse:
    asked = request.POST if form else request.GET
    accounts: AccountQuerySet = request.organization.accounts.unarchived().for_list()
    numbers = _numbers(asked.getlist("selected"))[: MOST_MERGED + 1]
    chosen = list(accounts.filter(number__in=numbers).prefetch_related("tags").order_by("number"))
    survivor = next((each for each in chosen if str(each.number) == asked.get("survivor")), next(iter(chosen), None))
    context: dict[str, Any] = {
        "chosen": chosen,
        "survivor": survivor,
        "add": asked.get("add", "").strip(),
        "candidates": _candidates(accounts, chosen, survivor, asked.get("add", "")),
        "clear_url": reverse("insights:account_merge"),
    }
    if survivor is not None and len(chosen) > 1:
        others = [account for account in chosen if account is not survivor]
        context |= _comparison(request, form, survivor, others)
    return render(request, "insights/account_merge.html", context, status=422 if form else 200)


def _comparison(
    request: AuthenticatedRequest, form: MergeForm | None, survivor: Account, others: Sequence[Account]
) -> dict[str, Any]:
    preview = merge_preview(request.organization, survivor, others)
    chosen = [survivor, *others]
    try:
        refuse_merge(survivor, others)
        refusal = ""
    except DomainError as error:
        refusal = explain(error)
    return {
        "preview": preview,
        "refusal": refusal,
        "columns": [(each, _address(_of(chosen), each), _without(chosen, each, survivor)) for each in chosen],
        "form": form
        or MergeForm(
            organization=request.organization,
            initial={
                "selected": _of(chosen),
                "survivor": survivor.number,
                "arr": preview.arr,
                "seen_at": MergeForm.seen(chosen),
            },
        ),
    }


def _candidates(
    accounts: AccountQuerySet, chosen: Sequence[Account], survivor: Account | None, text: str
) -> list[tuple[Account, str]]:
    """Accounts that a search found, each with the address of the preview that it is part of."""
    if not text.strip():
        return []
    found = accounts.search(text).exclude(number__in=_of(chosen)).order_by("name_key")[:SHOWN_CANDIDATES]
    return [(account, _address([*_of(chosen), account.number], survivor)) for account in found]


def _without(chosen: Sequence[Account], left: Account, survivor: Account) -> str:
    return _address([each.number for each in chosen if each is not left], survivor if left is not survivor else None)


def _address(numbers: Iterable[int], survivor: Account | None = None) -> str:
    query: list[tuple[str, int]] = [("selected", number) for number in numbers]
    if survivor is not None:
        query.append(("survivor", survivor.number))
    return f"{reverse('insights:account_merge')}?{urlencode(query)}"


def _of(accounts: Iterable[Account]) -> list[int]:
    return [account.number for account in accounts]


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]
