"""Search: the page of results, and the part of it that the dialog shows while somebody types."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from csplatform.http import AuthenticatedRequest
from csplatform.search import LONGEST, search_everything
from csplatform.views.base import page

IN_DIALOG, ON_PAGE = 5, 20


@require_safe
@page()
def search(request: AuthenticatedRequest) -> HttpResponse:
    """Everything that the words match, by kind, the best first."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    in_dialog = bool(request.htmx) or request.GET.get("part") == "dialog"
    groups = search_everything(request.member, text, limit=IN_DIALOG if in_dialog else ON_PAGE)
    template = "csplatform/_search_options.html" if in_dialog else "csplatform/search.html"
    response = render(
        request, template, {"q": text, "groups": groups, "found": sum(len(each.hits) for each in groups)}
    )
    patch_vary_headers(response, ["HX-Request"])
    return response
