"""Taking movements of the ledger back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from billing.models import MrrMovement
from billing.querysets import MrrMovementQuerySet
from csplatform.bulk import insert
from csplatform.models import Organization
from csplatform.money import round2


@transaction.atomic
def reverse_movements(*, organization: Organization, movements: Sequence[int], cause: str) -> int:
    """Append to each day what takes the named rows back; returns the number of rows appended.

    Nothing may have been booked for their accounts since (`moved_since`): then every day's sums are again what they
    were before, so the ledger stays netted. The accounts are locked by the caller, who also writes their ARR.
    """
    rows: MrrMovementQuerySet = organization.mrr_movements.filter(pk__in=movements).order_by()
    sums = rows.values_list("account", "date", "kind").annotate(Sum("amount"), Sum("arr_amount"))
    back = [(account, day, kind, -round2(mrr), -round2(arr)) for account, day, kind, mrr, arr in sums if mrr or arr]
    names = ("account_id", "date", "kind", "amount", "arr_amount")
    constants = {"organization_id": organization.pk, "cause": cause[:255], "created_at": timezone.now()}
    if not back:
        return 0
    return len(insert(MrrMovement, dict(zip(names, zip(*back, strict=True), strict=True)), constants=constants))


def moved_since(organization: Organization, movements: Sequence[int]) -> list[int]:
    """The accounts of the named rows for which something else was booked after them and still counts.

    What was booked and taken back again counts as nothing.
    """
    if not movements:
        return []
    accounts = organization.mrr_movements.filter(pk__in=movements).order_by().values("account").distinct()
    later: MrrMovementQuerySet = organization.mrr_movements.filter(account__in=accounts, pk__gt=min(movements))
    sums = later.exclude(pk__in=movements).order_by().values_list("account", "date", "kind")
    return sorted({account for account, _, _, arr in sums.annotate(Sum("arr_amount")) if round2(arr)})


def forget_movements(organization: Organization, accounts: Iterable[int]) -> None:
    """Drop the ledgers of accounts that are about to vanish, as if they had never been.

    The one place where rows of the ledger go: an account that exists only because of a file that is taken back
    has no book to keep, and its name has to be free for the corrected file.
    """
    rows = MrrMovement.objects.filter(organization=organization, account__in=list(accounts))
    rows._raw_delete(connection.alias)
