"""The handover pack: what somebody has to know who takes accounts over, on one page that can be printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from accounts.models import Account, Activity, Commitment, Contact, FollowUp
from billing.models import Renewal
from csplatform.models import Organization
from health.models import HealthSnapshot
from health.risk_factors import describe_factor

EVENTS, CONTACTS = 5, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedAccount:
    """One account of the pack."""

    account: Account
    tasks: Sequence[FollowUp]
    promises: Sequence[Commitment]
    risks: Sequence[str]
    """The risk factors that held last, in words."""
    events: Sequence[Activity]
    contacts: Sequence[Contact]
    renewal: Renewal | None


def handover_pack(organization: Organization, accounts: Sequence[Account], *, today: date) -> list[PackedAccount]:
    """The pack of these accounts in the order given; six queries for any number of them."""
    keys = [account.pk for account in accounts]
    tasks = _by_account(
        organization.follow_ups.open().filter(account__in=keys).select_related("assignee").soonest_first()
    )
    promises: dict[int, list[Commitment]] = defaultdict(list)
    open_ones = organization.commitments.open().filter(engagement__account__in=keys).select_related("engagement")
    for promise in open_ones.order_by(F("due_on").asc(nulls_last=True), "pk"):
        promises[promise.engagement.account_id].append(promise)
    chosen = organization.accounts.filter(pk__in=keys)
    factors = dict(HealthSnapshot.objects.primary().newest_of(chosen).values_list("account", "factors"))
    newest = Window(RowNumber(), partition_by="account", order_by=[F("occurred_at").desc(), F("pk").desc()])
    events = organization.activities.filter(account__in=keys).annotate(place=newest).filter(place__lte=EVENTS)
    events_of = _by_account(events.select_related("actor").order_by("-occurred_at", "-pk"))
    contacts = _by_account(organization.contacts.current().filter(account__in=keys).by_importance())
    terms: dict[int, Renewal] = {}
    for term in organization.renewals.open().filter(account__in=keys).order_by("due_on", "pk"):
        terms.setdefault(term.account_id, term)
    return [
        PackedAccount(
            account=account,
            tasks=tasks[account.pk],
            promises=promises[account.pk],
            risks=[describe_factor(row) for row in factors.get(account.pk) or []],
            events=events_of[account.pk],
            contacts=contacts[account.pk][:CONTACTS],
            renewal=terms.get(account.pk),
        )
        for account in accounts
    ]


def _by_account(rows: Iterable[object]) -> dict[int, list]:
    found: dict[int, list] = defaultdict(list)
    for row in rows:
        found[row.account_id].append(row)  # type: ignore[attr-defined]  # each has an account
    return found
