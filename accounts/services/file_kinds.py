"""What a file is, judged by its bytes: the kinds that may be attached, and nothing else."""

from __future__ import annotations

import codecs
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

BLOCK = 64 * 1024
MOST_ENTRIES = 5_000
LONGEST_DIRECTORY = 2 * 1024 * 1024
"""A sheet or document has far fewer parts; a longer list is made to fill the memory of who reads it."""
END = b"PK\x05\x06"
END_SIZE, LONGEST_COMMENT = 22, 65_535


@dataclass(frozen=True, slots=True)
class Kind:
    content_type: str
    suffixes: tuple[str, ...]


OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg"))
GIF = Kind("image/gif", ("gif",))
WEBP = Kind("image/webp", ("webp",))
DOCX = Kind(f"{OFFICE}wordprocessingml.document", ("docx",))
XLSX = Kind(f"{OFFICE}spreadsheetml.sheet", ("xlsx",))
PPTX = Kind(f"{OFFICE}presentationml.presentation", ("pptx",))
TEXT = Kind("text/plain; charset=utf-8", ("txt",))
CSV = Kind("text/csv; charset=utf-8", ("csv",))
ALLOWED = (PDF, PNG, JPEG, GIF, WEBP, DOCX, XLSX, PPTX, CSV, TEXT)
SUFFIXES = tuple(suffix for kind in ALLOWED for suffix in kind.suffixes)

SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
PARTS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX), ("ppt/presentation.xml", PPTX))
MARKUP = ("<!doctype", "<html", "<svg", "<?xml", "<script")


def kind_of(file: IO[bytes], *, suffix: str) -> Kind | None:
    """The file's kind, if it is one that may be attached and its name says so too."""
    file.seek(0)
    head = file.read(16)
    found = next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)
    if found is None and head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        found = WEBP
    if found is None and head[:4] == b"PK\x03\x04":
        found = _office(file)
    if found is None and suffix in (*TEXT.suffixes, *CSV.suffixes) and _is_text(file):
        found = TEXT if suffix in TEXT.suffixes else CSV
    file.seek(0)
    return found if found and suffix in found.suffixes else None


def _office(file: IO[bytes]) -> Kind | None:
    """By the names of its parts; one with macros is none."""
    if not _has_small_directory(file):
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return None
    if "[Content_Types].xml" not in names or any(name.lower().endswith("vbaproject.bin") for name in names):
        return None
    return next((kind for part, kind in PARTS if part in names), None)


def _has_small_directory(file: IO[bytes]) -> bool:
    size = file.seek(0, 2)
    file.seek(max(0, size - END_SIZE - LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) - at < END_SIZE:
        return False
    entries, length = (
        int.from_bytes(tail[at + 10 : at + 12], "little"),
        int.from_bytes(tail[at + 12 : at + 16], "little"),
    )
    return entries <= MOST_ENTRIES and length <= LONGEST_DIRECTORY


def _is_text(file: IO[bytes]) -> bool:
    """Valid UTF-8 without control characters, and no page or drawing in disguise."""
    decoder, first = codecs.getincrementaldecoder("utf-8")(), True
    try:
        for block in _blocks(file):
            text = decoder.decode(block)
            if "\x00" in text or (first and text.lstrip("\ufeff \t\r\n").lower().startswith(MARKUP)):
                return False
            first = False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK):
        yield block
