"""Engagements: the list with its export, one of them, its forms, and what becomes of a plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import DetailView

from accounts.engagement_list import ENGAGEMENTS, filtered_engagements
from accounts.forms.engagement import (
    EngagementForm,
    HeldForm,
    PromiseFormSet,
    QuickEditForm,
    promises_initial,
)
from accounts.forms.fields import offered_names
from accounts.models import Commitment, Engagement
from accounts.names import clean_email
from accounts.permissions import can_edit_account, require_editable
from accounts.querysets import EngagementQuerySet
from accounts.selectors.timeline import line_of
from accounts.services import contact as contact_services
from accounts.services import engagement as services
from accounts.services.engagement import Promise
from accounts.views.attachment import file_rules
from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.lists import ListExportView, ListPageView


class EngagementListView(ListPageView):
    """Engagements by filter, a page at a time; htmx gets the list alone."""

    list_name = ENGAGEMENTS
    list_template = "accounts/_engagement_table.html"
    template_name = "accounts/engagement_list.html"
    context_object_name = "engagements"

    def get_rows(self) -> EngagementQuerySet:
        self.filter = filtered_engagements(self.request.member, self.request.GET)
        rows: EngagementQuerySet = self.filter.qs.for_list()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return context | {
            "filter": self.filter,
            "now": timezone.now(),
            "has_engagements": bool(self.sums["count"]) or self.request.organization.engagements.exists(),
            "may_write": can(self.request.member, Action.EDIT_OWN_ACCOUNTS),
        }


class EngagementExportView(ListExportView):
    """The engagements of the list, as CSV or Excel."""

    list_name = ENGAGEMENTS


class EngagementDetailView(OrganizationView, DetailView[Engagement]):
    """One engagement: what was said, who was there, what was promised, what is to do."""

    template_name = "accounts/engagement_detail.html"
    context_object_name = "engagement"
    slug_field = slug_url_kwarg = "uuid"

    def get_queryset(self) -> EngagementQuerySet:
        rows: EngagementQuerySet = self.request.organization.engagements.for_list()
        return rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        engagement = self.object
        contacts = {each.email: each for each in engagement.contacts.all()}
        editable = not engagement.account.is_archived and can_edit_account(self.request.member, engagement.account)
        return super().get_context_data(
            attendees=[(each, contacts.get(clean_email(each["email"]))) for each in engagement.attendees],
            commitments=engagement.commitments.all(),
            follow_ups=engagement.follow_ups.for_list().soonest_first(),
            editable=editable,
            attachments=engagement.attachments.select_related("upload__uploaded_by"),
            rules=file_rules(),
            held_form=HeldForm(member=self.request.member) if editable and engagement.is_planned else None,
            now=timezone.now(),
            today=today(self.request.organization),
            **kwargs,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def engagement_create(request: AuthenticatedRequest) -> HttpResponse:
    """Log contact with a customer, or plan it; `account` and `type` in the address fill the form in."""
    key = request.GET.get("account", "")
    account = request.organization.accounts.with_key(key).first() if key else None
    kind = request.GET.get("type", "")
    form = EngagementForm(posted(request), member=request.member, now=timezone.now(), account=account, kind=kind)
    promises = PromiseFormSet(_promises(request), prefix="promises")
    if form.is_valid() and (not promises.is_bound or promises.is_valid()):
        account = form.cleaned_data["account"]
        try:
            engagement = services.log_engagement(
                account=account,
                by=request.user,
                next_step=form.next_step,
                commitments=_promised(promises) or (),
                form_token=form.cleaned_data["token"],
                **form.facts,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{engagement}” is {'planned' if engagement.is_planned else 'logged'}.")
            return _away(request, engagement)
    return _form_page(request, form, promises, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def engagement_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Change an engagement; of two people who do so at once, the second is told."""
    engagement = _editable(request, uuid)
    form = EngagementForm(posted(request), member=request.member, now=timezone.now(), engagement=engagement)
    stored = promises_initial(engagement.commitments.all())
    promises = PromiseFormSet(_promises(request), initial=stored, prefix="promises")
    if form.is_valid() and (not promises.is_bound or promises.is_valid()):
        try:
            services.update_engagement(
                engagement=engagement,
                by=request.user,
                next_step=form.next_step,
                commitments=_promised(promises),
                seen_at=form.cleaned_data["seen_at"],
                **form.facts,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{form.cleaned_data['title']}” is saved.")
            return _away(request, engagement)
    return _form_page(request, form, promises, engagement=engagement, account=engagement.account)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def engagement_quick_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """The small form in a line of the timeline; without htmx, the whole form."""
    engagement = _editable(request, uuid)
    if not request.htmx:
        return redirect("accounts:engagement_edit", uuid)
    names = ("title", "description", "outcome")
    initial = {name: getattr(engagement, name) for name in names} | {"seen_at": engagement.updated_at.isoformat()}
    form = QuickEditForm(posted(request), initial=initial, auto_id=f"id_{engagement.uuid}_%s")
    with_account = bool(request.GET.get("with_account"))
    if form.is_valid():
        facts = {name: form.cleaned_data[name] for name in names}
        try:
            services.update_engagement(
                engagement=engagement, by=request.user, seen_at=form.cleaned_data["seen_at"], **facts
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            line = line_of(request.organization, request.member, engagement)
            return render(request, "accounts/_timeline_line.html", {"line": line, "with_account": with_account})
    context = {"form": form, "engagement": engagement, "with_account": with_account}
    return render(request, "accounts/_timeline_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD"])
@page()
def timeline_line(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """An engagement's line as it stands: what a cancelled quick edit goes back to."""
    engagement = get_object_or_404(request.organization.engagements.for_list(), uuid=uuid)
    if not request.htmx:
        return redirect(engagement)
    line = line_of(request.organization, request.member, engagement)
    context = {"line": line, "with_account": bool(request.GET.get("with_account"))}
    return render(request, "accounts/_timeline_line.html", context)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def engagement_complete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A planned engagement took place."""
    engagement = _editable(request, uuid)
    form = HeldForm(request.POST, member=request.member)
    if not form.is_valid():
        messages.error(request, "Say how it went with one of the outcomes; days are written as YYYY-MM-DD.")
        return redirect(engagement)
    notes = form.cleaned_data["description"]
    both = "\n\n".join(filter(None, [engagement.description, notes]))
    return _done(
        request,
        engagement,
        "“{}” took place.",
        services.complete_engagement,
        outcome=form.cleaned_data["outcome"],
        description=both,
        next_step=form.next_step,
    )


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def engagement_cancel(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A planned engagement will not take place."""
    engagement = _editable(request, uuid)
    reason = request.POST.get("reason", "").replace("\x00", "")
    return _done(request, engagement, "“{}” is cancelled.", services.cancel_engagement, reason=reason)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def engagement_reinstate(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """It will take place after all."""
    return _done(request, _editable(request, uuid), "“{}” is planned again.", services.reinstate_engagement)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def commitment_keep(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Tick a promise off, or take the tick back."""
    rows = request.organization.commitments.select_related("engagement__account", "organization")
    commitment: Commitment = get_object_or_404(rows, uuid=uuid)
    require_editable(request.member, commitment.engagement.account)
    services.keep_commitment(commitment=commitment, by=request.user, kept="undo" not in request.POST)
    return redirect(commitment.engagement)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def attendee_add(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Make an attendee whose email is not known a contact of the account."""
    engagement = _editable(request, uuid)
    email = clean_email(request.POST.get("email", ""))
    unknown = {clean_email(each["email"]): each for each in services.unknown_attendees(engagement)}
    if email not in unknown:
        messages.error(request, "There is no attendee with this email who is not a contact already.")
        return redirect(engagement)
    who = unknown[email]
    try:
        contact = contact_services.create_contact(
            account=engagement.account,
            by=request.user,
            name=who["name"] or email,
            email=email,
            title=who["role"],
        )
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        services.link_contacts(engagement)
        messages.success(request, f"{contact} is a contact of {engagement.account} now.")
    return redirect(engagement)


def _done(
    request: AuthenticatedRequest, engagement: Engagement, told: str, service: Any, **facts: Any
) -> HttpResponse:
    try:
        service(engagement=engagement, by=request.user, **facts)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, told.format(engagement))
    return redirect(engagement)


def _editable(request: AuthenticatedRequest, uuid: UUID) -> Engagement:
    rows = request.organization.engagements.for_list().select_related("organization")
    engagement: Engagement = get_object_or_404(rows, uuid=uuid)
    require_editable(request.member, engagement.account)
    return engagement


def _promises(request: AuthenticatedRequest) -> Any:
    """The rows of promises, where the form had any: the composer has none."""
    return request.POST if request.method == "POST" and "promises-TOTAL_FORMS" in request.POST else None


def _promised(promises: Any) -> list[Promise] | None:
    return [each.promise for each in promises if each.promise] if promises.is_bound else None


def _away(request: AuthenticatedRequest, engagement: Engagement) -> HttpResponse:
    """To where the form was opened from, else to the engagement."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    url = wanted if safe else engagement.get_absolute_url()
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _form_page(request: AuthenticatedRequest, form: EngagementForm, promises: Any, **context: Any) -> HttpResponse:
    template = "accounts/_engagement_drawer.html" if request.htmx else "accounts/engagement_form.html"
    context |= {
        "form": form,
        "promises": promises,
        "account_names": [] if context.get("engagement") else offered_names(request.member),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    response = render(request, template, context, status=422 if form.is_bound else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response
