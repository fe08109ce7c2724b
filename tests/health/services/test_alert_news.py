"""A storm of alerts is one piece of news and one mail; quiet hours are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from csplatform.models import Job, Membership, Notification, Organization
from csplatform.services.notification import choose_channels
from health.models import Alert
from health.services.alert import choose_alert_times, resolve_alert
from health.services.alert_news import Told, mail_digest, tell_members
from health.services.alerts import evaluate_alerts
from tests.factories.accounts import AccountFactory
from tests.factories.health import AlertFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # noon in Kolkata


@pytest.fixture(autouse=True)
def _mail(settings) -> None:
    settings.EMAIL_IS_CONFIGURED = True


def alert_of(member: Membership, **facts: object) -> Alert:
    account = AccountFactory(organization=member.organization, owner=member.user)
    return AlertFactory(account=account, **facts)


def news_of(member: Membership) -> list[tuple[str, str]]:
    return list(Notification.objects.filter(membership=member).order_by("pk").values_list("title", "text"))


def mails(organization: Organization) -> list[Job]:
    return list(organization.jobs.filter(kind="send_mail").order_by("pk"))


def test_the_owner_is_told_once(organization: Organization, alice: Membership, bob: Membership) -> None:
    alert = alert_of(alice, description="It was 71 a week ago.")

    assert tell_members(organization=organization, now=NOW) == Told(news=1)
    assert tell_members(organization=organization, now=NOW + timedelta(hours=1)) == Told()

    assert news_of(alice) == [(f"{alert.account.name}: Health is 52, under 60", "It was 71 a week ago.")]
    assert news_of(bob) == []


def test_of_nobodys_accounts_those_who_lead_are_told(
    organization: Organization, amir: Membership, mona: Membership, alice: Membership
) -> None:
    AlertFactory(account=AccountFactory(organization=organization, owner=None))

    assert tell_members(organization=organization, now=NOW) == Told(news=2)

    assert (len(news_of(amir)), len(news_of(mona)), news_of(alice)) == (1, 1, [])


def test_five_thousand_accounts_that_drop_at_once_are_one_line_and_one_mail(
    organization: Organization, alice: Membership
) -> None:
    choose_channels(member=alice, channels={"alerts": "email"})
    AccountFactory.create_batch(2, organization=organization, owner=alice.user)
    model = type(organization.accounts.first())
    first = organization.accounts.first()
    model.objects.bulk_create(
        model(
            organization=organization,
            number=1000 + at,
            name=f"Storm {at:05}",
            name_key=f"storm {at:05}",
            owner=alice.user,
        )
        for at in range(4998)
    )
    organization.accounts.update(health_score=Decimal(30), contract_end=None)

    raised = evaluate_alerts(organization=organization, now=NOW).raised
    told = tell_members(organization=organization, now=NOW)
    evaluate_alerts(organization=organization, now=NOW + timedelta(minutes=5))
    again = tell_members(organization=organization, now=NOW + timedelta(minutes=5))

    assert (raised, told, again) == (5000, Told(news=1, digests=1), Told())
    (title, text) = news_of(alice)[0]
    assert title == "5,000 new alerts on your accounts"
    assert text.endswith(", and more.")
    assert mails(organization) == []  # nothing before the digest's hour
    digest = organization.jobs.get(kind="mail_alert_digest")
    assert digest.run_after == datetime(2026, 11, 21, 2, 30, tzinfo=UTC)  # eight in the morning in Kolkata

    assert mail_digest(member=alice, now=digest.run_after) is True
    assert mail_digest(member=alice, now=digest.run_after + timedelta(hours=1)) is False
    (mail,) = mails(organization)
    assert mail.payload["to"] == [alice.user.email]
    assert "5,000 new alerts" in mail.payload["subject"]
    assert "… and 4,980 more alerts." in mail.payload["body"]
    assert first is not None


def test_who_asked_for_no_mail_gets_no_digest_and_who_asked_for_nothing_gets_nothing(
    organization: Organization, alice: Membership, bob: Membership
) -> None:
    choose_channels(member=bob, channels={"alerts": "off"})
    alert_of(alice)
    alert_of(bob)

    assert tell_members(organization=organization, now=NOW) == Told(news=1)
    assert (len(news_of(alice)), news_of(bob)) == (1, [])
    assert mail_digest(member=alice, now=NOW) is False
    assert not organization.jobs.filter(kind="mail_alert_digest").exists()


def test_in_quiet_hours_nothing_is_told_and_another_look_is_ordered(
    organization: Organization, alice: Membership
) -> None:
    choose_alert_times(member=alice, digest_hour=8, quiet_from=22, quiet_to=7)
    alert_of(alice)
    night = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # two in the morning in Kolkata

    assert tell_members(organization=organization, now=night) == Told()
    assert tell_members(organization=organization, now=night + timedelta(hours=1)) == Told()

    look = organization.jobs.get(kind="evaluate_alerts")
    assert look.run_after == datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # seven o'clock
    assert tell_members(organization=organization, now=look.run_after) == Told(news=1)


def test_a_digest_leaves_out_what_is_closed_meanwhile(organization: Organization, alice: Membership) -> None:
    choose_channels(member=alice, channels={"alerts": "email"})
    closed, open_ = alert_of(alice), alert_of(alice)
    tell_members(organization=organization, now=NOW)
    resolve_alert(alert=closed, outcome="acted", by=alice.user, now=NOW)

    mail_digest(member=alice, now=NOW + timedelta(hours=20))

    (mail,) = mails(organization)
    assert open_.account.name in mail.payload["body"]
    assert closed.account.name not in mail.payload["body"]
