"""Answers to what went wrong: the one JSON shape for the API, a page for people."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string

from csplatform.api.errors import MESSAGES, error_response
from csplatform.http import is_api_path


def _answer(request: HttpRequest, status: int, message: str = "") -> HttpResponse:
    if is_api_path(request.path_info):
        return error_response(status, message)
    try:
        return render(request, f"{status}.html", {"message": message or MESSAGES[status]}, status=status)
    except TemplateDoesNotExist:
        return HttpResponse(MESSAGES[status], status=status, content_type="text/plain; charset=utf-8")


@login_not_required
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 403, str(exception or ""))


@login_not_required
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(request, 404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context: whatever failed may fail again in a context processor."""
    if is_api_path(request.path_info):
        return error_response(500)
    return HttpResponse(
        render_to_string("500.html", {"request_id": request.META.get("HTTP_X_REQUEST_ID", "")}), status=500
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database is away or busy; nothing was written, so trying again is safe."""
    if is_api_path(request.path_info):
        return error_response(503, retry_after=10)
    response = HttpResponse(render_to_string("503.html", {"message": MESSAGES[503]}), status=503)
    response["Retry-After"] = "10"
    return response


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _answer(
        request, 403, "This form is too old or came from elsewhere. Go back, reload the page and try again."
    )
