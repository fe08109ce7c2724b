"""Putting accounts off a member's list for today, and taking that back."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.exceptions import AccountArchived
from accounts.models import Account
from csplatform import periods
from csplatform.exceptions import InvalidInput
from csplatform.formatting import date_text
from csplatform.models import Membership
from insights.enums import SnoozeUntil
from insights.models import AttentionSnooze
from insights.models.snooze import LONGEST, MOST_RENEWAL_DAYS


class InvalidSnooze(InvalidInput):
    """What is waited for makes no sense; names its field."""

    code = "invalid_snooze"

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence, errors={field: [sentence]})


@transaction.atomic
def snooze_account(
    *,
    account: Account,
    member: Membership,
    kind: str,
    until: date | None = None,
    renewal_days: int | None = None,
    now: datetime | None = None,
) -> AttentionSnooze:
    """Leave an account out of the member's list until a day, or until something holds; asked for twice it is put off
    once. It is back after ninety days in any case."""
    now = now or timezone.now()
    organization = member.organization
    stored = organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    if stored.is_archived:
        raise AccountArchived
    today = periods.today(organization, now=now)
    wanted = _wanted(stored, kind=kind, until=until, renewal_days=renewal_days, today=today)
    going: AttentionSnooze | None = (
        organization.attention_snoozes.going().of_member(member).filter(account=stored).first()
    )
    if going is not None:
        if all(getattr(going, name) == value for name, value in wanted.items()):
            return going
        _end(going, member=member, now=now)
    snooze = AttentionSnooze(organization=organization, membership=member, account=stored, **wanted)
    snooze._history_user = member.user
    snooze.save()
    return snooze


@transaction.atomic
def wake_account(*, account: Account, member: Membership, now: datetime | None = None) -> bool:
    """Put it back on the list; says whether it was off. Doing it again changes nothing."""
    organization = member.organization
    organization.accounts.select_for_update(no_key=True).get(pk=account.pk)
    going = organization.attention_snoozes.going().of_member(member).filter(account=account).first()
    if going is not None:
        _end(going, member=member, now=now or timezone.now())
    return going is not None


def _end(snooze: AttentionSnooze, *, member: Membership, now: datetime) -> None:
    snooze.ended_at = now
    snooze._history_user = member.user
    snooze.save(update_fields=["ended_at", "updated_at"])


def _wanted(
    account: Account, *, kind: str, until: date | None, renewal_days: int | None, today: date
) -> dict[str, object]:
    if kind not in SnoozeUntil.values:
        raise InvalidSnooze("kind", f"It takes {', '.join(SnoozeUntil.values)}.")
    last = today + LONGEST
    if kind == SnoozeUntil.DATE:
        if until is None or not today < until <= last:
            raise InvalidSnooze("until", f"It takes a day after today, up to {date_text(last)}.")
        last = until
    if kind == SnoozeUntil.RENEWAL:
        if account.contract_end is None:
            raise InvalidSnooze("kind", "No renewal is known of this account.")
        if renewal_days is None or not 1 <= renewal_days <= MOST_RENEWAL_DAYS:
            raise InvalidSnooze("renewal_days", f"It takes a whole number from 1 to {MOST_RENEWAL_DAYS}.")
        if (account.contract_end - today).days <= renewal_days:
            raise InvalidSnooze("renewal_days", "Its renewal is that near already.")
    return {
        "kind": kind,
        "until": last,
        "renewal_days": renewal_days if kind == SnoozeUntil.RENEWAL else None,
        "band": account.band or "",
    }
