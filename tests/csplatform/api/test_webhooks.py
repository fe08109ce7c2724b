"""`/api/webhooks` and the page behind the settings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from csplatform.enums import DeliveryStatus
from csplatform.models import Membership, Webhook, WebhookDelivery
from csplatform.services.webhook import create_webhook, send_test

pytestmark = pytest.mark.django_db

ApiFor = Callable[..., APIClient]
ClientFor = Callable[[Membership], Client]
URL = "/api/webhooks"
PAGE = "/dashboard/settings/webhooks"
BODY = {"url": "https://hooks.example.com/keel", "events": ["alerts.raised", "activity.invoice"]}


def made(member: Membership) -> Webhook:
    return create_webhook(organization=member.organization, by=member.user, **BODY)[0]  # type: ignore[arg-type]


def test_a_webhook_is_made_read_changed_and_deleted(api_for: ApiFor, amir: Membership) -> None:
    api = api_for(amir)

    answer = api.post(URL, BODY)
    url = f"{URL}/{answer.json()['id']}"
    listed = api.get(URL).json()
    changed = api.put(url, {"active": False, "events": ["alerts.raised"]}).json()
    gone = api.delete(url)

    assert answer.status_code == 201
    assert answer.json()["secret"].startswith("whsec_")
    assert (listed["total"], "secret" in listed["data"][0]) == (1, False)
    assert (changed["active"], changed["events"], changed["url"]) == (False, ["alerts.raised"], BODY["url"])
    assert gone.status_code == 204
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "https://169.254.169.254/"}, "url"),
        ({"events": ["everything"]}, "events"),
        ({"events": []}, "events"),
        ({"format": "fax"}, "format"),
    ],
)
def test_bad_bodies_name_the_field(api_for: ApiFor, amir: Membership, body: dict[str, object], field: str) -> None:
    answer = api_for(amir).post(URL, {**BODY, **body})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]
    assert not Webhook.objects.exists()


def test_a_test_message_shows_among_the_deliveries_and_can_be_sent_again(api_for: ApiFor, amir: Membership) -> None:
    api, webhook = api_for(amir), made(amir)
    url = f"{URL}/{webhook.uuid}"

    sent = api.post(f"{url}/test")
    WebhookDelivery.objects.update(status=DeliveryStatus.FAILED, next_attempt_at=None)
    failed = api.get(f"{url}/deliveries?status=failed").json()
    again = api.post(f"{url}/deliveries/{sent.json()['id']}/redeliver")
    wrong = api.get(f"{url}/deliveries?status=lost")

    assert sent.status_code == 201
    assert [each["event"] for each in failed["data"]] == ["webhook.test"]
    assert (again.status_code, again.json()["status"]) == (200, "waiting")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["status"])


def test_only_admins_see_them(
    api_for: ApiFor, client_for: ClientFor, amir: Membership, mona: Membership, mallory: Membership
) -> None:
    webhook = made(amir)

    assert api_for(mona).get(URL).status_code == 403
    assert client_for(mona).get(PAGE).status_code == 403
    assert api_for(mallory).get(f"{URL}/{webhook.uuid}").status_code == 404
    assert client_for(mallory).get(f"{PAGE}/{webhook.uuid}").status_code == 404


def test_the_page_shows_the_secret_once_and_every_list_names_the_host_alone(
    client_for: ClientFor, amir: Membership
) -> None:
    """The path of a chat's address is as good as a password: the list of webhooks does not show it."""
    browser = client_for(amir)

    answer = browser.post(PAGE, {**BODY, "url": "https://hooks.example.com/T0/B0/abc", "format": "slack"})

    secret = answer.context["secret"]
    listed = browser.get(PAGE).content.decode()
    assert secret in answer.content.decode()
    assert secret not in listed
    assert "hooks.example.com" in listed
    assert "/T0/B0/abc" not in listed


def test_the_page_switches_tests_and_deletes(client_for: ClientFor, amir: Membership) -> None:
    browser, webhook = client_for(amir), made(amir)
    url = f"{PAGE}/{webhook.uuid}"

    tested = browser.post(f"{url}/test", follow=True)
    shown = browser.get(f"{url}?status=waiting").content.decode()
    browser.post(f"{url}/switch")
    refused = browser.post(f"{url}/test", follow=True)
    deleted = browser.post(f"{url}/delete", follow=True)

    assert "A test is on its way" in tested.content.decode()
    assert "webhook.test" in shown
    assert "This webhook is switched off. Switch it on first." in refused.content.decode()
    assert "The webhook to hooks.example.com is gone." in deleted.content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_length(
    api_for: ApiFor, client_for: ClientFor, amir: Membership, rows: int, django_assert_max_num_queries: object
) -> None:
    browser, api = client_for(amir), api_for(amir)
    for _ in range(rows):
        send_test(webhook=made(amir))
    browser.get(PAGE)

    with django_assert_max_num_queries(12):  # type: ignore[operator]
        browser.get(PAGE)
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        assert api.get(URL).json()["total"] == rows
