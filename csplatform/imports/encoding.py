"""Which encoding a file is in, and whether it is text at all: decided from its bytes, never from its name."""

from __future__ import annotations

import codecs
import re

from csplatform.imports.exceptions import UnreadableFile

#: The first bytes of things that people upload instead of a CSV, and what we call them.
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive",
    b"PK\x05\x06": "a ZIP archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF",
    b"{\\rtf": "an RTF document",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a database",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_BROKEN = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[^\x00-\x7f\udc80-\udcff]")
_PROBE = 4096


class EncodingScan:
    """Reads a file's bytes once, in order, and then names its encoding.

    A file without a byte-order mark is UTF-8 as long as it holds a single valid character beyond ASCII, or
    nothing beyond ASCII at all: a byte that is broken then spoils its row, not the file. It is Windows-1252
    only when *no* character in it is valid UTF-8 beyond ASCII, which real UTF-8 text practically never is.
    """

    def __init__(self) -> None:
        self._head = b""
        self._broken = self._beyond_ascii = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._pending = False

    def feed(self, block: bytes) -> None:
        """Takes the next bytes; raises as soon as they show that the file is not text."""
        if len(self._head) < _PROBE:
            self._head += block[: _PROBE - len(self._head)]
            self._refuse_what_is_not_text()
        if self._marked():
            return
        if block.isascii() and not self._pending:
            return
        self._look_at(self._decoder.decode(block))
        self._pending = bool(self._decoder.getstate()[0])

    def encoding(self) -> str:
        """A codec's name; raises when the file holds nothing or is in an encoding that we do not read."""
        if not self._head.removeprefix(codecs.BOM_UTF8).strip():
            raise UnreadableFile("The file is empty.")
        if self._head.startswith(tuple(_UTF16)):
            return "utf-16"
        if self._head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
        if _looks_like_bare_utf16(self._head):
            raise UnreadableFile(
                "The file looks like UTF-16 without a byte-order mark. Save it as UTF-8 and upload it again."
            )
        self._look_at(self._decoder.decode(b"", final=True))
        return "cp1252" if self._broken and not self._beyond_ascii else "utf-8"

    def _marked(self) -> bool:
        return self._head.startswith((codecs.BOM_UTF8, *_UTF16))

    def _look_at(self, text: str) -> None:
        self._broken = self._broken or _BROKEN.search(text) is not None
        self._beyond_ascii = self._beyond_ascii or _BEYOND_ASCII.search(text) is not None

    def _refuse_what_is_not_text(self) -> None:
        for magic, what in _MAGIC.items():
            if self._head.startswith(magic):
                raise UnreadableFile(f"This is {what}, not a CSV file. Save it as CSV and upload it again.")
        if self._head.startswith(_UTF32):
            raise UnreadableFile("The file is in UTF-32. Save it as UTF-8 and upload it again.")


def _looks_like_bare_utf16(head: bytes) -> bool:
    """Latin text in UTF-16 has a zero in every second byte; a stray NUL in a row is another matter."""
    half = len(head) // 2
    return half >= 2 and max(head[0::2].count(0), head[1::2].count(0)) * 2 > half
