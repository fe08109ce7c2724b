"""What the timeline says of an account itself: that it came, changed, left, came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from accounts.enums import AccountStatus, ActivityKind
from accounts.models import Account, Activity
from accounts.services.activity import Happening, record_activities, record_activity
from csplatform import bulk
from csplatform.formatting import date_text, rupees_full
from csplatform.models import Organization, User
from csplatform.money import ZERO

NOTHING = "–"
TOLD = {
    "name": "Name",
    "external_id": "External id",
    "segment": "Segment",
    "size": "Size",
    "region": "Region",
    "industry": "Industry",
    "lead_source": "Lead source",
    "seats": "Seats",
    "contract_start": "Contract start",
    "contract_end": "Contract end",
    "contract_term_months": "Term in months",
}
"""Facts whose change is told beside owner, team, parent and status; the History tab tells of all."""


def tell_created(account: Account, *, by: User | None) -> None:
    pays = f" It pays {rupees_full(account.arr)} a year." if account.arr else ""
    record_activity(
        Happening(
            account=account,
            kind=ActivityKind.ACCOUNT,
            title="Account created",
            text=pays.strip(),
            by=by,
            is_system=by is None,
            subject=account,
            event="created",
        )
    )


def facts_told(account: Account) -> dict[str, str]:
    """What an account says of itself, in words, to be compared with what it will say. Reads what is loaded."""
    told = {label: _words(account, name) for name, label in TOLD.items()}
    told["Owner"] = account.owner.display_name if account.owner else NOTHING
    told["Team"] = account.team.name if account.team else NOTHING
    told["Parent"] = account.parent.name if account.parent else NOTHING
    return told


def tell_edited(account: Account, *, before: Mapping[str, str], by: User | None) -> None:
    """One line for all that was edited at once, with the old and the new of each."""
    now = facts_told(account)
    edited = [f"{label}: {before[label]} → {now[label]}" for label in now if now[label] != before[label]]
    if edited:
        more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
        _tell(account, f"{edited[0]}{more}", text="\n".join(edited) if more else "", by=by)


def tell_status(account: Account, *, was: str, by: User | None) -> None:
    """Nothing where it stays; who leaves says why."""
    if account.status != was:
        record_activity(_status_line(account, was=was, by=by))


def tell_arr(account: Account, *, before: Decimal | None, by: User | None) -> None:
    """Of one that left its status says it already."""
    old, new = before or ZERO, account.arr or ZERO
    if old == new or account.is_churned:
        return
    record_activity(
        Happening(
            account=account,
            kind=ActivityKind.EXPANSION if new > old else ActivityKind.CONTRACTION,
            title=f"ARR: {rupees_full(old)} → {rupees_full(new)}",
            by=by,
            is_system=by is None,
        )
    )


def tell_archived(account: Account, *, by: User | None) -> None:
    _tell(account, "Archived" if account.is_archived else "Back from the archive", by=by)


def tell_merged(survivor: Account, merged: Sequence[Account], *, by: User | None) -> None:
    """On the account that stays: who it is now, too."""
    names = ", ".join(sorted(each.name for each in merged))
    _tell(survivor, f"Merged with {names}"[:255], text=names, by=by)


def tell_owners(
    organization: Organization,
    moving: Sequence[Account],
    *,
    olds: Mapping[int, str],
    new: User | None,
    by: User | None,
) -> None:
    """A line each, in one statement; ``olds`` names by key who looked after them before."""
    name = new.display_name if new else NOTHING
    record_activities(
        organization,
        [
            Happening(
                account=account,
                kind=ActivityKind.ACCOUNT,
                title=f"Owner: {olds.get(account.pk, NOTHING)} → {name}",
                by=by,
                is_system=by is None,
            )
            for account in moving
        ],
    )


def tell_statuses(
    organization: Organization, rows: Sequence[Account], *, was: Mapping[int, str], by: User | None
) -> None:
    """As `tell_status` does of one: a line for each that has another status now, in one statement."""
    record_activities(
        organization,
        [_status_line(account, was=was[account.pk], by=by) for account in rows if account.status != was[account.pk]],
    )


def _status_line(account: Account, *, was: str, by: User | None) -> Happening:
    leaves = account.status == AccountStatus.CHURNED
    return Happening(
        account=account,
        kind=ActivityKind.CHURN if leaves else ActivityKind.ACCOUNT,
        title=f"Status: {AccountStatus(was).label} → {AccountStatus(account.status).label}",
        text=account.churn_reason if leaves else "",
        by=by,
        is_system=by is None,
    )


def tell_many(organization: Organization, rows: Sequence[Account], *, titles: Iterable[str], by: User | None) -> None:
    """What was done to many accounts: a line each, in one statement."""
    record_activities(
        organization,
        [
            Happening(account=account, kind=ActivityKind.ACCOUNT, title=title, by=by, is_system=by is None)
            for account, title in zip(rows, titles, strict=True)
        ],
    )


def tell_imported(
    organization: Organization, made: Mapping[int, UUID], *, by: User | None, reason: str, now: datetime
) -> None:
    """That a file made these accounts (key to public id): one INSERT, whatever their number.

    The lines are the system's, so that they are no work that would keep an import from being undone."""
    columns: dict[str, Sequence[Any]] = {
        "uuid": [uuid4() for _ in made],
        "account_id": list(made),
        "subject_id": list(made.values()),
    }
    constants: dict[str, object] = {
        "organization_id": organization.pk,
        "kind": ActivityKind.IMPORT.value,
        "title": "Account created",
        "text": reason,
        "occurred_at": now,
        "created_at": now,
        "edited_at": None,
        "actor_id": by.pk if by else None,
        "is_system": True,
        "subject_kind": "account",
        "event": "created",
        "details": {},
    }
    bulk.insert(Activity, columns, constants=constants)


def _tell(account: Account, title: str, *, by: User | None, text: str = "") -> None:
    record_activity(
        Happening(account=account, kind=ActivityKind.ACCOUNT, title=title, text=text, by=by, is_system=by is None)
    )


def _words(account: Account, name: str) -> str:
    value = getattr(account, name)
    if value in (None, ""):
        return NOTHING
    if isinstance(value, date):
        return date_text(value)
    display = getattr(account, f"get_{name}_display", None)
    return str(display() if display else value)
