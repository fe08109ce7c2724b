"""Writing playbooks: a form with its steps, bringing a built-in one back, deleting one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from csplatform.exceptions import DomainError
from csplatform.forms.base import add_refusal, posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action
from csplatform.views.base import explain, page
from playbooks.forms import PlaybookForm, StepFormSet
from playbooks.models import Playbook
from playbooks.services import playbook as services

EDITORS = {"read": Action.EDIT_PLAYBOOKS, "write": Action.EDIT_PLAYBOOKS}


@require_http_methods(["GET", "HEAD", "POST"])
@page(**EDITORS)
def playbook_create(request: AuthenticatedRequest) -> HttpResponse:
    """Write one of the organisation's own."""
    return _edited(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page(**EDITORS)
def playbook_edit(request: AuthenticatedRequest, number: int) -> HttpResponse:
    """Change a playbook from the next run on; of two people who do so at once, the second is told."""
    return _edited(request, _found(request, number))


@require_POST
@page(write=Action.EDIT_PLAYBOOKS)
def playbook_restore(request: AuthenticatedRequest, number: int) -> HttpResponse:
    """A built-in playbook as it ships."""
    playbook = _found(request, number)
    try:
        services.restore_playbook(playbook=playbook, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
    else:
        messages.success(request, "It is as it ships again. Runs that have started keep their steps.")
    return redirect("playbooks:playbook_detail", number)


@require_POST
@page(write=Action.EDIT_PLAYBOOKS)
def playbook_delete(request: AuthenticatedRequest, number: int) -> HttpResponse:
    """Take one of the organisation's own away; its runs stay."""
    playbook = _found(request, number)
    try:
        services.delete_playbook(playbook=playbook, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect("playbooks:playbook_detail", number)
    messages.success(request, f"“{playbook}” is deleted. Its runs go on with their own steps.")
    return redirect("playbooks:playbook_list")


def _found(request: AuthenticatedRequest, number: int) -> Playbook:
    playbook: Playbook = get_object_or_404(request.organization.playbooks.with_steps(), number=number)
    return playbook


def _edited(request: AuthenticatedRequest, playbook: Playbook | None) -> HttpResponse:
    data = posted(request)
    form = PlaybookForm(data, instance=playbook)
    steps: Any = StepFormSet(
        data, initial=_initial(playbook), prefix="steps", form_kwargs={"organization": request.organization}
    )
    if data is not None and form.is_valid() and steps.is_valid():
        facts: Any = {name: form.cleaned_data[name] for name in services.DETAILS} | {"steps": steps.steps}
        try:
            if playbook is None:
                saved = services.create_playbook(organization=request.organization, by=request.user, **facts)
            else:
                saved = services.update_playbook(
                    playbook=_found(request, playbook.number),
                    by=request.user,
                    seen_at=form.cleaned_data["seen_at"],
                    **facts,
                )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"“{saved}” is saved.")
            return redirect(saved)
    context = {"form": form, "steps": steps, "playbook": playbook}
    return render(request, "playbooks/playbook_form.html", context, status=200 if data is None else 422)


def _initial(playbook: Playbook | None) -> list[dict[str, Any]]:
    if playbook is None:
        return []
    memberships = dict(playbook.organization.memberships.values_list("user_id", "uuid"))
    return [
        {
            "text": step.text,
            "title": step.title,
            "day": step.day,
            "kind": step.kind,
            "role": step.role,
            "member": memberships.get(step.member_id) if step.member_id else None,
            "ORDER": step.n,
        }
        for step in playbook.steps.all()
    ]
