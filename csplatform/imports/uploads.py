"""Files in the database: written part by part as they arrive, read back part by part."""

from __future__ import annotations

import hashlib
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.conf import settings

from csplatform.enums import JobStatus
from csplatform.imports.encoding import EncodingScan
from csplatform.imports.exceptions import FileTooLarge
from csplatform.models import Organization, Upload, UploadPart, User
from csplatform.models.upload import PART_SIZE
from csplatform.tenancy import organization_scope

KEPT = timedelta(days=7)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\\/:*?\"<>|;]")


def store_upload(*, organization: Organization, filename: str, blocks: Iterable[bytes], by: User | None) -> Upload:
    """Keep a file, a part a transaction; raises, leaving nothing, when it is too large or is not text.

    It can be called outside of any scope: a slow disk or a large file must not hold one transaction.
    """
    upload = Upload(organization=organization, filename=safe_filename(filename), uploaded_by=by)
    scan, digest = EncodingScan(), hashlib.sha256()
    try:
        for number, part in enumerate(_parts(blocks)):
            scan.feed(part)
            digest.update(part)
            upload.size += len(part)
            if upload.size > settings.MAX_UPLOAD_BYTES:
                raise FileTooLarge(f"The file is over the limit of {settings.MAX_UPLOAD_BYTES // 1024**2} MB.")
            with organization_scope(organization, write=True, touch=False):
                if upload.pk is None:
                    upload.save()
                UploadPart.objects.create(organization=organization, upload=upload, number=number, content=part)
        upload.encoding, upload.sha256 = scan.encoding(), digest.hexdigest()
        with organization_scope(organization, write=True, touch=False):
            upload.save()
    except BaseException:
        forget_upload(upload)
        raise
    return upload


def forget_upload(upload: Upload) -> None:
    """Remove a file that will not be worked on."""
    if upload.pk is not None:
        with organization_scope(upload.organization, write=True, touch=False):
            upload.delete()


def remove_old_contents(organization: Organization, *, now: datetime) -> int:
    """Drop the contents of files whose import ended a week ago; the imports and their reports stay."""
    finished = organization.imports.filter(job__finished_at__lt=now - KEPT).exclude(
        job__status__in=[JobStatus.QUEUED, JobStatus.RUNNING]
    )
    parts = UploadPart.objects.filter(organization=organization, upload__imports__in=finished)
    return parts.delete()[0]


class UploadReader(io.RawIOBase):
    """An upload as a binary file. Each part is fetched in a read scope of its own when it is reached."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._next = 0
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # any writable buffer
        if not self._rest:
            self._rest = memoryview(self._fetch())
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _fetch(self) -> bytes:
        with organization_scope(self._upload.organization, write=False):
            content = self._upload.parts.filter(number=self._next).values_list("content", flat=True).first()
        self._next += 1
        return bytes(content or b"")


def open_upload(upload: Upload) -> io.BufferedReader:
    """The content as a file to read from the start."""
    return io.BufferedReader(UploadReader(upload), buffer_size=PART_SIZE)


def safe_filename(name: str) -> str:
    """The last part of a name, without what a path, a header or the eye could be misled by."""
    longest = int(Upload._meta.get_field("filename").max_length or 0)
    last = PurePosixPath(name.replace("\\", "/")).name
    clean = _UNSAFE.sub("", unicodedata.normalize("NFC", last)).strip()
    stem, dot, suffix = clean.rpartition(".")
    if dot and suffix and not stem.strip(" ."):
        return f"file.{suffix[: longest - 5]}"
    clean = clean.strip(" .")
    stem, dot, suffix = clean.rpartition(".")
    if dot and len(clean) > longest:
        clean = f"{stem[: longest - len(suffix) - 1]}.{suffix}"
    return clean[:longest] or "file.csv"


def _parts(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of any size as parts of one size."""
    rest = bytearray()
    for block in blocks:
        rest += block
        while len(rest) >= PART_SIZE:
            yield bytes(rest[:PART_SIZE])
            del rest[:PART_SIZE]
    if rest:
        yield bytes(rest)
