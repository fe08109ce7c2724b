"""Sending what webhooks wait for: outside of any transaction, with pauses that grow, and with an end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from standardwebhooks.webhooks import Webhook as Signer

from csplatform.enums import DeliveryStatus, Role, WebhookFormat
from csplatform.jobs import JobRun
from csplatform.keys import unsealed
from csplatform.models import Organization, RetentionPolicy, Webhook, WebhookDelivery
from csplatform.outgoing import Answer, OutgoingError, post
from csplatform.services.notification import notify
from csplatform.services.webhook import order_delivery, switch_off
from csplatform.tenancy import organization_scope

PAUSES = tuple(timedelta(seconds=each) for each in (10, 60, 300, 1_800, 7_200, 21_600, 43_200))
"""After the first failed attempt, the second …; after the one that follows the last, a message is given up."""
PATIENCE = 3
"""Failures in a row after which a run leaves the rest for later."""
REST = timedelta(minutes=1)
"""How long it is left alone then."""
SWITCHED_OFF_AFTER, FOR_AT_LEAST = 20, timedelta(days=1)
"""Failed attempts in a row, and since when: then nobody is there any more."""
KEPT = timedelta(days=30)
GONE = 410

NEWS = "webhook_disabled"


def run_deliveries(run: JobRun) -> None:
    """The job: sends what is due to one webhook, oldest first.

    A message whose sending was cut off is sent again, with the id by which its receiver knows it."""
    organization, key, sent, failed_in_a_row = run.organization, int(run.payload["webhook"]), 0, 0
    while failed_in_a_row < PATIENCE:
        with organization_scope(organization, write=False):
            due = organization.webhook_deliveries.due(timezone.now()).filter(webhook=key)
            delivery = due.select_related("webhook__organization").filter(webhook__disabled_at=None).first()
        if delivery is None:
            break
        answer, problem = _attempt(delivery)
        with run.chunk(touch=False):
            _note(delivery, answer, problem, now=timezone.now())
        sent, failed_in_a_row = (sent, failed_in_a_row + 1) if problem else (sent + 1, 0)
        run.check()
    with run.chunk(touch=False):
        _order_next(organization, key, rests=failed_in_a_row >= PATIENCE, now=timezone.now())
    run.finish({"delivered": sent})


def _attempt(delivery: WebhookDelivery) -> tuple[Answer | None, str]:
    """What was answered, and what is wrong with that; nothing is when the answer is a 2xx."""
    body = delivery.body.encode()
    try:
        answer = post(delivery.webhook.url, body, _headers(delivery, body, now=timezone.now()))
    except OutgoingError as error:
        return None, str(error)
    if 200 <= answer.status < 300:
        return answer, ""
    if 300 <= answer.status < 400:
        return answer, f"It answered {answer.status}: redirects are not followed."
    return answer, f"It answered {answer.status}: {answer.text or 'nothing more'}"


def _headers(delivery: WebhookDelivery, body: bytes, *, now: datetime) -> dict[str, str]:
    """Those of the Standard Webhooks scheme; a chat knows no signatures."""
    headers = {"Content-Type": "application/json", "User-Agent": f"{settings.PRODUCT_NAME}-Webhooks/1"}
    secret = unsealed(delivery.webhook.sealed_secret)
    if delivery.webhook.format == WebhookFormat.SLACK or not secret:
        return headers
    key = str(delivery.uuid)
    signature = Signer(secret).sign(key, now, body.decode())
    stamp = str(int(now.timestamp()))
    return headers | {"webhook-id": key, "webhook-timestamp": stamp, "webhook-signature": signature}


def _note(delivery: WebhookDelivery, answer: Answer | None, problem: str, *, now: datetime) -> None:
    webhooks = delivery.webhook.organization.webhooks
    webhook: Webhook | None = webhooks.select_for_update(no_key=True).filter(pk=delivery.webhook_id).first()
    if webhook is None:  # deleted while its message was under way
        return
    delivery.attempts += 1
    delivery.answered, delivery.note = answer.status if answer else None, problem[:300]
    delivery.next_attempt_at = None
    if not problem:
        delivery.status, delivery.finished_at = DeliveryStatus.DELIVERED, now
        webhook.failures, webhook.failing_since, webhook.delivered_at = 0, None, now
    else:
        webhook.failures, webhook.failing_since = webhook.failures + 1, webhook.failing_since or now
        if delivery.attempts <= len(PAUSES) and webhook.is_active:
            delivery.next_attempt_at = now + PAUSES[delivery.attempts - 1]
        else:
            delivery.status, delivery.finished_at = DeliveryStatus.FAILED, now
    delivery.save(update_fields=["attempts", "answered", "note", "status", "next_attempt_at", "finished_at"])
    # Past the history, which is of what people decided.
    webhooks.filter(pk=webhook.pk).update(
        failures=webhook.failures, failing_since=webhook.failing_since, delivered_at=webhook.delivered_at
    )
    if problem and webhook.is_active and _is_nobody_there(webhook, answer, now=now):
        _give_up(webhook, problem, now=now)


def _is_nobody_there(webhook: Webhook, answer: Answer | None, *, now: datetime) -> bool:
    if answer is not None and answer.status == GONE:
        return True
    since = webhook.failing_since or now
    return webhook.failures >= SWITCHED_OFF_AFTER and now - since >= FOR_AT_LEAST


def _give_up(webhook: Webhook, problem: str, *, now: datetime) -> None:
    switch_off(webhook, reason=f"Switched off after {webhook.failures} failed attempts. {problem}"[:300], now=now)
    admins = webhook.organization.memberships.active().filter(role=Role.ADMIN).select_related("user")
    notify(
        organization=webhook.organization,
        to=[each.user for each in admins],
        kind=NEWS,
        title=f"The webhook to {webhook.host} is switched off",
        text=problem,
        url=f"/dashboard/settings/webhooks/{webhook.uuid}",
    )


def _order_next(organization: Organization, key: int, *, rests: bool, now: datetime) -> None:
    waiting = organization.webhook_deliveries.waiting().filter(webhook=key, webhook__disabled_at=None)
    first = waiting.select_related("webhook__organization").order_by("next_attempt_at").first()
    if first is None or first.next_attempt_at is None:
        return
    order_delivery(first.webhook, at=max(first.next_attempt_at, now + (REST if rests else timedelta(0))))


def drop_old_deliveries(organization: Organization, policy: RetentionPolicy, now: datetime) -> int:
    """What was said thirty days ago, whatever the policy says."""
    return organization.webhook_deliveries.filter(created_at__lt=now - KEPT).delete()[0]
