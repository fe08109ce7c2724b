"""Engagements, their commitments and follow-ups; through no service, so without a line in the timeline."""

from __future__ import annotations

from datetime import UTC, datetime

import factory

from accounts.models import Attachment, Commitment, Engagement, FollowUp
from csplatform.models import Upload
from tests.factories.accounts import AccountFactory


class EngagementFactory(factory.django.DjangoModelFactory[Engagement]):
    """A call that took place at its account's organisation."""

    class Meta:
        model = Engagement

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    type = "call"
    title = factory.Sequence(lambda n: f"Call {n:04}")
    completed_at = datetime(2026, 11, 2, 9, tzinfo=UTC)


class CommitmentFactory(factory.django.DjangoModelFactory[Commitment]):
    class Meta:
        model = Commitment

    engagement = factory.SubFactory(EngagementFactory)
    organization = factory.SelfAttribute("engagement.organization")
    side = "us"
    what = factory.Sequence(lambda n: f"Promise {n:04}")


class FollowUpFactory(factory.django.DjangoModelFactory[FollowUp]):
    class Meta:
        model = FollowUp

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    task_type = factory.Sequence(lambda n: f"Task {n:04}")
    due_at = datetime(2026, 11, 30, 9, tzinfo=UTC)


class UploadFactory(factory.django.DjangoModelFactory[Upload]):
    class Meta:
        model = Upload

    filename = "notes.txt"


class AttachmentFactory(factory.django.DjangoModelFactory[Attachment]):
    """A file without content."""

    class Meta:
        model = Attachment

    account = factory.SubFactory(AccountFactory)
    organization = factory.SelfAttribute("account.organization")
    upload = factory.SubFactory(UploadFactory, organization=factory.SelfAttribute("..organization"))
    content_type = "text/plain; charset=utf-8"
