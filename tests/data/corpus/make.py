"""Writes the files of the corpus whose bytes an editor would not keep: run it after a change, and commit both."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import unicodedata
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
HEADING = "account_name,date,daily_active_users"


def table(*names: str, end: str = "\n") -> str:
    """A row for each name, on the first, second … of November, with one user, two …"""
    rows = [f"{name},2026-11-{day:02},{day}" for day, name in enumerate(names, start=1)]
    return end.join([HEADING, *rows, ""])


def archive(name: str, content: bytes) -> bytes:
    """A ZIP with one file in it, the same bytes every time."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo(name), content, compress_type=zipfile.ZIP_DEFLATED)
    return file.getvalue()


def encodings() -> dict[str, bytes]:
    mixed = table("Acme", "Beta", "Gamma", "Delta").split("\n")
    cafe, are = "Café Corp", "Åre AB"
    return {
        "utf8": table("José Café", "Zürich Söhne", "Łódź sp. z o.o.").encode(),
        "utf8_with_mark": table("José Café", "Zürich Söhne").encode("utf-8-sig"),
        "utf16_little_endian": codecs.BOM_UTF16_LE + table("José Café", "टाटा स्टील").encode("utf-16-le"),
        "utf16_big_endian": codecs.BOM_UTF16_BE + table("José Café", "टाटा स्टील").encode("utf-16-be"),
        "utf16_without_mark": table("José Café", "Beta").encode("utf-16-le"),
        "utf16_cut": codecs.BOM_UTF16_LE + table("Acme", "Beta").encode("utf-16-le")[:-1],
        "utf32": codecs.BOM_UTF32_LE + table("José Café").encode("utf-32-le"),
        "windows_1252": table("José Café", "10 € Shop", "“Quoted” – Ltd").encode("cp1252"),
        "latin1_0x81": table("José Café", "B\x81d", "Beta").encode("latin-1"),
        "broken_byte": table("José Café", "Be@ta", "Gamma").encode().replace(b"@", b"\xff"),
        "cut_character": "date,account_name\n2026-11-01,José Café\n2026-11-02,Café".encode()[:-1],
        "nul_in_a_row": table("Ac\x00me", "Beta").encode(),
        "nul_in_the_heading": table("Acme").replace("name", "na\x00me", 1).encode(),
        "mixed_line_ends": "".join(
            map("".join, zip(mixed, ["\r\n", "\n", "\r", "\r\n", "\n"], strict=False))
        ).encode(),
        "lone_cr": table("Acme", "Beta", "Gamma", end="\r").encode(),
        "emoji": table("Rocket 🚀 Ltd", "Family 👩\u200d👩\u200d👧 GmbH", "Flag 🇮🇳 India").encode(),
        "devanagari": table("टाटा स्टील", "क्\u200dष लिमिटेड").encode(),
        "right_to_left": table("شركة النور", 'חברת אור בע"מ').encode(),
        "composed_and_decomposed": table(
            unicodedata.normalize("NFC", cafe), unicodedata.normalize("NFD", cafe), unicodedata.normalize("NFD", are)
        ).encode(),
        "spaces_around_names": table(
            "\u00a0Acme\u00a0", "\u200bAcme\u200b \ufeff", "  Acme\t", "\u2060Beta\u00a0Two\u3000"
        ).encode(),
        "mojibake": table("José Café".encode().decode("latin-1"), "über".encode().decode("latin-1")).encode(),
        "control_characters": table(
            "Be\x07ll", "Form\x0cfeed", "Next\x85line", "Unit\x1fmark", "Group\x1dmark", '"Two\nlines"'
        ).encode(),
    }


def hostile() -> dict[str, bytes]:
    sheet = archive("xl/worksheets/sheet1.xml", b"<c/>" * 750_000)
    return {
        "spreadsheet_renamed": archive("xl/workbook.xml", b"<workbook/>"),
        "spreadsheet_bomb": sheet,
        "zip_bomb": archive("inner.zip", archive("zeros", bytes(10_000_000))),
        "empty_zip": b"PK\x05\x06" + bytes(18),
        "old_spreadsheet": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504),
        "gzip_bomb": gzip.compress(bytes(10_000_000), mtime=0),
        "bzip2": bz2.compress(table("Acme").encode()),
        "xz": lzma.compress(table("Acme").encode()),
        "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n",
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "database": b"SQLite format 3\x00" + bytes(84),
        "zeros": bytes(4_096),
    }


def main() -> None:
    for group in (encodings, hostile):
        folder = HERE / group.__name__
        folder.mkdir(exist_ok=True)
        for name, content in group().items():
            (folder / f"{name}.csv").write_bytes(content)


if __name__ == "__main__":
    main()
