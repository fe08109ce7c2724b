"""The health score that was shown on a day, for rooms to the left of health.

Accounts carry the score of today. What was shown earlier is health's to know: it offers a reader here when it starts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, Expression, F, Value
from django.db.models.expressions import Combinable

from accounts.querysets import AccountQuerySet
from csplatform.models import Organization
from csplatform.periods import today

Reader = Callable[[date], Combinable | Expression]
"""An expression over accounts: the score that was shown at the close of a day, null while it was unknown."""

RowReader = Callable[[str, str], Combinable | Expression]
"""The same over other rows, given the names of their account and of the day to read, an annotation perhaps."""

_readers: list[Reader] = []
_row_readers: list[RowReader] = []


def offer_reader(reader: Reader, *, of_rows: RowReader) -> None:
    """Say how the score of a past day is read; called once, when the room that keeps the records is ready."""
    _readers[:], _row_readers[:] = [reader], [of_rows]


def score_on(organization: Organization, day: date) -> Combinable | Expression:
    """The score that was shown at the close of a day, as an expression over accounts."""
    if day >= today(organization) or not _readers:
        return F("health_score")
    return _readers[0](day)


def score_at(account: str, day: str) -> Combinable | Expression:
    """The score that was shown at the close of each row's own day, null while it was unknown."""
    if not _row_readers:
        return Value(None, output_field=DecimalField(max_digits=4, decimal_places=1))
    return _row_readers[0](account, day)


def shown_scores(
    organization: Organization, accounts: AccountQuerySet, day: date, *, most: int
) -> dict[int, Decimal]:
    """The lowest known scores of these accounts on a day, lowest first, by key; one query."""
    scored = accounts.annotate(score_then=score_on(organization, day)).filter(score_then__isnull=False)
    rows = scored.order_by("score_then", "name_key", "pk").values_list("pk", "score_then")[:most]
    return {key: Decimal(score) for key, score in rows}
