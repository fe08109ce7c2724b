"""A second opinion on a file of metrics: the csv module, plain loops, and rules written from the manual alone.

It imports nothing of the product, so what the two agree on was understood twice. Slow, and knows only the columns
that `test_generated_files` writes.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

TODAY = date(2026, 11, 20)
NOBODY_SEES = " \t\n\r\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff"
SEGMENTS = {"enterprise": "Enterprise", "midmarket": "Mid-Market", "smb": "SMB"}
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MEASURES = {
    "daily_active_users": "daily_active_users",
    "feature_adoption_rate": "adoption_pct",
    "support_tickets_open": "tickets_open",
    "nps_score": "nps",
    "login_frequency": "login_rate",
    "arr": "arr",
}
"""Columns of the file to names of what is stored."""


@dataclass
class Expected:
    """What has to be there afterwards."""

    rows: int = 0
    refused: dict[int, set[tuple[str, str]]] = field(default_factory=dict)
    """Line to the columns and values that are at fault; ("", …) where the row is."""
    accounts: list[Customer] = field(default_factory=list)
    repeated: int = 0


@dataclass
class Customer:
    """An account as the file tells it."""

    name: str
    external_id: str
    days: dict[date, dict[str, object]] = field(default_factory=dict)
    newest: date = date.min
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def arr(self) -> object:
        said = [self.days[day]["arr"] for day in sorted(self.days) if self.days[day]["arr"] is not None]
        return said[-1] if said else None


class Wrong(Exception):
    """A cell, or a row, that is none."""


def expect(text: str, delimiter: str, names: dict[str, str]) -> Expected:
    """Read a whole file. `names` says what its headings mean; others mean nothing."""
    expected = Expected()
    by_name: dict[str, Customer] = {}
    by_id: dict[str, Customer] = {}
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    heading = next(reader)
    end = reader.line_num
    for cells in reader:
        line, end = end + 1, reader.line_num
        if not "".join(cells).strip(NOBODY_SEES + "\u2009"):
            continue
        expected.rows += 1
        while len(cells) > len(heading) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(heading):
            expected.refused[line] = {("", "")}
            continue
        texts = {names[title]: (title, cell) for title, cell in zip(heading, cells, strict=True) if title in names}
        row, wrong = read_row(texts, has_decimal_comma=delimiter == ";")
        if wrong:
            expected.refused[line] = wrong
            continue
        try:
            customer = whose(row, by_name, by_id, expected.accounts)
        except Wrong as error:
            column = str(error)
            expected.refused[line] = {(texts[column][0] if column in texts else column, str(row.get(column) or ""))}
            continue
        take(row, customer, expected)
    return expected


def read_row(
    texts: dict[str, tuple[str, str]], *, has_decimal_comma: bool
) -> tuple[dict[str, object], set[tuple[str, str]]]:
    row: dict[str, object] = {}
    wrong = set()
    for column, (title, cell) in texts.items():
        bare = trimmed(cell)
        try:
            row[column] = read_cell(column, bare, has_decimal_comma)
        except Wrong:
            wrong.add((title, cell.strip()[:200]))
    return row, wrong


def trimmed(text: str) -> str:
    return text.strip(NOBODY_SEES)


def read_cell(column: str, text: str, has_decimal_comma: bool) -> object:
    if column in {"account_name", "external_id", "region"}:
        longest = 100 if column == "region" else 255
        return as_words(text, longest)
    if column == "date":
        return as_day(text)
    if not text:
        return None
    if column == "segment":
        key = "".join(letter for letter in text.lower() if letter not in " -_")
        if key not in SEGMENTS:
            raise Wrong
        return SEGMENTS[key]
    if column == "arr":
        return as_rupees(text, has_decimal_comma)
    if column in {"feature_adoption_rate", "login_frequency"}:
        share = as_share(text, has_decimal_comma)
        return float(share * 100) if column == "feature_adoption_rate" else float(share)
    number = as_number(text, has_decimal_comma)
    if column == "nps_score":
        if abs(number) > 100:
            raise Wrong
        return float(number)
    if number < 0 or number > 2**31 - 1 or number != int(number):
        raise Wrong
    return int(number)


def as_words(text: str, longest: int) -> str:
    text = unicodedata.normalize("NFC", text.replace("\n", " "))
    if len(text) > longest or any(unicodedata.category(letter) == "Cc" and letter != "\t" for letter in text):
        raise Wrong
    return text


def as_number(text: str, has_decimal_comma: bool) -> Decimal:
    sign = text[:1] if text[:1] in {"+", "-"} else ""
    digits = text[len(sign) :]
    if has_decimal_comma and digits.count(",") == 1:
        whole, part = digits.split(",")
        groups = whole.split(".")
        is_whole = all(is_digits(group) for group in groups) and (
            len(groups) == 1 or (len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
        )
        if is_whole and is_digits(part):
            if len(groups) == 1 and len(part) == 3 and len(whole) <= 3 and whole[0] != "0":
                raise Wrong  # 1,234 is two numbers
            return Decimal(f"{sign}{''.join(groups)}.{part}")
    if "," in digits:
        whole, point, part = digits.partition(".")
        groups = whole.split(",")
        fits = all(map(is_digits, groups)) and len(groups[0]) <= 3 and len(groups[-1]) == 3
        if not fits or any(len(group) not in {2, 3} for group in groups[1:-1]) or (point and not is_digits(part)):
            raise Wrong
        digits = "".join(groups) + point + part
    if not digits or digits[0] in "+-" or not set(digits.lower()) <= set("0123456789.e+-"):
        raise Wrong
    try:
        return Decimal(sign + digits)
    except InvalidOperation:
        raise Wrong from None


def is_digits(text: str) -> bool:
    return bool(text) and set(text) <= set("0123456789")


def as_share(text: str, has_decimal_comma: bool) -> Decimal:
    if text[-1] == "%":
        number = as_number(trimmed(text[:-1]), has_decimal_comma) / 100
    else:
        number = as_number(text, has_decimal_comma)
    if not 0 <= number <= 1:
        raise Wrong
    return number


def as_rupees(text: str, has_decimal_comma: bool) -> Decimal:
    number = as_number(text.removeprefix("₹").strip(), has_decimal_comma)
    if not 0 <= number <= Decimal("9999999999.99") or number * 100 != int(number * 100):
        raise Wrong
    return number


def as_day(text: str) -> date:
    parts = text.replace("/", "-").split("-") if text[:4].isdigit() else text.replace("-", " ").split(" ")
    if len(parts) != 3:
        raise Wrong
    try:
        if len(parts[0]) == 4:
            found = date(*map(int, parts))
        else:
            found = date(int(parts[2]), MONTHS.index(parts[1].lower()) + 1, int(parts[0]))
    except ValueError:
        raise Wrong from None
    if not date(2000, 1, 1) <= found <= TODAY:
        raise Wrong
    return found


def same(name: str) -> str:
    """Names that are equal after this are one."""
    return " ".join(unicodedata.normalize("NFC", name.casefold()).split())


def whose(
    row: dict[str, object], by_name: dict[str, Customer], by_id: dict[str, Customer], all_of_them: list[Customer]
) -> Customer:
    """The account a row speaks of; `Wrong` names the column that contradicts."""
    name, external_id = str(row.get("account_name") or ""), str(row.get("external_id") or "")
    if not name and not external_id:
        raise Wrong("account_name")
    key = same(name or external_id)
    named, known = by_name.get(key), by_id.get(external_id) if external_id else None
    if known is not None:
        if name and named is not None and named is not known:
            raise Wrong("account_name")
        if name:
            by_name[key] = known
        return known
    if named is None:
        named = by_name[key] = Customer(name or external_id, external_id)
        all_of_them.append(named)
    elif external_id:
        if named.external_id:
            raise Wrong("external_id")
        named.external_id = external_id
    if external_id:
        by_id[external_id] = named
    return named


def take(row: dict[str, object], customer: Customer, expected: Expected) -> None:
    day = row.get("date", TODAY)
    assert isinstance(day, date)
    expected.repeated += day in customer.days
    customer.days[day] = {stored: row.get(column) for column, stored in MEASURES.items()}
    if day >= customer.newest:
        customer.newest = day
        customer.facts = {column: str(row.get(column) or "") for column in ("segment", "region")}
        customer.facts["name"] = str(row.get("account_name") or "") if row.get("external_id") else ""
