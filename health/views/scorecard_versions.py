"""One version of a scorecard: read it; as a draft, change, publish or discard it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import explain, page
from health.forms.scorecard import NewScorecardForm, ScorecardForm
from health.models import Scorecard
from health.selectors.scorecard_versions import drafts, scorecard_changes, versions_of
from health.services import scorecard_versions as services
from health.views.scorecards import shown_scorecard

SCORED_ANEW = "The accounts are being scored by it now."


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_SCORECARDS)
def scorecard(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A version as it is; a draft is changed here by who may."""
    card = _card(request, uuid)
    if request.method != "POST":
        return _page(request, card)
    form = ScorecardForm(card, request.POST)
    if form.is_valid():
        try:
            services.edit_draft(draft=card, by=request.user, **form.facts())
        except DomainError as error:
            found = [sentence for sentences in (error.errors or {}).values() for sentence in sentences]
            form.problems = found or [error.message]
        else:
            messages.success(request, "The draft is saved. Nothing is scored by it until it is published.")
            return redirect(card)
    return _page(request, card, form=form, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@page(read=Action.EDIT_SCORECARDS, write=Action.EDIT_SCORECARDS)
def scorecard_new(request: AuthenticatedRequest) -> HttpResponse:
    """Another scorecard, as a draft copied from a live one."""
    form = NewScorecardForm(posted(request), organization=request.organization)
    if form.is_bound and form.is_valid():
        try:
            draft = services.new_scorecard(by=request.user, **form.facts())
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{draft.name} is a draft: change what it measures, then publish it.")
            return redirect(draft)
    return render(request, "health/scorecard_new.html", {"form": form}, status=422 if form.is_bound else 200)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_retire(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Scores by it no longer."""
    card = _card(request, uuid)
    try:
        card, job = services.retire_scorecard(scorecard=card, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        told = "Its accounts are being scored by the primary one now." if job else ""
        messages.success(request, f"{card.name} is retired. {told}".strip())
    return redirect(card)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_draft(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """A new version, copied from this one."""
    card = _card(request, uuid)
    try:
        draft = services.draft_version(scorecard=card, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(card)
    return redirect(draft)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_publish(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    card = _card(request, uuid)
    try:
        card, _ = services.publish_draft(draft=card, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{card} is live. {SCORED_ANEW}")
    return redirect(card)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_discard(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    card = _card(request, uuid)
    try:
        services.discard_draft(draft=card, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(card)
    messages.success(request, f"The draft of {card.name} is discarded.")
    return redirect("health:scorecards")


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_primary(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Lets this scorecard give the accounts their health."""
    card = _card(request, uuid)
    try:
        card, job = services.make_primary(scorecard=card, by=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, f"{card.name} gives the health score. {SCORED_ANEW if job else ''}".strip())
    return redirect(card)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def scorecard_beside(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Whether this scorecard leaves snapshots beside the primary one's."""
    card = _card(request, uuid)
    try:
        card, job = services.score_beside(scorecard=card, is_on=request.POST.get("is_on") == "true", by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        told = f"is scored beside the health score. {SCORED_ANEW}" if job else "is no longer scored beside."
        messages.success(request, f"{card.name} {told if job or not card.is_scored_beside else 'is scored already.'}")
    return redirect(card)


def _card(request: AuthenticatedRequest, uuid: UUID) -> Scorecard:
    cards = request.organization.scorecards.select_related("organization", "made_by", "published_by")
    card: Scorecard = get_object_or_404(cards, uuid=uuid)
    return card


def _page(
    request: AuthenticatedRequest, card: Scorecard, *, form: ScorecardForm | None = None, status: int = 200
) -> HttpResponse:
    versions = versions_of(card)
    live = next((each for each in versions if each.is_live), None)
    may_edit = can(request.member, Action.EDIT_SCORECARDS)
    context: dict[str, Any] = {
        "card": card,
        "shown": shown_scorecard(card),
        "versions": versions,
        "live": live,
        "is_for_all": card.is_primary or (live is not None and live.is_primary),
        "draft": drafts(request.organization).get(card.key),
        "changes": scorecard_changes(live, card) if live and live != card else [],
        "form": (form or ScorecardForm(card)) if card.is_draft and may_edit else None,
        "may_edit": may_edit,
    }
    return render(request, "health/scorecard.html", context, status=status)
