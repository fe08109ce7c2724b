"""Numbers in order, without gaps and never twice, under any concurrency."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F

from csplatform.models import Organization, Sequence


def lock_sequence(organization: Organization, name: str) -> Sequence:
    """Take the lock that orders everyone who numbers things of this name; first in the order of locks.

    Call it inside a transaction, then look which rows exist, then `take_numbers` for the new ones. The lock is an
    UPDATE of the counter row, never of the organisation, whose commits would all wait for it."""
    if not organization.sequences.filter(name=name).update(last=F("last")):
        Sequence.objects.bulk_create([Sequence(organization=organization, name=name)], ignore_conflicts=True)
        organization.sequences.filter(name=name).update(last=F("last"))
    return organization.sequences.get(name=name)


@transaction.atomic
def take_numbers(organization: Organization, name: str, count: int = 1) -> int:
    """Return the first of `count` consecutive new numbers; they are given when the caller's transaction commits."""
    sequence = lock_sequence(organization, name)
    first = sequence.last + 1
    if count:
        organization.sequences.filter(pk=sequence.pk).update(last=F("last") + count)
    return first
