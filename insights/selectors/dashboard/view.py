"""Which accounts a dashboard is about, over which days, as recorded when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypedDict

from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from accounts.enums import AccountScope, AccountStatus
from accounts.models import Account
from accounts.querysets import AccountQuerySet
from accounts.score_records import score_on
from billing.models import MrrMovement
from csplatform import periods
from csplatform.models import Membership, Organization
from csplatform.periods import Period, PeriodError, Window
from health.models import DailyMetrics

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import WithAnnotations


class ScoreThen(TypedDict):
    """The health score that was shown at the close of the day; null while it is unknown."""

    score_then: Decimal | None


ScoredAccounts: TypeAlias = "QuerySet[WithAnnotations[Account, ScoreThen]]"


@dataclass(frozen=True, kw_only=True)
class PortfolioView:
    """What a dashboard was asked for. Names, owners, segments and sources are as today; states as of `day`.

    `day` is the last day of the window that has come: balances and states are taken at its close. On today the
    live tables answer, which is fast; a test proves that history gives the same.
    """

    organization: Organization
    member: Membership
    period: Period
    today: date
    """The real one; `as_of` may have made `day` an earlier one."""
    day: date
    now: datetime
    """Cut to the minute, so that equal tags mean equal bodies; the close of `day` where that is past."""
    scope: str = AccountScope.ALL
    source: str = ""

    @property
    def is_live(self) -> bool:
        return self.day == self.today

    @property
    def window(self) -> Window:
        """The days that flows add up over: those of the period that have come by `day`."""
        return Window(min(self.period.window.start, self.day), self.day)

    def at(self, day: date) -> PortfolioView:
        """The same accounts at the close of another day."""
        return replace(self, day=day, now=periods.end_of_day(day, self.organization))

    @cached_property
    def chosen(self) -> AccountQuerySet:
        """The accounts that user and source leave, whatever became of them."""
        accounts: AccountQuerySet = self.organization.accounts.for_member_scope(self.member, self.scope).order_by()
        return accounts.from_source(self.source) if self.source else accounts

    @cached_property
    def book(self) -> AccountQuerySet:
        """Whose money counts: all but what was archived by then; churned accounts left with theirs."""
        if self.is_live:
            return self.chosen.unarchived()
        return self._then(AccountStatus.values)

    @cached_property
    def customers(self) -> AccountQuerySet:
        """Customers at the close of the day: neither archived nor churned."""
        if self.is_live:
            return self.chosen.open()
        return self._then([status for status in AccountStatus.values if status != AccountStatus.CHURNED])

    def scored(self, accounts: AccountQuerySet) -> ScoredAccounts:
        """With `score_then`, see `ScoreThen`."""
        return accounts.annotate(score_then=score_on(self.organization, self.day))

    def _then(self, statuses: list[str]) -> AccountQuerySet:
        """The accounts that were in use on the day, in one of these statuses as recorded by its end.

        An account whose history begins later, but which has entries dated up to the day, was there before we
        were told: the first that was recorded of it stands for the time before.
        """
        history = Account.history.filter(id=OuterRef("pk"))
        by_then = history.filter(history_date__lte=periods.end_of_day(self.day, self.organization))
        newest, first = by_then.order_by("-history_id"), history.order_by("history_id")

        moved = MrrMovement.objects.filter(account=OuterRef("pk")).up_to(self.day)
        reported = DailyMetrics.objects.filter(account=OuterRef("pk")).up_to(self.day)
        return (
            self.chosen.filter(Exists(by_then) | Exists(moved) | Exists(reported))
            .annotate(
                then_status=Coalesce(Subquery(newest.values("status")[:1]), Subquery(first.values("status")[:1])),
                then_archived=Subquery(newest.values("archived_at")[:1]),
            )
            .filter(then_status__in=statuses, then_archived=None)
        )


def portfolio_view(
    member: Membership,
    *,
    now: datetime,
    period: str | None = None,
    since: date | None = None,
    until: date | None = None,
    as_of: date | None = None,
    scope: str = AccountScope.ALL,
    source: str = "",
) -> PortfolioView:
    """Read the parameters of a dashboard; ones that make no sense raise `PeriodError`, which names them."""
    organization = member.organization
    today = periods.today(organization, now=now)
    asked = as_of or today
    chosen = periods.account_period(period, asked, custom_from=since, custom_to=until)
    day = min(chosen.window.end, asked)
    minute = now.replace(second=0, microsecond=0)
    return PortfolioView(
        organization=organization,
        member=member,
        period=chosen,
        today=today,
        day=day,
        now=minute if day == today else periods.end_of_day(day, organization),
        scope=scope,
        source=source,
    )


def view_of_query(member: Membership, query: Mapping[str, str], *, now: datetime) -> PortfolioView:
    """The view that a request's parameters ask for; ones that make no sense raise `PeriodError`, which names them."""
    today = periods.today(member.organization, now=now)
    scope = query.get("user") or AccountScope.ALL.value
    if scope not in AccountScope.values:
        takes = ", ".join(AccountScope.values)
        raise PeriodError("user", f"“{scope[:40]}” is not a choice; it takes {takes}.")
    days = {name: query.get(name) for name in ("from", "to")}
    return portfolio_view(
        member,
        now=now,
        period=query.get("period") or None,
        since=periods.parse_date(days["from"], parameter="from") if days["from"] else None,
        until=periods.parse_date(days["to"], parameter="to") if days["to"] else None,
        as_of=periods.parse_as_of(query.get("as_of"), today=today),
        scope=scope,
        source=query.get("source", "").strip(),
    )
