"""Ways of narrowing accounts, each named once."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, F, IntegerField, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from accounts.bands import AT_RISK_BELOW, SCORE_WHEN_UNKNOWN, band_range, bucket_range
from accounts.catalogue import CATCH_ALL
from accounts.enums import (
    AccountScope,
    AccountStatus,
    AliasKind,
    Band,
    Bucket,
    CustomFieldKind,
    FollowUpBucket,
    FollowUpPriority,
    GoalMetric,
    GoalStatus,
    ReferralStatus,
    TestimonialStatus,
    TicketPriority,
    TicketStatus,
)
from accounts.names import clean_email, name_key
from csplatform.models import Membership, Organization, TeamMember, User
from csplatform.periods import day_bounds, today

if TYPE_CHECKING:
    from accounts.models import (
        Account,
        AccountAlias,
        AccountProduct,
        Activity,
        Commitment,
        Contact,
        CustomField,
        Engagement,
        FollowUp,
        Goal,
        Product,
        ProductUsage,
        Referral,
        SupportTicket,
        Testimonial,
    )

DIGITS_OF_BIGINT = 19


class AccountQuerySet(models.QuerySet["Account"]):
    # Which one

    def with_key(self, key: str | int) -> Self:
        """By what addresses and requests name an account: its number or its uuid; other text matches nothing."""
        text = str(key)
        if text.isascii() and text.isdigit():
            return self.filter(number=int(text)) if len(text) < DIGITS_OF_BIGINT else self.none()
        try:
            return self.filter(uuid=UUID(text))
        except ValueError:
            return self.none()

    def named(self, text: str) -> Self:
        """What a person means who types a whole name or a number; a name of digits is looked for first."""
        key = name_key(text)
        by_name = self.filter(name_key=key)
        return by_name if by_name.exists() else self.with_key(text.strip().removeprefix("#"))

    def with_keys(self, keys: Iterable[str | int]) -> dict[str | int, int]:
        """Which of these numbers and uuids name an account, with its primary key; two queries at most."""
        texts = {key: str(key) for key in keys}
        numbers = {key: int(text) for key, text in texts.items() if _is_number(text)}
        uuids = {key: uuid for key, text in texts.items() if key not in numbers and (uuid := _as_uuid(text))}
        by_number = dict(self.filter(number__in=set(numbers.values())).values_list("number", "pk")) if numbers else {}
        by_uuid = dict(self.filter(uuid__in=set(uuids.values())).values_list("uuid", "pk")) if uuids else {}
        found = {key: by_number[number] for key, number in numbers.items() if number in by_number}
        return found | {key: by_uuid[each] for key, each in uuids.items() if each in by_uuid}

    # What stands in the books

    def unarchived(self) -> Self:
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        return self.exclude(archived_at=None)

    def open(self) -> Self:
        """Customers now: neither archived nor churned. Portfolio totals and averages are over these."""
        return self.unarchived().exclude(status=AccountStatus.CHURNED)

    def churned(self) -> Self:
        return self.filter(status=AccountStatus.CHURNED)

    # Whose they are

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def unowned(self) -> Self:
        return self.filter(owner=None)

    def for_member_scope(self, member: Membership, scope: str) -> Self:
        """The dashboards' ``user``: all that may be read, mine, or my teams' (owner in one of my teams)."""
        match AccountScope(scope):
            case AccountScope.MY_ACCOUNTS:
                return self.filter(owner_id=member.user_id)
            case AccountScope.TEAM_ACCOUNTS:
                return self.filter(owner__in=_teammates(member))
            case _:
                return self

    def in_care_of(self, member: Membership) -> Self:
        """Those a member looks after: their own, their teams', and their teammates'."""
        mine = Q(owner_id=member.user_id)
        teams = Q(team__in=TeamMember.objects.filter(membership=member).values("team"))
        return self.filter(mine | teams | Q(owner__in=_teammates(member)))

    # How healthy they are

    def scored(self) -> Self:
        return self.exclude(health_score=None)

    def in_band(self, band: str) -> Self:
        """By band; a word that is no band matches nothing."""
        return self.filter(band_range(Band(band)).condition()) if band in Band.values else self.none()

    def in_bucket(self, bucket: str) -> Self:
        """By success-insights bucket; a word that is no bucket matches nothing."""
        return self.filter(bucket_range(Bucket(bucket)).condition()) if bucket in Bucket.values else self.none()

    def at_risk(self) -> Self:
        """At Risk and Critical together."""
        return self.filter(health_score__lt=AT_RISK_BELOW)

    def printing_health_from(self, least: int) -> Self:
        """By the whole score that contracts print: its floor, else the last known one's, else 50."""
        unknown = Q(last_known_health_score__gte=least)
        if least <= SCORE_WHEN_UNKNOWN:
            unknown |= Q(last_known_health_score=None)
        return self.filter(Q(health_score__gte=least) | Q(unknown, health_score=None))

    def printing_health_up_to(self, most: int) -> Self:
        """The same from above: 59 takes 59.9 along, which prints as 59."""
        unknown = Q(last_known_health_score__lt=most + 1)
        if most >= SCORE_WHEN_UNKNOWN:
            unknown |= Q(last_known_health_score=None)
        return self.filter(Q(health_score__lt=most + 1) | Q(unknown, health_score=None))

    # What they are

    def name_contains(self, text: str) -> Self:
        """By part of the name, without regard to case."""
        return self.filter(name_key__contains=name_key(text))

    def with_custom(self, field: CustomField, value: Any) -> Self:
        """Whose custom field holds the value; of several choices, holds it among them."""
        if field.kind == CustomFieldKind.MULTI_CHOICE:
            # Quotes around it, as JSON writes it: "Gold" is not found in "Golden".
            within = Cast(KeyTextTransform(field.key, "custom_fields"), models.TextField())
            escaped, plain = json.dumps(value), json.dumps(value, ensure_ascii=False)
            return self.alias(_chosen=within).filter(Q(_chosen__contains=escaped) | Q(_chosen__contains=plain))
        return self.filter(**{f"custom_fields__{field.key}": value})

    def in_segment(self, segment: str) -> Self:
        return self.filter(segment=segment)

    def in_region(self, region: str) -> Self:
        return self.filter(region=region)

    def from_source(self, source: str) -> Self:
        """By lead source; text that no database can hold matches nothing."""
        return self.none() if "\x00" in source else self.filter(lead_source=source)

    def tagged(self, name: str) -> Self:
        return self.filter(account_tags__tag__name=name)

    def search(self, text: str) -> Self:
        """By part of the name or of a former one, without regard to case, or by the whole number or external id."""
        key = name_key(text)
        former = Q(kind=AliasKind.NAME, key__contains=key) | Q(kind=AliasKind.EXTERNAL_ID, key=text.strip())
        aliases = apps.get_model("accounts", "AccountAlias")._default_manager.filter(former).values("account")
        wanted = Q(name_key__contains=key) | Q(external_id=text.strip()) | Q(pk__in=aliases)
        text = text.strip()
        if text.isascii() and text.isdigit() and len(text) < DIGITS_OF_BIGINT:
            wanted |= Q(number=int(text))
        return self.filter(wanted)

    def renewing_within(self, days: int, *, today: date) -> Self:
        """Whose term ends today or in the next ``days`` days."""
        return self.filter(contract_end__range=(today, today + timedelta(days=days)))

    def renewal_overdue(self, *, today: date) -> Self:
        return self.filter(contract_end__lt=today)

    # What hangs on them

    def with_open_tickets(self) -> Self:
        """Each with `open_tickets`, the number of its tickets that are open or pending."""
        tickets = TicketQuerySet(apps.get_model("accounts", "SupportTicket"))
        counts = tickets.open().filter(account=OuterRef("pk")).order_by().values("account")
        return self.annotate(open_tickets=Coalesce(Subquery(counts.annotate(n=Count("pk")).values("n")), 0))

    # How they are looked after

    def with_last_engagement(self) -> Self:
        """`last_engagement`: the newest `completed_at`, else `created_at`, of what was not cancelled; or null."""
        engagements = apps.get_model("accounts", "Engagement")._default_manager
        newest = (
            engagements.filter(account=OuterRef("pk"), organization=OuterRef("organization"), cancelled_at=None)
            .order_by()
            .values("account")
            .annotate(newest=Max(Coalesce("completed_at", "created_at")))
            .values("newest")
        )
        return self.annotate(last_engagement=Subquery(newest))

    # What one page needs

    def for_list(self) -> Self:
        return self.select_related("owner", "team")

    def for_contract(self) -> Self:
        """What a row of `/api/accounts` needs."""
        related = self.select_related("owner", "team", "parent", "organization").prefetch_related("tags")
        return related.with_last_engagement()


class ContactQuerySet(models.QuerySet["Contact"]):
    def current(self) -> Self:
        """Who still works there."""
        return self.filter(left_on=None)

    def left(self) -> Self:
        return self.exclude(left_on=None)

    def primary(self) -> Self:
        return self.filter(is_primary=True)

    def in_role(self, *roles: str) -> Self:
        return self.filter(role__in=roles)

    def with_email(self, *emails: str) -> Self:
        """By address, without regard to case and space around it; an empty one matches nobody."""
        return self.filter(email__in={clean_email(email) for email in emails} - {""})

    def search(self, text: str) -> Self:
        """By part of the name, address or title, without regard to case."""
        text = text.strip()
        return self.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(title__icontains=text))

    def by_importance(self) -> Self:
        """The primary contact first, who left last, else by name."""
        return self.order_by(F("left_on").desc(nulls_first=True), "-is_primary", "name", "pk")

    def for_list(self) -> Self:
        return self.select_related("account")


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    def in_use(self) -> Self:
        return self.filter(archived_at=None)


class ActivityQuerySet(models.QuerySet["Activity"]):
    def of_kinds(self, kinds: Iterable[str]) -> Self:
        return self.filter(kind__in=list(kinds))

    def by_people(self) -> Self:
        return self.filter(is_system=False)

    def about(self, subject_kind: str, subject_id: UUID) -> Self:
        return self.filter(subject_kind=subject_kind, subject_id=subject_id)

    def search(self, text: str) -> Self:
        return self.filter(Q(title__icontains=text) | Q(text__icontains=text))


class ProductQuerySet(models.QuerySet["Product"]):
    def active(self) -> Self:
        """Those that can still be sold."""
        return self.filter(is_active=True)

    def listed(self) -> Self:
        """Those with a row of their own in product adoption; the others count under their parent's."""
        return self.filter(parent=None)

    def catch_all(self) -> Self:
        return self.filter(key=CATCH_ALL)

    def with_holders(self, *, on: date) -> Self:
        """Each with `holders`: how many accounts are entitled to it on the day, archived ones left out."""
        holds = Q(entitlements__starts_on__lte=on, entitlements__account__archived_at=None)
        goes_on = Q(entitlements__ends_on=None) | Q(entitlements__ends_on__gte=on)
        return self.annotate(holders=models.Count("entitlements__account", filter=holds & goes_on, distinct=True))


class AccountProductQuerySet(models.QuerySet["AccountProduct"]):
    def on(self, day: date) -> Self:
        """Those that hold on the day, first and last day included."""
        return self.filter(starts_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))

    def going_on(self) -> Self:
        return self.filter(ends_on=None)


class ProductUsageQuerySet(models.QuerySet["ProductUsage"]):
    def up_to(self, day: date) -> Self:
        return self.filter(used_on__lte=day)

    def in_days(self, days: int, *, until: date) -> Self:
        """Measured on `until` or one of the days before it, so many in all."""
        return self.filter(used_on__range=(until - timedelta(days=days - 1), until))


def priority_rank() -> Case:
    """0 for a critical ticket to 3 for a low one, to sort by."""
    ranks = [When(priority=priority, then=Value(rank)) for rank, priority in enumerate(TicketPriority.values)]
    return Case(*ranks, output_field=IntegerField())


class TicketQuerySet(models.QuerySet["SupportTicket"]):
    def open(self) -> Self:
        """Open or pending: what support still owes an answer or a solution."""
        return self.filter(status__in=[TicketStatus.OPEN, TicketStatus.PENDING])

    def escalated(self) -> Self:
        return self.filter(is_escalated=True)

    def critical(self) -> Self:
        return self.filter(priority=TicketPriority.CRITICAL)

    def late(self, *, now: datetime) -> Self:
        """Open past what was promised."""
        return self.open().filter(due_at__lt=now)

    def with_external_id(self, external_id: str) -> Self:
        return self.filter(external_id=external_id)

    def search(self, text: str) -> Self:
        """By part of the subject or the account's name, or by the beginning of the outside id."""
        text = text.strip()
        return self.filter(
            Q(subject__icontains=text)
            | Q(external_id__istartswith=text)
            | Q(account__name_key__contains=name_key(text))
        )

    def with_rank(self) -> Self:
        """Each with `rank`, 0 for critical to 3 for low, to sort by."""
        return self.annotate(rank=priority_rank())

    def unresolved_first(self) -> Self:
        """Open ones by priority and age, then the resolved, the last resolved first."""
        return self.with_rank().order_by(F("resolved_at").desc(nulls_first=True), "rank", "opened_at", "pk")

    def most_pressing_first(self) -> Self:
        """By priority, then the oldest first."""
        return self.with_rank().order_by("rank", "opened_at", "pk")

    def for_list(self) -> Self:
        return self.select_related("account")


class EngagementQuerySet(models.QuerySet["Engagement"]):
    # What they are

    def of_type(self, kind: str) -> Self:
        return self.filter(type=kind)

    def with_outcome(self, outcome: str) -> Self:
        return self.filter(outcome=outcome)

    def mentioning_competitors(self) -> Self:
        return self.filter(mentions_competitor=True)

    def search(self, text: str) -> Self:
        return self.filter(
            Q(title__icontains=text) | Q(description__icontains=text) | Q(account__name_key__contains=name_key(text))
        )

    # Where they stand

    def planned(self) -> Self:
        """Still to come, or never marked as held."""
        return self.filter(completed_at=None, cancelled_at=None, scheduled_at__isnull=False)

    def cancelled(self) -> Self:
        return self.exclude(cancelled_at=None)

    def held(self) -> Self:
        """What took place: neither planned nor cancelled."""
        return self.filter(cancelled_at=None).exclude(completed_at=None, scheduled_at__isnull=False)

    # When they were

    def dated(self) -> Self:
        """Lets filters and orders name `at`: when it was held, else when it is planned, else when it was written."""
        return self.alias(at=Coalesce("completed_at", "scheduled_at", "created_at"))

    def on_days(self, start: date | None, end: date | None, organization: Organization) -> Self:
        """From one civil day of the organisation to another, both included."""
        rows = self.dated()
        if start is not None:
            rows = rows.filter(at__gte=day_bounds(start, organization)[0])
        if end is not None:
            rows = rows.filter(at__lt=day_bounds(end, organization)[1])
        return rows

    def until(self, moment: datetime) -> Self:
        """Those dated up to a moment, itself included."""
        return self.dated().filter(at__lte=moment)

    def newest_first(self) -> Self:
        return self.dated().order_by("-at", "-pk")

    # What one page needs

    def for_list(self) -> Self:
        return self.select_related("account", "account__owner", "created_by")


class CommitmentQuerySet(models.QuerySet["Commitment"]):
    def open(self) -> Self:
        return self.filter(kept_at=None)

    def overdue(self, day: date) -> Self:
        return self.open().filter(due_on__lt=day)


ASKED_FOR = Q(completed_at=None, waits_since=None)
"""Follow-ups, live or of a past day, that are open: somebody is asked for them."""


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    """A snoozed task is due when its snoozing ends. Days are the organisation's."""

    # Where they stand

    def open(self) -> Self:
        """Still to be done, and not waiting for a paused playbook."""
        return self.filter(ASKED_FOR)

    def undone(self) -> Self:
        """Open or waiting."""
        return self.filter(completed_at=None)

    def done(self) -> Self:
        return self.exclude(completed_at=None)

    # When they fall due

    def dated(self) -> Self:
        """Lets filters and orders name `falls_due`: the end of the snoozing, else when it is due."""
        return self.alias(falls_due=Coalesce("snoozed_until", "due_at"))

    def overdue(self, now: datetime) -> Self:
        """Open, and its time has passed; what was due this morning is overdue at noon."""
        return self.open().dated().filter(falls_due__lt=now)

    def due_before(self, moment: datetime) -> Self:
        return self.dated().filter(falls_due__lt=moment)

    def due_today(self, now: datetime, organization: Organization) -> Self:
        """Open and due later today."""
        return self.open().dated().filter(bucket_condition(FollowUpBucket.TODAY, now, organization))

    def due_within(self, days: int, now: datetime, organization: Organization) -> Self:
        """Open and due from now to the end of the day so many days ahead; 0 is today."""
        return self.open().dated().filter(falls_due__gte=now, falls_due__lt=_end_of(days, now, organization))

    def in_bucket(self, bucket: str, now: datetime, organization: Organization) -> Self:
        return self.dated().filter(bucket_condition(FollowUpBucket(bucket), now, organization))

    def with_rank(self) -> Self:
        """Lets orders name `rank`, 0 for high to 2 for low."""
        ranks = [When(priority=priority, then=Value(rank)) for rank, priority in enumerate(FollowUpPriority.values)]
        return self.alias(rank=Case(*ranks, output_field=IntegerField()))

    def soonest_first(self) -> Self:
        return self.dated().order_by("falls_due", "pk")

    # Whose they are, what they are about

    def assigned_to(self, user: User) -> Self:
        return self.filter(assignee=user)

    def for_member_scope(self, member: Membership, scope: str) -> Self:
        """All that may be read, those given to me, or to somebody in one of my teams."""
        match AccountScope(scope):
            case AccountScope.MY_ACCOUNTS:
                return self.filter(assignee_id=member.user_id)
            case AccountScope.TEAM_ACCOUNTS:
                return self.filter(assignee__in=_teammates(member))
            case _:
                return self

    def of_playbook_run(self, run_id: UUID) -> Self:
        return self.filter(playbook_run_id=run_id)

    def search(self, text: str) -> Self:
        about = Q(task_type__icontains=text) | Q(description__icontains=text)
        return self.filter(about | Q(account__name_key__contains=name_key(text)))

    # What one page needs

    def for_list(self) -> Self:
        return self.select_related("account", "assignee", "completed_by", "engagement")


def bucket_condition(bucket: FollowUpBucket, now: datetime, organization: Organization) -> Q:
    """The rows of one bucket, over `FollowUpQuerySet.dated()`. Each open row is in exactly one."""
    if bucket == FollowUpBucket.DONE:
        return Q(completed_at__isnull=False)
    if bucket == FollowUpBucket.WAITING:
        return Q(completed_at=None, waits_since__isnull=False)
    ends = [now, *(_end_of(days, now, organization) for days in (0, 7, 30))]
    at = list(FollowUpBucket).index(bucket)
    condition = ASKED_FOR
    if at > 0:
        condition &= Q(falls_due__gte=ends[at - 1])
    return condition & Q(falls_due__lt=ends[at]) if at < len(ends) else condition


def _end_of(days: int, now: datetime, organization: Organization) -> datetime:
    """The moment at which the organisation's day so many days ahead is over."""
    return day_bounds(today(organization, now=now) + timedelta(days=days), organization)[1]


class AccountAliasQuerySet(models.QuerySet["AccountAlias"]):
    def names(self, keys: Iterable[str]) -> Self:
        return self.filter(kind=AliasKind.NAME, key__in=keys)

    def external_ids(self, ids: Iterable[str]) -> Self:
        return self.filter(kind=AliasKind.EXTERNAL_ID, key__in=ids)

    def meaning(self, *, name_key: str, external_id: str) -> Self:
        """Those that a name or an external id stands in the way of."""
        named = Q(kind=AliasKind.NAME, key=name_key)
        return self.filter(named | Q(kind=AliasKind.EXTERNAL_ID, key=external_id) if external_id else named)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < DIGITS_OF_BIGINT


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _teammates(member: Membership) -> models.QuerySet[TeamMember, Any]:
    """The users of everybody in one of the member's teams.

    Membership rows are of the member's own organisation, so no other tenant is reached.
    """
    teams = TeamMember.objects.filter(membership=member).values("team")
    return TeamMember.objects.filter(team__in=teams).values("membership__user")


def soonest_goal() -> tuple[Any, ...]:
    """The order of goals: open ones by their day, those without one behind; then the settled, the last first."""
    settled = Case(When(status__in=[GoalStatus.ACHIEVED, GoalStatus.MISSED], then=Value(1)), default=Value(0))
    return settled.asc(), F("target_date").asc(nulls_last=True), "pk"


class GoalQuerySet(models.QuerySet["Goal"]):
    def active(self) -> Self:
        """Still to be reached."""
        return self.filter(status__in=[GoalStatus.ON_TRACK, GoalStatus.AT_RISK])

    def settled(self) -> Self:
        return self.filter(status__in=[GoalStatus.ACHIEVED, GoalStatus.MISSED])

    def read_from_data(self) -> Self:
        """Whose value is not typed by hand, and still moves."""
        return self.exclude(metric_type=GoalMetric.CUSTOM).exclude(status=GoalStatus.ACHIEVED)

    def search(self, text: str) -> Self:
        return self.filter(Q(title__icontains=text.strip()) | Q(account__name_key__contains=name_key(text)))

    def soonest_first(self) -> Self:
        """Open ones by their day, those without one behind; then the settled, the last first."""
        return self.order_by(*soonest_goal())

    def for_list(self) -> Self:
        return self.select_related("account", "created_by")


class ReferralQuerySet(models.QuerySet["Referral"]):
    def open(self) -> Self:
        """Neither won nor lost."""
        return self.exclude(status__in=[ReferralStatus.WON, ReferralStatus.LOST])

    def won(self) -> Self:
        return self.filter(status=ReferralStatus.WON)

    def search(self, text: str) -> Self:
        return self.filter(
            Q(referred_company__icontains=text.strip()) | Q(account__name_key__contains=name_key(text))
        )

    def for_list(self) -> Self:
        return self.select_related("account")


class TestimonialQuerySet(models.QuerySet["Testimonial"]):
    def usable(self) -> Self:
        """Approved or published."""
        return self.filter(status__in=[TestimonialStatus.APPROVED, TestimonialStatus.PUBLISHED])

    def search(self, text: str) -> Self:
        return self.filter(Q(quote__icontains=text.strip()) | Q(account__name_key__contains=name_key(text)))

    def for_list(self) -> Self:
        return self.select_related("account", "contact")
