"""Numbers of documents: what they look like and what they may be made of."""

from __future__ import annotations

import re
from datetime import date

from billing.tax.returns import financial_year_start

LONGEST = 16
NUMBER = re.compile(r"[A-Z1-9][A-Z0-9/-]{0,15}")


def document_number(prefix: str, day: date, counter: int) -> str:
    """`INV-2026-0145`: the year in which the financial year of the day starts, then four digits or more."""
    return f"{prefix}-{financial_year_start(day).year}-{counter:04d}"


def is_document_number(text: str) -> bool:
    """1 to 16 of A-Z, 0-9, hyphen and slash, not starting with 0, a hyphen or a slash; stored in capitals."""
    return NUMBER.fullmatch(text) is not None
