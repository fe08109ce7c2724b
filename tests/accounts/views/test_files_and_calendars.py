"""Files and calendars: what is taken, who gets it, and what a secret address shows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Account, Attachment
from accounts.services.calendar import make_calendar_feed, revoke_calendar_feed
from accounts.services.file_kinds import kind_of
from csplatform.models import Membership, UploadPart
from tests.factories.accounts import AccountFactory
from tests.factories.engagements import EngagementFactory, FollowUpFactory

pytestmark = pytest.mark.django_db
ClientFor = Callable[[Membership], Client]


@pytest.fixture
def account(alice: Membership) -> Account:
    return AccountFactory(organization=alice.organization, owner=alice.user, name="Acme")


def office(*parts: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for part in parts:
            archive.writestr(part, "x")
    return body.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")


@pytest.mark.parametrize(
    ("body", "suffix", "content_type"),
    [
        (b"%PDF-1.7 ...", "pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "png", "image/png"),
        (b"\xff\xd8\xff\xe0", "jpeg", "image/jpeg"),
        (b"GIF89a...", "gif", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp", "image/webp"),
        (DOCX, "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("a,b\n₹,2".encode(), "csv", "text/csv; charset=utf-8"),
        (b"plain", "txt", "text/plain; charset=utf-8"),
        (b"<svg onload=alert(1)>", "txt", None),
        (b"<!DOCTYPE html>", "csv", None),
        (b"<svg></svg>", "svg", None),
        (b"<html>", "html", None),
        (b"%PDF-1.7", "png", None),
        (b"MZ\x90", "pdf", None),
        (b"caf\xe9", "txt", None),
        (b"a\x00b", "txt", None),
        (office("evil.exe"), "docx", None),
        (office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), "docx", None),
        (DOCX, "xlsx", None),
        (DOCX[:40], "docx", None),
        (DOCX, "zip", None),
    ],
    # Made of the moment they are written at, the bytes would name each test differently in each process.
    ids=lambda value: "bytes" if isinstance(value, bytes) else None,
)
def test_a_file_is_what_its_bytes_say_and_its_name_agrees(body: bytes, suffix: str, content_type: str | None) -> None:
    kind = kind_of(io.BytesIO(body), suffix=suffix)

    assert (kind and kind.content_type) == content_type


def test_a_zip_with_too_many_entries_is_not_opened() -> None:
    """The directory says how many there are before it is read."""
    bomb = office("[Content_Types].xml", "word/document.xml", *(f"{n}" for n in range(5_000)))

    assert kind_of(io.BytesIO(bomb), suffix="docx") is None


def send(client: Client, url: str, body: bytes, name: str) -> None:
    client.post(url, {"file": SimpleUploadedFile(name, body)})


def test_a_file_comes_back_byte_for_byte_and_is_only_saved(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    """Two and a half parts of one MiB."""
    client = client_for(alice)
    body = b"%PDF-" + bytes(range(256)) * 10_240
    send(client, reverse("accounts:file_add", args=[account.number]), body, "../../x y.pdf")

    attachment = account.attachments.get()
    response = client.get(attachment.get_absolute_url())

    assert b"".join(response) == body
    assert UploadPart.objects.filter(upload=attachment.upload).count() == 3
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert "\r" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert account.activities.get().kind == "file"


def test_what_is_too_large_empty_or_disguised_is_refused_and_leaves_nothing(
    account: Account, alice: Membership, client_for: ClientFor, settings: object
) -> None:
    settings.MAX_ATTACHMENT_BYTES = 10  # type: ignore[attr-defined]
    client, url = client_for(alice), reverse("accounts:file_add", args=[account.number])

    send(client, url, b"%PDF-12345x", "a.pdf")  # eleven bytes
    send(client, url, b"", "a.txt")
    send(client, url, b"MZ", "a.pdf")
    client.post(url, {})
    assert Attachment.objects.count() == UploadPart.objects.count() == 0

    send(client, url, b"%PDF-12345", "a.pdf")  # ten
    assert Attachment.objects.count() == 1


def test_a_deleted_file_is_gone_with_its_content_and_the_timeline_says_so(
    account: Account, alice: Membership, client_for: ClientFor
) -> None:
    client, engagement = client_for(alice), EngagementFactory(account=account)
    send(client, reverse("accounts:engagement_file_add", args=[engagement.uuid]), b"notes", "notes.txt")
    assert "notes.txt" in client.get(engagement.get_absolute_url()).content.decode()
    assert "notes.txt" in client.get(reverse("accounts:account_files", args=[account.number])).content.decode()

    client.post(reverse("accounts:attachment_remove", args=[account.attachments.get().uuid]))

    assert UploadPart.objects.count() == 0
    titles = account.activities.order_by("pk").values_list("title", flat=True)
    assert list(titles) == ["File added: notes.txt", "File deleted: notes.txt"]


def test_only_who_may_change_the_account_adds_or_deletes(
    account: Account, alice: Membership, bob: Membership, rita: Membership, mallory: Membership, client_for: ClientFor
) -> None:
    url = reverse("accounts:file_add", args=[account.number])
    send(client_for(alice), url, b"secret words", "a.txt")
    attachment = account.attachments.get()

    for member in (bob, rita):
        client = client_for(member)
        assert b"".join(client.get(attachment.get_absolute_url())) == b"secret words"
        assert client.post(url, {"file": SimpleUploadedFile("b.txt", b"x")}).status_code == 403
        assert client.post(reverse("accounts:attachment_remove", args=[attachment.uuid])).status_code == 403
    assert client_for(mallory).get(attachment.get_absolute_url()).status_code == 404
    assert Attachment.objects.count() == 1


def feed(token: str) -> list[str]:
    response = Client().get(reverse("calendar_feed", args=[token]))
    assert response.status_code == 200
    return sorted(str(event["SUMMARY"]) for event in Calendar.from_ical(response.content).walk("VEVENT"))


def test_a_feed_shows_one_members_dates_in_one_organisation(
    account: Account, alice: Membership, bob: Membership, mallory: Membership
) -> None:
    soon = timezone.now() + timedelta(days=2)
    theirs = AccountFactory(
        organization=mallory.organization, owner=alice.user, name="Canary", contract_end=soon.date()
    )
    for of, owner in ((account, alice), (theirs, mallory)):
        EngagementFactory(account=of, title="Meeting", completed_at=None, scheduled_at=soon, created_by=owner.user)
    FollowUpFactory(account=account, assignee=alice.user, task_type="Mine", due_at=soon)
    FollowUpFactory(account=account, assignee=bob.user, task_type="Bob's", due_at=soon)
    FollowUpFactory(account=account, assignee=alice.user, task_type="Done", due_at=soon, completed_at=soon)
    FollowUpFactory(account=theirs, assignee=alice.user, task_type="Elsewhere", due_at=soon)
    Account.objects.filter(pk=account.pk).update(contract_end=soon.date())

    assert feed(make_calendar_feed(member=alice)) == ["Meeting", "Mine (Acme)", "Renewal: Acme"]
    assert feed(make_calendar_feed(member=bob)) == ["Bob's (Acme)"]


def test_a_secret_stops_working_when_replaced_revoked_or_its_member_leaves(alice: Membership) -> None:
    first = make_calendar_feed(member=alice)
    second = make_calendar_feed(member=alice)
    client = Client()

    def status(token: str) -> int:
        return client.get(reverse("calendar_feed", args=[token])).status_code

    assert [status(first), status(second), status("guess")] == [404, 200, 404]
    Membership.objects.filter(pk=alice.pk).update(is_active=False)
    assert status(second) == 404
    Membership.objects.filter(pk=alice.pk).update(is_active=True)
    revoke_calendar_feed(member=alice)
    assert status(second) == 404


def test_the_address_is_made_on_the_page_shown_once_and_kept_as_a_hash(
    alice: Membership, client_for: ClientFor
) -> None:
    client, url = client_for(alice), reverse("accounts:calendar_settings")

    link = client.post(url).context["link"]

    token = link.rpartition("/")[2].removesuffix(".ics")
    assert Client().get(link).status_code == 200
    assert token not in client.get(url).content.decode()
    assert alice.calendar_feed.token_hash != token
    client.post(url, {"revoke": "1"})
    assert Client().get(link).status_code == 404


def test_text_cannot_break_out_of_its_line(account: Account, alice: Membership, client_for: ClientFor) -> None:
    hostile = "Call\r\nBEGIN:VALARM\r\nATTACH:http://evil.example;,\\ \x07"
    engagement = EngagementFactory(
        account=account,
        title=hostile,
        description=hostile,
        completed_at=None,
        scheduled_at=datetime(2026, 11, 20, 18, 0, tzinfo=UTC),
        attendees=[{"name": 'A";X=1\r\nB:C', "email": "a@b.example", "role": ""}],
    )

    body = client_for(alice).get(reverse("accounts:engagement_ics", args=[engagement.uuid])).content

    lines = body.decode().replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line.startswith(("BEGIN:VALARM", "ATTACH", "B:C"))]
    event = Calendar.from_ical(body).walk("VEVENT")[0]
    assert event["DTSTART"].dt == datetime(2026, 11, 20, 18, 0, tzinfo=UTC)  # 23:30 in Kolkata
    assert str(event["SUMMARY"]) == "Call\nBEGIN:VALARM\nATTACH:http://evil.example;,\\ "


@pytest.mark.parametrize("rows", [1, 3])
def test_a_feed_costs_the_same_for_any_length(
    account: Account,
    alice: Membership,
    rows: int,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:
    soon = timezone.now() + timedelta(days=2)
    EngagementFactory.create_batch(rows, account=account, completed_at=None, scheduled_at=soon)
    FollowUpFactory.create_batch(rows, account=account, assignee=alice.user, due_at=soon)
    token = make_calendar_feed(member=alice)

    with django_assert_max_num_queries(14):
        assert len(feed(token)) == 2 * rows
