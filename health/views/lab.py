"""The health lab: start a look back, and read what came of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from csplatform.exceptions import DomainError
from csplatform.formatting import UNKNOWN, percent
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import explain, page
from health.enums import LabKind
from health.forms.lab import LabForm
from health.models import LabRun
from health.selectors.lab_subjects import lab_subjects
from health.services.lab import draft_proposed_weights, start_lab_run
from health.services.lab_facts import start_facts_run
from health.views.lab_facts import facts_context

A_PAGE = 10
SHARES = ("precision", "recall", "base_rate", "top_precision")


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_SCORECARDS)
def lab(request: AuthenticatedRequest) -> HttpResponse:
    """The runs, newest first, and a button for another one of each kind."""
    if request.method == "POST":
        form = LabForm(request.POST)
        asked = form.cleaned_data if form.is_valid() else {}
        try:
            if asked.get("kind") == LabKind.FACTS:
                run = start_facts_run(organization=request.organization, by=request.user)
            else:
                card = asked.get("scorecard", "")
                run = start_lab_run(organization=request.organization, by=request.user, scorecard=card)
        except DomainError as error:
            messages.error(request, explain(error))
            return redirect("health:lab")
        return redirect(run)
    runs = request.organization.lab_runs.select_related("job", "scorecard", "draft", "by")
    page_obj = Paginator(runs, A_PAGE).get_page(request.GET.get("page"))
    may_start = can(request.member, Action.EDIT_SCORECARDS)
    context = {
        "page_obj": page_obj,
        "may_start": may_start,
        "subjects": lab_subjects(request.organization) if may_start else [],
    }
    return render(request, "health/lab.html", context)


@require_safe
@page()
def lab_run(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """One run: its progress while it goes on, then what it found."""
    runs = request.organization.lab_runs.select_related("job", "scorecard", "draft", "by")
    run = get_object_or_404(runs, uuid=uuid)
    if run.is_of_facts:
        return render(request, "health/lab_facts.html", {"run": run, **facts_context(run)})
    context = {"run": run, "may_edit": can(request.member, Action.EDIT_SCORECARDS), **_found(run)}
    return render(request, "health/lab_run.html", context)


@require_POST
@page(write=Action.EDIT_SCORECARDS)
def lab_propose(request: AuthenticatedRequest, uuid: UUID) -> HttpResponse:
    """Make a draft of the proposed weights; publishing it is another click, on its own page."""
    run = get_object_or_404(request.organization.lab_runs.select_related("scorecard__organization"), uuid=uuid)
    try:
        draft = draft_proposed_weights(lab_run=run, by=request.user)
    except DomainError as error:
        messages.error(request, explain(error))
        return redirect(run)
    messages.success(request, "The proposed weights are a draft now. Nothing is scored by it until you publish it.")
    return redirect(draft)


def _found(run: LabRun) -> dict[str, Any]:
    """What the page prints of a result; nothing while there is none."""
    result = run.result
    if result is None:
        return {"found": None}
    return {
        "found": result,
        "rows": _rows(run),
        "green": [{**each, "left": date.fromisoformat(each["churned_on"])} for each in result["green"]],
        "matrix": _matrix(result["replay"]) if result["replay"] else None,
        "weights": _weights(run) if result["fit"] else [],
    }


def _rows(run: LabRun) -> list[dict[str, Any]]:
    """The score, the churn risk and the draft side by side."""
    found = run.result or {}
    named = [("The live version", found["score"]), ("The churn risk", found["risk"])]
    if found["draft"]:
        named.insert(1, (f"The draft of {run.draft}" if run.draft else "The draft", found["draft"]))
    return [{"name": name, **row, **{part: _percent(row[part]) for part in SHARES}} for name, row in named]


def _percent(share: float | None) -> str:
    return UNKNOWN if share is None else percent(Decimal(str(round(100 * share, 1))))


def _matrix(replay: dict[str, Any]) -> list[dict[str, Any]]:
    """A row for each band of today, with a cell for each band by the draft; bands that nobody is in are left out."""
    cells = {(cell["from"], cell["to"]): cell for cell in replay["cells"]}
    used = [band for band in replay["bands"] if any(band in pair for pair in cells)]
    return [
        {
            "band": before,
            "cells": [{"to": after, "is_same": before == after, **cells.get((before, after), {})} for after in used],
        }
        for before in used
    ]


def _weights(run: LabRun) -> list[dict[str, Any]]:
    fit, scorecard = (run.result or {})["fit"], run.scorecard
    return [
        {"label": row["label"], "live": row["max_points"], "proposed": fit["weights"].get(row["key"], 0)}
        for row in (scorecard.signals if scorecard else [])
    ]
