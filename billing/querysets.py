"""Ways of narrowing and adding up billing's rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, Sum
from django.db.models.functions import Coalesce

from accounts.names import name_key
from accounts.querysets import AccountQuerySet
from billing.enums import MovementKind, RenewalStatus, SubscriptionStatus
from billing.exceptions import LedgerIsAppendOnly
from csplatform.money import ZERO, round2

if TYPE_CHECKING:
    from billing.models import MrrMovement, Renewal, Subscription

MONEY = models.DecimalField(max_digits=18, decimal_places=2)


class MrrMovementQuerySet(models.QuerySet["MrrMovement"]):
    def up_to(self, day: date) -> Self:
        return self.filter(date__lte=day)

    def before(self, day: date) -> Self:
        return self.filter(date__lt=day)

    def between(self, start: date, end: date) -> Self:
        """Both days included."""
        return self.filter(date__range=(start, end))

    def of_accounts(self, accounts: AccountQuerySet | Iterable[int] | None) -> Self:
        """Of some accounts, by queryset or keys; None is all."""
        return self if accounts is None else self.filter(account__in=accounts)

    def search(self, text: str) -> Self:
        return self.filter(Q(account__name_key__contains=name_key(text)) | Q(cause__icontains=text))

    def mrr(self) -> Decimal:
        return self._total("amount")

    def arr(self) -> Decimal:
        return self._total("arr_amount")

    def mrr_by_kind(self) -> dict[MovementKind, Decimal]:
        """The signed sum of each kind, zeros included, in one query."""
        sums = self.aggregate(**{kind.name: Sum("amount", filter=Q(kind=kind)) for kind in MovementKind})
        return {kind: round2(sums[kind.name] or ZERO) for kind in MovementKind}

    def _total(self, field: str) -> Decimal:
        # SQLite adds decimals as floats: rounding to paise makes the sum exact again (up to 10^12 rupees).
        return round2(self.aggregate(total=Coalesce(Sum(field), ZERO, output_field=MONEY))["total"])

    def update(self, **_: Any) -> NoReturn:
        raise LedgerIsAppendOnly

    def delete(self) -> NoReturn:
        raise LedgerIsAppendOnly


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def running_on(self, day: date) -> Self:
        """Started and not over, be they paused."""
        return self.filter(starts_on__lte=day).not_over_on(day)

    def not_over_on(self, day: date) -> Self:
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day), Q(cancelled_on=None) | Q(cancelled_on__gt=day))

    def in_status(self, status: str, day: date) -> Self:
        """As `Terms.status_on` reads it."""
        from billing.models import SubscriptionPause

        cancelled = Q(cancelled_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gte=F("cancelled_on")))
        paused = Exists(
            SubscriptionPause.objects.filter(
                Q(resumes_on=None) | Q(resumes_on__gt=day), subscription=OuterRef("pk"), starts_on__lte=day
            )
        )
        match status:
            case SubscriptionStatus.CANCELLED:
                return self.filter(cancelled)
            case SubscriptionStatus.ENDED:
                return self.exclude(cancelled).filter(ends_on__lt=day)
            case SubscriptionStatus.SCHEDULED:
                return self.not_over_on(day).filter(starts_on__gt=day)
            case SubscriptionStatus.PAUSED:
                return self.running_on(day).filter(paused)
            case SubscriptionStatus.ACTIVE:
                return self.running_on(day).exclude(paused)
        return self.none()

    def of_accounts(self, accounts: AccountQuerySet | Iterable[int] | None) -> Self:
        """Of some accounts, by queryset or keys; None is all."""
        return self if accounts is None else self.filter(account__in=accounts)

    def search(self, text: str) -> Self:
        return self.filter(account__name_key__contains=name_key(text))

    def with_terms(self) -> Self:
        """With everything that `terms()` reads, in two more queries."""
        from billing.models import SubscriptionItem

        items = SubscriptionItem.objects.select_related("product")
        return self.prefetch_related(Prefetch("items", items), "pauses")

    def for_list(self) -> Self:
        return self.select_related("account", "account__owner").with_terms()


class RenewalQuerySet(models.QuerySet["Renewal"]):
    def open(self) -> Self:
        return self.exclude(status__in=[RenewalStatus.RENEWED, RenewalStatus.CLOSED])

    def decided(self) -> Self:
        return self.filter(status__in=[RenewalStatus.RENEWED, RenewalStatus.CLOSED])

    def due_between(self, start: date, end: date) -> Self:
        """Both days included."""
        return self.filter(due_on__range=(start, end))

    def due_within(self, days: int, *, today: date) -> Self:
        return self.due_between(today, today + timedelta(days=days))

    def overdue(self, *, today: date) -> Self:
        """The term is over and nobody has said what came of it."""
        return self.open().filter(due_on__lt=today)

    def search(self, text: str) -> Self:
        return self.filter(Q(account__name_key__contains=name_key(text)) | Q(outcome_reason__icontains=text))

    def of_contracts(self) -> Self:
        """Of accounts without subscriptions."""
        return self.filter(subscription=None)

    def of_accounts(self, accounts: AccountQuerySet | Iterable[int] | None) -> Self:
        """Of some accounts, by queryset or keys; None is all."""
        return self if accounts is None else self.filter(account__in=accounts)

    def for_list(self) -> Self:
        return self.select_related("account", "account__owner", "subscription")
