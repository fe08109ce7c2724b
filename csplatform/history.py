"""What rows were like at a moment in the past, out of their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from csplatform.models import Organization

DELETED = "-"


def states_at(
    model: type[Model], organization: Organization, moment: datetime, *, where: Q | None = None
) -> QuerySet[Any]:
    """The history rows that held at `moment`, one for each row of the organisation that was there then.

    They carry the model's fields (`id` is the row's own key). Of two changes with one timestamp the one that was
    written last counts; the library's own `as_of` gives both. `where` narrows what they said at that moment.
    """
    history = model.history.model  # type: ignore[attr-defined]  # put there by django-simple-history
    newest_first = Window(
        RowNumber(), partition_by=F(model._meta.pk.name), order_by=[F("history_date").desc(), F("history_id").desc()]
    )
    rows = history.objects.filter(organization=organization, history_date__lte=moment)
    if where is not None:
        # PERFORMANCE: only those that were so at some time are put in order; most never were.
        rows = rows.filter(id__in=rows.filter(where).order_by().values("id"))
    newest = rows.annotate(_age=newest_first).filter(_age=1).order_by().values("history_id")
    # A query of its own: what the caller filters by must look at the newest rows, not choose among all.
    of_organization = history.objects.filter(organization=organization, history_id__in=newest)
    held: QuerySet[Any] = of_organization.exclude(history_type=DELETED).order_by()
    return held if where is None else held.filter(where)
