"""The facts of one account as lines to read and, one at a time, to edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from accounts.models import Account, CustomField
from accounts.selectors.custom_fields import custom_facts
from csplatform.formatting import UNKNOWN, date_text, number, relative_day, rupees_full


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    """One fact: its name is that of the form's field."""

    name: str
    label: str
    text: str
    note: str = ""
    url: str = ""
    is_outside: bool = False
    """Whether the address leads out of the product."""
    words: Sequence[str] = field(default_factory=tuple)
    """Shown as tags instead of the text."""

    @property
    def is_known(self) -> bool:
        return bool(self.words) or self.text not in ("", UNKNOWN)


def account_sheet(account: Account, fields: Sequence[CustomField], *, today: date) -> list[SheetLine]:
    """Every fact that people may write, in the order of the page. Reads the tags; the rest is at hand."""
    parent = account.parent
    lines = [
        _line("arr", "ARR", rupees_full(account.arr)),
        _line("seats", "Seats", number(account.seats)),
        _line("contract_start", "Contract start", _day(account.contract_start)),
        SheetLine(
            name="contract_end",
            label="Contract end",
            text=_day(account.contract_end),
            note=relative_day(account.contract_end, today=today) if account.contract_end else "",
        ),
        _line("contract_term_months", "Term", _months(account.contract_term_months)),
        _line("segment", "Segment", account.segment),
        _line("size", "Size", account.get_size_display()),
        _line("industry", "Industry", account.industry),
        _line("region", "Region", account.region),
        _line("lead_source", "Lead source", account.lead_source),
        _line("owner", "Owner", account.owner.display_name if account.owner else ""),
        _line("team", "Team", account.team.name if account.team else ""),
        SheetLine(
            name="parent",
            label="Parent account",
            text=parent.name if parent else UNKNOWN,
            url=parent.get_absolute_url() if parent else "",
        ),
        SheetLine(name="tags", label="Tags", text=UNKNOWN, words=[tag.name for tag in account.tags.all()]),
        _line("external_id", "External id", account.external_id),
    ]
    lines += [
        SheetLine(
            name=f"cf_{fact.field.key}",
            label=fact.field.name,
            text=fact.text,
            url=str(fact.value) if fact.is_link else "",
            is_outside=fact.is_link,
            words=fact.value if isinstance(fact.value, list) else (),
        )
        for fact in custom_facts(account, fields)
    ]
    return lines


def _line(name: str, label: str, text: str) -> SheetLine:
    return SheetLine(name=name, label=label, text=text or UNKNOWN)


def _day(day: date | None) -> str:
    return date_text(day) if day else UNKNOWN


def _months(months: int | None) -> str:
    if months is None:
        return UNKNOWN
    return f"{months} month" if months == 1 else f"{months} months"
