"""The advocacy page: who could speak for us, whom customers named, and what they said."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import TemplateView

from accounts.advocacy_filter import ReferralFilter, TestimonialFilter
from accounts.advocacy_scores import standings, with_accounts
from accounts.enums import AccountScope, ReferralStatus
from accounts.forms.advocacy import ReferralForm, ReferralStatusForm, TestimonialForm, TestimonialStatusForm
from accounts.forms.fields import offered_names
from accounts.models.advocacy import REFERRAL_TONES
from accounts.permissions import editable_accounts, require_editable
from accounts.services import advocacy as services
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page

MOST_CANDIDATES = 12
MOST_SHOWN = 100


class AdvocacyView(OrganizationView, TemplateView):
    """Candidates by score, the pipeline by status, testimonials newest first; days narrow the referrals alone."""

    template_name = "accounts/advocacy.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization, member = self.request.organization, self.request.member
        query = self.request.GET
        narrowed = ReferralFilter(query, queryset=organization.referrals.all(), member=member)
        undated = query.copy()
        for name in ("from", "to", "status", "q", "search"):
            undated.pop(name, None)
        quotes = TestimonialFilter(undated, queryset=organization.testimonials.all(), member=member)
        accounts = organization.accounts.open()
        if narrowed.form.is_valid():
            accounts = accounts.for_member_scope(member, query.get("owner") or AccountScope.ALL)
            accounts = accounts.from_source(query["source"]) if query.get("source") else accounts
        found = standings(organization, accounts, as_of=today(organization))
        shown_first = [each for each in found if not each.excluded][:MOST_CANDIDATES]
        candidates = with_accounts(shown_first, accounts.filter(pk__in=[each.account_id for each in shown_first]))
        rows = narrowed.qs
        referrals = list(rows.for_list()[:MOST_SHOWN])
        totals = rows.open().aggregate(count=Count("pk"), mrr=Sum("potential_mrr"))
        testimonials = quotes.qs.for_list()
        may_write = can(member, Action.EDIT_OWN_ACCOUNTS)
        editable = set()
        if may_write:
            shown = {row.account_id for row in [*referrals, *testimonials[:MOST_SHOWN]]}
            editable = set(editable_accounts(member).filter(pk__in=shown).values_list("pk", flat=True))
        return super().get_context_data(
            filter=narrowed,
            candidates=candidates,
            excluded=sum(bool(each.excluded) for each in found),
            ready=sum(each.is_ready for each in found),
            columns=[
                {
                    "status": status,
                    "tone": REFERRAL_TONES[status],
                    "rows": [each for each in referrals if each.status == status],
                }
                for status in ReferralStatus
            ],
            referrals=len(referrals),
            open_referrals=totals["count"],
            potential_mrr=totals["mrr"] or 0,
            testimonials=testimonials[:MOST_SHOWN],
            usable=testimonials.usable().count(),
            statuses=ReferralStatus.choices,
            may_write=may_write,
            editable=editable,
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def referral_create(request: AuthenticatedRequest) -> HttpResponse:
    """Write down a company that a customer named."""
    form = ReferralForm(posted(request), member=request.member)
    if form.is_valid():
        try:
            row = services.create_referral(organization=request.organization, by=request.user, **form.facts)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{row.referred_company} is in the pipeline.")
            return redirect("accounts:advocacy")
    return _form_page(request, form, "New referral")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def referral_move(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Further in the pipeline, or out of it."""
    row = get_object_or_404(request.organization.referrals.for_list(), uuid=uuid)
    require_editable(request.member, row.account)
    form = ReferralStatusForm(request.POST)
    if form.is_valid():
        row = services.update_referral(referral=row, by=request.user, **form.cleaned_data)
        messages.success(request, f"{row.referred_company}: {row.get_status_display()}.")
    else:
        messages.error(request, "Choose a status from the list.")
    return redirect("accounts:advocacy")


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def testimonial_create(request: AuthenticatedRequest) -> HttpResponse:
    """Keep a customer's words."""
    form = TestimonialForm(posted(request), member=request.member)
    if form.is_valid():
        try:
            row = services.create_testimonial(organization=request.organization, by=request.user, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The words of {row.account} are kept as a draft.")
            return redirect("accounts:advocacy")
    return _form_page(request, form, "New testimonial")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def testimonial_move(request: AuthenticatedRequest, uuid: str) -> HttpResponse:
    """Approve, publish or take back; without consent nothing is published."""
    row = get_object_or_404(request.organization.testimonials.for_list(), uuid=uuid)
    require_editable(request.member, row.account)
    form = TestimonialStatusForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Choose a status from the list.")
        return redirect("accounts:advocacy")
    try:
        row = services.update_testimonial(testimonial=row, by=request.user, status=form.cleaned_data["status"])
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"The words of {row.account}: {row.get_status_display().lower()}.")
    return redirect("accounts:advocacy")


def _form_page(request: AuthenticatedRequest, form: Any, heading: str) -> HttpResponse:
    context = {"form": form, "page_heading": heading, "account_names": offered_names(request.member)}
    return render(request, "accounts/advocacy_form.html", context, status=422 if form.is_bound else 200)
