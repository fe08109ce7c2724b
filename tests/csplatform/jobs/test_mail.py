"""Mail leaves as a job, and its links do not stay behind."""

from __future__ import annotations

import pytest
from django.core import mail

from csplatform.jobs import enqueue, run_now
from csplatform.models import Job

pytestmark = pytest.mark.django_db


def test_a_sent_mail_leaves_no_text_in_the_job() -> None:
    job = enqueue(None, "send_mail", {"subject": "Reset", "body": "https://x/one-time", "to": ["a@example.com"]})

    run_now(job)

    assert [message.body for message in mail.outbox] == ["https://x/one-time"]
    stored = Job.objects.get(pk=job.pk)
    assert (stored.status, stored.payload, stored.result) == ("succeeded", {}, {"to": 1})
