"""What stands beside the list: the counters, today's meetings, renewals ahead, and what changed since yesterday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from accounts import bands
from accounts.enums import AccountScope, Band
from accounts.models import Account, Engagement, SupportTicket
from accounts.selectors.follow_ups import FollowUpCounts, follow_up_counts
from billing.models import MrrMovement, Renewal
from billing.selectors.renewals import upcoming_renewals
from csplatform import periods
from csplatform.money import round2
from health.models import HealthSnapshot
from insights.selectors.today.scope import DayScope

MOST_SHOWN = 6
QUIET_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class BandChange:
    """An account whose health changed band since yesterday began."""

    account: Account
    before: Band | None
    now: Band | None
    is_worse: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrChange:
    """An account that pays more or less a year than yesterday began with."""

    account: Account
    change: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBoard:
    """The numbers above and the column beside the list. A fixed number of queries."""

    counts: FollowUpCounts
    meetings: Sequence[Engagement]
    renewals: Sequence[Renewal]
    band_changes: Sequence[BandChange]
    arr_changes: Sequence[ArrChange]
    tickets: Sequence[SupportTicket]

    @property
    def has_changes(self) -> bool:
        return bool(self.band_changes or self.arr_changes or self.tickets)


def day_board(scope: DayScope) -> DayBoard:
    """Everything beside the ranked list."""
    organization = scope.organization
    renewals = upcoming_renewals(organization, today=scope.today, accounts=scope.accounts)
    tickets = organization.tickets.filter(account__in=scope.accounts, opened_at__gte=scope.yesterday)
    return DayBoard(
        counts=follow_up_counts(organization, scope.tasks.filter(account__archived_at=None), now=scope.now),
        meetings=_meetings(scope),
        renewals=list(renewals.open()[:MOST_SHOWN]),
        band_changes=_band_changes(scope),
        arr_changes=_arr_changes(scope),
        tickets=list(tickets.for_list().order_by("-opened_at", "-pk")[:MOST_SHOWN]),
    )


def quiet_accounts(scope: DayScope) -> int:
    """How many accounts in the scope have had no contact for thirty days."""
    touched = scope.accounts.with_last_engagement().alias(touched=Coalesce("last_engagement", "created_at"))
    return touched.filter(touched__lt=scope.now - timedelta(days=QUIET_DAYS)).count()


def _meetings(scope: DayScope) -> list[Engagement]:
    """What is planned for today, with the accounts of the scope or by the member, in the order of the clock."""
    start, end = periods.day_bounds(scope.today, scope.organization)
    planned = scope.organization.engagements.planned().filter(scheduled_at__gte=start, scheduled_at__lt=end)
    if scope.scope != AccountScope.ALL:
        mine = Q(created_by=scope.member.user) if scope.scope == AccountScope.MY_ACCOUNTS else Q()
        planned = planned.filter(Q(account__in=scope.accounts.values("pk")) | mine)
    return list(planned.select_related("account").order_by("scheduled_at", "pk"))


def _band_changes(scope: DayScope) -> list[BandChange]:
    """Those that fell first, then by what they pay. Snapshots are only written when something differs, so the
    accounts with one of these two days are all there is to look at."""
    since = scope.today - timedelta(days=1)
    fresh = HealthSnapshot.objects.filter(organization=scope.organization, date__gte=since).primary()
    # The accounts bring the organisation, see `DailyMetricsQuerySet.newest_of`.
    before = HealthSnapshot.objects.filter(account=OuterRef("pk"), date__lt=since).primary().order_by("-date")
    rows = (
        scope.accounts.filter(pk__in=fresh.order_by().values("account"))
        .annotate(then=Subquery(before.values("band")[:1]))
        .order_by(F("arr").desc(nulls_last=True), "pk")
        .values_list("pk", "then", "health_score")
    )
    order = ["", *Band.values]
    # PERFORMANCE: who has no earlier one is left out here; a condition would ask for each earlier one once more.
    changed = [
        (pk, then, now) for pk, then, score in rows if then is not None and (now := bands.band(score) or "") != then
    ]
    changed.sort(key=lambda each: not (each[1] != "" and order.index(each[2]) > order.index(each[1])))
    accounts = scope.organization.accounts.in_bulk([pk for pk, _, _ in changed[:MOST_SHOWN]]) if changed else {}
    return [
        BandChange(
            account=accounts[pk],
            before=Band(then) if then else None,
            now=Band(now) if now else None,
            is_worse=bool(then) and order.index(now) > order.index(then),
        )
        for pk, then, now in changed[:MOST_SHOWN]
    ]


def _arr_changes(scope: DayScope) -> list[ArrChange]:
    """From the ledger, the largest move first."""
    since = scope.today - timedelta(days=1)
    moved = MrrMovement.objects.filter(organization=scope.organization, account__in=scope.accounts.values("pk"))
    sums = dict(
        moved.between(since, scope.today).order_by().values_list("account").annotate(change=Sum("arr_amount"))
    )
    largest = sorted(
        ((key, round2(change)) for key, change in sums.items() if change),
        key=lambda pair: (-abs(pair[1]), pair[0]),
    )[:MOST_SHOWN]
    accounts = scope.organization.accounts.in_bulk([key for key, _ in largest]) if largest else {}
    return [ArrChange(account=accounts[key], change=change) for key, change in largest]
