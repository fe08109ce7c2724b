"""Every route of the site, read from the URL resolver, with what a sweep has to know about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from csplatform.http import PAGE_PREFIXES, SAFE_METHODS

UNSAFE = ("post", "put", "patch", "delete")

OURS = ("csplatform", "accounts", "billing", "health", "playbooks", "insights")

PUBLIC = {
    "",
    "healthz",
    "readyz",
    "api/schema",
    "api/docs",
    "docs",
    "setup",
    "auth/invitations/<str:token>",
    "calendar/<str:token>.ics",
    "plan/<str:token>",
}
"""What answers without a login; the login pages themselves are allauth's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One URL pattern of ours."""

    path: str
    view: Any
    parameters: tuple[tuple[str, str], ...]
    """Name and converter, such as ("number", "int")."""

    @property
    def is_page(self) -> bool:
        return f"/{self.path}".startswith(PAGE_PREFIXES)

    @property
    def view_class(self) -> Any:
        return getattr(self.view, "view_class", None) or getattr(self.view, "cls", None)

    @property
    def methods(self) -> set[str]:
        """The HTTP methods that the view answers, in lower case; function views may take any."""
        if self.view_class is None:
            return {"get", "post"}
        actions = getattr(self.view, "actions", None)
        if actions:
            return set(actions) - {"head"}  # which the first request adds
        names = {"get", *UNSAFE}
        return {name for name in names if hasattr(self.view_class, name)}

    @property
    def unsafe_methods(self) -> list[str]:
        return sorted(name for name in self.methods if name.upper() not in SAFE_METHODS)

    def url(self, values: dict[tuple[str, str], Any]) -> str:
        """The path with its parameters filled in; KeyError names a parameter that no sweep knows."""
        path = "/" + self.path
        for name, converter in self.parameters:
            path = path.replace(f"<{converter}:{name}>", str(values[name, converter]))
        return path

    def __str__(self) -> str:
        return "/" + self.path


def our_routes() -> list[Route]:
    """Every pattern whose view is ours; the admin and the login library are looked at by their own tests."""
    return sorted(_walk(get_resolver().url_patterns, ""), key=str)


def _walk(patterns: list[Any], prefix: str) -> Iterator[Route]:
    for entry in patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith("admin/"):
                yield from _walk(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and _is_ours(entry, route):
            pattern = entry.pattern
            converters = pattern.converters if isinstance(pattern, RoutePattern) else {}
            named = tuple((name, _converter_name(route, name)) for name in converters)
            yield Route(path=route, view=entry.callback, parameters=named)


def _is_ours(entry: URLPattern, route: str) -> bool:
    if route.rstrip("/") in PUBLIC or route.startswith("auth/invitations"):
        return True
    return not route.startswith("auth/")


def _converter_name(route: str, name: str) -> str:
    before = route.partition(f":{name}>")[0]
    return before.rpartition("<")[2]
