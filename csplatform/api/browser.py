"""The root-level contract paths are JSON; a browser without a key that opens one is sent to the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def prefers_html(request: HttpRequest) -> bool:
    """Say whether this looks like a person's browser: it asks for HTML first and carries no key."""
    accept = request.headers.get("Accept", "")
    return "text/html" in accept.split(",")[0] and "HTTP_AUTHORIZATION" not in request.META


def redirect_browsers(url_name: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Wrap `View.as_view()` of a root-level GET: `redirect_browsers("accounts:account_list")(View.as_view())`.
    Path arguments are handed on to the page's URL."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method == "GET" and prefers_html(request):
                return HttpResponseRedirect(reverse(url_name, args=args or None, kwargs=kwargs or None))
            return view(request, *args, **kwargs)

        # Keep DRF's marks: exempt from CSRF and from the login redirect, found by the schema and the sweeps.
        answer.__dict__.update(view.__dict__)
        answer.__name__, answer.__doc__ = view.__name__, view.__doc__
        return answer

    return wrap
