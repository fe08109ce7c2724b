"""Keeping files with accounts and engagements, and taking them away."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.db import transaction

from accounts.enums import ActivityKind
from accounts.exceptions import AccountArchived, InvalidAttachment
from accounts.models import Account, Attachment, Engagement
from accounts.services.activity import Happening, record_activity
from accounts.services.file_kinds import SUFFIXES, kind_of
from csplatform.imports.uploads import safe_filename
from csplatform.models import Upload, UploadPart, User
from csplatform.models.upload import PART_SIZE
from csplatform.tenancy import organization_scope

MOST_FILES = 200
"""With one account."""


@transaction.atomic
def attach_file(
    *, account: Account, by: User | None, file: IO[bytes], filename: str, engagement: Engagement | None = None
) -> Attachment:
    """Keep a file, a part at a time; its kind is what its bytes say, and its name must agree."""
    organization = account.organization
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived:
        raise AccountArchived
    if stored.attachments.count() >= MOST_FILES:
        raise InvalidAttachment(f"An account keeps at most {MOST_FILES} files. Delete one first.")
    size, limit = file.seek(0, 2), settings.MAX_ATTACHMENT_BYTES
    if size > limit:
        raise InvalidAttachment(f"The file is over the limit of {limit // 1024**2} MB.")
    if size == 0:
        raise InvalidAttachment("The file is empty.")
    name = safe_filename(filename)
    kind = kind_of(file, suffix=PurePosixPath(name).suffix.lower().removeprefix("."))
    if kind is None:
        raise InvalidAttachment(f"The file is none of {', '.join(SUFFIXES)}, or not what its name says it is.")
    upload = Upload.objects.create(organization=organization, filename=name, size=size, uploaded_by=by)
    digest = hashlib.sha256()
    file.seek(0)
    for number, part in enumerate(iter(lambda: file.read(PART_SIZE), b"")):
        digest.update(part)
        UploadPart.objects.create(organization=organization, upload=upload, number=number, content=part)
    upload.sha256 = digest.hexdigest()
    upload.save(update_fields=["sha256"])
    attachment = Attachment.objects.create(
        organization=organization,
        account=stored,
        engagement=engagement,
        upload=upload,
        content_type=kind.content_type,
    )
    _tell(attachment, f"File added: {name}", by=by)
    return attachment


@transaction.atomic
def remove_attachment(*, attachment: Attachment, by: User | None) -> None:
    """Delete a file with its content; the timeline says that it was there."""
    _tell(attachment, f"File deleted: {attachment}", by=by)
    attachment.upload.delete()


def file_parts(attachment: Attachment) -> Iterator[bytes]:
    """The content, a part at a time, each fetched in a read scope of its own when it is asked for."""
    number = 0
    while True:
        with organization_scope(attachment.organization, write=False):
            part = attachment.upload.parts.filter(number=number).values_list("content", flat=True).first()
        if part is None:
            return
        yield bytes(part)
        number += 1


def _tell(attachment: Attachment, title: str, *, by: User | None) -> None:
    subject = attachment.engagement
    record_activity(
        Happening(
            account=attachment.account,
            kind=ActivityKind.FILE,
            title=title,
            text=f"With “{subject}”" if subject else "",
            by=by,
            subject=subject,
        )
    )
