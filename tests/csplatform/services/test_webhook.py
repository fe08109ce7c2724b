"""Webhooks: written with what they are about, sent to a real server, again after a failure, given up in the end."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook as Verifier

from accounts.enums import ActivityKind
from accounts.services.activity import Happening, record_activities, record_activity
from csplatform.enums import DeliveryStatus, WebhookFormat
from csplatform.exceptions import InvalidInput
from csplatform.jobs import run_now
from csplatform.models import Job, Membership, Notification, Organization, Webhook, WebhookDelivery
from csplatform.models.data_care import RetentionPolicy
from csplatform.services import webhook as services
from csplatform.services.webhook_delivery import KEPT, PAUSES, SWITCHED_OFF_AFTER, drop_old_deliveries
from tests.factories.accounts import AccountFactory
from tests.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)
RENEWALS = "activity.renewal"


@pytest.fixture(autouse=True)
def _own_network(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_TARGETS = True


def made(
    amir: Membership, url: str = "http://127.0.0.1:9/hook", events: tuple[str, ...] = (RENEWALS,), **facts: Any
) -> tuple[Webhook, str]:
    return services.create_webhook(organization=amir.organization, by=amir.user, url=url, events=events, **facts)


def renewed(organization: Organization, name: str = "Acme") -> None:
    account = organization.accounts.filter(name=name).first()
    account = account or AccountFactory(organization=organization, name=name)
    account.organization = organization
    record_activity(Happening(account=account, kind=ActivityKind.RENEWAL, title="Renewed for a year"))


def deliver(at: datetime | None = None) -> None:
    """Run the jobs that are due, as the pump would."""
    for job in Job.objects.filter(kind=services.JOB_KIND, status="queued").order_by("pk"):
        if at is None or job.run_after <= at:
            run_now(job)


def test_a_message_is_signed_so_that_the_standards_library_believes_it(amir: Membership) -> None:
    with receiving(Receiver()) as receiver:
        _, secret = made(amir, receiver.url)
        renewed(amir.organization)

        deliver()

    (received,) = receiver.received
    body = Verifier(secret).verify(received.body, received.headers)
    assert body["type"] == RENEWALS
    assert body["data"]["count"] == 1
    item = body["data"]["items"][0]
    assert (item["title"], item["account"]["name"]) == ("Renewed for a year", "Acme")
    delivery = WebhookDelivery.objects.get()
    assert received.headers["webhook-id"] == str(delivery.uuid)
    assert (delivery.status, delivery.attempts, delivery.answered) == (DeliveryStatus.DELIVERED, 1, 204)


def test_a_chat_gets_a_text_in_which_names_stay_names(amir: Membership) -> None:
    with receiving(Receiver(answers=[200])) as receiver:
        made(amir, receiver.url, format=WebhookFormat.SLACK)
        renewed(amir.organization, name="<!channel> & Sons")

        deliver()

    (received,) = receiver.received
    assert json.loads(received.body) == {
        "text": "*Renewal*\n• &lt;!channel&gt; &amp; Sons: Renewed for a year",
    }
    assert "webhook-signature" not in received.headers


def test_many_at_once_are_one_message_that_counts_them(amir: Membership) -> None:
    """Of 130 lines the first hundred are told, and how many there were."""
    made(amir)
    account = AccountFactory(organization=amir.organization)
    lines = [Happening(account=account, kind=ActivityKind.RENEWAL, title=f"Line {n}") for n in range(130)]

    record_activities(amir.organization, lines)

    data = json.loads(WebhookDelivery.objects.get().body)["data"]
    assert (data["count"], len(data["items"])) == (130, 100)


def test_nobody_hears_of_what_they_did_not_choose_nor_another_organisation(
    amir: Membership, mallory: Membership
) -> None:
    made(amir, events=("activity.invoice",))
    made(mallory)

    renewed(amir.organization)

    assert not WebhookDelivery.objects.exists()


def test_without_webhooks_nothing_is_asked(amir: Membership, django_assert_num_queries: Any) -> None:
    account = AccountFactory(organization=amir.organization)
    account.organization = amir.organization

    with django_assert_num_queries(1):
        record_activity(Happening(account=account, kind=ActivityKind.RENEWAL, title="Renewed"))


def test_what_fails_is_sent_again_with_the_same_id_and_growing_pauses(amir: Membership) -> None:
    with receiving(Receiver(answers=[500, 503, 200])) as receiver, time_machine.travel(NOW, tick=False) as clock:
        webhook, _ = made(amir, receiver.url)
        renewed(amir.organization)
        deliver(NOW)
        delivery = WebhookDelivery.objects.get()
        first = (delivery.status, delivery.attempts, delivery.next_attempt_at, delivery.note)
        deliver(NOW)  # not yet due: nothing is sent
        clock.move_to(NOW + PAUSES[0])
        deliver(NOW + PAUSES[0])
        clock.move_to(NOW + PAUSES[0] + PAUSES[1])
        deliver(NOW + PAUSES[0] + PAUSES[1])

    delivery.refresh_from_db()
    webhook.refresh_from_db()
    assert first == (DeliveryStatus.WAITING, 1, NOW + timedelta(seconds=10), "It answered 500: noted")
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert (len(receiver.received), delivery.status, delivery.attempts) == (3, DeliveryStatus.DELIVERED, 3)
    assert (webhook.failures, webhook.failing_since) == (0, None)


def test_a_dead_target_is_left_alone_after_three_failures_and_later_messages_wait(amir: Membership) -> None:
    with receiving(Receiver(answers=[500])) as receiver:
        made(amir, receiver.url)
        for _ in range(5):
            renewed(amir.organization)

        run_now(Job.objects.filter(kind=services.JOB_KIND).earliest("pk"))

    assert len(receiver.received) == 3
    waiting = WebhookDelivery.objects.waiting()
    assert waiting.count() == 5
    assert Job.objects.filter(kind=services.JOB_KIND, status="queued").latest("pk").run_after > datetime.now(UTC)


def test_a_message_is_given_up_after_the_last_pause_and_can_be_sent_by_hand(amir: Membership) -> None:
    with receiving(Receiver(answers=[500])) as receiver:
        webhook, _ = made(amir, receiver.url)
        renewed(amir.organization)
        WebhookDelivery.objects.update(attempts=len(PAUSES))
        deliver()
        failed = WebhookDelivery.objects.get()
        receiver.answers[:] = [200]

        services.redeliver(delivery=WebhookDelivery.objects.select_related("webhook__organization").get())
        deliver()

    assert (failed.status, failed.attempts) == (DeliveryStatus.FAILED, len(PAUSES) + 1)
    again = WebhookDelivery.objects.get()
    assert (again.status, again.attempts, again.uuid) == (DeliveryStatus.DELIVERED, 1, failed.uuid)
    webhook.refresh_from_db()
    assert webhook.is_active


def test_where_nobody_is_there_for_a_day_it_is_switched_off_and_admins_are_told(
    amir: Membership, alice: Membership
) -> None:
    webhook, _ = made(amir)  # port 9 of this machine: nobody listens
    renewed(amir.organization)
    since = datetime.now(UTC) - timedelta(days=1, minutes=1)
    Webhook.objects.update(failures=SWITCHED_OFF_AFTER - 1, failing_since=since)

    deliver()

    webhook.refresh_from_db()
    amir.organization.refresh_from_db()
    assert not webhook.is_active
    assert webhook.disabled_reason == "Switched off after 20 failed attempts. It could not be reached."
    assert not amir.organization.has_webhooks
    assert WebhookDelivery.objects.get().status == DeliveryStatus.FAILED
    assert [each.membership for each in Notification.objects.all()] == [amir]


def test_a_target_that_says_it_is_gone_is_switched_off_at_once(amir: Membership) -> None:
    with receiving(Receiver(answers=[410])) as receiver:
        webhook, _ = made(amir, receiver.url)
        renewed(amir.organization)

        deliver()

    webhook.refresh_from_db()
    assert not webhook.is_active


def test_switching_off_ends_what_waits_and_switching_on_begins_anew(amir: Membership) -> None:
    webhook, _ = made(amir)
    renewed(amir.organization)

    services.update_webhook(webhook=webhook, by=amir.user, is_active=False)
    renewed(amir.organization)
    off = [(each.status, each.note) for each in WebhookDelivery.objects.all()]
    services.update_webhook(webhook=webhook, by=amir.user, is_active=True)
    renewed(amir.organization)

    assert off == [(DeliveryStatus.FAILED, "The webhook was switched off.")]
    assert WebhookDelivery.objects.waiting().count() == 1


def test_the_secret_is_stored_sealed_and_a_new_one_signs_from_then_on(amir: Membership) -> None:
    with receiving(Receiver()) as receiver:
        webhook, old = made(amir, receiver.url)
        new = services.renew_secret(webhook=webhook, by=amir.user)
        renewed(amir.organization)
        deliver()

    stored = Webhook.objects.get().sealed_secret
    assert old not in stored
    assert new not in stored
    (received,) = receiver.received
    assert Verifier(new).verify(received.body, received.headers)
    with pytest.raises(Exception, match="No matching signature"):
        Verifier(old).verify(received.body, received.headers)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"url": "ftp://example.com"}, "url"),
        ({"url": "https://example.com/" + "x" * 500}, "url"),
        ({"events": []}, "events"),
        ({"events": ["activity.gossip"]}, "events"),
        ({"format": "carrier pigeon"}, "format"),
    ],
)
def test_bad_facts_name_their_field_and_nothing_is_stored(
    amir: Membership, facts: dict[str, Any], field: str
) -> None:
    right: dict[str, Any] = {"url": "https://example.com", "events": [RENEWALS]}

    with pytest.raises(InvalidInput) as refusal:
        services.create_webhook(organization=amir.organization, by=amir.user, **(right | facts))

    assert list(refusal.value.errors or {}) == [field]
    assert not Webhook.objects.exists()


def test_there_are_at_most_twenty(amir: Membership) -> None:
    for _ in range(services.MOST_WEBHOOKS):
        made(amir)

    with pytest.raises(services.TooManyWebhooks):
        made(amir)


def test_messages_are_dropped_after_thirty_days(amir: Membership) -> None:
    made(amir)
    renewed(amir.organization)
    renewed(amir.organization)
    old = WebhookDelivery.objects.earliest("pk")
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=datetime.now(UTC) - KEPT - timedelta(minutes=1))

    dropped = drop_old_deliveries(amir.organization, RetentionPolicy(), datetime.now(UTC))

    assert (dropped, WebhookDelivery.objects.count()) == (1, 1)
