"""Whose day is looked at, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import cached_property

from django.db.models import Q

from accounts.enums import AccountScope
from accounts.querysets import AccountQuerySet, FollowUpQuerySet
from csplatform import periods
from csplatform.enums import Role
from csplatform.models import Membership, Organization


@dataclass(frozen=True, kw_only=True)
class DayScope:
    """One member's view of a day: their own accounts and tasks, their teams', or everybody's."""

    member: Membership
    scope: str
    now: datetime

    @property
    def organization(self) -> Organization:
        return self.member.organization

    @cached_property
    def zone(self) -> tzinfo:
        return self.organization.zone

    @cached_property
    def today(self) -> date:
        return periods.today(self.organization, now=self.now)

    @cached_property
    def yesterday(self) -> datetime:
        """When the organisation's yesterday began: news are what came after."""
        return periods.day_bounds(self.today - timedelta(days=1), self.organization)[0]

    def ends(self, day: date) -> datetime:
        """The close of a day; worked out once for the many reasons that share it."""
        if day not in self._ends:
            self._ends[day] = periods.end_of_day(day, self.organization)
        return self._ends[day]

    @cached_property
    def _ends(self) -> dict[date, datetime]:
        return {}

    @cached_property
    def accounts(self) -> AccountQuerySet:
        """The customers in the scope."""
        accounts: AccountQuerySet = self.organization.accounts.open()
        return accounts.for_member_scope(self.member, self.scope).order_by()

    @cached_property
    def tasks(self) -> FollowUpQuerySet:
        """What the people in the scope have to do, whoever owns the account; and what nobody was given about the
        accounts in the scope."""
        rows: FollowUpQuerySet = self.organization.follow_ups.all()
        if self.scope == AccountScope.ALL:
            return rows
        theirs = rows.for_member_scope(self.member, self.scope).order_by().values("pk")
        nobodys = Q(assignee=None, account__in=self.accounts.values("pk"))
        return rows.filter(Q(pk__in=theirs) | nobodys)


def usual_scope(member: Membership) -> str:
    """What a member sees who did not choose: what is theirs. Who looks after nothing sees everybody's, as a manager
    their teams'."""
    organization = member.organization
    owns = organization.accounts.open().owned_by(member.user).exists()
    if owns or member.role == Role.CSM:
        return AccountScope.MY_ACCOUNTS
    if member.role == Role.MANAGER and member.team_members.exists():
        return AccountScope.TEAM_ACCOUNTS
    return AccountScope.ALL
