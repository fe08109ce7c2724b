"""The one error shape: `{"error": true, "message": "…"}`, with `errors` by field where fields are at fault."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import exception_handler as standardized_handler
from drf_standardized_errors.types import ErrorResponse, ExceptionHandlerContext
from rest_framework import exceptions
from rest_framework.response import Response

from csplatform.exceptions import DomainError

MESSAGES = {
    400: "The request is not valid.",
    401: "Sign in, or send an API key as a bearer token.",
    403: "Your role does not allow this.",
    404: "Not found.",
    405: "This method is not allowed here.",
    413: "The request is too large.",
    415: "This content type is not understood; send application/json.",
    429: "Too many requests; wait a moment.",
    500: "Something went wrong on our side. It has been logged under the request id.",
    503: "Not available right now; try again shortly.",
}


def error_body(message: str, errors: dict[str, list[str]] | None = None) -> dict[str, Any]:
    """Build the body of every error answer."""
    body: dict[str, Any] = {"error": True, "message": message}
    if errors:
        body["errors"] = errors
    return body


def error_response(status: int, message: str = "", *, retry_after: int | None = None) -> JsonResponse:
    """An error answer for code outside of API views, such as middleware."""
    response = JsonResponse(
        error_body(message or MESSAGES.get(status, MESSAGES[500])),
        status=status,
        json_dumps_params={"ensure_ascii": False},
    )
    if retry_after is not None:
        response["Retry-After"] = str(retry_after)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="api"'
    return response


class Formatter(ExceptionFormatter):
    """Turns what DRF raises into our shape: the first field's first sentence is the message."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        if error_response.type == "validation_error":
            errors: dict[str, list[str]] = {}
            for error in error_response.errors:
                errors.setdefault(error.attr or "body", []).append(str(error.detail))
            field, sentences = next(iter(errors.items()))
            return error_body(f"{field}: {sentences[0]}" if field != "body" else sentences[0], errors)
        return error_body(_sentence(self.exc, str(error_response.errors[0].detail)))


def _sentence(exc: Exception, detail: str) -> str:
    if isinstance(exc, exceptions.NotAuthenticated):
        return MESSAGES[401]
    if isinstance(exc, exceptions.NotFound) and detail.startswith("No "):
        return MESSAGES[404]
    return detail


def exception_handler(exc: Exception, context: ExceptionHandlerContext) -> Response | None:
    """DRF's hook. Domain refusals carry their own status and sentence."""
    if isinstance(exc, DomainError):
        return Response(error_body(exc.message, exc.errors), status=exc.status)
    if isinstance(exc, Http404):
        exc = exceptions.NotFound(str(exc) if exc.args and not str(exc).startswith("No ") else MESSAGES[404])
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied(str(exc) or MESSAGES[403])
    elif isinstance(exc, exceptions.APIException) is False:
        return None  # a fault: Django logs it, and handler500 answers
    return standardized_handler(exc, context)
