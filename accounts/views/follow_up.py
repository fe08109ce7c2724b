"""Follow-ups: the list by when they fall due, done and put off in place, and their form."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import View

from accounts.enums import AccountScope, FollowUpBucket
from accounts.follow_up_filter import OPEN, FollowUpFilter
from accounts.forms.fields import offered_names
from accounts.forms.follow_up import SNOOZES, FollowUpForm, SnoozeForm
from accounts.models import FollowUp
from accounts.permissions import can_edit_account, editable_among, require_doable, require_editable
from accounts.querysets import FollowUpQuerySet
from accounts.selectors.follow_ups import bucket_of, follow_up_counts
from accounts.services import follow_up as services
from csplatform.exceptions import DomainError
from csplatform.exports import csv_response
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.periods import today
from csplatform.permissions import Action, can
from csplatform.views.base import OrganizationView, explain, page
from csplatform.views.paging import PagedListView

SCOPES = [(AccountScope.MY_ACCOUNTS, "Mine"), (AccountScope.TEAM_ACCOUNTS, "My teams'"), ("", "Everybody's")]
EXPORT_HEADER = [
    "Due", "Put off to", "Priority", "Task", "Details", "Account", "Account number", "Given to", "Department",
    "Done", "Done by",
]  # fmt: skip


class FollowUpListView(OrganizationView, PagedListView):
    """Mine and open to begin with; `assignee` and `due` say otherwise. htmx gets the list alone."""

    context_object_name = "follow_ups"
    default_page_size = 50

    def get_queryset(self) -> FollowUpQuerySet:
        self.now = timezone.now()
        self.query = _query(self.request)
        rows = self.request.organization.follow_ups.dated()
        self.filter = FollowUpFilter(self.query, queryset=rows, member=self.request.member)
        found: FollowUpQuerySet = self.filter.qs.for_list()
        return found.order_by("-completed_at", "-pk") if self.bucket == FollowUpBucket.DONE else found.soonest_first()

    @property
    def bucket(self) -> str:
        return self.query.get("due", "")

    def get_template_names(self) -> list[str]:
        return ["accounts/_follow_up_table.html" if self.request.htmx else "accounts/follow_up_list.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        organization, member = self.request.organization, self.request.member
        wider = self.query.copy()
        wider.pop("due", None)
        all_due = FollowUpFilter(wider, queryset=organization.follow_ups.dated(), member=member).qs
        counts = follow_up_counts(organization, all_due, now=self.now)
        shown = list(context["follow_ups"])
        editable = editable_among(member, [each.account for each in shown])
        writes = can(member, Action.EDIT_OWN_ACCOUNTS)
        doable = {
            each.pk
            for each in shown
            if each.account_id in editable or (writes and each.assignee_id == member.user_id)
        }
        return context | {
            "filter": self.filter,
            "query": self.query,
            "now": self.now,
            "counts": counts,
            "tabs": _bucket_tabs(self.query, counts),
            "scopes": _scope_links(self.query),
            "groups": _grouped(shown, self.now, organization),
            "editable": editable,
            "doable": doable,
            "snoozes": SNOOZES,
            "may_write": writes,
        }

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response


def _query(request: AuthenticatedRequest) -> Any:
    query = request.GET.copy()
    query.setdefault("assignee", AccountScope.MY_ACCOUNTS)
    query.setdefault("due", OPEN)
    return query


def _with(query: Any, **changes: str) -> str:
    changed = query.copy()
    changed.pop("page", None)
    for name, value in changes.items():
        changed[name] = value
    return f"{reverse('accounts:follow_up_list')}?{changed.urlencode()}"


def _bucket_tabs(query: Any, counts: Any) -> list[dict[str, Any]]:
    tabs = [
        (OPEN, "All open", counts.open),
        *((each.value, each.label, getattr(counts, each)) for each in FollowUpBucket),
    ]
    return [
        {"label": label, "url": _with(query, due=value), "is_current": query["due"] == value, "count": count}
        for value, label, count in tabs
        if count or value in (query["due"], OPEN) or value != FollowUpBucket.WAITING
    ]


def _scope_links(query: Any) -> list[dict[str, Any]]:
    return [
        {"label": label, "url": _with(query, assignee=value), "is_current": query["assignee"] == value}
        for value, label in SCOPES
    ]


def _grouped(rows: list[FollowUp], now: Any, organization: Any) -> list[tuple[str, list[FollowUp]]]:
    """Rows in the order given, under a heading for when they fall due."""
    groups: list[tuple[str, list[FollowUp]]] = []
    for each in rows:
        label = bucket_of(each, organization, now=now).label
        if not groups or groups[-1][0] != label:
            groups.append((label, []))
        groups[-1][1].append(each)
    return groups


class FollowUpExportView(OrganizationView, View):
    """Exactly the filtered rows, all pages."""

    def get(self, request: AuthenticatedRequest) -> StreamingHttpResponse:
        organization = request.organization
        found = FollowUpFilter(_query(request), queryset=organization.follow_ups.dated(), member=request.member).qs
        rows = found.for_list().soonest_first()
        filename = f"follow-ups-{today(organization).isoformat()}.csv"
        return csv_response(organization, filename, EXPORT_HEADER, lambda: map(_export_row, rows.iterator(2_000)))


def _export_row(each: FollowUp) -> list[Any]:
    return [
        each.due_at,
        each.snoozed_until,
        each.get_priority_display(),
        each.task_type,
        each.description,
        each.account.name,
        each.account.number,
        each.assignee.display_name if each.assignee else "",
        each.department,
        each.completed_at,
        each.completed_by.display_name if each.completed_by else "",
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_OWN_ACCOUNTS, write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_create(request: AuthenticatedRequest) -> HttpResponse:
    """Give somebody a task; `account` in the address fills the form in."""
    key = request.GET.get("account", "")
    account = request.organization.accounts.with_key(key).first() if key else None
    form = FollowUpForm(posted(request), member=request.member, now=timezone.now(), account=account)
    if form.is_valid():
        try:
            follow_up = services.open_follow_up(
                account=form.cleaned_data["account"],
                by=request.user,
                form_token=form.cleaned_data["token"],
                **form.facts,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{follow_up.task_type}” is on the list.")
            return _away(request)
    return _form_page(request, form, account=account)


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_edit(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A task, to change by who may; of two people who do so at once, the second is told."""
    follow_up = _found(request, uuid)
    editable = not follow_up.account.is_archived and can_edit_account(request.member, follow_up.account)
    if request.method == "POST":
        require_editable(request.member, follow_up.account)
    form = FollowUpForm(posted(request), member=request.member, now=timezone.now(), follow_up=follow_up)
    if form.is_valid():
        try:
            services.update_follow_up(
                follow_up=follow_up, by=request.user, seen_at=form.cleaned_data["seen_at"], **form.facts
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{form.cleaned_data['task_type']}” is saved.")
            return _away(request)
    return _form_page(request, form, follow_up=follow_up, account=follow_up.account, editable=editable)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_complete(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Done; the toast offers to take it back."""
    follow_up = _doable(request, uuid)
    return _changed(request, services.complete_follow_up, follow_up, "“{}” is done.", undo="follow_up_reopen")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_reopen(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    return _changed(request, services.reopen_follow_up, _doable(request, uuid), "“{}” is open again.")


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_snooze(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Put off, or with `wake` no longer put off."""
    follow_up = _doable(request, uuid)
    if "wake" in request.POST:
        return _changed(request, services.snooze_follow_up, follow_up, "“{}” is due again.", until=None)
    form = SnoozeForm(request.POST)
    if not form.is_valid():
        return _told(request, "Choose until when.", tone="error")
    until = form.until(follow_up, now=timezone.now())
    return _changed(request, services.snooze_follow_up, follow_up, "“{}” is put off.", until=until)


@require_POST
@page(write=Action.EDIT_OWN_ACCOUNTS)
def follow_up_remove(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Take back a task that was given by mistake."""
    follow_up = _found(request, uuid)
    require_editable(request.member, follow_up.account)
    services.remove_follow_up(follow_up=follow_up, by=request.user)
    messages.success(request, f"“{follow_up.task_type}” is deleted.")
    return redirect("accounts:follow_up_list")


def _changed(
    request: AuthenticatedRequest, service: Any, follow_up: FollowUp, told: str, *, undo: str = "", **facts: Any
) -> HttpResponse:
    try:
        service(follow_up=follow_up, by=request.user, **facts)
    except DomainError as error:
        return _told(request, explain(error), tone="error")
    undo_url = reverse(f"accounts:{undo}", args=[follow_up.uuid]) if undo else ""
    return _told(request, told.format(follow_up.task_type), undo_url=undo_url)


def _told(request: AuthenticatedRequest, text: str, *, tone: str = "success", undo_url: str = "") -> HttpResponse:
    """The list as it is now with a toast, to htmx; else back to where the button was."""
    if request.htmx and request.htmx.target == "list":
        view = FollowUpListView()
        view.setup(request)
        view.object_list = view.get_queryset()
        context = view.get_context_data() | {"toast": {"text": text, "tone": tone, "undo_url": undo_url}}
        return render(request, "accounts/_follow_up_table.html", context)
    (messages.error if tone == "error" else messages.success)(request, text)
    return _away(request)


def _found(request: AuthenticatedRequest, uuid: UUID) -> FollowUp:
    rows = request.organization.follow_ups.for_list().select_related("organization")
    follow_up: FollowUp = get_object_or_404(rows, uuid=uuid)
    return follow_up


def _doable(request: AuthenticatedRequest, uuid: UUID) -> FollowUp:
    follow_up = _found(request, uuid)
    require_doable(request.member, follow_up)
    return follow_up


def _away(request: AuthenticatedRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    url = wanted if safe else reverse("accounts:follow_up_list")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def _form_page(request: AuthenticatedRequest, form: FollowUpForm, **context: Any) -> HttpResponse:
    template = "accounts/_follow_up_drawer.html" if request.htmx else "accounts/follow_up_form.html"
    context |= {
        "form": form,
        "account_names": [] if context.get("follow_up") else offered_names(request.member),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    response = render(request, template, context, status=422 if form.is_bound else 200)
    patch_vary_headers(response, ["HX-Request"])
    return response
