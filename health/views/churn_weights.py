"""The weights of the churn risk: what each factor is made of, what it weighs, and who changed that when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from csplatform.exceptions import DomainError
from csplatform.forms.base import posted
from csplatform.http import AuthenticatedRequest
from csplatform.permissions import Action, can
from csplatform.views.base import page
from health.forms.churn_weights import ChurnWeightsForm
from health.scoring.churn_risk import FACTORS
from health.selectors.churn_weights import BUILT_IN, churn_weight_history, churn_weights
from health.services.churn_weights import set_churn_weights


@require_http_methods(["GET", "HEAD", "POST"])
@page(write=Action.EDIT_SCORECARDS)
def churn_weight_page(request: AuthenticatedRequest) -> HttpResponse:
    """Everybody reads them; managers change them."""
    weights = churn_weights(request.organization)
    form = ChurnWeightsForm(posted(request), weights=weights)
    if form.is_bound and form.is_valid():
        try:
            set_churn_weights(organization=request.organization, by=request.user, **form.facts())
        except DomainError as error:
            for sentence in [each for found in (error.errors or {}).values() for each in found] or [error.message]:
                form.add_error(None, sentence)
        else:
            messages.success(request, "Saved. The churn risk of every account is being worked out anew.")
            return redirect("health:churn_weights")
    return _page(request, form, weights, status=422 if form.is_bound else 200)


def _page(request: AuthenticatedRequest, form: forms.Form, weights: dict[str, float], *, status: int) -> HttpResponse:
    total = sum(weights.values())
    context: dict[str, Any] = {
        "form": form,
        "factors": [
            {
                "label": factor.label,
                "words": factor.words,
                "weight": weights[factor.key],
                "usual": BUILT_IN[factor.key],
                "share": 100 * weights[factor.key] / total,
                "field": form[factor.key],
            }
            for factor in FACTORS
        ],
        "history": [
            {"row": row, "weights": [(factor.label, row.weights.get(factor.key)) for factor in FACTORS]}
            for row in churn_weight_history(request.organization)
        ],
        "may_edit": can(request.member, Action.EDIT_SCORECARDS),
    }
    return render(request, "health/churn_weights.html", context, status=status)
