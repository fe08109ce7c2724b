"""News: who is told, how, and that they can make it stop."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.services.account import assign_owner
from csplatform.jobs import execute
from csplatform.models import Job, Membership
from csplatform.services.notification import channels_of, choose_channels, notify, unsubscribe_token
from tests.factories.accounts import AccountFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]
KIND = "job_finished"


def tell(*members: Membership, **facts: object) -> None:
    notify(
        organization=members[0].organization,
        to=[member.user for member in members],
        **{"kind": KIND, "title": "Done", **facts},  # type: ignore[arg-type]
    )


def test_the_usual_is_quiet_and_mail_is_for_who_asks(alice: Membership, bob: Membership, rita: Membership) -> None:
    choose_channels(member=bob, channels={KIND: "email"})
    choose_channels(member=rita, channels={KIND: "off"})

    tell(alice, bob, rita, text="All 12 rows.", url="/dashboard/imports")
    (job,) = Job.objects.filter(kind="send_mail")
    execute(job.pk)

    assert [member.notifications.count() for member in (alice, bob, rita)] == [1, 1, 0]
    (message,) = mail.outbox
    link = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert message.to == [bob.user.email]
    assert message.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in message.body
    assert "http://127.0.0.1:8000/dashboard/imports" in message.body


def test_who_did_it_and_strangers_are_not_told(alice: Membership, bob: Membership, mallory: Membership) -> None:
    tell(alice, bob, mallory, but=alice.user)

    assert [member.notifications.count() for member in (alice, bob, mallory)] == [0, 1, 0]


def test_telling_many_costs_as_much_as_telling_one(alice: Membership, bob: Membership, rita: Membership) -> None:
    costs = []
    for members in ([alice], [alice, bob, rita]):
        with CaptureQueriesContext(connection) as queries:
            tell(*members)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_one_click_ends_the_mails_and_a_look_does_not(alice: Membership, client: Client) -> None:
    choose_channels(member=alice, channels={KIND: "email"})
    url = reverse("unsubscribe", args=[unsubscribe_token(alice, KIND)])

    looked = client.get(url)
    still = channels_of(alice)[KIND]
    client.post(url, {"List-Unsubscribe": "One-Click"})
    forged = client.post(reverse("unsubscribe", args=["forged"]))

    assert (looked.status_code, still) == (200, "email")
    assert channels_of(alice)[KIND] == "in_app"
    assert forged.status_code == 404


def test_the_bell_counts_and_reading_empties_it(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    tell(alice, title="<b>First</b>", url="/dashboard/settings")
    tell(alice, title="Second")
    tell(bob, title="Bob's own")
    client = client_for(alice)
    first = alice.notifications.get(title="<b>First</b>")

    listed = client.get(reverse("csplatform:notification_list")).content.decode()
    opened = client.post(reverse("csplatform:notification_open", args=[first.uuid]))
    one_left = client.get(reverse("csplatform:notification_list") + "?show=unread").content.decode()
    client.post(reverse("csplatform:notifications_read"))

    assert "2 unread" in listed
    assert "&lt;b&gt;First&lt;/b&gt;" in listed
    assert "Bob&#x27;s own" not in listed
    assert opened["Location"] == "/dashboard/settings"
    assert "Second" in one_left
    assert "First" not in one_left
    assert alice.notifications.unread().count() == 0
    assert bob.notifications.unread().count() == 1


def test_a_colleagues_news_cannot_be_opened(client_for: ClientFor, alice: Membership, bob: Membership) -> None:
    tell(alice)

    response = client_for(bob).post(reverse("csplatform:notification_open", args=[alice.notifications.get().uuid]))

    assert response.status_code == 404
    assert alice.notifications.unread().count() == 1


def test_preferences_are_chosen_on_their_page(client_for: ClientFor, rita: Membership) -> None:
    client = client_for(rita)

    client.post(reverse("csplatform:notification_preferences"), {KIND: "off", "unheard_of": "email"})
    client.post(reverse("csplatform:notification_preferences"), {KIND: "shout"})

    assert channels_of(rita)[KIND] == "off"
    assert b"Work you asked for has ended" in client.get(reverse("csplatform:notification_preferences")).content


def test_an_address_elsewhere_is_not_kept(alice: Membership) -> None:
    tell(alice, url="https://evil.example/")

    assert alice.notifications.get().url == ""


def test_a_new_owner_is_told_once(mona: Membership, alice: Membership) -> None:
    AccountFactory.create_batch(3, organization=mona.organization)

    assign_owner(
        organization=mona.organization, accounts=mona.organization.accounts.all(), owner=alice.user, by=mona.user
    )

    assert [news.title for news in alice.notifications.all()] == ["3 accounts are yours now"]
