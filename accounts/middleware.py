"""The way from a merged account to the one it became."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.exceptions import AccountMoved
from csplatform.http import SAFE_METHODS, is_api_path

PRESERVE_METHOD = 307


class MergedAccountMiddleware:
    """Old links, bookmarks and integrations go on working: they are sent to the surviving account.

    A form that was still open on a merged account changes nothing; its sender is told, on the survivor's page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, AccountMoved):
            return None
        account, to = exception.account, exception.to
        if is_api_path(request.path_info):
            return _redirect(_same_place(request, to.number), status=PRESERVE_METHOD)
        if request.method in SAFE_METHODS:
            return _redirect(_same_place(request, to.number))
        messages.info(request, f"{account} was merged into {to} meanwhile; nothing was changed.")
        return _redirect(to.get_absolute_url(), status=303)


def _same_place(request: HttpRequest, number: int) -> str:
    """The address of the request with the survivor's number in it."""
    match, query = request.resolver_match, request.GET.copy()
    assert match is not None  # noqa: S101 -- a view raised this, so one was found
    kwargs = match.kwargs | ({"key": number} if "key" in match.kwargs else {})
    if "account_id" in query:
        query["account_id"] = str(number)
    path = reverse(match.view_name, kwargs=kwargs)
    return f"{path}?{query.urlencode()}" if query else path


def _redirect(url: str, *, status: int = 302) -> HttpResponse:
    response = HttpResponseRedirect(url)
    response.status_code = status
    return response
