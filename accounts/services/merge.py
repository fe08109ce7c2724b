"""Merging duplicates into one account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.arr_sources import sourced_arr
from accounts.enums import AliasKind, AliasOrigin
from accounts.exceptions import AccountArchived, AccountChangedMeanwhile, InvalidAccount, MergeRefused
from accounts.models import Account, AccountAlias, AccountTag
from accounts.names import KEY_LENGTH
from accounts.selectors.account_group import ancestors_or_self
from accounts.services.account import ACCOUNT_NUMBERS
from accounts.services.account_lines import tell_merged
from accounts.services.belongings import carry_belongings
from accounts.services.contact import carry_contacts
from accounts.services.story import carry_story
from accounts.signals import Merge, accounts_merged
from csplatform import bulk
from csplatform.formatting import rupees_full
from csplatform.jobs import LaneBusy, hold_lane
from csplatform.models import User
from csplatform.money import ZERO
from csplatform.periods import civil_date
from csplatform.services.imports import LANE as IMPORT_LANE
from csplatform.services.sequence import lock_sequence

MOST_MERGED = 50
MOST_ARR = Decimal("9999999999.99")
FILLED = (
    "external_id", "segment", "size", "region", "industry", "lead_source", "owner", "team", "seats",
    "contract_term_months",
)  # fmt: skip
"""Facts that the surviving account takes from the others where it has none; the contract's two dates too."""
DIGITS = 20


@dataclass(frozen=True, slots=True)
class MergedFacts:
    """What the surviving account will be, fact by fact."""

    facts: dict[str, object]
    arr: Decimal | None
    """What all of them pay together."""


def merged_facts(survivor: Account, others: Sequence[Account]) -> MergedFacts:
    """The survivor's own facts win; what it does not know comes from the first of the others that does."""
    facts: dict[str, object] = {}
    for name in FILLED:
        facts[name] = next(
            (value for each in (survivor, *others) if (value := getattr(each, name)) not in ("", None)), None
        )
        if facts[name] is None:
            facts[name] = getattr(survivor, name)
    start, end = survivor.contract_start, survivor.contract_end
    for other in others:
        if start is None and other.contract_start and (end is None or other.contract_start <= end):
            start = other.contract_start
        if end is None and other.contract_end and (start is None or other.contract_end >= start):
            end = other.contract_end
    facts |= {"contract_start": start, "contract_end": end}
    known = [each.arr for each in (survivor, *others) if each.arr is not None]
    subscribed = sourced_arr(survivor.organization, [each.pk for each in (survivor, *others)])
    if subscribed:  # the others' figures were about the same customer, from a lesser source
        known = list(subscribed.values())
    return MergedFacts(facts, sum(known, ZERO) if known else None)


def refuse_merge(survivor: Account, others: Sequence[Account]) -> None:
    """Say why these cannot become one, if they cannot."""
    if not others:
        raise MergeRefused("Choose at least two accounts.")
    if len(others) > MOST_MERGED:
        raise MergeRefused(f"At most {MOST_MERGED} accounts are merged into one at a time.")
    if any(each.is_archived for each in (survivor, *others)):
        raise AccountArchived("One of the accounts is archived. Restore it first.")
    if survivor.is_churned and not all(each.is_churned for each in others):
        raise MergeRefused(f"{survivor} has churned. Keep one that has not, or change its status first.")


@transaction.atomic
def merge_accounts(
    *,
    into: Account,
    others: Iterable[Account],
    by: User | None,
    arr: Decimal | None = None,
    seen_at: Sequence[datetime] | None = None,
    now: datetime | None = None,
) -> Account:
    """Make one account of several: everything moves to `into`, the others stay archived and point to it.

    What they pay is added up, unless `arr` says what the one account pays: the difference is booked today, and
    MRR of all past days stays what it was. ``seen_at`` is when the accounts, in order of their keys, had last been
    saved as the person saw them: when one was saved since, nothing is merged.
    """
    try:
        # A file that is being read has already decided which account each of its rows is about.
        with hold_lane(into.organization, IMPORT_LANE):
            return _merge(into, others, by=by, arr=arr, seen_at=seen_at, now=now or timezone.now())
    except LaneBusy:
        raise MergeRefused("An import is running. Merge once it has ended.") from None


def _merge(
    into: Account,
    others: Iterable[Account],
    *,
    by: User | None,
    arr: Decimal | None,
    seen_at: Sequence[datetime] | None,
    now: datetime,
) -> Account:
    organization = into.organization
    # First in the order of locks: merges, and whoever makes accounts, wait for each other.
    lock_sequence(organization, ACCOUNT_NUMBERS)
    keys = {into.pk, *(other.pk for other in others)}
    stored = list(organization.accounts.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True))
    survivor = next(account for account in stored if account.pk == into.pk)
    merged = [account for account in stored if account.pk != into.pk]
    refuse_merge(survivor, merged)
    if seen_at is not None and [account.updated_at for account in stored] != list(seen_at):
        raise AccountChangedMeanwhile

    result = merged_facts(survivor, merged)
    pays = result.arr if arr is None else arr
    if pays != result.arr and sourced_arr(organization, keys):
        raise InvalidAccount("arr", f"With their subscriptions they pay {rupees_full(result.arr)} a year.")
    if pays is not None and not 0 <= pays <= MOST_ARR:
        raise InvalidAccount("arr", f"It must lie between 0 and {MOST_ARR:,}.")
    if survivor.is_churned and pays:
        raise InvalidAccount("arr", "A churned account pays nothing. Change its status first.")
    _remember(survivor, merged, taken_id=str(result.facts["external_id"]))
    _retire(survivor, merged, by=by, now=now)
    _add_tags(survivor, merged)
    carry_story(into=survivor, merged=merged, by=by)
    carry_belongings(into=survivor, merged=merged, by=by)
    _regroup(survivor, merged, by=by, now=now)
    carry_contacts(into=survivor, merged=merged, by=by, now=now)
    survivor.custom_fields = {
        key: value for each in (*reversed(merged), survivor) for key, value in each.custom_fields.items()
    }
    for name, value in (result.facts | {"arr": pays}).items():
        setattr(survivor, name, value)
    survivor._history_user = by
    survivor._change_reason = _cut(f"Merged with {_listed(merged)}")
    survivor.save()
    tell_merged(survivor, merged, by=by)
    accounts_merged.send(
        sender=Account,
        organization=organization,
        merge=Merge(
            into=survivor.pk,
            merged=tuple(account.pk for account in merged),
            on=civil_date(now, organization),
            arr=pays or ZERO,
            cause=f"Merged into account {survivor.number}",
        ),
    )
    return organization.accounts.get(pk=survivor.pk)


def _remember(survivor: Account, merged: Sequence[Account], *, taken_id: str) -> None:
    """What the others were called, and had been called, means the survivor from now on."""
    organization = survivor.organization
    organization.account_aliases.filter(account__in=merged).update(account=survivor)
    organization.accounts.filter(merged_into__in=merged).update(merged_into=survivor)
    keys = [(AliasKind.NAME, account.name_key, account.name) for account in merged]
    ids = {account.external_id for account in merged} - {"", taken_id}
    keys += [(AliasKind.EXTERNAL_ID, each, each) for each in sorted(ids)]
    AccountAlias.objects.bulk_create(
        AccountAlias(
            organization=organization, account=survivor, kind=kind, key=key, text=text, origin=AliasOrigin.MERGE
        )
        for kind, key, text in keys
    )


def _retire(survivor: Account, merged: Sequence[Account], *, by: User | None, now: datetime) -> None:
    """Out of the books, its name and id left to the alias: should that be removed, both are free again.

    No name has two spaces in a row, so the key that is left collides with nothing and still begins as the name.
    """
    keys = [account.pk for account in merged]
    bulk.update_from(
        Account,
        keys,
        {
            "name_key": [f"{account.name_key[: KEY_LENGTH - DIGITS - 2]}  {account.number}" for account in merged],
            "arr": [ZERO if account.arr is not None else None for account in merged],
        },
        stamps={
            "external_id": "",
            "merged_into_id": survivor.pk,
            "archived_at": now,
            "updated_at": now,
        },
    )
    bulk.record_history(Account, keys, kind="~", by=by, reason=_cut(f"Merged into account {survivor.number}"))


def _add_tags(survivor: Account, merged: Sequence[Account]) -> None:
    organization = survivor.organization
    tags = AccountTag.objects.filter(organization=organization, account__in=merged).values_list("tag", flat=True)
    AccountTag.objects.bulk_create(
        (AccountTag(organization=organization, account=survivor, tag_id=tag) for tag in sorted(set(tags))),
        ignore_conflicts=True,
    )


def _regroup(survivor: Account, merged: Sequence[Account], *, by: User | None, now: datetime) -> None:
    """What belonged to the others belongs to the survivor; where it was itself below one of them, it is no longer."""
    keys = {account.pk for account in merged}
    if keys & set(ancestors_or_self(survivor)):
        survivor.parent = None
    children = list(
        survivor.organization.accounts.filter(parent__in=keys)
        .exclude(pk__in=[survivor.pk, *keys])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    bulk.update_from(Account, children, {"parent_id": [survivor.pk for _ in children]}, stamps={"updated_at": now})
    bulk.record_history(Account, children, kind="~", by=by, reason=_cut(f"Parent merged into {survivor}"))


def _listed(accounts: Sequence[Account]) -> str:
    return ", ".join(f"{account} (#{account.number})" for account in accounts)


def _cut(reason: str) -> str:
    return reason if len(reason) <= 100 else f"{reason[:99]}…"
