"""Mail: always written as a job in the transaction of what it is about, and sent after it."""

from __future__ import annotations

from contextlib import nullcontext

from django.conf import settings

from csplatform.jobs import enqueue
from csplatform.models import Organization, User
from csplatform.tenancy import every_organization

KIND = "send_mail"


def send_mail_later(
    *, to: str, subject: str, body: str, organization: Organization | None = None, by: User | None = None
) -> None:
    """Queue one plain-text mail. Where no mail is set up nothing is kept: nobody would ever send it."""
    if not settings.EMAIL_IS_CONFIGURED:
        return
    payload = {"to": [to], "subject": " ".join(subject.split()), "body": body}
    why = "mail about a login belongs to no organisation"
    with nullcontext() if organization else every_organization(write=True, why=why):
        enqueue(organization, KIND, payload, by=by)
