"""What would become of several accounts if they were merged into one?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, QuerySet

from accounts.models import Account
from accounts.services.merge import merged_facts
from csplatform.formatting import date_text, number
from csplatform.models import Organization, User


@dataclass(frozen=True, slots=True, kw_only=True)
class FactRow:
    """One fact in all accounts, the survivor's first, and afterwards."""

    label: str
    values: list[str]
    result: str

    @property
    def differs(self) -> bool:
        return len({*self.values}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """What one account brings along."""

    account: Account
    metric_days: int
    """Days that the survivor does not have yet."""
    conflicts: list[date]
    """Days that it has: there the survivor's figures stay."""
    movements: int
    snapshots: int
    """They stay with the archived account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergePreview:
    survivor: Account
    others: list[Account]
    facts: list[FactRow]
    moving: list[Moving]
    arr: Decimal | None
    """What they pay together."""

    @property
    def differing(self) -> list[FactRow]:
        return [row for row in self.facts if row.differs]

    @property
    def same(self) -> list[str]:
        """What all of them say alike."""
        return [row.label for row in self.facts if not row.differs]


def merge_preview(organization: Organization, survivor: Account, others: Sequence[Account]) -> MergePreview:
    """Four queries, whatever the number of accounts; these come with owner, team and tags."""
    result = merged_facts(survivor, others)
    accounts = [survivor, *others]
    rows = [
        FactRow(label=label, values=[say(account) for account in accounts], result=say(survivor))
        for label, say in _OF_THE_SURVIVOR
    ]
    rows += [
        FactRow(
            label=label,
            values=[say(getattr(account, name)) for account in accounts],
            result=say(result.facts[name]),
        )
        for label, name, say in _FACTS
    ]
    rows.append(FactRow(label="Tags", values=[_tags([each]) for each in accounts], result=_tags(accounts)))
    return MergePreview(
        survivor=survivor,
        others=list(others),
        facts=rows,
        moving=_moving(organization, survivor, others),
        arr=result.arr,
    )


def _moving(organization: Organization, survivor: Account, others: Sequence[Account]) -> list[Moving]:
    keys = [survivor.pk, *(other.pk for other in others)]
    metrics = organization.daily_metrics.filter(account__in=keys).order_by()
    days = _counts(metrics)
    movements = _counts(organization.mrr_movements.filter(account__in=keys).order_by())
    snapshots = _counts(organization.health_snapshots.filter(account__in=keys).order_by())
    shared = metrics.values("date").annotate(rows=Count("pk")).filter(rows__gt=1).values("date")
    taken: dict[date, list[int]] = {}
    for account_id, day in metrics.filter(date__in=shared).order_by("date").values_list("account", "date"):
        taken.setdefault(day, []).append(account_id)
    # In the order in which they are merged: on a day the first one counts.
    order = {key: place for place, key in enumerate([survivor.pk, *sorted(other.pk for other in others)])}
    conflicts: dict[int, list[date]] = {}
    for day, holders in taken.items():
        for account_id in sorted(holders, key=order.__getitem__)[1:]:
            conflicts.setdefault(account_id, []).append(day)
    return [
        Moving(
            account=other,
            metric_days=days.get(other.pk, 0) - len(conflicts.get(other.pk, [])),
            conflicts=conflicts.get(other.pk, []),
            movements=movements.get(other.pk, 0),
            snapshots=snapshots.get(other.pk, 0),
        )
        for other in others
    ]


def _counts(rows: QuerySet) -> dict[int, int]:
    return dict(rows.values_list("account").annotate(Count("pk")))


def _text(value: object) -> str:
    return str(value) if value else ""


def _person(value: object) -> str:
    return value.display_name if isinstance(value, User) else ""


def _number(value: object) -> str:
    return number(value, 0) if isinstance(value, int) else ""


def _day(value: object) -> str:
    return date_text(value) if isinstance(value, date) else ""


def _tags(accounts: Iterable[Account]) -> str:
    return ", ".join(sorted({tag.name for account in accounts for tag in account.tags.all()}))


_OF_THE_SURVIVOR: tuple[tuple[str, Callable[[Account], str]], ...] = (
    ("Name", lambda account: account.name),
    ("Status", lambda account: account.get_status_display()),
)
_FACTS: tuple[tuple[str, str, Callable[[object], str]], ...] = (
    ("External id", "external_id", _text),
    ("Segment", "segment", _text),
    ("Size", "size", lambda value: _text(value).capitalize()),
    ("Industry", "industry", _text),
    ("Region", "region", _text),
    ("Lead source", "lead_source", _text),
    ("Owner", "owner", _person),
    ("Team", "team", _text),
    ("Seats", "seats", _number),
    ("Contract start", "contract_start", _day),
    ("Contract end", "contract_end", _day),
)
