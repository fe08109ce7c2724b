"""Does the MRR ledger add up?"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import DecimalField, OuterRef, Subquery, Sum

from billing.models import MrrMovement
from csplatform.models import Organization
from csplatform.money import ZERO, monthly, round2

MONEY = DecimalField(max_digits=18, decimal_places=2)


def ledger_problems(organization: Organization) -> Iterator[str]:
    """Every account whose ledger is not what it pays, and every day that is not netted, in sentences."""
    rows = MrrMovement.objects.filter(account=OuterRef("pk")).order_by().values("account")
    mrr = Subquery(rows.annotate(total=Sum("amount")).values("total"), output_field=MONEY)
    arr = Subquery(rows.annotate(total=Sum("arr_amount")).values("total"), output_field=MONEY)
    accounts = organization.accounts.annotate(ledger_mrr=mrr, ledger_arr=arr).order_by("number")
    for account in accounts.only("number", "name", "arr", "organization").iterator(chunk_size=2_000):
        booked, paid = round2(account.ledger_mrr or ZERO), monthly(account.arr or ZERO)
        if booked != paid:
            yield f"Account {account.number} ({account}): the ledger says {booked} a month, the account {paid}."
        booked, paid = round2(account.ledger_arr or ZERO), account.arr or ZERO
        if booked != paid:
            yield f"Account {account.number} ({account}): the ledger says {booked} a year, the account {paid}."
    yield from _days_not_netted(organization)


def _days_not_netted(organization: Organization) -> Iterator[str]:
    sums = organization.mrr_movements.order_by("account", "date").values_list("account", "date", "kind")
    before: tuple[int, object] | None = None
    for account, day, _, total in sums.annotate(total=Sum("arr_amount")).iterator(chunk_size=2_000):
        if not round2(total):
            continue
        if (account, day) == before:
            number = organization.accounts.get(pk=account).number
            yield f"Account {number}: the movements of {day} are of more than one kind."
        before = (account, day)
