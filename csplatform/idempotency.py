"""One effect for a request that is sent again with the same `Idempotency-Key`.

The key is inserted first, in its own transaction; the answer is stored in the transaction of the effect, so that a
crash between the two cannot happen. A refusal frees the key, so a corrected body may use it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from csplatform.api.errors import error_response
from csplatform.models import IdempotencyKey, Membership
from csplatform.tenancy import organization_scope

HEADER = "Idempotency-Key"
MAX_LENGTH = 255
LOCK = timedelta(seconds=60)
KEPT = timedelta(days=1)
STORED_HEADERS = ("Content-Type", "Location", "ETag")


class Replay:
    """Answers one request: by running the view, or with what it answered before."""

    def __init__(self, request: HttpRequest, member: Membership) -> None:
        self.request = request
        self.member = member
        self.organization = member.organization
        self.key = request.headers[HEADER]
        self.natural_key = {
            "membership": member,
            "method": request.method or "",
            "path": request.get_full_path()[:500],
            "key": self.key,
        }

    def answer(self, get_response: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
        if len(self.key) > MAX_LENGTH:
            return error_response(400, f"{HEADER} takes at most {MAX_LENGTH} characters.")
        digest = body_hash(self.request)
        now = timezone.now()
        locked_until = now + LOCK
        if not self._reserve(digest, locked_until):
            refusal = self._earlier_answer(digest, locked_until)
            if refusal is not None:
                return refusal
        with organization_scope(self.organization, write=True):
            response = get_response(self.request)
            kept = response.status_code < 400 and self._store(response, locked_until)
            if not kept:
                transaction.set_rollback(True)
        if response.status_code >= 400:
            with organization_scope(self.organization, write=True, touch=False):
                self._rows().filter(locked_until=locked_until, status=None).delete()
            return response
        return response if kept else _still_running()

    def _rows(self) -> QuerySet[IdempotencyKey]:
        return self.organization.idempotency_keys.filter(**self.natural_key)

    def _reserve(self, digest: str, locked_until: datetime) -> bool:
        with organization_scope(self.organization, write=True, touch=False):
            self.organization.idempotency_keys.filter(created_at__lt=timezone.now() - KEPT).delete()
            try:
                with transaction.atomic():
                    self.organization.idempotency_keys.create(
                        **self.natural_key, body_hash=digest, locked_until=locked_until
                    )
            except IntegrityError:
                return False
        return True

    def _earlier_answer(self, digest: str, locked_until: datetime) -> HttpResponse | None:
        """Return the answer to give instead of running, or None when this request has taken a dead one over."""
        with organization_scope(self.organization, write=True, touch=False):
            row = self._rows().first()
            if row is None:  # refused and freed between the two looks
                return _still_running()
            if row.body_hash != digest:
                return error_response(409, f"This {HEADER} was used with another body.")
            if row.status is not None:
                return _replayed(row)
            taken = (
                self._rows().filter(status=None, locked_until__lt=timezone.now()).update(locked_until=locked_until)
            )
        return None if taken else _still_running()

    def _store(self, response: HttpResponse, locked_until: datetime) -> bool:
        """Keep the answer beside its effect; false when another request has taken the key over meanwhile."""
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response.render()
        headers = {name: response[name] for name in STORED_HEADERS if name in response}
        stored = self._rows().filter(locked_until=locked_until, status=None)
        return bool(
            stored.update(
                status=response.status_code,
                headers=headers,
                body="" if response.streaming else response.content.decode(),
            )
        )


def body_hash(request: HttpRequest) -> str:
    """Hash the parsed fields and the files' contents; a multipart boundary differs on each try."""
    digest = hashlib.sha256()
    if request.content_type == "multipart/form-data":
        digest.update(json.dumps(sorted(request.POST.lists())).encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                digest.update(f"{name}:{file.name}:".encode())
                for piece in file.chunks():
                    digest.update(piece)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def _replayed(row: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(row.body, status=row.status)
    for name, value in row.headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _still_running() -> HttpResponse:
    return error_response(409, "The first request with this key is still running; try again.", retry_after=2)
