"""Tags out of files: many accounts at once come to carry exactly what their rows say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from accounts.models import Account, AccountTag, Tag
from csplatform import bulk
from csplatform.models import Organization, User


def stored_tags(organization: Organization, keys: Collection[int]) -> dict[int, set[str]]:
    """The tags of accounts, by key; also of those that carry none."""
    held: dict[int, set[str]] = {key: set() for key in keys}
    rows = AccountTag.objects.filter(organization=organization, account__in=list(keys)).order_by()
    for key, name in rows.values_list("account_id", "tag__name"):
        held[key].add(name)
    return held


@transaction.atomic
def write_tags(
    organization: Organization, wanted: Mapping[int, set[str]], *, by: User | None, reason: str, now: datetime
) -> dict[int, set[str]]:
    """Give accounts (key to tags) exactly these; returns what those that changed carried before. Set-based."""
    held = stored_tags(organization, wanted)
    changed = {key: held[key] for key, names in wanted.items() if held[key] != names}
    if not changed:
        return {}
    tags = _tags(organization, set().union(*(wanted[key] for key in changed)), by=by, reason=reason)
    gone = Q(pk__in=[])
    for key, names in changed.items():
        if names - wanted[key]:
            gone |= Q(account=key, tag__name__in=names - wanted[key])
    AccountTag.objects.filter(gone, organization=organization).delete()
    AccountTag.objects.bulk_create(
        [
            AccountTag(organization=organization, account_id=key, tag_id=tags[name])
            for key, names in changed.items()
            for name in sorted(wanted[key] - names)
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    _stamp(organization, list(changed), by=by, reason=reason, now=now)
    return changed


def _tags(organization: Organization, names: Collection[str], *, by: User | None, reason: str) -> dict[str, int]:
    """The keys of tags by name; those that are not there are made."""
    known = dict(organization.account_tags.filter(name__in=names).order_by().values_list("name", "pk"))
    new = [Tag(organization=organization, name=name) for name in sorted(set(names) - known.keys())]
    made = bulk_create_with_history(new, Tag, default_user=by, default_change_reason=reason[:100])
    return known | {tag.name: tag.pk for tag in made}


def _stamp(organization: Organization, keys: Collection[int], *, by: User | None, reason: str, now: datetime) -> None:
    """An account's history tells that its tags changed, once: not beside a row that the same piece has written."""
    plain = organization.accounts.filter(pk__in=keys).exclude(updated_at=now).order_by()
    own = list(plain.values_list("pk", flat=True))
    organization.accounts.filter(pk__in=own).update(updated_at=now)
    bulk.record_history(Account, own, kind="~", by=by, reason=reason)
