"""The batch of reminders: who is in it, what is sent, and that nobody is reminded twice."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from accounts.models import Account
from billing.enums import JobKind, ReminderStep
from billing.models import Invoice, Reminder
from billing.services.invoice import set_dispute
from billing.services.reminder import write_collection_note
from billing.services.settings import save_billing_settings
from billing.tax.reminders import step_on
from csplatform.jobs import registry, run_now
from csplatform.models import Job, Membership
from tests.factories.accounts import ContactFactory
from tests.factories.documents import customer, issued, paid, tax_profile
from tests.smtp import mail_server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_noon")]
TODAY = date(2026, 11, 20)
URL = "/dashboard/billing/reminders"


@pytest.fixture
def _noon() -> Any:
    with time_machine.travel("2026-11-20T06:30:00Z", tick=False):
        yield


@pytest.fixture
def buyer(farah: Membership) -> Account:
    tax_profile(farah.organization)
    account = customer(farah.organization)
    ContactFactory(account=account, email="pay@techstart.example", role="billing")
    return account


def due(account: Account, days: int) -> Invoice:
    """An invoice that was due so many days ago; over ₹118 with tax."""
    day = TODAY - timedelta(days=days)
    return issued(account, "100", on=min(day, TODAY) - timedelta(days=15), due=day)


def run_batch(response: Any) -> Job:
    job = Job.objects.get(kind=JobKind.SEND_REMINDERS)
    assert response["Location"] == reverse("billing:reminder_batch", args=[job.uuid])
    return run_now(job)


@pytest.mark.parametrize("days", [-8, -7, 0, 1, 6, 7, 14, 15, 29, 30, 59, 60, 200])
def test_the_database_finds_the_step_that_the_calendar_says(buyer: Account, days: int) -> None:
    invoice = due(buyer, days)

    found = buyer.organization.invoices.to_remind(TODAY)

    step = step_on(TODAY, due_date=invoice.due_date)
    assert [each.step for each in found] == ([step] if step else [])


def test_a_batch_is_previewed_sent_and_kept(buyer: Account, farah: Membership, client_for: Any) -> None:
    client = client_for(farah)
    late, soon = due(buyer, 16), due(buyer, -3)
    unwanted = due(buyer, 2)

    page = client.get(URL)
    response = client.post(URL, {"invoice": [late.uuid, soon.uuid], "channel": "email"})
    job = run_batch(response)
    for letter in Job.objects.filter(kind="send_mail"):
        run_now(letter)

    # Most days first; 118 of 16 days: 15 days after.
    assert [each.letter.invoice for each in page.context["letters"]] == [late, unwanted, soon]
    assert "was due 16 days ago, on 4 Nov 2026. ₹118 is outstanding." in page.content.decode()
    assert job.result == {"message": "2 reminders sent.", "sent": 2, "skipped": 0, "reasons": []}
    assert {(each.invoice, each.step) for each in Reminder.objects.all()} == {
        (late, "after_15"),
        (soon, "before_7"),
    }
    assert [message.to for message in mail.outbox] == [["pay@techstart.example"]] * 2
    assert {message.subject for message in mail.outbox} == {
        f"Overdue: invoice {late.number}, ₹118",
        f"Upcoming: invoice {soon.number}, ₹118",
    }
    assert [each.letter.invoice for each in client.get(URL).context["letters"]] == [unwanted]
    log = client.get(reverse("billing:reminder_log")).content.decode()
    assert late.number in log
    assert "15 days after" in log
    assert "2 reminders sent." not in log
    assert client.get(response["Location"]).status_code == 200


def test_disputed_and_settled_invoices_are_left_out_even_while_the_job_runs(
    buyer: Account, farah: Membership, client_for: Any
) -> None:
    disputed, settled, kept = due(buyer, 5), due(buyer, 6), due(buyer, 7)
    response = client_for(farah).post(URL, {"all": "1", "channel": "phone"})
    set_dispute(invoice=disputed, by=farah.user, is_disputed=True)
    paid(settled, "118", on=TODAY)

    job = run_batch(response)

    assert list(Reminder.objects.values_list("invoice", flat=True)) == [kept.pk]
    assert job.result is not None
    assert (job.result["sent"], job.result["skipped"]) == (1, 2)
    assert sorted(job.result["reasons"]) == sorted(
        [f"{disputed}: the customer disputes it.", f"{settled}: nothing is outstanding."]
    )
    assert list(buyer.organization.invoices.to_remind(TODAY)) == []


def test_who_has_no_address_is_shown_and_not_written_to(farah: Membership, client_for: Any) -> None:
    tax_profile(farah.organization)
    invoice = due(customer(farah.organization, "Nobody Ltd"), 3)
    client = client_for(farah)

    page = client.get(URL)
    job = run_batch(client.post(URL, {"invoice": invoice.uuid, "channel": "email"}))

    assert page.context["ticked"] == 0
    assert "No address" in page.content.decode()
    assert job.result is not None
    assert job.result["reasons"] == [
        f"{invoice}: Nobody Ltd has no billing or primary contact with an email address."
    ]
    assert not Reminder.objects.exists()


def test_a_promise_that_holds_is_shown_and_not_ticked(buyer: Account, farah: Membership, client_for: Any) -> None:
    invoice = due(buyer, 3)
    write_collection_note(invoice=invoice, by=farah.user, kind="promise", promised_on=date(2026, 11, 25))

    page = client_for(farah).get(URL)

    assert page.context["ticked"] == 0
    assert "promised by 25 Nov 2026" in page.content.decode()


def test_without_mail_nothing_is_called_sent(
    buyer: Account, farah: Membership, client_for: Any, settings: Any
) -> None:
    settings.EMAIL_IS_CONFIGURED = False
    invoice = due(buyer, 3)
    client = client_for(farah)

    page = client.post(URL, {"invoice": invoice.uuid, "channel": "email"}, follow=True).content.decode()

    assert "nothing was sent" in page
    assert not Reminder.objects.exists()
    assert not Job.objects.filter(kind=JobKind.SEND_REMINDERS).exists()


def test_the_step_narrows_and_the_export_holds_what_is_shown(
    buyer: Account, farah: Membership, client_for: Any
) -> None:
    late, soon = due(buyer, 16), due(buyer, -3)
    client = client_for(farah)

    page = client.get(f"{URL}?step=after_15")
    export = b"".join(client.get(f"{URL}?step=before_7&format=csv")).decode()

    assert [each.letter.invoice for each in page.context["letters"]] == [late]
    assert [each["label"] for each in page.context["steps"]] == ["All · 2", "7 days before · 1", "15 days after · 1"]
    assert soon.number in export
    assert late.number not in export
    assert client.post(URL, {"channel": "pigeon"}).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_batch_costs_the_same_for_any_length(
    buyer: Account, farah: Membership, client_for: Any, rows: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(rows):
        due(customer(farah.organization, f"Customer {at}"), 3)

    with django_assert_max_num_queries(42):
        page = client_for(farah).get(URL)

    assert len(page.context["letters"]) == rows


def test_a_reader_sees_the_batch_and_sends_nothing(buyer: Account, rita: Membership, client_for: Any) -> None:
    invoice = due(buyer, 3)
    client = client_for(rita)

    page = client.get(URL).content.decode()

    assert invoice.number in page
    assert "Send reminders" not in page
    assert client.post(URL, {"invoice": invoice.uuid}).status_code == 403


@pytest.mark.parametrize("wanted", [False, True])
def test_the_morning_sends_only_where_it_was_decided(buyer: Account, wanted: bool) -> None:
    due(buyer, 1)
    if wanted:
        save_billing_settings(organization=buyer.organization, by=None, sends_reminders=True)
    plan = next(each for each in registry.PERIODIC if each.kind == JobKind.SEND_NIGHTLY_REMINDERS)

    run_now(Job.objects.create(organization=buyer.organization, kind=plan.kind, run_after="2026-11-20T06:00Z"))
    for job in Job.objects.filter(kind=JobKind.SEND_REMINDERS):
        run_now(job)

    assert plan.hour == 9
    assert list(Reminder.objects.values_list("step", "sent_by")) == ([("after_1", None)] if wanted else [])


def test_a_reminder_travels_over_smtp(buyer: Account, farah: Membership, client_for: Any, settings: Any) -> None:
    invoice = due(buyer, 61)
    response = client_for(farah).post(URL, {"invoice": invoice.uuid, "channel": "email"})
    run_batch(response)

    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        run_now(Job.objects.get(kind="send_mail"))

    (message,) = server.messages
    assert message["To"] == "pay@techstart.example"
    assert message["Subject"] == f"Overdue: invoice {invoice.number}, ₹118"
    text = message.get_content()
    assert "Dear TechStart Inc," in text
    assert "₹118 is outstanding." in text
    assert "This is our last reminder." in text
    assert Reminder.objects.get().step == ReminderStep.ESCALATION


def test_the_settings_are_kept_and_checked(farah: Membership, alice: Membership, client_for: Any) -> None:
    url = reverse("billing:settings")
    body = {
        "sends_reminders": "on",
        "terms_days": "30",
        "large_overdue": "50000",
        "long_overdue_days": "45",
        "deadline_days": "7",
        "many_refunds": "2",
        "high_refund_pct": "12.5",
    }

    assert client_for(farah).post(url, body).status_code == 302
    assert client_for(farah).post(url, {**body, "terms_days": "400"}).status_code == 422
    assert client_for(alice).get(url).status_code == 403

    stored = farah.organization.billing_settings
    assert (stored.sends_reminders, stored.terms_days, str(stored.large_overdue)) == (True, 30, "50000.00")
    assert stored.history.count() == 1
    assert stored.history.first().history_user == farah.user
