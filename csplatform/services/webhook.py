"""Webhooks: who is told of what, and writing down what they are to be told."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from csplatform.enums import DeliveryStatus, WebhookFormat
from csplatform.exceptions import DomainError, InvalidInput
from csplatform.jobs import enqueue
from csplatform.keys import sealed
from csplatform.models import Organization, User, Webhook, WebhookDelivery
from csplatform.models.webhook import URL_LENGTH
from csplatform.outgoing import url_problem
from csplatform.webhooks import TEST, chat_text, webhook_events

JOB_KIND = "deliver_webhooks"
MOST_WEBHOOKS = 20
MOST_ITEMS = 100
"""In one message; `count` says how many there were."""
SECRET_PREFIX = "whsec_"  # noqa: S105 -- how the Standard Webhooks scheme marks a secret

Item = Mapping[str, Any]


class TooManyWebhooks(DomainError):
    code = "too_many_webhooks"
    message = f"An organisation has at most {MOST_WEBHOOKS} webhooks. Delete one that is no longer used."


class WebhookDisabled(DomainError):
    code = "webhook_disabled"
    message = "This webhook is switched off. Switch it on first."


# -- who is told ------------------------------------------------------------------------------------


@transaction.atomic
def create_webhook(
    *,
    organization: Organization,
    by: User,
    url: str,
    events: Sequence[str],
    format: str = WebhookFormat.SIGNED,  # noqa: A002 -- the field's name
) -> tuple[Webhook, str]:
    """Make a webhook, and return it with the secret that its messages are signed with, which is shown once."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    if organization.webhooks.count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks
    secret = _new_secret()
    webhook = Webhook(organization=organization, sealed_secret=sealed(secret))
    _fill(webhook, url=url, events=events, format=format)
    webhook._history_user = by
    webhook.save(force_insert=True)
    _note_whether_any(organization)
    return webhook, secret


@transaction.atomic
def update_webhook(
    *,
    webhook: Webhook,
    by: User,
    url: str | None = None,
    events: Sequence[str] | None = None,
    format: str | None = None,  # noqa: A002 -- the field's name
    is_active: bool | None = None,
) -> Webhook:
    """Change what is named; switching it on forgets its failures."""
    _fill(
        webhook,
        url=webhook.url if url is None else url,
        events=webhook.events if events is None else events,
        format=webhook.format if format is None else format,
    )
    if is_active is True and not webhook.is_active:
        webhook.disabled_at, webhook.disabled_reason = None, ""
        webhook.failures, webhook.failing_since = 0, None
    elif is_active is False and webhook.is_active:
        switch_off(webhook, reason=f"Switched off by {by.display_name}.", now=timezone.now(), save=False)
    webhook._history_user = by
    webhook.save()
    _note_whether_any(webhook.organization)
    return webhook


@transaction.atomic
def delete_webhook(*, webhook: Webhook, by: User) -> None:
    organization = webhook.organization
    webhook._history_user = by
    webhook.delete()
    _note_whether_any(organization)


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: User) -> str:
    """Sign with a new secret from now on; the old one is forgotten at once."""
    secret = _new_secret()
    webhook.sealed_secret = sealed(secret)
    webhook._history_user = by
    webhook.save(update_fields=["sealed_secret", "updated_at"])
    return secret


def switch_off(webhook: Webhook, *, reason: str, now: datetime, save: bool = True) -> None:
    """Stop telling it; what waits is not sent any more."""
    webhook.disabled_at, webhook.disabled_reason = now, reason
    webhook.deliveries.waiting().update(
        status=DeliveryStatus.FAILED, note="The webhook was switched off.", next_attempt_at=None, finished_at=now
    )
    if save:
        webhook.save(update_fields=["disabled_at", "disabled_reason", "updated_at"])
        _note_whether_any(webhook.organization)


# -- what they are told -----------------------------------------------------------------------------


def tell_webhooks(organization: Organization, event: str, items: Callable[[], Sequence[Item]], *, count: int) -> int:
    """Write a message for each webhook that chose the event, in the caller's transaction; returns how many.

    `items` is asked for only where somebody listens. An item says at least `title`, and `account` where it is about
    one. However many items there are, it is one message."""
    if not organization.has_webhooks or not count:
        return 0
    listening = [each for each in organization.webhooks.active() if event in each.events]
    if not listening:
        return 0
    told = items()[:MOST_ITEMS]
    for webhook in listening:
        _write(webhook, event, told, count=count)
    return len(listening)


@transaction.atomic
def send_test(*, webhook: Webhook) -> WebhookDelivery:
    """A message by which one sees whether the other side understands us."""
    if not webhook.is_active:
        raise WebhookDisabled
    item = {"title": f"This is a test from {webhook.organization}.", "account": None}
    return _write(webhook, TEST, [item], count=1)


@transaction.atomic
def redeliver(*, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the same message with the same id once more, beginning now."""
    if not delivery.webhook.is_active:
        raise WebhookDisabled
    delivery.status, delivery.attempts = DeliveryStatus.WAITING, 0
    delivery.next_attempt_at, delivery.finished_at = timezone.now(), None
    delivery.save(update_fields=["status", "attempts", "next_attempt_at", "finished_at"])
    order_delivery(delivery.webhook)
    return delivery


def order_delivery(webhook: Webhook, *, at: datetime | None = None) -> None:
    """A job that sends what is due; one at a time for each webhook, so that messages keep their order."""
    enqueue(webhook.organization, JOB_KIND, {"webhook": webhook.pk}, lane=f"{JOB_KIND}:{webhook.pk}", run_after=at)


def _write(webhook: Webhook, event: str, items: Sequence[Item], *, count: int) -> WebhookDelivery:
    now = timezone.now()
    body: dict[str, Any] = {"type": event, "timestamp": now.isoformat(), "data": {"count": count, "items": items}}
    if webhook.format == WebhookFormat.SLACK:
        body = {"text": chat_text(event, items, count)}
    delivery = WebhookDelivery.objects.create(
        organization=webhook.organization,
        webhook=webhook,
        event=event,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        next_attempt_at=now,
    )
    order_delivery(webhook)
    return delivery


# -- checks -----------------------------------------------------------------------------------------


def _fill(webhook: Webhook, *, url: str, events: Sequence[str], format: str) -> None:  # noqa: A002
    errors: dict[str, list[str]] = {}
    url = url.strip()
    if problem := url_problem(url) or ("That address is too long." if len(url) > URL_LENGTH else ""):
        errors["url"] = [problem]
    known = webhook_events()
    if unknown := [each for each in events if each not in known]:
        errors["events"] = [f"There is no event {unknown[0]}. There are {', '.join(known)}."]
    elif not events:
        errors["events"] = ["Choose at least one event."]
    if format not in WebhookFormat.values:
        errors["format"] = [f"Takes {' or '.join(WebhookFormat.values)}."]
    if errors:
        raise InvalidInput("The webhook can't be saved like this.", errors=errors)
    webhook.url, webhook.format = url, format
    webhook.events = [name for name in known if name in set(events)]


def _note_whether_any(organization: Organization) -> None:
    organization.has_webhooks = organization.webhooks.active().exists()
    Organization.objects.filter(pk=organization.pk).update(has_webhooks=organization.has_webhooks)


def _new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
